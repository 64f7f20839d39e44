"""Rules of the quality desk, and answers that are to be left out or counted again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, DayField, LocalisedIntegerField, OneOfField, TickField
from forms.validators import AtMost, Required

REASON_CHARACTERS = 2000
GRADES = ("1", "2", "3")


class RuleForm(BaseForm):
    """One rule: its whole numbers, whether it looks at all, and whether what it flags is left out."""

    numbers: tuple[str, ...] = ()

    is_on = TickField(_l("This rule looks at answers"))
    excludes = TickField(_l("What it flags is left out when the round is closed"))

    def parameters(self) -> dict[str, int]:
        """Return the typed numbers by name."""
        return {name: self[name].data for name in self.numbers}


def build_rule_form(numbers: Sequence[tuple[str, int, int]]) -> type[RuleForm]:
    """Return a form class with a whole number for each (name, lowest, highest)."""

    class OneRuleForm(RuleForm):
        """The form of one rule."""

    OneRuleForm.numbers = tuple(name for name, _, _ in numbers)
    for name, low, high in numbers:
        field = LocalisedIntegerField(_l("Number"), [Required(_l("Enter a number."))], low=low, high=high)
        setattr(OneRuleForm, name, field)
    return OneRuleForm


class ExclusionForm(BaseForm):
    """Which flagged answers should be left out, and why. Pass the values that may be chosen."""

    rule = OneOfField(_l("Flagged by"))
    grade = OneOfField(_l("Grade"), [Required(_l("Choose the lowest grade."))], values=GRADES)
    unit = OneOfField(_l("Office"))
    channel = OneOfField(_l("Channel"))
    first = DayField(_l("First day"))
    last = DayField(_l("Last day"))
    reason = CleanTextArea(
        _l("Why should these answers be left out?"),
        [Required(_l("Say why these answers should be left out.")), AtMost(REASON_CHARACTERS)],
    )

    def __init__(
        self,
        formdata: Any = None,
        *,
        rules: Sequence[str] = (),
        units: Sequence[str] = (),
        channels: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.offered = {"rule": tuple(rules), "unit": tuple(units), "channel": tuple(channels)}
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once what may be chosen is known."""
        for name, values in self.offered.items():
            self[name].values = values
        super().process(*args, **kwargs)

    def validate_last(self, field: Any) -> None:
        """A span of days ends on or after the day it begins."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_l("The last day is before the first day. Choose a later last day."))


class ConfirmForm(BaseForm):
    """A second person's word on a proposed exclusion."""

    decision = OneOfField(
        _l("Your decision"), [Required(_l("Choose “Confirm” or “Decline”."))], values=("confirm", "decline")
    )
    reason = CleanTextArea(_l("Reason"), [AtMost(REASON_CHARACTERS)])

    def validate_reason(self, field: Any) -> None:
        """Who declines says why."""
        if self.decision.data == "decline" and not field.data:
            raise ValidationError(_l("Say why you decline."))


class LiftForm(BaseForm):
    """Why answers that were left out count again."""

    reason = CleanTextArea(
        _l("Why should these answers count again?"),
        [Required(_l("Say why these answers count again.")), AtMost(REASON_CHARACTERS)],
    )
