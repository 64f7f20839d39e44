"""Where groups judge a unit differently: the gap between two groups' scores, with its uncertainty, biggest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.explorer.basis import Basis, basis_of, bounds_of
from evalsys.services.explorer.files import Sheet
from evalsys.services.run_pages import RunFacts, figure
from evalsys.services.run_tables import Row, rows_of
from scoring.change import bound_difference

WIDE = 10
COLUMNS = ("unit", "category", "indicator", "first", "second", "first_score", "second_score", "gap", "low", "high",
           "flag")  # fmt: skip


@dataclass(frozen=True)
class GapLine:
    """How far the first group's score of a unit is above the second's, with the 95 % interval of the difference.

    `flag`: "wide" when the interval does not hold 0 and the gap is 10 points or more, "sure" when it only does not
    hold 0, "open" when it does. `indicator` is empty for the groups' scores of everything they judge.
    """

    unit_code: str
    unit: Text
    category: Text
    indicator: Text | None
    first: Decimal | None
    second: Decimal | None
    gap: Decimal | None
    low: Decimal | None
    high: Decimal | None
    flag: str


@dataclass(frozen=True)
class PairBlock:
    """Two groups and the units that both judge, the biggest gap first; `hidden` units may not be compared."""

    code: str
    first: Text
    second: Text
    lines: tuple[GapLine, ...]
    hidden: int


@dataclass(frozen=True)
class GapsPage:
    """All pairs of groups; `same` are indicators that two groups judge. `reach` is the widest bound, for the chart."""

    facts: RunFacts
    pairs: tuple[PairBlock, ...]
    same: tuple[PairBlock, ...]
    reach: Decimal


def gaps_page(actor: Actor, run_id: int, locale: str) -> GapsPage:
    """The gaps of every pair of groups. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, locale)
    pairs = tuple(_block(basis, pair, _of_scores(basis, pair)) for pair in _pairs(basis))
    same = tuple(_block(basis, pair, _of_indicators(basis, pair)) for pair in _pairs(basis))
    ends = [abs(end) for block in (*pairs, *same) for one in block.lines for end in (one.low, one.high) if end]
    told = tuple(block for block in same if block.lines or block.hidden)
    return GapsPage(basis.facts, pairs, told, max(ends, default=Decimal(0)))


def gaps_sheet(actor: Actor, run_id: int) -> Sheet:
    """The same as a table, unrounded. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, "en")
    found = [row for pair in _pairs(basis) for row in (*_of_scores(basis, pair), *_of_indicators(basis, pair))]
    rows = [[row[name] for name in COLUMNS] for row in _ordered(found)]
    return Sheet(basis.file_name("group-gaps"), COLUMNS, rows)


def _pairs(basis: Basis) -> list[tuple[str, str]]:
    return list(combinations([group.code for group in basis.scheme.groups], 2))


def _of_scores(basis: Basis, pair: tuple[str, str]) -> Iterator[dict[str, Any]]:
    rows = {(row["unit"], row["group"]): row for row in rows_of(basis.tables["groups"])}
    for unit in basis.places:
        one, other = (rows.get((unit, group)) for group in pair)
        if one and other and "absent" not in (one["level"], other["level"]):
            yield _compared(basis, (unit, ""), pair, (one, other), "score")


def _of_indicators(basis: Basis, pair: tuple[str, str]) -> Iterator[dict[str, Any]]:
    rows = {(row["unit"], row["indicator"], row["group"]): row for row in rows_of(basis.tables["means"])}
    for unit in basis.places:
        for leaf in basis.scheme.leaves():
            one, other = (rows.get((unit, leaf.code, group)) for group in pair)
            if one and other and "absent" not in (one["level"], other["level"]):
                yield _compared(basis, (unit, leaf.code), pair, (one, other), "mean")


def _compared(
    basis: Basis, place: tuple[str, str], pair: tuple[str, str], rows: tuple[Row, Row], column: str
) -> dict[str, Any]:
    unit, indicator = place
    one, other = (row[column] for row in rows)
    gap = None if one is None or other is None else one - other
    ends = [bounds_of(row) for row in rows]
    low = high = None
    if gap is not None and ends[0] and ends[1]:
        low, high = bound_difference(gap, ends[0], ends[1])
    return {
        "unit": unit,
        "category": basis.places[unit],
        "indicator": indicator,
        **dict(zip(("first", "second", "first_score", "second_score"), (*pair, one, other), strict=True)),
        "gap": gap,
        "low": low,
        "high": high,
        "flag": _flag(gap, low, high),
    }


def _flag(gap: float | None, low: float | None, high: float | None) -> str:
    if gap is None:
        return "hidden"
    if low is None or high is None or low <= 0 <= high:
        return "open"
    return "wide" if abs(gap) >= WIDE else "sure"


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["gap"] is None, -abs(row["gap"] or 0.0), row["unit"], row["indicator"]))


def _block(basis: Basis, pair: tuple[str, str], rows: Iterator[dict[str, Any]]) -> PairBlock:
    found = _ordered(list(rows))
    lines = tuple(_line(basis, row) for row in found if row["gap"] is not None)
    first, second = (basis.labels.of("group", group) for group in pair)
    return PairBlock("-".join(pair), first, second, lines, len(found) - len(lines))


def _line(basis: Basis, row: dict[str, Any]) -> GapLine:
    return GapLine(
        unit_code=row["unit"],
        unit=basis.unit(row["unit"]),
        category=basis.category(row["category"]),
        indicator=basis.labels.node(row["indicator"]) if row["indicator"] else None,
        first=figure(row["first_score"]),
        second=figure(row["second_score"]),
        gap=figure(row["gap"]),
        low=figure(row["low"]),
        high=figure(row["high"]),
        flag=row["flag"],
    )
