"""What peers and experts fill in: a draft may have gaps, the final sending may not."""

from __future__ import annotations

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, OneOfField
from forms.questionnaire import REASON_CHARACTERS, AnswerForm
from forms.validators import AtMost, Required


class AssessmentForm(AnswerForm):
    """Answers of a rater with an account; the button pressed says whether they are kept as a draft or sent."""

    last = ("comment", "act")
    is_assigned = True

    act = OneOfField(_l("What to do"), values=("save", "submit"), default="save")

    @property
    def is_final(self) -> bool:
        """Whether the answers are sent for good."""
        return bool(self.act.data == "submit")


class PeerForm(AssessmentForm):
    """A peer's answers, with an optional remark for the unit that is rated."""

    comment = CleanTextArea(_l("What should this office know? (optional)"), [AtMost(REASON_CHARACTERS)])


class ConflictForm(BaseForm):
    """An expert says that she should not judge a unit, and why."""

    statement = CleanTextArea(
        _l("What links you to this office?"),
        [Required(_l("Say what links you to this office.")), AtMost(REASON_CHARACTERS)],
    )
