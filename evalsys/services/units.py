"""Units as everybody sees them: found by what they do, listed by peer category, each with a page of its own."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Category, Service, Translation, Unit, UnitService
from evalsys.services import content, search
from evalsys.services.collection import open_units
from evalsys.services.content import Text
from evalsys.services.register.pages import LineageLine, lineage_line
from evalsys.services.register.reorganising import lineages_of
from evalsys.services.timetable import RoundInfo, collecting_round

NAME_COUNTS_FOR = 1.1
WORTH_SHOWING = 0.85  # of the best fit


@dataclass(frozen=True)
class FoundUnit:
    """A unit in a list; `services` are the ones that were asked for, or all of them in a full list."""

    code: str
    name: Text
    category: Text
    services: tuple[Text, ...]
    is_collecting: bool


@dataclass(frozen=True)
class UnitGroup:
    """The units of one peer category."""

    code: str
    name: Text
    units: tuple[FoundUnit, ...]


@dataclass(frozen=True)
class UnitPage:
    """What the public page of a unit shows; `round` is the one that collects ratings of it now.

    A unit that is not active any more has a page while a reorganisation says what took its place.
    """

    code: str
    name: Text
    category: Text
    services: tuple[Text, ...]
    round: RoundInfo | None
    is_active: bool = True
    became: tuple[LineageLine, ...] = ()
    came_from: tuple[LineageLine, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """One name under which a unit can be found: its own (no service) or that of a service."""

    unit: str
    service: str
    words: frozenset[str]


def list_units(locale: str) -> list[UnitGroup]:
    """All active units by peer category."""
    categories = content.names("category", locale)
    by_category: dict[str, list[FoundUnit]] = defaultdict(list)
    for found in _active_units(locale).values():
        by_category[found[0]].append(found[1])
    return [UnitGroup(code, categories.get(code, Text(code, "")), tuple(units)) for code, units in by_category.items()]


def find_units(query: str, locale: str) -> list[FoundUnit]:
    """The units that fit `query`, best first; words may be in any of the languages, whatever the page speaks."""
    asked = search.words_of(query)
    units = _active_units(locale)
    entries = _entries(units)
    hits = _hits(asked, entries)
    if not hits and asked:
        hits = _hits(search.correct(asked, {word for entry in entries for word in entry.words}), entries)
    best: dict[str, float] = {}
    least = WORTH_SHOWING * max((fit for _, fit in hits), default=0.0)
    hits = [(entry, fit) for entry, fit in hits if fit >= least]
    for entry, fit in hits:
        best[entry.unit] = max(best.get(entry.unit, 0.0), fit)
    named = content.names("service", locale)
    return [
        replace(units[code][1], services=_asked_services(code, hits, named) or units[code][1].services)
        for code in sorted(best, key=lambda code: (-best[code], code))
    ]


def read_unit(code: str, locale: str) -> UnitPage:
    """The page of one unit. Raises NotFound."""
    unit = db.session.scalar(select(Unit).where(Unit.code == code))
    became, came = lineages_of(db.session(), unit.id) if unit is not None else ([], [])
    if unit is None or not (unit.is_active or became):
        raise NotFound("This office does not exist.")
    names = content.names("unit", locale) if became or came else {}
    named = content.names("service", locale)
    services = tuple(named.get(service.code, Text(service.code, "")) for service in _by_code(unit.services))
    return UnitPage(
        code=unit.code,
        name=content.text_of("unit", unit.code, "name", locale),
        category=content.text_of("category", unit.category.code, "name", locale),
        services=services,
        round=collecting_round(locale, unit.id) if unit.code in open_units() else None,
        is_active=unit.is_active,
        became=tuple(lineage_line(row, row.later, names) for row in became),
        came_from=tuple(lineage_line(row, row.former, names) for row in came),
    )


def _active_units(locale: str) -> dict[str, tuple[str, FoundUnit]]:
    """(Category code, unit with all its services) by code, in the order of the lists."""
    named, categories, services = (content.names(entity, locale) for entity in ("unit", "category", "service"))
    offered: dict[str, list[Text]] = defaultdict(list)
    for unit, service in _offers():
        offered[unit].append(services.get(service, Text(service, "")))
    query = (
        select(Unit.code, Category.code)
        .join(Category)
        .where(Unit.is_active)
        .order_by(Category.position, Category.code, Unit.code)
    )
    units, collecting = {}, open_units()
    for code, category in db.session.execute(query).all():
        name = categories.get(category, Text(category, ""))
        own_name, own_services = named.get(code, Text(code, "")), tuple(offered[code])
        units[code] = (category, FoundUnit(code, own_name, name, own_services, code in collecting))
    return units


def _offers() -> list[tuple[str, str]]:
    query = (
        select(Unit.code, Service.code)
        .join(UnitService, UnitService.unit_id == Unit.id)
        .join(Service, Service.id == UnitService.service_id)
        .order_by(Unit.code, Service.code)
    )
    return list(db.session.execute(query).all())


def _entries(units: Iterable[str]) -> list[_Entry]:
    """Every name of every active unit, with its words in all languages."""
    query = select(Translation.entity, Translation.entity_key, Translation.text).where(
        Translation.entity.in_(("unit", "service")), Translation.field.in_(("name", "keywords"))
    )
    words: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entity, key, text in db.session.execute(query).all():
        words[entity, key].update(search.words_of(text))
    active = set(units)
    own = [_Entry(code, "", frozenset(words["unit", code])) for code in active]
    return own + [
        _Entry(unit, service, frozenset(words["service", service])) for unit, service in _offers() if unit in active
    ]


def _hits(asked: list[str], entries: Iterable[_Entry]) -> list[tuple[_Entry, float]]:
    found = []
    for entry in entries:
        fit = search.strength(asked, entry.words) * (1 if entry.service else NAME_COUNTS_FOR)
        if fit:
            found.append((entry, fit))
    return found


def _asked_services(unit: str, hits: Iterable[tuple[_Entry, float]], named: dict[str, Text]) -> tuple[Text, ...]:
    fitting = [(-fit, entry.service) for entry, fit in hits if entry.unit == unit and entry.service]
    return tuple(named.get(service, Text(service, "")) for _, service in sorted(fitting))


def _by_code(services: Iterable[Service]) -> list[Service]:
    return sorted(services, key=lambda service: service.code)
