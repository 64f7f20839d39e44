"""What the pages of the register show: the tree of offices, one office, categories and services."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Category, Lineage, Round, RoundState, RoundUnit, Service, Translation, Unit, UnitService
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.register.checking import UnitFacts, find_unit, read_register
from evalsys.services.register.kinds import CategoryFacts, ServiceFacts
from evalsys.services.register.reorganising import lineages_of

Choice = tuple[str, Text]


@dataclass(frozen=True)
class UnitLine:
    """An office in the tree, `depth` steps below the top. `lacks` are languages without its name."""

    code: str
    name: Text
    depth: int
    category: Text
    services: int
    is_active: bool
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class KindLine:
    """A category or a service, with the number of offices in use that it has."""

    code: str
    name: Text
    units: int
    position: int = 0


@dataclass(frozen=True)
class RegisterPage:
    """The register of offices as one looks at it, and whether this actor may change it."""

    units: tuple[UnitLine, ...]
    categories: tuple[KindLine, ...]
    services: tuple[KindLine, ...]
    may_manage: bool

    def choices(self, code: str = "") -> tuple[Choice, ...]:
        """(Code, name) of the offices in use but the one named: what an office can stand below."""
        return tuple((line.code, line.name) for line in self.units if line.is_active and line.code != code)


@dataclass(frozen=True)
class LineageLine:
    """One step of what became of an office, or of what it came from."""

    code: str
    name: Text
    kind: str
    day: date
    reason: str
    is_active: bool


@dataclass(frozen=True)
class RoundLine:
    """A round in which the office is or was."""

    code: str
    name: Text
    state: RoundState


@dataclass(frozen=True)
class UnitPage:
    """One office: where it stands, what it offers, what became of it, and which rounds it is in, the newest first."""

    code: str
    names: Mapping[str, str]
    name: Text
    category: Text
    parent: Choice | None
    children: tuple[Choice, ...]
    services: tuple[Text, ...]
    became: tuple[LineageLine, ...]
    came_from: tuple[LineageLine, ...]
    rounds: tuple[RoundLine, ...]
    is_active: bool
    is_rated: bool
    may_manage: bool


def register_page(actor: Actor, locale: str) -> RegisterPage:
    """The whole register. Raises Forbidden."""
    require(actor, "oversight.read")
    named = {entity: content.names(entity, locale) for entity in ("unit", "category", "service")}
    session = db.session()
    units = session.execute(select(Unit, Category.code).join(Category).order_by(Unit.code)).all()
    offered = session.execute(select(UnitService.unit_id, Service.code).join(Service)).all()
    services = Counter(unit for unit, _ in offered)
    active = {unit.id for unit, _ in units if unit.is_active}
    lacks, category_of = _lacks(), {unit.id: category for unit, category in units}
    lines = tuple(
        UnitLine(
            code=unit.code,
            name=_named(named["unit"], unit.code),
            depth=depth,
            category=_named(named["category"], category_of[unit.id]),
            services=services[unit.id],
            is_active=unit.is_active,
            lacks=lacks(unit.code),
        )
        for unit, depth in _tree(unit for unit, _ in units)
    )
    compared = Counter(category for unit, category in units if unit.is_active)
    offers = Counter(service for unit, service in offered if unit in active)
    categories = session.scalars(select(Category).order_by(Category.position, Category.code))
    return RegisterPage(
        units=lines,
        categories=tuple(
            KindLine(one.code, _named(named["category"], one.code), compared[one.code], one.position)
            for one in categories
        ),
        services=tuple(
            KindLine(code, _named(named["service"], code), offers[code])
            for code in session.scalars(select(Service.code).order_by(Service.code))
        ),
        may_manage=may(actor, "unit.manage"),
    )


def unit_page(actor: Actor, code: str, locale: str) -> UnitPage:
    """One office. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    unit = session.scalar(select(Unit).where(Unit.code == code))
    if unit is None:
        raise NotFound("This office does not exist.")
    names = content.names("unit", locale)
    near = session.execute(
        select(Unit.code, Unit.id).where((Unit.parent_id == unit.id) | (Unit.id == unit.parent_id)).order_by(Unit.code)
    ).all()
    services = content.names("service", locale)
    became, came = lineages_of(session, unit.id)
    rounds = _rounds_of(unit.id, locale)
    return UnitPage(
        code=code,
        names=_texts_of("unit", code, "name"),
        name=_named(names, code),
        category=content.text_of("category", unit.category.code, "name", locale),
        parent=next(((one, _named(names, one)) for one, number in near if number == unit.parent_id), None),
        children=tuple((one, _named(names, one)) for one, number in near if number != unit.parent_id),
        services=tuple(_named(services, one.code) for one in sorted(unit.services, key=lambda one: one.code)),
        became=tuple(lineage_line(row, row.later, names) for row in became),
        came_from=tuple(lineage_line(row, row.former, names) for row in came),
        rounds=rounds,
        is_active=unit.is_active,
        is_rated=any(line.state == RoundState.COLLECTING for line in rounds),
        may_manage=may(actor, "unit.manage"),
    )


def lineage_line(row: Lineage, other: Unit, names: Mapping[str, Text]) -> LineageLine:
    """One step, told of the other office."""
    return LineageLine(other.code, _named(names, other.code), row.kind, row.day, row.reason, other.is_active)


def read_unit_facts(actor: Actor, code: str) -> UnitFacts:
    """An office as it was entered. Raises Forbidden, NotFound."""
    require(actor, "unit.manage")
    known = read_register(db.session())
    unit = find_unit(known, code)
    parent = next(iter(known.above(code)), "")
    services = tuple(sorted(service.code for service in unit.services))
    return UnitFacts(code, _texts_of("unit", code, "name"), unit.category.code, parent, services)


def read_category(actor: Actor, code: str) -> CategoryFacts:
    """A category as it was entered. Raises Forbidden, NotFound."""
    require(actor, "unit.manage")
    found = db.session.scalar(select(Category).where(Category.code == code))
    if found is None:
        raise NotFound("This page does not exist.")
    return CategoryFacts(code, _texts_of("category", code, "name"), found.position)


def read_service(actor: Actor, code: str) -> ServiceFacts:
    """A service as it was entered. Raises Forbidden, NotFound."""
    require(actor, "unit.manage")
    found = db.session.scalar(select(Service).where(Service.code == code))
    if found is None:
        raise NotFound("This page does not exist.")
    units = tuple(sorted(unit.code for unit in found.units))
    return ServiceFacts(code, _texts_of("service", code, "name"), units, _texts_of("service", code, "keywords"))


def next_position() -> int:
    """The place behind all categories."""
    return (db.session.scalar(select(func.max(Category.position))) or 0) + 1


def _rounds_of(unit_id: int, locale: str) -> tuple[RoundLine, ...]:
    titles = content.names("round", locale)
    query = select(Round.code, Round.state).join(RoundUnit).where(RoundUnit.unit_id == unit_id)
    rows = db.session.execute(query.order_by(Round.period_end.desc(), Round.id.desc())).all()
    return tuple(RoundLine(code, _named(titles, code), RoundState(state)) for code, state in rows)


def _tree(units: Iterable[Unit]) -> Iterator[tuple[Unit, int]]:
    """Each unit with its depth, every one after the one it stands below."""
    below: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        below[unit.parent_id].append(unit)
    left = [(unit, 0) for unit in reversed(below[None])]
    while left:
        unit, depth = left.pop()
        yield unit, depth
        left += [(child, depth + 1) for child in reversed(below[unit.id])]


def _lacks() -> "_Lacking":
    rows = db.session.execute(
        select(Translation.entity_key, Translation.locale).where(
            Translation.entity == "unit", Translation.field == "name"
        )
    )
    return _Lacking(frozenset((key, locale) for key, locale in rows))


@dataclass(frozen=True)
class _Lacking:
    """Asked for a code, it names the languages in which that office has no name."""

    there: frozenset[tuple[str, str]]

    def __call__(self, code: str) -> tuple[str, ...]:
        return tuple(locale for locale in LOCALES if (code, locale) not in self.there)


def _texts_of(entity: str, code: str, field: str) -> dict[str, str]:
    query = select(Translation.locale, Translation.text).where(
        Translation.entity == entity, Translation.entity_key == code, Translation.field == field
    )
    return dict(db.session.execute(query).all())


def _named(names: Mapping[str, Text], code: str) -> Text:
    return names.get(code) or Text(code, "")
