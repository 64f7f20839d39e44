"""Which form is open for a unit now."""

from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select

from evalsys.db import db
from evalsys.errors import Conflict, NotFound
from evalsys.models import (
    Indicator,
    Question,
    Questionnaire,
    RaterGroup,
    Round,
    RoundState,
    RoundUnit,
    Unit,
    UnitService,
)
from evalsys.services.questionnaires.document import Document, document_of

CITIZENS = "citizens"


@dataclass(frozen=True)
class OpenForm:
    """The form that may be filled in about a unit now; `questions` are (indicator code, points) in their order.

    `body` is the questionnaire's document ("" for the plain one) and `digest` its digest; `seal_key` the round's
    public key, or None while it has none. In a suspended round `suspended_reason` says why nothing is taken.
    """

    round_id: int
    round_code: str
    closes_on: date
    questionnaire_id: int
    group: str
    body: str
    digest: str
    unit_id: int
    unit_code: str
    seal_key: bytes | None
    network_salt: bytes | None
    questions: tuple[tuple[str, int], ...]
    suspended_reason: str = ""

    @property
    def document(self) -> Document:
        """The questionnaire itself."""
        return document_of(self.body, self.group, self.questions)


FACTS = tuple(fact.name for fact in fields(OpenForm) if fact.name != "questions")


def find_form(unit_code: str, group: str = "") -> OpenForm:
    """The open form of a unit for a group, in one statement; without a group, the one that everybody may fill in.

    Raises NotFound, or Conflict when nothing is being collected.
    """
    query = _form_query(bool(group))
    rows = db.session.execute(query, {"unit": unit_code} | ({"group": group} if group else {})).all()
    if not rows:
        if db.session.scalar(select(Unit.id).where(Unit.code == unit_code, Unit.is_active)) is None:
            raise NotFound("This office does not exist.")
        raise Conflict("Ratings of this office are not being collected at the moment.")
    first = rows[0]._asdict()
    asked = tuple((row.code, row.points) for row in rows if row.questionnaire_id == first["questionnaire_id"])
    return OpenForm(**{name: first[name] for name in FACTS}, questions=asked)


def open_units() -> set[str]:
    """The codes of the units that everybody may rate now."""
    return set(db.session.scalars(_open_forms(select(Unit.code), Unit.is_active.is_(True), _is_for_everybody())))


@cache
def _form_query(is_for_group: bool) -> Select[*tuple[Any, ...]]:
    """One row a question; made once, since making the statement costs more than running it."""
    columns = select(
        Round.id.label("round_id"),
        Round.code.label("round_code"),
        Round.period_end.label("closes_on"),
        Questionnaire.id.label("questionnaire_id"),
        Questionnaire.group.label("group"),
        Questionnaire.body.label("body"),
        Questionnaire.digest.label("digest"),
        Unit.id.label("unit_id"),
        Unit.code.label("unit_code"),
        Round.seal_key.label("seal_key"),
        Round.network_salt.label("network_salt"),
        Round.suspended_reason.label("suspended_reason"),
        Indicator.code.label("code"),
        Indicator.points.label("points"),
    )
    whose = Questionnaire.group == bindparam("group") if is_for_group else _is_for_everybody()
    return (
        _open_forms(columns, and_(Unit.code == bindparam("unit"), Unit.is_active), whose)
        .join(Question, Question.questionnaire_id == Questionnaire.id)
        .join(Indicator, Indicator.id == Question.indicator_id)
        .order_by(Question.position)
    )


def _is_for_everybody() -> ColumnElement[bool]:
    """Groups with an open channel; where the round says nothing of a group, citizens alone."""
    said = and_(RaterGroup.mode == "public", RaterGroup.has_open_channel)
    return or_(said, and_(RaterGroup.code.is_(None), Questionnaire.group == CITIZENS))


def _open_forms(
    columns: Select[*tuple[Any, ...]], condition: ColumnElement[bool], whose: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Questionnaires of collecting rounds: a unit's own before the general one, citizens' first, the newest first.

    A unit without a service has nothing to do with citizens: one stray rating would open a group that it must not have.
    """
    of_group = and_(RaterGroup.round_id == Questionnaire.round_id, RaterGroup.code == Questionnaire.group)
    return (
        columns.select_from(Unit)
        .join(RoundUnit, RoundUnit.unit_id == Unit.id)
        .join(Round, Round.id == RoundUnit.round_id)
        .join(Questionnaire, Questionnaire.round_id == Round.id)
        .outerjoin(RaterGroup, of_group)
        .where(
            condition,
            whose,
            exists().where(UnitService.unit_id == Unit.id),
            Round.state == RoundState.COLLECTING,
            or_(Questionnaire.unit_id == Unit.id, Questionnaire.unit_id.is_(None)),
        )
        .order_by(Questionnaire.unit_id.is_(None), Questionnaire.group != CITIZENS, Round.id.desc(), Questionnaire.id)
    )
