"""Service points: where a unit meets people, each with a short link and a poster."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.i18n import LOCALES, _l
from evalsys.models import Place, Service, Translation, Unit, UnitService
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.rowlist import Row, RowProblem, read_rows, refuse_rows
from evalsys.services.transfers.cells import visible

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}")
NAME_COLUMNS = tuple(f"name_{locale}" for locale in LOCALES)
COLUMNS = ("code", "unit", "service", *NAME_COLUMNS)
MOST_CHARACTERS = 120


@dataclass(frozen=True)
class PlaceFacts:
    """A service point as it is entered; `service` is a code or "", `names` are by language."""

    code: str
    unit: str
    service: str
    names: Mapping[str, str]
    is_active: bool = True


@dataclass(frozen=True)
class PlaceLine:
    """A service point in the list."""

    code: str
    name: Text
    unit_code: str
    unit: Text
    service: Text | None
    is_active: bool


@dataclass(frozen=True)
class PlacesPage:
    """All service points, the units and services that one can belong to, and what this actor may do."""

    places: tuple[PlaceLine, ...]
    units: tuple[tuple[str, Text], ...]
    services: tuple[tuple[str, Text], ...]
    may_manage: bool


@dataclass(frozen=True)
class ShortLink:
    """Where a short link leads: a unit, and whether straight to its form."""

    unit_code: str
    is_to_form: bool


def places_page(actor: Actor, locale: str) -> PlacesPage:
    """The service points of all units. Raises Forbidden."""
    require(actor, "oversight.read")
    names = {entity: content.names(entity, locale) for entity in ("place", "unit", "service")}

    def named(entity: str, code: str) -> Text:
        return names[entity].get(code) or Text(code, "")

    lines = tuple(
        PlaceLine(
            code=place.code,
            name=named("place", place.code),
            unit_code=place.unit.code,
            unit=named("unit", place.unit.code),
            service=named("service", place.service.code) if place.service else None,
            is_active=place.is_active,
        )
        for place in db.session.scalars(select(Place).join(Unit).order_by(Unit.code, Place.code))
    )
    units = db.session.scalars(select(Unit.code).where(Unit.is_active).order_by(Unit.code))
    services = db.session.scalars(select(Service.code).order_by(Service.code))
    return PlacesPage(
        places=lines,
        units=tuple((code, named("unit", code)) for code in units),
        services=tuple((code, named("service", code)) for code in services),
        may_manage=may(actor, "place.manage"),
    )


def read_place(actor: Actor, code: str) -> PlaceFacts:
    """One service point as it was entered. Raises Forbidden, NotFound."""
    require(actor, "place.manage")
    place = _find(db.session(), code)
    query = select(Translation.locale, Translation.text).where(*_name_of(code))
    service = place.service.code if place.service else ""
    return PlaceFacts(code, place.unit.code, service, dict(db.session.execute(query).all()), place.is_active)


def add_place(actor: Actor, facts: PlaceFacts, *, now: datetime) -> None:
    """Add a service point. Raises Forbidden, Invalid, Conflict (the code is taken)."""
    with audited(Act(actor, "place.manage", f"place:{facts.code}"[:100], now, detail={"added": 1})) as session:
        _one_by_one(session)
        _add(session, facts)


def edit_place(actor: Actor, facts: PlaceFacts, *, now: datetime) -> None:
    """Change everything but the code of a service point. Raises Forbidden, NotFound, Invalid."""
    act = Act(actor, "place.manage", f"place:{facts.code}"[:100], now, detail={"active": facts.is_active})
    with audited(act) as session:
        place = _find(session, facts.code)
        _take(session, place, facts)


def import_places(actor: Actor, text: bytes, *, now: datetime) -> int:
    """Add the service points of a CSV file, all or none; returns how many.

    Columns: code, unit, service (may be empty), name_en, name_zh, name_ar. Raises Forbidden, and Invalid with every
    problem; line, column and value are among the params of each.
    """
    with audited(Act(actor, "place.manage", "places", now)) as session:
        rows, problems = read_rows(text, COLUMNS)
        _one_by_one(session)
        for row in rows:
            problems += _add_row(session, row)
        refuse_rows(problems)
        return len(rows)


def resolve_link(code: str) -> ShortLink:
    """Where the short link of a unit or a service point leads; a place that is no longer in use leads past the form."""
    query = select(Unit.code, Place.is_active).join(Place, Place.unit_id == Unit.id).where(Place.code == code)
    found = db.session.execute(query).first()
    return ShortLink(found[0], bool(found[1])) if found else ShortLink(code, is_to_form=True)


def _find(session: Session, code: str) -> Place:
    found = session.scalar(select(Place).where(Place.code == code))
    if found is None:
        raise NotFound("This service point does not exist.")
    return found


def _one_by_one(session: Session) -> None:
    """The rows of all units are held, so that of two who add at once the second finds what the first has added."""
    session.execute(select(Unit.id).order_by(Unit.id).with_for_update(key_share=True))


def _add(session: Session, facts: PlaceFacts) -> None:
    _refuse(_wrong_code(session, facts))
    _refuse(_wrong_facts(session, facts))
    _store(session, Place(code=facts.code, kiosk_digest=""), facts)


def _take(session: Session, place: Place, facts: PlaceFacts) -> None:
    _refuse(_wrong_facts(session, facts))
    _store(session, place, facts)


def _refuse(wrong: Iterable[tuple[str, EvalsysError]]) -> None:
    """Raise the first refusal, if there is any."""
    for _column, refusal in wrong:
        raise refusal


def _add_row(session: Session, row: Row) -> list[RowProblem]:
    """Add the service point of a row, unless something of it is wrong."""
    cells = {name: " ".join(cell.split()) for name, cell in row.cells.items()}
    names = {locale: cells[f"name_{locale}"] for locale in LOCALES}
    facts = PlaceFacts(cells["code"], cells["unit"], cells["service"], names)
    wrong = [*_wrong_code(session, facts), *_wrong_facts(session, facts)]
    if not wrong:
        _store(session, Place(code=facts.code, kiosk_digest=""), facts)
    return [row.problem(column, refusal.message, None, **refusal.params) for column, refusal in wrong]


def _wrong_code(session: Session, facts: PlaceFacts) -> Iterator[tuple[str, EvalsysError]]:
    """(Column, refusal) for a code that no new service point may have."""
    taken = select(Place.id).where(Place.code == facts.code), select(Unit.id).where(Unit.code == facts.code)
    if not CODE.fullmatch(facts.code):
        yield "code", Invalid("Use 1 to 30 Latin letters, digits and hyphens.")
    elif any(session.scalar(query) is not None for query in taken):
        yield "code", Conflict("This code belongs to another service point or to an office.")


def _wrong_facts(session: Session, facts: PlaceFacts) -> Iterator[tuple[str, EvalsysError]]:
    """(Column, refusal) for everything else that is wrong."""
    texts = {"unit": facts.unit, "service": facts.service, **{f"name_{key}": text for key, text in facts.names.items()}}
    broken = [column for column, text in texts.items() if visible(text) != text]
    if broken:
        told = _l("This text holds a character that we cannot store. Type the text again instead of pasting it.")
        yield broken[0], Invalid(told)
        return
    unit = _unit_of(session, facts)
    if unit is None:
        yield "unit", Invalid("There is no office with this code.")
    elif facts.service and _service_of(session, facts, unit) is None:
        yield "service", Invalid("This office does not offer this service.")
    for locale in LOCALES:
        if not 0 < len(facts.names.get(locale, "").strip()) <= MOST_CHARACTERS:
            params = {"most": MOST_CHARACTERS}
            yield f"name_{locale}", Invalid("Give a name of at most %(most)s characters in every language.", params)


def _unit_of(session: Session, facts: PlaceFacts) -> Unit | None:
    return session.scalar(select(Unit).where(Unit.code == facts.unit, Unit.is_active))


def _service_of(session: Session, facts: PlaceFacts, unit: Unit) -> Service | None:
    offered = select(Service).join(UnitService).where(Service.code == facts.service, UnitService.unit_id == unit.id)
    return session.scalar(offered)


def _store(session: Session, place: Place, facts: PlaceFacts) -> None:
    """Keep what was found right."""
    unit = session.scalars(select(Unit).where(Unit.code == facts.unit)).one()
    with session.no_autoflush:
        place.unit, place.service, place.is_active = unit, _service_of(session, facts, unit), facts.is_active
    session.add(place)
    session.flush()
    names = {locale: facts.names[locale].strip() for locale in LOCALES}
    for row in session.scalars(select(Translation).where(*_name_of(place.code))):
        row.text = names.pop(row.locale)
    content.add_texts(session, content.in_languages("place", place.code, "name", names))


def _name_of(code: str) -> tuple[ColumnElement[bool], ...]:
    return Translation.entity == "place", Translation.entity_key == code, Translation.field == "name"
