"""Findings about offices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, LocalisedDecimalField, OneOfField
from forms.validators import AtMost, Required

REASON_CHARACTERS = 2000
WITH_POINTS = ("deduction:", "bonus:")


class FindingForm(BaseForm):
    """A finding about one office. Pass the offices and the rules that may be chosen."""

    unit = OneOfField(_l("Office"), [Required(_l("Choose an office."))])
    rule = OneOfField(_l("What the finding does"), [Required(_l("Choose what the finding does."))])
    source = OneOfField(
        _l("How it came to light"),
        [Required(_l("Say whether the office reported it itself."))],
        values=("external", "self"),
    )
    points = LocalisedDecimalField(_l("Points"), low=0, high=100)
    reason = CleanTextArea(
        _l("What happened"),
        [Required(_l("Say what happened. Everybody reads it beside the score.")), AtMost(REASON_CHARACTERS)],
    )

    def __init__(
        self, formdata: Any = None, *, units: Sequence[str] = (), rules: Sequence[str] = (), **kwargs: Any
    ) -> None:
        self.offered = {"unit": tuple(units), "rule": tuple(rules)}
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once what may be chosen is known."""
        for name, values in self.offered.items():
            self[name].values = values
        super().process(*args, **kwargs)

    def validate_points(self, field: Any) -> None:
        """Points on top or off need a number; a limit of the band has none."""
        if (self.rule.data or "").startswith(WITH_POINTS) and not field.data and not field.errors:
            raise ValidationError(_l("Enter the points, more than 0 and at most 100."))


class LiftFindingForm(BaseForm):
    """Why a finding is taken back."""

    reason = CleanTextArea(
        _l("Why is the finding taken back?"),
        [Required(_l("Say why the finding is taken back.")), AtMost(REASON_CHARACTERS)],
    )
