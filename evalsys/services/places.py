"""Service points: where a unit meets people, each with a short link and a poster."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Place, Service, Translation, Unit, UnitService
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.transfers.cells import visible

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}")
NAME_COLUMNS = tuple(f"name_{locale}" for locale in LOCALES)
COLUMNS = ("code", "unit", "service", *NAME_COLUMNS)
MOST_CHARACTERS = 120
MOST_PROBLEMS = 50
Problem = tuple[str, Mapping[str, object]]


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
    problem; "line" is among the params of each.
    """
    with audited(Act(actor, "place.manage", "places", now)) as session:
        found = list(_read(text))
        _one_by_one(session)
        problems: list[Problem] = []
        for line, facts in found:
            try:
                _add(session, facts)
            except (Invalid, Conflict) as refusal:
                problems.append((refusal.message, {**refusal.params, "line": line}))
        if problems:
            raise Invalid(
                "Nothing was added. Correct these lines and send the file again.", problems=problems[:MOST_PROBLEMS]
            )
        return len(found)


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
    if not CODE.fullmatch(facts.code):
        raise Invalid("Use 1 to 30 Latin letters, digits and hyphens.")
    taken = select(Place.id).where(Place.code == facts.code), select(Unit.id).where(Unit.code == facts.code)
    if any(session.scalar(query) is not None for query in taken):
        raise Conflict("The code “%(code)s” belongs to another service point or to an office.", {"code": facts.code})
    place = Place(code=facts.code, kiosk_digest="")
    with session.no_autoflush:
        _take(session, place, facts)


def _take(session: Session, place: Place, facts: PlaceFacts) -> None:
    if any(visible(text) != text for text in (facts.unit, facts.service, *facts.names.values())):
        raise Invalid("This text holds a character that we cannot store. Type the text again instead of pasting it.")
    unit = session.scalar(select(Unit).where(Unit.code == facts.unit, Unit.is_active))
    if unit is None:
        raise Invalid("There is no office “%(code)s”.", {"code": facts.unit})
    offered = select(Service).join(UnitService).where(Service.code == facts.service, UnitService.unit_id == unit.id)
    service = session.scalar(offered) if facts.service else None
    if facts.service and service is None:
        raise Invalid("This office does not offer the service “%(code)s”.", {"code": facts.service})
    names = {locale: facts.names.get(locale, "").strip() for locale in LOCALES}
    if not all(names.values()) or max(map(len, names.values())) > MOST_CHARACTERS:
        raise Invalid("Give a name of at most %(most)s characters in every language.", {"most": MOST_CHARACTERS})
    place.unit, place.service, place.is_active = unit, service, facts.is_active
    session.add(place)
    session.flush()
    for row in session.scalars(select(Translation).where(*_name_of(place.code))):
        row.text = names.pop(row.locale)
    content.add_texts(session, content.in_languages("place", place.code, "name", names))


def _name_of(code: str) -> tuple[ColumnElement[bool], ...]:
    return Translation.entity == "place", Translation.entity_key == code, Translation.field == "name"


def _read(text: bytes) -> Iterator[tuple[int, PlaceFacts]]:
    try:
        rows = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8 text.") from error
    try:
        header = [cell.strip().casefold() for cell in next(rows, [])]
        if sorted(header) != sorted(COLUMNS):
            raise Invalid("The first line must name these columns: %(columns)s.", {"columns": ", ".join(COLUMNS)})
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, _facts(rows.line_num, header, row)
    except csv.Error as error:
        params = {"line": rows.line_num, "detail": str(error)}
        raise Invalid("The file cannot be read as CSV at line %(line)s: %(detail)s", params) from error


def _facts(line: int, header: Sequence[str], row: Sequence[str]) -> PlaceFacts:
    if len(row) != len(header):
        raise Invalid("Line %(line)s has not %(number)s cells.", {"line": line, "number": len(header)})
    cells = dict(zip(header, (" ".join(cell.split()) for cell in row), strict=True))
    names = {locale: cells[f"name_{locale}"] for locale in LOCALES}
    return PlaceFacts(cells["code"], cells["unit"], cells["service"], names)
