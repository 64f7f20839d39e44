"""The order of the units that may be shown, and what would change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from evalsys.services.content import Text
from evalsys.services.rescoring import Tried
from evalsys.services.run_influence import rounded
from evalsys.services.run_tables import Row, rows_of
from evalsys.services.weights import Labels
from scoring.change import Criteria, smallest_swap, stability
from scoring.frames import InputError
from scoring.pipeline import make_seed
from scoring.scheme import Scheme
from scoring.tree import Values
from scoring.uncertainty import Ranking, draw_weights, is_linear, rank_draws, score_draws, simplex

DRAWS, FEW_DRAWS = 1000, 250
"""The second number where every draw has to climb the tree, because it is no plain weighted mean throughout."""
WEIGHING = ("arithmetic", "geometric", "harmonic", "power")
COLUMNS_SHOWN = 40
HEIGHT = 20


@dataclass(frozen=True)
class FirstLine:
    """A unit by all weights there are: in how many percent of them it is first, its best and its worst rank.

    `columns` draw how often it has each rank: place and width in percent of the picture, top and height in units of it.
    """

    code: str
    name: Text
    rank: int
    first: Decimal
    best: int
    worst: int
    columns: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Swap:
    """Two units, the one that is ahead first, and the least change of weights that brings them level.

    `together`: every weight changed by so many percent of itself. `part`: the weight that alone would have to change
    least, from `now` to `then` in percent of the whole. Empty where nothing of the kind would do it; `is_known` is
    False where a part of one of the two is missing or its score has points of its own.
    """

    ahead: Text
    behind: Text
    ahead_rank: int
    behind_rank: int
    is_known: bool
    together: Decimal | None = None
    part: Text | None = None
    now: Decimal | None = None
    then: Decimal | None = None


@dataclass(frozen=True)
class HoldLine:
    """A part of the top: its weight, and between which weights the same unit stays first, in percent."""

    name: Text
    weight: Decimal
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, eq=False)
class Ordered:
    """The clear ranked units, best first within each category, and what their scores are made of.

    `places` are their positions among all units of the run; `moved` the points that findings add, by position.
    `criteria` holds the parts of the top for all units; it is empty where the top does not weigh them.
    """

    rows: Sequence[Row]
    places: Mapping[str, int]
    moved: npt.NDArray[np.float64]
    values: Values
    criteria: Criteria | None
    hidden: int
    draws: int
    seed: int

    @property
    def units(self) -> tuple[str, ...]:
        """Their codes."""
        return tuple(str(row["unit"]) for row in self.rows)


def order_of(tried: Tried, clear: frozenset[str], scheme: Scheme) -> Ordered:
    """The order that `scheme` makes of the units in `clear`."""
    rows = rows_of(tried.tables["scores"])
    shown = [row for row in rows if row["unit"] in clear and row["rank"] is not None]
    moved = np.array([(row["bonus"] or 0.0) - (row["deduction"] or 0.0) for row in rows])
    return Ordered(
        rows=sorted(shown, key=lambda row: (row["category"], row["rank"], row["unit"])),
        places={row["unit"]: place for place, row in enumerate(rows)},
        moved=moved,
        values=tried.values,
        criteria=_criteria(tried, [row["unit"] for row in rows], scheme),
        hidden=len(rows) - len(clear),
        draws=DRAWS if is_linear(scheme) else FEW_DRAWS,
        seed=make_seed(scheme.digest, "fragility"),
    )


def first_lines(
    ordered: Ordered, rows: Sequence[Row], scheme: Scheme, names: Mapping[str, Text]
) -> tuple[FirstLine, ...]:
    """The units of one category by all weights: those that would be first most often come first."""
    ranks = _ranks(ordered, tuple(ordered.places[row["unit"]] for row in rows), scheme)
    lines = []
    for column, row in zip(ranks.T, rows, strict=True):
        held = column[column > 0]
        if len(held):
            first = rounded(100 * float(np.mean(held == 1)), 1) or Decimal(0)
            columns = _columns(np.bincount(held, minlength=len(rows) + 1)[1:] / len(held))
            name = names[row["unit"]]
            lines.append(FirstLine(row["unit"], name, row["rank"], first, int(held.min()), int(held.max()), columns))
    return tuple(sorted(lines, key=lambda line: (-line.first, line.rank, line.code)))


def swaps_of(ordered: Ordered, rows: Sequence[Row], names: Mapping[str, Text], labels: Labels) -> tuple[Swap, ...]:
    """Neighbours in the order, the most fragile pair first."""
    whole = ordered.criteria
    found = [_swap(ordered, whole, pair, (names, labels)) for pair in pairwise(rows)] if whole else []
    return tuple(sorted(found, key=lambda swap: (swap.together is None, swap.together or Decimal(0), swap.ahead_rank)))


def hold_lines(ordered: Ordered, rows: Sequence[Row], labels: Labels) -> tuple[HoldLine, ...]:
    """How far the weight of each part may move before another unit of the category is first."""
    if ordered.criteria is None or len(rows) < 2:
        return ()
    plain = [row for row in rows if not ordered.moved[ordered.places[row["unit"]]]]
    own = [ordered.places[row["unit"]] for row in plain]
    if len(plain) < len(rows):
        return ()
    whole = ordered.criteria
    part = Criteria(whole.names, np.asarray(whole.values)[own], whole.weights, whole.method, whole.power)
    try:
        found = rows_of(stability(part, keep="first"))
    except InputError:
        return ()
    return tuple(
        HoldLine(
            name=labels.node(row["child"]),
            weight=rounded(row["weight"], 1) or Decimal(0),
            low=rounded(row["low"], 1),
            high=rounded(row["high"], 1),
        )
        for row in found
    )


def _swap(
    ordered: Ordered, criteria: Criteria, pair: tuple[Row, Row], words: tuple[Mapping[str, Text], Labels]
) -> Swap:
    (ahead, behind), (names, labels) = pair, words
    at = [ordered.places[row["unit"]] for row in pair]
    unknown = Swap(names[ahead["unit"]], names[behind["unit"]], ahead["rank"], behind["rank"], is_known=False)
    try:
        found = smallest_swap(criteria, at[0], at[1])
    except InputError:
        return unknown
    if ordered.moved[at].any():
        return unknown
    together = replace(unknown, is_known=True, together=rounded(100 * found.together, 1))
    if not found.single:
        return together
    weights = dict(zip(criteria.names, np.asarray(criteria.weights).tolist(), strict=True))
    whole = sum(weights.values())
    rest = whole - weights[found.single] + found.weight
    return replace(
        together,
        part=labels.node(found.single),
        now=rounded(100 * weights[found.single] / whole, 1),
        then=rounded(100 * found.weight / rest, 1) if rest > 0 else None,
    )


def _criteria(tried: Tried, units: Sequence[str], scheme: Scheme) -> Criteria | None:
    top = scheme.tree
    if scheme.order != "group-inside" or top.aggregation not in WEIGHING or top.caps or len(top.children) < 2:
        return None
    names = [child.code for child in top.children]
    table = tried.nodes.pivot(index="unit", columns="node", values="score").reindex(index=list(units), columns=names)
    weights = [float(child.weight) for child in top.children]
    return Criteria(names, table.to_numpy(dtype=np.float64), weights, top.aggregation, float(top.power))


def _ranks(ordered: Ordered, own: tuple[int, ...], scheme: Scheme) -> npt.NDArray[np.integer]:
    """Ranks of one category's units under weights drawn uniformly from all there are, shape (draws, units)."""
    at, values = list(own), ordered.values
    part = Values(values.rated[at], values.given[at], values.applies[at])
    weights = draw_weights(scheme, simplex(), ordered.draws, np.random.default_rng(ordered.seed))
    return rank_draws(score_draws(part, scheme, weights) + ordered.moved[at], Ranking.of(scheme))


def _columns(shares: npt.NDArray[np.float64]) -> tuple[tuple[float, float, float, float], ...]:
    """Bars of how often each rank comes, the best rank first; many ranks share a bar."""
    joined = [part.sum() for part in np.array_split(shares, min(len(shares), COLUMNS_SHOWN))]
    width, highest = 100 / len(joined), max(joined)
    heights = [HEIGHT * float(part) / highest for part in joined]
    return tuple(
        (round(place * width, 2), round(width * 0.86, 2), round(HEIGHT - height, 2), round(height, 2))
        for place, height in enumerate(heights)
    )
