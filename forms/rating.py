"""The citizen's rating: one form class for each immutable questionnaire version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import new_class
from typing import Any, TypeVar, cast

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


FieldsOf = Callable[[int, Question], dict[str, Any]]


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


Kind = TypeVar("Kind", bound=AnswerForm)


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
    return version_form(RatingForm, tuple(questions), _answer_fields)


@lru_cache(maxsize=256)
def version_form(parent: type[Kind], questions: tuple[Question, ...], fields_of: FieldsOf) -> type[Kind]:
    """Return the class of ``parent`` with the fields that ``fields_of(number, question)`` names for each question."""
    fields = {
        name: field
        for number, question in enumerate(questions, start=1)
        for name, field in fields_of(number, question).items()
    }
    made = new_class(
        f"{parent.__name__}Version", (parent,), {}, lambda body: body.update(questions=questions, **fields)
    )
    return cast(type[Kind], made)


def _answer_fields(number: int, question: Question) -> dict[str, Any]:
    missing = _l("Question %(number)s: choose an answer, or choose “Does not apply to me”.", number=number)
    return {f"q_{question.code}": choices(question, NOT_APPLICABLE, Required(missing))}


def choices(question: Question, other: str, needed: Any) -> OneOfField:
    """Return the field of a question: the levels of its scale, and ``other`` for who cannot say."""
    levels = (str(level) for level in range(1, question.points + 1))
    return OneOfField(_l("Your answer"), [needed], values=(*levels, other))
