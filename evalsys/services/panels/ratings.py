"""Ratings of accountable groups with the rater behind each, known by a pseudonym alone."""

import hashlib
import hmac

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Assignment, Questionnaire, Response, Round, Unit
from evalsys.models.response import COUNTED
from scoring.collect import unpack

PSEUDONYM_DIGITS = 8
Rating = tuple[str, str, str, int]


def read_panel_ratings(session: Session, round_: Round) -> list[Rating]:
    """What named raters said in the round: (pseudonym, unit code, indicator code, score), in this order.

    The score is the answer's code, 1 to the number of points: on a panel from 0 to 100 one more than it shows. The
    rating after the second round of a panel stands in the place of the first one. Left out are responses that are not
    counted, "don't know", "does not apply" and empty answers. A rater keeps her pseudonym within a round and has
    another one in the next.
    """
    query = (
        select(Assignment.account_id, Unit.code, Questionnaire, Response.answers)
        .join(Questionnaire, Questionnaire.id == Assignment.questionnaire_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(Response, Response.id == func.coalesce(Assignment.final_response_id, Assignment.response_id))
        .where(Questionnaire.round_id == round_.id, Assignment.is_named, Response.status == COUNTED)
    )
    return sorted(
        (_pseudonym(round_.id, account), unit, indicator, score)
        for account, unit, form, answers in session.execute(query).all()
        for indicator, score in _scores(form, answers)
    )


def _scores(form: Questionnaire, answers: str) -> list[tuple[str, int]]:
    asked = [question.indicator for question in form.questions]
    given = zip(asked, unpack(answers, [indicator.points for indicator in asked]), strict=True)
    return [(indicator.code, code) for indicator, code in given if 1 <= code <= indicator.points]


def _pseudonym(round_id: int, account_id: int) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"panel:{round_id}:{account_id}".encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_DIGITS]
