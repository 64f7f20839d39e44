"""What peers and experts fill in: a draft may have gaps, the final sending may not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, LocalisedIntegerField, OneOfField, TickField
from forms.rating import NO_BASIS, AnswerForm, Question, choices, version_form
from forms.validators import AtMost, Required, WhenFinal

REASON_CHARACTERS = 2000
REASON_AT_OR_BELOW = 10
REASON_AT_OR_ABOVE = 91


class AssessmentForm(AnswerForm):
    """Answers of a named rater; the button pressed says whether they are kept as a draft or sent."""

    act = OneOfField(_l("What to do"), values=("save", "submit"), default="save")

    @property
    def is_final(self) -> bool:
        """Whether the answers are sent for good."""
        return bool(self.act.data == "submit")


class PeerForm(AssessmentForm):
    """A peer's answers, with an optional remark for the unit that is rated."""

    comment = CleanTextArea(_l("What should this office know? (optional)"), [AtMost(REASON_CHARACTERS)])


class ExpertForm(AssessmentForm):
    """An expert's panel scores 0-100: ``q_<code>`` score, ``none_<code>`` no basis, ``reason_<code>`` reason."""

    def codes(self) -> list[int]:
        """Return one answer code a panel: score + 1, "no basis" = points + 1, 0 when blank."""
        return [self._code(question) for question in self.questions]

    def reasons(self) -> dict[str, str]:
        """Return the reasons that were given, by panel code."""
        given = {question.code: self[f"reason_{question.code}"].data for question in self.questions}
        return {code: text for code, text in given.items() if text}

    def _code(self, question: Question) -> int:
        if self[f"none_{question.code}"].data:
            return question.points + 1
        score = self[f"q_{question.code}"].data
        return 0 if score is None else int(score) + 1


class ConflictForm(BaseForm):
    """An expert says that she should not judge a unit, and why."""

    statement = CleanTextArea(
        _l("What links you to this office?"),
        [Required(_l("Say what links you to this office.")), AtMost(REASON_CHARACTERS)],
    )


def build_peer_form(questions: Sequence[Question]) -> type[PeerForm]:
    """Return the peer form class of a questionnaire version; the same questions give the same class."""
    return version_form(PeerForm, tuple(questions), _peer_fields)


def build_expert_form(questions: Sequence[Question]) -> type[ExpertForm]:
    """Return the expert form class of a questionnaire version; the same panels give the same class."""
    return version_form(ExpertForm, tuple(questions), _panel_fields)


def _peer_fields(number: int, question: Question) -> dict[str, Any]:
    missing = _l("Question %(number)s: choose an answer, or choose “No basis to judge”.", number=number)
    return {f"q_{question.code}": choices(question, NO_BASIS, WhenFinal(Required(missing)))}


def _panel_fields(number: int, question: Question) -> dict[str, Any]:
    code, high = question.code, question.points - 1
    score = LocalisedIntegerField(_l("Score"), [WhenFinal(_ScoreOrNone(number, code))], low=0, high=high)
    reason = CleanTextArea(_l("Reason"), [WhenFinal(_ReasonAtExtremes(number, code)), AtMost(REASON_CHARACTERS)])
    return {f"q_{code}": score, f"none_{code}": TickField(_l("No basis to judge")), f"reason_{code}": reason}


class _ScoreOrNone:
    """Exactly one of the score and "No basis to judge"."""

    def __init__(self, number: int, code: str) -> None:
        self.number = number
        self.code = code

    def __call__(self, form: Any, field: Any) -> None:
        no_basis = form[f"none_{self.code}"].data
        if field.errors or (field.data is None) == bool(no_basis):
            return
        if no_basis:
            raise ValidationError(
                _l("Panel %(number)s: you gave a score and chose “No basis to judge”. Keep one.", number=self.number)
            )
        raise ValidationError(_l("Panel %(number)s: enter a score, or choose “No basis to judge”.", number=self.number))


class _ReasonAtExtremes:
    """A score at either end of the scale needs a reason."""

    def __init__(self, number: int, code: str) -> None:
        self.number = number
        self.code = code

    def __call__(self, form: Any, field: Any) -> None:
        score = form[f"q_{self.code}"].data
        if score is None or REASON_AT_OR_BELOW < score < REASON_AT_OR_ABOVE or field.data:
            return
        raise ValidationError(
            _l(
                "Panel %(number)s: say why. A score of %(low)s or less, or of %(high)s or more, needs a reason.",
                number=self.number,
                low=REASON_AT_OR_BELOW,
                high=REASON_AT_OR_ABOVE,
            )
        )
