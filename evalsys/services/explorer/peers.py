"""Two to six units of one category side by side: indicators with intervals, gaps to the mean, who is surely better.

Never across categories: what other offices do cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean

from evalsys.errors import Invalid
from evalsys.services.access import Actor
from evalsys.services.content import Text
from evalsys.services.explorer.basis import Basis, basis_of
from evalsys.services.explorer.files import Sheet
from evalsys.services.explorer.trying import chances
from evalsys.services.run_influence import rounded
from evalsys.services.run_pages import RunFacts, figure
from evalsys.services.run_tables import Row
from scoring.uncertainty.ties import SEPARABLE

FEWEST, MOST = 2, 6
FIRST_SHOWN = 3
COLUMNS = ("unit", "node", "score", "low", "high", "mean", "gap")


@dataclass(frozen=True)
class Cell:
    """A unit's score of a part with its interval and its gap to the mean of the category."""

    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    gap: Decimal | None
    is_apart: bool
    is_withheld: bool


@dataclass(frozen=True)
class NodeLine:
    """A part of the tree: the mean of the category's units of which it is shown (two at least), one cell a unit."""

    code: str
    name: Text
    depth: int
    is_leaf: bool
    mean: Decimal | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Chance:
    """How often the unit of the row is above that of the column (percent); "not told apart" below 90 both ways."""

    percent: Decimal | None
    verdict: str


@dataclass(frozen=True)
class Choice:
    """A unit of the category: whether it was picked, and its score."""

    code: str
    name: Text
    score: Decimal | None
    is_picked: bool


@dataclass(frozen=True)
class PeersPage:
    """The category's units to choose from, the picked ones, their parts, and every pair of them."""

    facts: RunFacts
    code: str
    name: Text
    choices: tuple[Choice, ...]
    picked: tuple[Choice, ...]
    lines: tuple[NodeLine, ...]
    pairs: tuple[tuple[Chance, ...], ...]
    hidden: int


def peers_page(actor: Actor, run_id: int, category: str, units: Sequence[str], locale: str) -> PeersPage:
    """The picked units of a category, without any the first three. Raises Forbidden, NotFound.

    Raises Invalid for one unit or more than six.
    """
    basis = basis_of(actor, run_id, locale)
    name, members = basis.category(category), basis.members(category)
    picked = _picked(basis, members, units)
    above = chances(basis, picked)
    choices = [Choice(unit, basis.unit(unit), figure(basis.scores[unit]["score"]), unit in picked) for unit in members]
    return PeersPage(
        facts=basis.facts,
        code=category,
        name=name,
        choices=tuple(choices),
        picked=tuple(choice for choice in choices if choice.is_picked),
        lines=tuple(_line(basis, node, depth, picked) for node, depth in _depths(basis)),
        pairs=tuple(tuple(_chance(above, one, other) for other in picked) for one in picked),
        hidden=sum(1 for unit in picked if unit not in basis.clear),
    )


def peers_sheet(actor: Actor, run_id: int, category: str, units: Sequence[str]) -> Sheet:
    """Every part of the picked units, unrounded. Raises as `peers_page`."""
    basis = basis_of(actor, run_id, "en")
    basis.category(category)
    rows = []
    picked = _picked(basis, basis.members(category), units)
    for code, _depth in _depths(basis):
        mean = category_mean(basis, category, code)
        for unit in picked:
            row = basis.nodes.get((unit, code), {})
            score = row.get("score")
            gap = None if mean is None or score is None else score - mean
            rows.append((unit, code, score, row.get("low"), row.get("high"), mean, gap))
    return Sheet(basis.file_name(f"category-{category}"), COLUMNS, rows)


def category_mean(basis: Basis, category: str, code: str) -> float | None:
    """The mean of a part over the category's units of which it is shown; None when they are fewer than two."""
    found = [basis.nodes[unit, code]["score"] for unit in basis.members(category) if (unit, code) in basis.nodes]
    known = [score for score in found if score is not None]
    return fmean(known) if len(known) >= FEWEST else None


def _picked(basis: Basis, members: Sequence[str], units: Sequence[str]) -> tuple[str, ...]:
    """The chosen units in the order of their codes; a category of one unit shows that one."""
    if not units:
        first = sorted(members, key=lambda unit: _standing(basis.scores[unit]))[:FIRST_SHOWN]
        return tuple(unit for unit in members if unit in first)
    picked = tuple(unit for unit in members if unit in units)
    if not min(FEWEST, len(members)) <= len(picked) <= MOST:
        raise Invalid("Choose from two to six offices of this category.")
    return picked


def _standing(row: Row) -> tuple[bool, int, str]:
    return row["rank"] is None, row["rank"] or 0, row["unit"]


def _depths(basis: Basis) -> list[tuple[str, int]]:
    """Every part of the tree, the top first, and how deep it lies."""
    parents = basis.scheme.parents()
    depths: list[int] = []
    for parent in parents:
        depths.append(0 if parent < 0 else depths[parent] + 1)
    return [(node.code, depth) for node, depth in zip(basis.scheme.nodes(), depths, strict=True)]


def _line(basis: Basis, code: str, depth: int, picked: Sequence[str]) -> NodeLine:
    mean = category_mean(basis, basis.places[picked[0]], code)
    rows = [basis.nodes.get((unit, code)) for unit in picked]
    leaves = {leaf.code for leaf in basis.scheme.leaves()}
    cells = tuple(_cell(row, mean) for row in rows)
    return NodeLine(code, basis.labels.node(code), depth, code in leaves, figure(mean), cells)


def _cell(row: Row | None, mean: float | None) -> Cell:
    if row is None:
        return Cell(None, None, None, None, is_apart=False, is_withheld=False)
    score, low, high = row["score"], row["low"], row["high"]
    gap = None if score is None or mean is None else score - mean
    apart = gap is not None and mean is not None and low is not None and high is not None and not low <= mean <= high
    return Cell(figure(score), figure(low), figure(high), figure(gap), apart, bool(row["withheld"]))


def _chance(above: dict[tuple[str, str], float], one: str, other: str) -> Chance:
    share, back = above.get((one, other)), above.get((other, one))
    if share is None or back is None:
        return Chance(None, "" if one == other else "unknown")
    verdict = "above" if share >= SEPARABLE else "below" if back >= SEPARABLE else "tied"
    return Chance(rounded(100 * share, 0), verdict)
