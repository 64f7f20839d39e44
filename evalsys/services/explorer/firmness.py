"""How firm ranks are: what other weights, means, rules, answers, or one part or group less would make of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.explorer.basis import Basis, basis_of
from evalsys.services.explorer.files import Sheet
from evalsys.services.explorer.trying import firmness
from evalsys.services.run_influence import rounded
from evalsys.services.run_pages import RunFacts
from evalsys.services.run_tables import Row, rows_of
from scoring.uncertainty.stress import Scenario, Stress

UNIT_COLUMNS = ("unit", "category", "rank", "median", "low", "high", "top", "first", "tie_group", "best", "worst")
SCENARIO_COLUMNS = ("kind", "code", "unit", "rank", "rank_then")


@dataclass(frozen=True)
class FirmLine:
    """A unit's rank among the clear units of its category, and how it holds.

    `median`, `low` and `high` are ranks over draws of answers and weights (90 %), `top` the percent of draws with rank
    3 or better, `first` the percent of all weights there are that make it first, `best` and `worst` its ranks over the
    scenarios, `tied` the units that the draws do not tell apart, itself included.
    """

    code: str
    name: Text
    rank: int
    median: Decimal | None
    low: int | None
    high: int | None
    top: Decimal | None
    first: Decimal | None
    tie_group: int
    tied: int
    best: int
    worst: int


@dataclass(frozen=True)
class FirmCategory:
    """The units of a category, best first; `of` is their number."""

    name: Text
    of: int
    lines: tuple[FirmLine, ...]


@dataclass(frozen=True)
class ScenarioLine:
    """One thing done otherwise: units that change their rank, places moved on average and at most, who moves most."""

    kind: str
    name: Text | None
    moved: int
    mean: Decimal
    most: int
    mover: Text | None


@dataclass(frozen=True)
class TriggerLine:
    """A kind of choice: the percent of what moves the ranks that is its own, and with its part in interactions."""

    code: str
    first: Decimal | None
    total: Decimal | None
    total_low: Decimal | None
    total_high: Decimal | None


@dataclass(frozen=True)
class FirmnessPage:
    """The whole test; `units` of `all_units` enter."""

    facts: RunFacts
    units: int
    all_units: int
    categories: tuple[FirmCategory, ...]
    scenarios: tuple[ScenarioLine, ...]
    triggers: tuple[TriggerLine, ...]


def firmness_page(actor: Actor, run_id: int, locale: str) -> FirmnessPage:
    """How the run's ranks hold. Raises Forbidden, NotFound; Conflict when the input is of too old an engine."""
    basis = basis_of(actor, run_id, locale)
    units, stress = firmness(basis)
    if stress is None:
        return FirmnessPage(basis.facts, len(units), len(basis.places), (), (), ())
    rows = dict(zip(units, rows_of(stress.units), strict=True))
    return FirmnessPage(
        facts=basis.facts,
        units=len(units),
        all_units=len(basis.places),
        categories=_categories(basis, rows),
        scenarios=tuple(_scenario(basis, units, stress, one) for one in stress.scenarios),
        triggers=tuple(_trigger(row) for row in sorted(rows_of(stress.shares), key=lambda row: -(row["total"] or 0.0))),
    )


def firmness_sheet(actor: Actor, run_id: int) -> Sheet:
    """A row a unit. Raises as `firmness_page`."""
    basis = basis_of(actor, run_id, "en")
    units, stress = firmness(basis)
    found = rows_of(stress.units) if stress else []
    rows = [
        (unit, basis.places[unit], *(row[name] for name in UNIT_COLUMNS[2:]))
        for unit, row in zip(units, found, strict=bool(stress))
    ]
    return Sheet(basis.file_name("firmness"), UNIT_COLUMNS, rows)


def scenarios_sheet(actor: Actor, run_id: int) -> Sheet:
    """A row a scenario and unit. Raises as `firmness_page`."""
    basis = basis_of(actor, run_id, "en")
    units, stress = firmness(basis)
    rows = [
        (one.kind, one.code, unit, int(now), int(then) or None)
        for one in (stress.scenarios if stress else ())
        for unit, now, then in zip(units, stress.units["rank"] if stress else (), one.ranks, strict=True)
    ]
    return Sheet(basis.file_name("scenarios"), SCENARIO_COLUMNS, rows)


def _categories(basis: Basis, rows: Mapping[str, Row]) -> tuple[FirmCategory, ...]:
    found: dict[str, list[str]] = {}
    for unit in rows:
        found.setdefault(basis.places[unit], []).append(unit)
    return tuple(
        FirmCategory(
            basis.category(category),
            len(units),
            tuple(
                _line(basis, unit, rows, units) for unit in sorted(units, key=lambda unit: (rows[unit]["rank"], unit))
            ),
        )
        for category, units in sorted(found.items())
    )


def _line(basis: Basis, unit: str, rows: Mapping[str, Row], others: list[str]) -> FirmLine:
    row = rows[unit]
    return FirmLine(
        code=unit,
        name=basis.unit(unit),
        rank=row["rank"],
        median=rounded(row["median"], 1),
        low=None if row["low"] is None else math.floor(row["low"]),
        high=None if row["high"] is None else math.ceil(row["high"]),
        top=_percent(row["top"]),
        first=_percent(row["first"]),
        tie_group=row["tie_group"],
        tied=sum(1 for other in others if rows[other]["tie_group"] == row["tie_group"]),
        best=row["best"],
        worst=row["worst"],
    )


def _scenario(basis: Basis, units: tuple[str, ...], stress: Stress, one: Scenario) -> ScenarioLine:
    now = stress.units["rank"].to_numpy()
    shifts = np.where((one.ranks > 0) & (now > 0), np.abs(one.ranks - now), 0)
    most = int(shifts.max(initial=0))
    return ScenarioLine(
        kind=one.kind if one.kind != "mean" else one.code,
        name=basis.labels.anything(one.code) if one.kind in ("indicator", "group") else None,
        moved=int((shifts > 0).sum()),
        mean=rounded(float(shifts.mean()), 1) or Decimal(0),
        most=most,
        mover=basis.unit(units[int(shifts.argmax())]) if most else None,
    )


def _trigger(row: Row) -> TriggerLine:
    first, total, low, high = (_share(row[name]) for name in ("first", "total", "total_low", "total_high"))
    return TriggerLine(row["trigger"], first, total, low, high)


def _share(value: float | None) -> Decimal | None:
    """A percent; an estimate a little outside 0 to 100 is put on its end."""
    return None if value is None else _percent(min(max(value, 0.0), 1.0))


def _percent(value: float | None) -> Decimal | None:
    return None if value is None else rounded(100 * value, 0)
