"""Which units take part in a round, and in which category each is compared there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Invalid
from evalsys.models import Assignment, Category, Questionnaire, Round, RoundUnit, Unit
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round, subject_of, take_round


@dataclass(frozen=True)
class UnitChoice:
    """A unit that is in the round or could be: its category there, and its own one where that differs."""

    code: str
    name: Text
    category: str
    own_category: Text | None
    is_in: bool


@dataclass(frozen=True)
class PlacesPage:
    """All units by the category they have, or would have, in the round; `categories` are all there are."""

    units: tuple[tuple[Text, tuple[UnitChoice, ...]], ...]
    categories: tuple[tuple[str, Text], ...]

    @property
    def choices(self) -> tuple[UnitChoice, ...]:
        """All units in the order of the page."""
        return tuple(unit for _name, units in self.units for unit in units)

    @property
    def chosen(self) -> int:
        """How many take part."""
        return sum(unit.is_in for unit in self.choices)


def set_units(actor: Actor, code: str, wanted: Mapping[str, str], *, now: datetime) -> None:
    """Let exactly these units take part: unit code to category code. Tasks about those that leave are withdrawn.

    Raises Forbidden, NotFound, Conflict; Invalid for none at all, and for a unit or category that is not offered.
    """
    act = Act(actor, "round.design", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "design")
        if not wanted:
            raise Invalid("Choose at least one office.")
        there = {place.unit.code: place for place in _places(session, round_)}
        units, categories = _known(session, there), _categories(session)
        if not set(wanted) <= units.keys() or not set(wanted.values()) <= categories.keys():
            raise Invalid("This list of offices is out of date. Open the page again.")
        gone = sorted(there.keys() - wanted.keys())
        act.detail = {"added": sorted(wanted.keys() - there.keys()), "left": gone}
        act.detail["withdrawn"] = _withdraw_tasks(session, round_, [there[unit].unit_id for unit in gone])
        for unit in gone:
            session.delete(there[unit])
        for unit, category in wanted.items():
            if unit in there:
                there[unit].category_id = categories[category]
            else:
                session.add(RoundUnit(round=round_, unit=units[unit], category_id=categories[category]))


def places_page(actor: Actor, code: str, locale: str) -> PlacesPage:
    """The units that are in the round or could be. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session, names = db.session(), content.names("unit", locale)
    called = content.names("category", locale)
    rows = session.scalars(select(Category).order_by(Category.position, Category.code)).all()
    labels = {row.id: (row.code, called.get(row.code) or Text(row.code, "")) for row in rows}
    there = {place.unit_id: place.category_id for place in _places(session, find_round(session, code))}
    found: dict[int, list[UnitChoice]] = {row.id: [] for row in rows}
    for unit in session.scalars(select(Unit).order_by(Unit.code)):
        if unit.is_active or unit.id in there:
            category = there.get(unit.id, unit.category_id)
            own = labels[unit.category_id][1] if category != unit.category_id else None
            name = names.get(unit.code) or Text(unit.code, "")
            found[category].append(UnitChoice(unit.code, name, labels[category][0], own, unit.id in there))
    blocks = tuple((labels[category][1], tuple(units)) for category, units in found.items() if units)
    return PlacesPage(blocks, tuple(labels.values()))


def _places(session: Session, round_: Round) -> list[RoundUnit]:
    query = select(RoundUnit).where(RoundUnit.round_id == round_.id).join(Unit, Unit.id == RoundUnit.unit_id)
    return list(session.scalars(query.order_by(Unit.code)))


def _known(session: Session, there: Mapping[str, RoundUnit]) -> dict[str, Unit]:
    return {unit.code: unit for unit in session.scalars(select(Unit)) if unit.is_active or unit.code in there}


def _categories(session: Session) -> dict[str, int]:
    return dict(session.execute(select(Category.code, Category.id)).all())


def _withdraw_tasks(session: Session, round_: Round, units: list[int]) -> int:
    """Before the round opens nobody has answered, so a task is no more than its row; declared conflicts stay."""
    forms = select(Questionnaire.id).where(Questionnaire.round_id == round_.id)
    about = Assignment.questionnaire_id.in_(forms), Assignment.unit_id.in_(units), Assignment.state != "conflict"
    gone = delete(Assignment).where(*about).returning(Assignment.id).execution_options(synchronize_session=False)
    return len(session.execute(gone).all()) if units else 0
