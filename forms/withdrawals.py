"""Taking back a card that is public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, OneOfField
from forms.validators import AtMost, Required

REASON_CHARACTERS = 2000


class WithdrawalForm(BaseForm):
    """Which office's card, and why. Pass the offices that may be chosen."""

    unit = OneOfField(_l("Office"), [Required(_l("Choose an office."))])
    reason = CleanTextArea(
        _l("Why is the scorecard withdrawn?"),
        [
            Required(_l("Say why the scorecard is withdrawn. Everybody reads it in its place.")),
            AtMost(REASON_CHARACTERS),
        ],
    )

    def __init__(self, formdata: Any = None, *, units: Sequence[str] = (), **kwargs: Any) -> None:
        self.units = tuple(units)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the offices are known."""
        self.unit.values = self.units
        super().process(*args, **kwargs)
