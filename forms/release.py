"""Planning a publication: the day, the time, and why it is moved or called off."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from wtforms.validators import StopValidation

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, DayField, OwnField
from forms.validators import AtMost, Required, normalise_number

REASON_CHARACTERS = 2000
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")
_CLOCK_HELP = _l("Enter a time of the day, for example 10:00.")


class ClockField(OwnField):
    """A time of the day, ``HH:MM`` as time controls send it. ``data`` is ``time | None``."""

    def read(self, text: str) -> time:
        """Raise our message for anything but a time that clocks show."""
        found = _CLOCK.fullmatch(normalise_number(text))
        if found is None:
            raise ValueError(_CLOCK_HELP)
        return time(int(found[1]), int(found[2]))

    def write(self, value: time) -> str:
        """Hours and minutes."""
        return f"{value:%H:%M}"


class PlanForm(BaseForm):
    """When scorecards become public. With ``is_moved`` there is a plan already, and a reason is needed."""

    day = DayField(_l("Day"), [Required(_l("Enter the day on which the scorecards become public."))])
    clock = ClockField(_l("Time"), [Required(_l("Enter the time at which they become public."))])
    reason = CleanTextArea(_l("Why is it moved?"), [AtMost(REASON_CHARACTERS)])

    def __init__(self, formdata: Any = None, *, is_moved: bool = False, **kwargs: Any) -> None:
        self.is_moved = is_moved
        super().__init__(formdata, **kwargs)

    def validate_reason(self, field: CleanTextArea) -> None:
        """A plan that others may rely on is not moved without a word."""
        if self.is_moved and not field.data:
            raise StopValidation(_l("Say why the publication is moved."))


class CallOffForm(BaseForm):
    """Why a planned publication is called off."""

    reason = CleanTextArea(
        _l("Why is it called off?"), [Required(_l("Say why the publication is called off.")), AtMost(REASON_CHARACTERS)]
    )
