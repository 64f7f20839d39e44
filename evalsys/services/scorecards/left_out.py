"""How many answers and raters of an office did not count, and why: in numbers that tell nobody's answer."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Assignment, ExcludedResponse, Exclusion, Questionnaire, Response, Round, Unit
from evalsys.reports.lines import LeftOutLine
from evalsys.services.disclosure import number_of

LEAST = 5
"""The least number that is told: below it a reader learns no more than that."""
RULE, PERSONS, CONFLICT = "rule", "persons", "conflict"
REASONS = (RULE, PERSONS, CONFLICT)
IN_FORCE = "in_force"


def left_out(session: Session, round_: Round) -> dict[str, tuple[LeftOutLine, ...]]:
    """By unit: answers that a rule or two persons left out, and raters with a conflict of interest."""
    numbers = {**_excluded(session, round_), **_conflicts(session, round_)}
    units = session.scalars(select(Unit.code))
    return {unit: tuple(_line(reason, numbers.get((unit, reason), 0)) for reason in REASONS) for unit in units}


def _line(reason: str, number: int) -> LeftOutLine:
    if number < LEAST:
        return LeftOutLine(reason, None, LEAST)
    n, n_to = number_of(number, "confidential", LEAST)
    return LeftOutLine(reason, n, LEAST, n_to)


def _excluded(session: Session, round_: Round) -> Mapping[tuple[str, str], int]:
    """An answer that is in several exclusions counts for each reason once."""
    reason = Exclusion.rule != ""
    query = (
        select(Unit.code, reason, func.count(func.distinct(Response.id)))
        .join(Response, Response.unit_id == Unit.id)
        .join(ExcludedResponse, ExcludedResponse.response_id == Response.id)
        .join(Exclusion, Exclusion.id == ExcludedResponse.exclusion_id)
        .where(Exclusion.round_id == round_.id, Exclusion.state == IN_FORCE)
        .group_by(Unit.code, reason)
    )
    rows = session.execute(query).all()
    return {(unit, RULE if is_rule else PERSONS): number for unit, is_rule, number in rows}


def _conflicts(session: Session, round_: Round) -> Mapping[tuple[str, str], int]:
    query = (
        select(Unit.code, func.count(func.distinct(Assignment.account_id)))
        .join(Assignment, Assignment.unit_id == Unit.id)
        .join(Questionnaire, Questionnaire.id == Assignment.questionnaire_id)
        .where(Questionnaire.round_id == round_.id, Assignment.state == "conflict")
        .group_by(Unit.code)
    )
    return {(unit, CONFLICT): number for unit, number in session.execute(query).all()}
