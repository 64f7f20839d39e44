"""One indicator of one unit down to the answers: how often each level was chosen, by group and part of a group.

Everything is a table of the run as the overseer sees it: a part of too few people, or in which all answered alike, has
no distribution. Where all is shown, adding up again gives the number: levels give the mean of a part, the parts'
weights that of the group, the groups' weights the indicator's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evalsys.errors import NotFound
from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.explorer.basis import Basis, basis_of
from evalsys.services.explorer.files import Sheet
from evalsys.services.run_explain import given_figures
from evalsys.services.run_figures import FEW_LEVELS, FigureLine, GivenLine, figure_lines, given_lines
from evalsys.services.run_influence import rounded
from evalsys.services.run_pages import RunFacts, optional_rows
from evalsys.services.run_tables import Row, Tables, rows_of
from scoring.scheme import Node

STEPS = 10
COLUMNS = ("group", "stratum", "level", "count", "share", "valid", "dont_know", "not_applicable", "blank", "mean",
           "weight", "withheld")  # fmt: skip
COUNTS = ("valid", "dont_know", "not_applicable", "blank")


@dataclass(frozen=True)
class LevelLine:
    """How often a level (or one of the levels from `first` to `last`) was chosen; `share` is a percent of the valid."""

    first: int
    last: int
    count: int
    share: Decimal


@dataclass(frozen=True)
class PartLine:
    """One part of a group. `mean` is in levels as the form shows them, `weight` its percent of the group's mean.

    `product` is weight times mean. `levels` are empty when withheld or nobody answered.
    """

    code: str
    name: Text
    valid: int | None
    dont_know: int | None
    not_applicable: int | None
    blank: int | None
    mean: Decimal | None
    weight: Decimal | None
    product: Decimal | None
    levels: tuple[LevelLine, ...]
    is_withheld: bool


@dataclass(frozen=True)
class GroupBlock:
    """What one group says. `points` come from `levels_mean`; `share` is its percent of the indicator.

    `weight_nominal` and `weight_used` are percents of the whole score, `contribution` the points it brings there.
    """

    name: Text
    figure: FigureLine
    levels_mean: Decimal | None
    parts: tuple[PartLine, ...]
    share: Decimal | None
    weight_nominal: Decimal | None
    weight_used: Decimal | None
    contribution: Decimal | None


@dataclass(frozen=True)
class AnswersPage:
    """One indicator of one unit. `first` and `last` are the ends of its scale as the form shows it."""

    facts: RunFacts
    unit_code: str
    unit: Text
    code: str
    name: Text
    first: int
    last: int
    direction: str
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    is_withheld: bool
    groups: tuple[GroupBlock, ...]
    given: tuple[GivenLine, ...]


@dataclass(frozen=True)
class _Cell:
    """The rows of one unit and indicator."""

    leaf: Node
    tables: Tables


def answers_page(actor: Actor, run_id: int, unit: str, indicator: str, locale: str) -> AnswersPage:
    """An indicator of a unit down to its answers. Raises Forbidden; NotFound for what the run does not hold."""
    basis = basis_of(actor, run_id, locale)
    name, cell = basis.unit(unit), _cell(basis, unit, indicator)
    leaf, row = cell.leaf, basis.nodes[unit, indicator]
    first = leaf.shown_from
    return AnswersPage(
        facts=basis.facts,
        unit_code=unit,
        unit=name,
        code=indicator,
        name=basis.labels.node(indicator),
        first=first,
        last=leaf.points - 1 + first,
        direction=leaf.direction,
        score=rounded(row["score"]),
        low=rounded(row["low"]),
        high=rounded(row["high"]),
        is_withheld=bool(row["withheld"]),
        groups=_groups(basis, cell),
        given=_given(basis, cell, unit, locale),
    )


def answers_sheet(actor: Actor, run_id: int, unit: str, indicator: str) -> Sheet:
    """The same as a table: a row a level that was chosen, unrounded. Raises Forbidden, NotFound."""
    basis = basis_of(actor, run_id, "en")
    basis.unit(unit)
    cell = _cell(basis, unit, indicator)
    rows = [line for row in rows_of(cell.tables["responses"]) for line in _lines(row, cell)]
    return Sheet(basis.file_name(f"{unit}-{indicator}"), COLUMNS, rows)


def _cell(basis: Basis, unit: str, indicator: str) -> _Cell:
    leaf = next((leaf for leaf in basis.scheme.leaves() if leaf.code == indicator), None)
    if leaf is None or (unit, indicator) not in basis.nodes:
        raise NotFound("This office was not asked about this indicator.")
    tables = {
        name: table[(table["unit"] == unit) & (table["indicator"] == indicator)]
        for name, table in basis.tables.items()
        if "unit" in table and "indicator" in table
    }
    return _Cell(leaf, tables)


def _lines(row: Row, cell: _Cell) -> list[Sequence[Any]]:
    """A row a chosen level of one part; one row without a level where there is none to show."""
    stratum = _one(cell.tables["strata"], row["group"], row["stratum"])
    first = cell.leaf.shown_from - 1
    mean = None if stratum.get("raw_mean") is None else stratum["raw_mean"] + first
    head, tail = (row["group"], row["stratum"]), (mean, stratum.get("weight"), row["withheld"])
    found = _chosen(cell, row["group"], row["stratum"])
    counts = tuple(row[name] for name in COUNTS)
    if not found:
        return [(*head, None, None, None, *counts, *tail)]
    return [(*head, level, count, 100 * count / row["valid"], *counts, *tail) for level, count in found]


def _groups(basis: Basis, cell: _Cell) -> tuple[GroupBlock, ...]:
    figures = figure_lines(cell.tables, basis.scheme, basis.labels)
    order = [group.code for group in basis.scheme.groups]
    rows = sorted(rows_of(cell.tables["means"]), key=lambda row: order.index(row["group"]))
    brought = {row["group"]: row for row in rows_of(cell.tables["contributions"])}
    whole = sum(row["weight_used"] or 0.0 for row in brought.values())
    return tuple(
        _group(basis, cell, row, figure, (brought.get(row["group"], {}), whole))
        for row, figure in zip(rows, figures, strict=True)
    )


def _group(
    basis: Basis, cell: _Cell, row: Row, figure: FigureLine, weighed: tuple[Mapping[str, Any], float]
) -> GroupBlock:
    own, whole = weighed
    used = own.get("weight_used")
    asked = [part for part in rows_of(cell.tables["responses"]) if part["group"] == row["group"]]
    strata = basis.scheme.strata()
    return GroupBlock(
        name=figure.group,
        figure=figure,
        levels_mean=rounded(row["raw_mean"]),
        parts=tuple(_part(basis, cell, part) for part in sorted(asked, key=lambda one: strata.index(one["stratum"]))),
        share=rounded(100 * used / whole) if used is not None and whole else None,
        weight_nominal=rounded(own.get("weight_nominal")),
        weight_used=rounded(used),
        contribution=rounded(own.get("contribution")),
    )


def _part(basis: Basis, cell: _Cell, row: Row) -> PartLine:
    stratum = _one(cell.tables["strata"], row["group"], row["stratum"])
    mean, weight = stratum.get("raw_mean"), stratum.get("weight")
    shown = None if mean is None else mean + cell.leaf.shown_from - 1
    return PartLine(
        code=row["stratum"],
        name=basis.labels.of("stratum", row["stratum"]),
        **{name: row[name] for name in COUNTS},
        mean=rounded(shown),
        weight=None if weight is None else rounded(100 * weight),
        product=None if shown is None or weight is None else rounded(weight * shown),
        levels=_levels(cell.leaf, _chosen(cell, row["group"], row["stratum"])),
        is_withheld=bool(row["withheld"]),
    )


def _chosen(cell: _Cell, group: str, stratum: str) -> list[tuple[int, int]]:
    """(level as the form shows it, how often), lowest first; nothing where it is withheld."""
    table = cell.tables["distribution"]
    rows = rows_of(table[(table["group"] == group) & (table["stratum"] == stratum)])
    first = cell.leaf.shown_from - 1
    return sorted((row["code"] + first, row["count"]) for row in rows if row["count"] is not None)


def _levels(leaf: Node, chosen: list[tuple[int, int]]) -> tuple[LevelLine, ...]:
    """Every level of the scale, or ten steps of a long one, those that nobody chose too."""
    whole = sum(count for _, count in chosen)
    if not whole:
        return ()
    first, last = leaf.shown_from, leaf.points - 1 + leaf.shown_from
    width = 1 if leaf.points <= FEW_LEVELS else -(-(leaf.points - 1) // STEPS)
    starts = range(first, last + 1 if width == 1 else last, width)
    lines = []
    for start in starts:
        end = last if width > 1 and start + width >= last else start + width - 1
        count = sum(number for level, number in chosen if start <= level <= end)
        lines.append(LevelLine(start, end, count, rounded(100 * count / whole, 1) or Decimal(0)))
    return tuple(lines)


def _one(table: Any, group: str, stratum: str) -> Mapping[str, Any]:
    """The stratum's row; empty for an open channel, which has no weight."""
    rows = rows_of(table[(table["group"] == group) & (table["stratum"] == stratum)])
    return rows[0] if rows else {}


def _given(basis: Basis, cell: _Cell, unit: str, locale: str) -> tuple[GivenLine, ...]:
    if cell.leaf.is_rated:
        return ()
    rows = optional_rows(cell.tables, "figures")
    return given_lines(rows, given_figures(basis.run, unit, locale), basis.scheme, basis.labels)
