"""What matters and how well it goes: importance against performance, what is important and weak first.

Importance is what people say matters, where a questionnaire of the round asks it, else what the scheme lets it count.
After J. A. Martilla and J. C. James (1977), Journal of Marketing 41.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean
from typing import Any

from evalsys.errors import NotFound
from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.explorer.basis import Basis, basis_of
from evalsys.services.explorer.files import Sheet
from evalsys.services.explorer.peers import category_mean
from evalsys.services.explorer.stated import stated_importance
from evalsys.services.run_influence import rounded
from evalsys.services.run_pages import RunFacts, figure
from evalsys.services.weights import leaf_weights

EVEN = 1e-9
QUADRANTS = ("improve", "keep", "later", "ease")
COLUMNS = ("indicator", "importance", "source", "performance", "low", "high", "quadrant", "sure")


@dataclass(frozen=True)
class PriorityLine:
    """One indicator; `number` is its mark in the picture.

    `quadrant`: "improve" (important and weak), "keep", "later" (weak, not important), "ease". `is_sure`: its interval
    does not hold the line between weak and strong.
    """

    number: int
    code: str
    name: Text
    importance: Decimal
    performance: Decimal
    low: Decimal | None
    high: Decimal | None
    quadrant: str
    is_sure: bool


@dataclass(frozen=True)
class PrioritiesPage:
    """A unit's or a category's indicators. `source`: "stated" or "weight"; `cross` are the lines of the picture.

    `hidden` indicators have no figure that may be shown.
    """

    facts: RunFacts
    unit_code: str
    category_code: str
    name: Text
    source: str
    lines: tuple[PriorityLine, ...]
    cross: tuple[Decimal, Decimal] | None
    hidden: int

    @property
    def points(self) -> tuple[tuple[int, Decimal, Decimal, str], ...]:
        """The marks of the picture."""
        return tuple((line.number, line.importance, line.performance, line.quadrant) for line in self.lines)


@dataclass(frozen=True)
class _Found:
    rows: tuple[Mapping[str, Any], ...]
    source: str
    cross: tuple[float, float] | None
    hidden: int


def unit_priorities(actor: Actor, run_id: int, unit: str, locale: str) -> PrioritiesPage:
    """Those of one unit; weak is below the mean of all its category's indicators. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, locale)
    name = basis.unit(unit)
    return _page(basis, name, (unit, basis.places[unit]), _found(basis, basis.places[unit], unit))


def category_priorities(actor: Actor, run_id: int, category: str, locale: str) -> PrioritiesPage:
    """Those of a category: the means of its units. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, locale)
    return _page(basis, basis.category(category), ("", category), _found(basis, category, ""))


def unit_priorities_sheet(actor: Actor, run_id: int, unit: str) -> Sheet:
    """Those of one unit as a table, unrounded. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, "en")
    basis.unit(unit)
    return _sheet(basis, unit, _found(basis, basis.places[unit], unit))


def category_priorities_sheet(actor: Actor, run_id: int, category: str) -> Sheet:
    """Those of a category as a table, unrounded. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, "en")
    basis.category(category)
    return _sheet(basis, category, _found(basis, category, ""))


def _sheet(basis: Basis, of: str, found: _Found) -> Sheet:
    rows = [[found.source if name == "source" else row[name] for name in COLUMNS] for row in found.rows]
    return Sheet(basis.file_name(f"priorities-{of}"), COLUMNS, rows)


def _found(basis: Basis, category: str, unit: str) -> _Found:
    """The indicators, what is important and weak first, then the most important first."""
    leaves = [leaf.code for leaf in basis.scheme.leaves() if not unit or (unit, leaf.code) in basis.nodes]
    if not leaves:
        raise NotFound("This office was not asked about any indicator.")
    means = {code: category_mean(basis, category, code) for code in leaves}
    importance, source = _importance(basis, leaves)
    shown = {code: _performance(basis, code, means[code], unit) for code in leaves if code in importance}
    known = {code: row for code, row in shown.items() if row["performance"] is not None}
    peers = [mean for code, mean in means.items() if mean is not None and code in importance]
    if not known or not (peers or unit):
        return _Found((), source, None, len(leaves))
    level = fmean(peers or [row["performance"] for row in known.values()])
    cross = fmean(importance[code] for code in known), level
    rows = [_placed(code, importance[code], row, cross) for code, row in known.items()]
    ordered = sorted(rows, key=lambda row: (QUADRANTS.index(row["quadrant"]), -row["importance"], row["performance"]))
    return _Found(tuple(ordered), source, cross, len(leaves) - len(known))


def _importance(basis: Basis, leaves: Sequence[str]) -> tuple[dict[str, float], str]:
    """What is stated, when that covers two indicators at least; else the weight in the whole score, in percent."""
    stated = {code: value for code, value in stated_importance(basis.run, basis.scheme).items() if code in leaves}
    if len(stated) > 1:
        return stated, "stated"
    return {leaf.code: 100 * float(weight) for leaf, weight in leaf_weights(basis.scheme) if weight}, "weight"


def _performance(basis: Basis, code: str, mean: float | None, unit: str) -> dict[str, Any]:
    row = basis.nodes.get((unit, code))
    if unit and row is not None:
        return {"performance": row["score"], "low": row["low"], "high": row["high"]}
    return {"performance": mean, "low": None, "high": None}


def _placed(code: str, importance: float, row: Mapping[str, Any], cross: tuple[float, float]) -> dict[str, Any]:
    matters = importance >= cross[0] * (1 - EVEN)
    weak = row["performance"] < cross[1]
    low, high = row["low"], row["high"]
    return {
        "indicator": code,
        "importance": importance,
        **row,
        "quadrant": QUADRANTS[(0 if weak else 1) if matters else (2 if weak else 3)],
        "sure": low is not None and high is not None and not low <= cross[1] <= high,
    }


def _page(basis: Basis, name: Text, place: tuple[str, str], found: _Found) -> PrioritiesPage:
    lines = (_line(basis, number, row) for number, row in enumerate(found.rows, 1))
    cross = (
        None if found.cross is None else (rounded(found.cross[0]) or Decimal(0), rounded(found.cross[1]) or Decimal(0))
    )
    return PrioritiesPage(basis.facts, *place, name, found.source, tuple(lines), cross, found.hidden)


def _line(basis: Basis, number: int, row: Mapping[str, Any]) -> PriorityLine:
    return PriorityLine(
        number=number,
        code=row["indicator"],
        name=basis.labels.node(row["indicator"]),
        importance=figure(row["importance"]) or Decimal(0),
        performance=figure(row["performance"]) or Decimal(0),
        low=figure(row["low"]),
        high=figure(row["high"]),
        quadrant=row["quadrant"],
        is_sure=row["sure"],
    )
