"""What a citizen fills in: the questionnaire, a remark, and the number that makes a second sending harmless."""

from __future__ import annotations

from forms.base import _l
from forms.fields import CleanTextArea, CleanTextField
from forms.questionnaire import AnswerForm
from forms.validators import AtMost, Matches, Required

COMMENT_CHARACTERS = 2000


class RatingForm(AnswerForm):
    """A rating with an optional comment; ``nonce`` makes a second sending of the same form harmless."""

    last = ("comment", "nonce")

    comment = CleanTextArea(_l("Do you want to add anything? (optional)"), [AtMost(COMMENT_CHARACTERS)])
    nonce = CleanTextField(
        _l("Form number"),
        [
            Required(_l("We could not read this form. Check your answers and send it again.")),
            Matches(r"[A-Za-z0-9_-]{16,64}", _l("We could not read this form. Check your answers and send it again.")),
        ],
    )
