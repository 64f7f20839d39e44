"""What operators type in beside the answers of a form."""

from __future__ import annotations

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, LocalisedIntegerField
from forms.validators import AtMost, Matches, Required, normalise_number

NUMBER_CHARACTERS, CODE_CHARACTERS = 20, 80
MOST_COPIES = 50


class NumberField(CleanTextField):
    """The number of a paper form: Latin digits and capital letters, whatever digits were typed."""

    def read(self, text: str) -> str:
        """Drop spaces, and write digits of all four sets the same way."""
        return normalise_number(text).upper()


class InvitationForm(BaseForm):
    """The code of the person's invitation, if there is one: the last part of its address."""

    invitation = CleanTextField(
        _l("Code of the invitation (optional)"),
        [
            AtMost(CODE_CHARACTERS),
            Matches(r"[A-Za-z0-9_-]+", _l("This is no code of an invitation. Copy it from the letter.")),
        ],
    )


class PaperForm(InvitationForm):
    """The head of a paper form."""

    number = NumberField(
        _l("Number of the form"),
        [
            Required(_l("Enter the number that is printed on the form.")),
            AtMost(NUMBER_CHARACTERS),
            Matches(r"[A-Z0-9-]+", _l("The number of a form has only Latin letters, digits and hyphens.")),
        ],
    )


class PrintForm(BaseForm):
    """How many numbered copies of a paper form are wanted, and the number of the first."""

    first = LocalisedIntegerField(_l("First number"), low=1, high=999_999)
    copies = LocalisedIntegerField(_l("Number of forms"), low=1, high=MOST_COPIES)
