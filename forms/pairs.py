"""Who rates whom: the draw, taking assignments back, the head's release."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, CleanTextField, LocalisedIntegerField, OneOfField, TickField
from forms.rowlist import TicksField
from forms.validators import AtMost, Matches, Required

MOST_EACH = 50
REASON_CHARACTERS = 1000


class DrawForm(BaseForm):
    """How many raters each office gets; an old seed repeats an old draw."""

    each = LocalisedIntegerField(
        _l("Raters for each office"),
        [Required(_l("Enter how many raters each office gets."))],
        low=1,
        high=MOST_EACH,
    )
    seed = CleanTextField(
        _l("Seed (optional)"),
        [Matches(r"[A-Za-z0-9-]{1,40}", _l("Use 1 to 40 Latin letters, digits and hyphens, or leave it empty."))],
    )


class WithdrawForm(BaseForm):
    """Assignments to take back, and why."""

    pair = TicksField(_l("Assignments"))
    reason = CleanTextArea(
        _l("Why are they taken back?"),
        [Required(_l("Say why these assignments are taken back.")), AtMost(REASON_CHARACTERS)],
    )

    def validate_pair(self, field: Any) -> None:
        """At least one, and numbers alone."""
        if not field.data or not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in field.data):
            raise ValidationError(_l("Tick at least one assignment that you want to take back."))


class ReleaseOptionForm(BaseForm):
    """Whether the head of the rater's office reads and releases the answers."""

    needs_release = TickField(_l("The head of the rater's office reads the answers and releases them"))


class ReleaseForm(BaseForm):
    """What a head does with answers that wait: release them, or give them back with a note."""

    act = OneOfField(_l("What to do"), [Required(_l("Choose what to do."))], values=("release", "return"))
    note = CleanTextArea(_l("What should the rater think about again?"), [AtMost(REASON_CHARACTERS)])

    def validate_note(self, field: Any) -> None:
        """Giving back needs a note."""
        if self.act.data == "return" and not field.data:
            raise ValidationError(_l("Say what the rater should think about again."))
