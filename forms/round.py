"""A new round, and the acts that move it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, DayField, OneOfField, TickField
from forms.validators import AtMost, Matches, Required

TITLE_CHARACTERS = 120
ACTS = ("open", "close", "check", "score", "share", "adopt", "publish", "improve", "follow_up", "archive")


class RoundForm(BaseForm):
    """A round made from a former one, from a preset, or from an empty start.

    Pass ``sources`` (the values that may be chosen, such as ``round:2024``, ``preset:rivergate`` or ``empty``).
    """

    source = OneOfField(
        _l("Start from"), [Required(_l("Choose what to start from: a former round, a preset, or empty."))]
    )
    code = CleanTextField(
        _l("Code"),
        [
            Required(_l("Enter a code, for example 2026.")),
            Matches(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}", _l("Use 1 to 20 Latin letters, digits and hyphens.")),
        ],
        description=_l("Short, without spaces. It becomes part of the web address."),
    )
    title_en = CleanTextField(
        _l("Title in English"), [Required(_l("Enter the title in English.")), AtMost(TITLE_CHARACTERS)]
    )
    title_zh = CleanTextField(
        _l("Title in Chinese"), [Required(_l("Enter the title in Chinese.")), AtMost(TITLE_CHARACTERS)]
    )
    title_ar = CleanTextField(
        _l("Title in Arabic"), [Required(_l("Enter the title in Arabic.")), AtMost(TITLE_CHARACTERS)]
    )
    opens_on = DayField(_l("First day of collecting"), [Required(_l("Enter the first day of collecting."))])
    closes_on = DayField(_l("Last day of collecting"), [Required(_l("Enter the last day of collecting."))])
    is_pilot = TickField(_l("Pilot round"))

    def __init__(self, formdata: Any = None, *, sources: Sequence[str] = (), **kwargs: Any) -> None:
        self.offered = tuple(sources)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the sources that may be chosen are known."""
        self.source.values = self.offered
        super().process(*args, **kwargs)

    def validate_closes_on(self, field: Any) -> None:
        """A round ends on or after the day it begins."""
        if field.data and self.opens_on.data and field.data < self.opens_on.data:
            raise ValidationError(_l("The last day is before the first day. Choose a later last day."))


class ActForm(BaseForm):
    """One act on a round that needs no more than a button."""

    act = OneOfField(_l("Act"), [Required(_l("Choose what to do."))], values=ACTS)
