"""The citizen's rating: one form class for each immutable questionnaire version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, CleanTextField, OneOfField
from forms.validators import AtMost, Matches, Required

COMMENT_CHARACTERS = 2000
NOT_APPLICABLE = "na"
NO_BASIS = "dk"


@dataclass(frozen=True)
class Question:
    """One question of a questionnaire version: indicator code and number of points of its scale."""

    code: str
    points: int


class AnswerForm(BaseForm):
    """Answers to a fixed list of questions, one field ``q_<indicator>`` each."""

    questions: tuple[Question, ...] = ()

    def in_page_order(self) -> list[Any]:
        """Return the answers first, in the order of the questionnaire."""
        return sorted(self, key=lambda field: field.name in ("comment", "nonce", "act"))

    def codes(self) -> list[int]:
        """Return one answer code a question, in the order of the questionnaire.

        0 not answered, 1..k the level, k+1 "no basis to judge", k+2 "does not apply to me".
        """
        return [answer_code(self[f"q_{question.code}"].data, question.points) for question in self.questions]


def answer_code(value: str | None, points: int) -> int:
    """Return the stored code of a chosen option.

    >>> [answer_code(value, 5) for value in (None, "1", "5", "dk", "na")]
    [0, 1, 5, 6, 7]
    """
    if value is None:
        return 0
    return {NO_BASIS: points + 1, NOT_APPLICABLE: points + 2}.get(value) or int(value)


class RatingForm(AnswerForm):
    """A rating with an optional comment; ``nonce`` makes a second sending of the same form harmless."""

    comment = CleanTextArea(_l("Do you want to add anything? (optional)"), [AtMost(COMMENT_CHARACTERS)])
    nonce = CleanTextField(
        _l("Form number"),
        [
            Required(_l("We could not read this form. Check your answers and send it again.")),
            Matches(r"[A-Za-z0-9_-]{16,64}", _l("We could not read this form. Check your answers and send it again.")),
        ],
    )


def build_rating_form(questions: Sequence[Question]) -> type[RatingForm]:
    """Return the form class of a questionnaire version; the same questions give the same class."""
    return _rating_form(tuple(questions))


@lru_cache(maxsize=64)
def _rating_form(questions: tuple[Question, ...]) -> type[RatingForm]:
    class VersionForm(RatingForm):
        """The rating form of one questionnaire version."""

    VersionForm.questions = questions
    for number, question in enumerate(questions, start=1):
        setattr(VersionForm, f"q_{question.code}", _answer_field(number, question))
    return VersionForm


def _answer_field(number: int, question: Question) -> OneOfField:
    missing = _l("Question %(number)s: choose an answer, or choose “Does not apply to me”.", number=number)
    values = (*(str(level) for level in range(1, question.points + 1)), NOT_APPLICABLE)
    return OneOfField(_l("Your answer"), [Required(missing)], values=values)
