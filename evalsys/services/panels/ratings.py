"""Single ratings with a pseudonym for their rater: what the engine reads to take out the experts' severity."""

import hmac

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Assignment, Questionnaire, Response, Round, Unit
from evalsys.models.response import COUNTED
from evalsys.services.panels.competences import questions_of
from scoring.collect import unpack

PSEUDONYM_DIGITS = 16


def read_panel_ratings(session: Session, round_: Round) -> list[tuple[str, str, str, int]]:
    """(rater's pseudonym, unit code, indicator code, score) of every counted score of the round's named raters, sorted.

    The score is the answer's code, 1 to the scale's number of points, as `scoring.Supplement.panels` takes it: on a
    scale from 0 to 100 the score s has the code s + 1. "No basis to judge" and what she was not asked are left out.
    """
    last = func.coalesce(Assignment.final_response_id, Assignment.response_id)
    query = (
        select(Assignment, Unit.code, Response.answers)
        .join(Questionnaire, Questionnaire.id == Assignment.questionnaire_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(Response, Response.id == last)
        .where(Questionnaire.round_id == round_.id, Assignment.is_named, Response.status == COUNTED)
    )
    found = []
    for task, unit, answers in session.execute(query).all():
        rater, questions = pseudonym_of(round_.id, task.account_id), questions_of(task)
        for code, (indicator, points) in zip(unpack(answers, [k for _, k in questions]), questions, strict=True):
            if 1 <= code <= points:
                found.append((rater, unit, indicator, code))
    return sorted(found)


def pseudonym_of(round_id: int, account_id: int) -> str:
    """The same for an expert throughout a round, another one in the next; nobody without the secret can work it out."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(secret, f"evalsys/rater/v1/{round_id}/{account_id}".encode(), "sha256").hex()[:PSEUDONYM_DIGITS]
