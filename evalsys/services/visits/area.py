"""What a supervisor may visit on a day: running terms, units of the round, without declared conflicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from evalsys.db import db
from evalsys.errors import Conflict
from evalsys.models import (
    Assignment,
    Questionnaire,
    RaterGroup,
    Round,
    RoundState,
    RoundUnit,
    Term,
    Unit,
    Visit,
)
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.timetable import RoundInfo
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of

VISIT, CONFLICT = "visit", "conflict"
SUPERVISORS, ALL = "supervisors", "all"


@dataclass(frozen=True)
class AreaUnit:
    """A unit that she may visit now."""

    code: str
    name: Text


@dataclass(frozen=True)
class OwnTerm:
    """One of her terms; `units` are empty for all units, `is_running` on this day."""

    starts_on: date
    ends_on: date
    units: tuple[Text, ...]
    is_running: bool


@dataclass(frozen=True)
class OwnVisit:
    """A visit that she sent."""

    unit_name: Text
    round_name: Text
    visited_on: date
    place: str


@dataclass(frozen=True)
class Area:
    """A supervisor's start page: her terms, what she may visit now, what she declared, and her visits."""

    round: RoundInfo | None
    terms: tuple[OwnTerm, ...]
    units: tuple[AreaUnit, ...]
    conflicts: tuple[Text, ...]
    visits: tuple[OwnVisit, ...]

    @property
    def is_serving(self) -> bool:
        """True while one of her terms runs."""
        return any(term.is_running for term in self.terms)


def area_of(actor: Actor, locale: str, today: date) -> Area:
    """Everything on the supervisor's start page. Raises Forbidden."""
    require(actor, "visit.answer")
    session, names = db.session(), content.names("unit", locale)
    terms = session.scalars(_terms(actor).order_by(Term.starts_on.desc(), Term.id.desc())).all()
    round_ = visiting_round(session)
    units = [] if round_ is None else units_in_area(session, actor, round_, today)
    barred = sorted(unit.code for unit in session.scalars(_conflicts(actor)))
    title = content.text_of("round", round_.code, "name", locale) if round_ else Text("", "")
    return Area(
        round=RoundInfo(round_.code, title, round_.period_end) if round_ else None,
        terms=tuple(_own_term(term, names, today) for term in terms),
        units=tuple(AreaUnit(unit.code, names.get(unit.code) or Text(unit.code, "")) for unit in units),
        conflicts=tuple(names.get(code) or Text(code, "") for code in barred),
        visits=_own_visits(actor, names, locale),
    )


def visiting_round(session: Session) -> Round | None:
    """The newest round that collects visits."""
    query = (
        select(Round)
        .join(RaterGroup, RaterGroup.round_id == Round.id)
        .where(Round.state == RoundState.COLLECTING, RaterGroup.mode == VISIT)
        .order_by(Round.id.desc())
    )
    return session.scalar(query.limit(1))


def visit_form(session: Session, round_: Round, unit_id: int) -> Questionnaire | None:
    """The questionnaire of the round's visits to a unit: its own before the general one."""
    query = (
        select(Questionnaire)
        .join(RaterGroup, (RaterGroup.round_id == Questionnaire.round_id) & (RaterGroup.code == Questionnaire.group))
        .where(Questionnaire.round_id == round_.id, RaterGroup.mode == VISIT)
        .where(or_(Questionnaire.unit_id == unit_id, Questionnaire.unit_id.is_(None)))
        .order_by(Questionnaire.unit_id.is_(None), Questionnaire.id)
    )
    return session.scalar(query.limit(1))


def stratum_of_visits(session: Session, form: Questionnaire) -> str:
    """Where visits are counted: "supervisors" if the weights of the group know it, else "all".

    Raises Conflict when they know neither: a visit must not be stored where it would never count.
    """
    scheme = scheme_of(current_version(session, form.round).body)
    known = {part.code for group in scheme.groups if group.code == form.group for part in group.strata}
    for stratum in (SUPERVISORS, ALL):
        if stratum in known:
            return stratum
    raise Conflict("The weights of this round have no place for visits, so none can be taken. Tell the oversight body.")


def units_in_area(session: Session, actor: Actor, round_: Round, today: date) -> list[Unit]:
    """The round's units that a running term covers and for which she declared no conflict, by code."""
    running = session.scalars(_terms(actor).where(Term.starts_on <= today, Term.ends_on >= today)).all()
    barred = set(session.scalars(_conflicts(actor).with_only_columns(Unit.id)))
    query = select(Unit).join(RoundUnit, RoundUnit.unit_id == Unit.id).where(RoundUnit.round_id == round_.id)
    units = session.scalars(query.where(Unit.is_active).order_by(Unit.code))
    return [unit for unit in units if unit.id not in barred and covering(running, unit.id)]


def running_terms(session: Session, actor: Actor, unit_id: int, today: date) -> list[Term]:
    """Her terms that run on this day and cover the unit."""
    running = session.scalars(_terms(actor).where(Term.starts_on <= today, Term.ends_on >= today)).all()
    return covering(running, unit_id)


def covering(terms: Sequence[Term], unit_id: int) -> list[Term]:
    """Those of the terms whose area the unit belongs to."""
    return [term for term in terms if not term.units or unit_id in {part.unit_id for part in term.units}]


def _terms(actor: Actor) -> Select[Term]:
    return select(Term).where(Term.account_id == actor.account_id).options(selectinload(Term.units))


def _conflicts(actor: Actor) -> Select[Unit]:
    declared = select(Assignment.unit_id).where(Assignment.account_id == actor.account_id, Assignment.state == CONFLICT)
    return select(Unit).where(Unit.id.in_(declared))


def _own_term(term: Term, names: dict[str, Text], today: date) -> OwnTerm:
    codes = sorted(part.unit.code for part in term.units)
    units = tuple(names.get(code) or Text(code, "") for code in codes)
    return OwnTerm(term.starts_on, term.ends_on, units, term.starts_on <= today <= term.ends_on)


def _own_visits(actor: Actor, names: dict[str, Text], locale: str) -> tuple[OwnVisit, ...]:
    rounds = content.names("round", locale)
    query = (
        select(Visit, Round.code)
        .join(Questionnaire, Questionnaire.id == Visit.questionnaire_id)
        .join(Round, Round.id == Questionnaire.round_id)
        .where(Visit.account_id == actor.account_id)
        .options(joinedload(Visit.unit))
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
    )
    return tuple(
        OwnVisit(
            unit_name=names.get(visit.unit.code) or Text(visit.unit.code, ""),
            round_name=rounds.get(code) or Text(code, ""),
            visited_on=visit.visited_on,
            place=visit.place,
        )
        for visit, code in db.session.execute(query)
    )
