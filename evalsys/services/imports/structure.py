"""What imported answers belong to: rounds, categories, units and one form a unit, made where they are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.models import (
    BEFORE_OPENING,
    Category,
    Indicator,
    Question,
    Questionnaire,
    Round,
    RoundState,
    RoundUnit,
    Unit,
)
from evalsys.services.audit import Act
from evalsys.services.content import NewText, add_texts, in_languages
from evalsys.services.imports.mapping import ImportMap, RoundSpec, UnitSpec
from evalsys.services.presets import install
from evalsys.services.versions import add_version
from evalsys.services.weights import read_scheme

OPEN_STATES = (*BEFORE_OPENING, RoundState.COLLECTING)


@dataclass(frozen=True)
class Place:
    """Where a response goes; `day` is the last day of its round, `scope` what its key is derived in."""

    round_id: int
    questionnaire_id: int
    unit_id: int
    day: date
    scope: str


Places = dict[tuple[str, str], Place]


def prepare(session: Session, plan: ImportMap, act: Act) -> Places:
    """The place of each (round, unit), made where it is missing. Raises Conflict, Invalid."""
    install(session, plan.preset)
    points = dict(session.execute(select(Indicator.code, Indicator.points)).all())
    for code, wanted in plan.preset.points.items():
        if points[code] != wanted:
            raise Conflict("The indicator “%(code)s” exists with another scale.", {"code": code})
    add_texts(session, _texts(plan))
    units = _units(session, plan)
    places: Places = {}
    for spec in plan.rounds.values():
        round_ = _round(session, spec, plan, act)
        for unit_spec in plan.units:
            unit = units[unit_spec.code]
            form = _form(session, round_, unit, unit_spec, plan.group)
            places[spec.code, unit_spec.code] = Place(round_.id, form.id, unit.id, round_.period_end, spec.code)
    return places


def find_places(session: Session, body: Mapping[str, Any]) -> Places:
    """The place of each unit of a round that exists, for a questionnaire of it. Raises Conflict, NotFound."""
    round_ = session.scalar(select(Round).where(Round.code == body["round"]).with_for_update())
    if round_ is None:
        raise NotFound("This round does not exist.")
    _require_open(round_)
    form = session.scalar(
        select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.code == body["questionnaire"])
    )
    asked = [[question.indicator.code, question.indicator.points] for question in form.questions] if form else []
    if form is None or asked != body["questions"]:
        raise Conflict("The questionnaire has changed since the file was checked. Upload the file again.")
    units = dict(session.execute(select(Unit.code, Unit.id).where(Unit.code.in_(body["units"]))).all())
    scope = f"{round_.code}|{form.code}"
    return {
        (round_.code, code): Place(round_.id, form.id, number, round_.period_end, scope)
        for code, number in units.items()
    }


def _require_open(round_: Round) -> None:
    if round_.state not in OPEN_STATES:
        raise Conflict("Round %(code)s takes no answers any more.", {"code": round_.code})


def _units(session: Session, plan: ImportMap) -> Mapping[str, Unit]:
    categories = {category.code: category for category in session.scalars(select(Category))}
    position = len(categories)
    for code in plan.categories:
        if code not in categories:
            categories[code] = Category(code=code, position=position)
            position += 1
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    for spec in plan.units:
        if spec.code not in units:
            units[spec.code] = Unit(code=spec.code, category=categories[spec.category])
    session.add_all([*categories.values(), *units.values()])
    session.flush()
    return units


def _round(session: Session, spec: RoundSpec, plan: ImportMap, act: Act) -> Round:
    found = session.scalar(select(Round).where(Round.code == spec.code).with_for_update())
    if found is not None:
        _require_open(found)
        return found
    previous = session.scalar(select(Round.id).where(Round.code == spec.previous)) if spec.previous else None
    made = Round(
        code=spec.code,
        previous_id=previous,
        method=plan.preset.method,
        period_start=spec.start,
        period_end=spec.end,
        created_at=act.now,
    )
    session.add(made)
    session.flush()
    add_version(session, made, read_scheme(plan.preset.scheme), act)
    return made


def _form(session: Session, round_: Round, unit: Unit, spec: UnitSpec, group: str) -> Questionnaire:
    code = f"{group}-{spec.code}"
    wanted = [indicator for _, indicator in spec.questions]
    found = session.scalar(select(Questionnaire).where(Questionnaire.round_id == round_.id, Questionnaire.code == code))
    if found is not None:
        if [question.indicator.code for question in found.questions] != wanted:
            raise Conflict(
                "Round %(code)s asks other questions about %(unit)s.", {"code": round_.code, "unit": spec.code}
            )
        return found
    if round_.state == RoundState.COLLECTING:
        raise Conflict("Round %(code)s is open; its forms are locked.", {"code": round_.code})
    ids = dict(session.execute(select(Indicator.code, Indicator.id)).all())
    questions = [Question(position=place, indicator_id=ids[name]) for place, name in enumerate(wanted)]
    made = Questionnaire(round=round_, code=code, group=group, unit_id=unit.id, questions=questions)
    session.add(made)
    if session.get(RoundUnit, (round_.id, unit.id)) is None:
        session.add(RoundUnit(round=round_, unit=unit, category_id=unit.category_id))
    session.flush()
    return made


def _texts(plan: ImportMap) -> list[NewText]:
    found: list[NewText] = []
    for code, said in plan.categories.items():
        found += in_languages("category", code, "name", said)
    for unit in plan.units:
        found += in_languages("unit", unit.code, "name", unit.name)
    for spec in plan.rounds.values():
        found += in_languages("round", spec.code, "name", spec.name)
    return found
