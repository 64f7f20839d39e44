"""A supervisor's visit, and the term that an analyst gives her."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, CleanTextField, DayField, OneOfField
from forms.questionnaire import AnswerForm
from forms.rowlist import TicksField
from forms.validators import AtMost, Matches, Required

PLACE_CHARACTERS = 200
NOTE_CHARACTERS = 2000
UNREAD = _l("We could not read this form. Check your answers and send it again.")


class VisitForm(AnswerForm):
    """What was seen on one visit; ``nonce`` makes a second sending of the same form harmless."""

    visited_on = DayField(_l("Day of the visit"), [Required(_l("Enter the day of the visit."))])
    place = CleanTextField(
        _l("Place"),
        [Required(_l("Enter where you were, for example the counter or the branch.")), AtMost(PLACE_CHARACTERS)],
    )
    note = CleanTextArea(_l("What did you see? (optional)"), [AtMost(NOTE_CHARACTERS)])
    nonce = CleanTextField(_l("Form number"), [Required(UNREAD), Matches(r"[A-Za-z0-9_-]{16,64}", UNREAD)])

    last = ("note", "nonce")
    is_assigned = True


class TermForm(BaseForm):
    """A supervisor's term. Pass ``supervisors`` (user names) and ``offices`` (codes that may be ticked)."""

    supervisor = OneOfField(_l("Supervisor"), [Required(_l("Choose a supervisor."))])
    starts_on = DayField(_l("First day"), [Required(_l("Enter the first day of the term."))])
    ends_on = DayField(_l("Last day"), [Required(_l("Enter the last day of the term."))])
    area = OneOfField(_l("Area"), [Required(_l("Choose the area."))], values=("all", "some"))
    unit = TicksField(_l("Offices of the area"))

    def __init__(self, formdata: Any = None, *, supervisors: Sequence[str] = (), **kwargs: Any) -> None:
        self.offered = tuple(supervisors)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the supervisors who may be chosen are known."""
        self.supervisor.values = self.offered
        super().process(*args, **kwargs)

    def validate_ends_on(self, field: Any) -> None:
        """A term ends on or after the day it begins."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_l("The last day is before the first day. Choose a later last day."))

    def validate_area(self, field: Any) -> None:
        """Ticks and the chosen area must agree."""
        if field.data == "some" and not self.unit.data:
            raise ValidationError(_l("Tick the offices of the area, or choose all offices."))
        if field.data == "all" and self.unit.data:
            raise ValidationError(
                _l("You chose all offices and ticked some. Choose “only those ticked”, or untick them.")
            )
