"""The list of flagged answers: where each belongs and what was found, without person, key or answer."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from evalsys.db import db
from evalsys.models import Flag, Questionnaire, Response, Round, Unit
from evalsys.models.response import COUNTED, REPLACED
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round

LINES_A_PAGE = 50


@dataclass(frozen=True)
class FlagLine:
    """A flagged answer: where it belongs, what was found; no person, no key, no answer."""

    unit: Text
    group: Text
    channel: str
    day: date
    rule: str
    grade: int
    detail: dict[str, Any]
    is_counted: bool


@dataclass(frozen=True)
class FlagsPage:
    """A page of flagged answers of one rule, or of all; `pages` counts from 1."""

    round_code: str
    round_name: Text
    rule: str
    lines: tuple[FlagLine, ...]
    total: int
    page: int
    pages: int


def flags_page(actor: Actor, round_code: str, rule: str, page: int, locale: str) -> FlagsPage:
    """The flagged answers of a rule ("" for all), the gravest first. Raises Forbidden, NotFound."""
    require(actor, "quality.read")
    round_ = find_round(db.session(), round_code)
    columns = (Unit.code, Questionnaire.group, Response.channel, Response.day, Response.status)
    query = flagged(select(*columns, Flag.rule, Flag.grade, Flag.detail), round_)
    query = query.where(Flag.rule == rule) if rule else query
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // LINES_A_PAGE))
    here = min(max(page, 1), pages)
    rows = query.order_by(Flag.grade.desc(), Flag.rule, Unit.code, Response.day, Flag.response_id)
    units, groups = content.names("unit", locale), content.names("group", locale)
    lines = tuple(
        FlagLine(
            unit=units.get(unit) or Text(unit, ""),
            group=groups.get(group) or Text(group, ""),
            channel=channel,
            day=day,
            rule=code,
            grade=grade,
            detail=detail,
            is_counted=status == COUNTED,
        )
        for unit, group, channel, day, status, code, grade, detail in db.session.execute(
            rows.offset((here - 1) * LINES_A_PAGE).limit(LINES_A_PAGE)
        )
    )
    return FlagsPage(round_code, content.text_of("round", round_code, "name", locale), rule, lines, total, here, pages)


def of_round(round_: Round) -> ColumnElement[bool]:
    """The responses of a round, whatever their status, but those that were replaced."""
    forms = select(Questionnaire.id).where(Questionnaire.round_id == round_.id)
    return and_(Response.questionnaire_id.in_(forms), Response.status != REPLACED)


def flagged(query: Any, round_: Round) -> Any:
    """A statement about flags, joined with their responses, questionnaires and units."""
    return (
        query.select_from(Flag)
        .join(Response, Response.id == Flag.response_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .join(Unit, Unit.id == Response.unit_id)
        .where(of_round(round_))
    )
