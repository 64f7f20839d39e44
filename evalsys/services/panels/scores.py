"""Storing an expert's scores: linked to her, with the reasons that either end of the scale asks for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.models import Assignment, Comment, Response
from evalsys.services.mixing import mark_dirty, new_id
from evalsys.services.panels.competences import Asked, asked_of, questions_of
from scoring.collect import pack

ALL, STAFF = "all", "staff"
REASON_AT_OR_BELOW, REASON_AT_OR_ABOVE = 10, 91
NOT_ASKED = 0


class Scores(Protocol):
    """What an expert sends: codes in the order of what she is asked, a remark, reasons by indicator code."""

    @property
    def codes(self) -> Sequence[int]:
        """One code an indicator within her competence."""

    @property
    def comment(self) -> str:
        """Her remark, "" for none."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """By indicator code."""


def store_scores(session: Session, task: Assignment, given: Scores, today: date) -> Response:
    """A new response with its reasons, within the caller's transaction; what lies beyond her competence is code 0.

    Raises Invalid when a reason is missing, or nothing on the form lies within her competence.
    """
    asked = asked_of(session, task)
    if not asked:
        raise Invalid("None of these indicators lies within your competence, so there is nothing to score here.")
    _require_reasons(asked, given)
    response = Response(
        id=new_id(),
        questionnaire_id=task.questionnaire_id,
        unit_id=task.unit_id,
        stratum=ALL,
        channel=STAFF,
        day=today,
        answers=pack(*_all_codes(task, asked, given.codes)),
    )
    session.add(response)
    session.flush()
    _store_texts(session, task, response.id, given)
    mark_dirty(session, task.questionnaire_id, [task.unit_id])
    return response


def _all_codes(task: Assignment, asked: Asked, codes: Sequence[int]) -> tuple[list[int], list[int]]:
    """Codes and points of the whole form."""
    given = {code: value for (code, _), value in zip(asked, codes, strict=True)}
    questions = questions_of(task)
    return [given.get(code, NOT_ASKED) for code, _ in questions], [points for _, points in questions]


def _store_texts(session: Session, task: Assignment, response_id: str, given: Scores) -> None:
    ids = {question.indicator.code: question.indicator_id for question in task.questionnaire.questions}
    texts: list[tuple[int | None, str]] = [
        (ids[code], text) for code, text in given.reasons.items() if code in ids and text
    ]
    if given.comment:
        texts.append((None, given.comment))
    for indicator_id, text in texts:
        session.add(Comment(id=new_id(), response_id=response_id, indicator_id=indicator_id, text=text))


def _require_reasons(asked: Asked, given: Scores) -> None:
    for (code, points), value in zip(asked, given.codes, strict=True):
        is_score = 1 <= value <= points
        is_extreme = is_score and not REASON_AT_OR_BELOW < value - 1 < REASON_AT_OR_ABOVE
        if is_extreme and not given.reasons.get(code, "").strip():
            raise Invalid(
                "Say why. A score of %(low)s or less, or of %(high)s or more, needs a reason.",
                {"low": REASON_AT_OR_BELOW, "high": REASON_AT_OR_ABOVE},
            )
