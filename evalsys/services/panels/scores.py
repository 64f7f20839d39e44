"""Storing an expert's scores: linked to her, with the reasons that either end of the scale asks for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.models import Assignment, Comment, Response
from evalsys.services.mixing import mark_dirty, new_id
from evalsys.services.panels.competences import Asked, document_asked, questions_of
from evalsys.services.questionnaires.document import columns
from evalsys.services.questionnaires.reasons import Answers, require_reasons
from scoring.collect import pack

ALL, STAFF = "all", "staff"
NOT_ASKED = 0


class Scores(Answers, Protocol):
    """What an expert sends: codes in the order of what she is asked, a remark, reasons and texts by code."""

    @property
    def comment(self) -> str:
        """Her remark, "" for none."""

    @property
    def texts(self) -> Mapping[str, str]:
        """Answers to open questions, by code."""


def store_scores(session: Session, task: Assignment, given: Scores, today: date) -> Response:
    """A new response with its reasons, within the caller's transaction; what lies beyond her competence is code 0.

    Raises Invalid when a reason is missing, or nothing on the form lies within her competence.
    """
    document = document_asked(session, task)
    asked = columns(document)
    if not asked:
        raise Invalid("None of these indicators lies within your competence, so there is nothing to score here.")
    require_reasons(document, given)
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
    for code, text in {**given.reasons, **given.texts, "": given.comment}.items():
        if text:
            about = {"indicator_id": ids[code]} if code in ids else {"item": code}
            session.add(Comment(id=new_id(), response_id=response_id, text=text, **about))
