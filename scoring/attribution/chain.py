"""Parts chained down the tree: from the top's points, or its gap to a benchmark, to every figure it is made of.

At each node the parts of the children sum to what is to be divided (``scoring.attribution.node``); a child's part is
carried on to its own children in proportion. What no figure accounts for stays with the node where it arises: what a
cap took away, a child that is missing on one side only, or one that counts as its lowest value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.attribution.node import Mean, divide_gap, ratio
from scoring.attribution.side import Side, alone, children_of, same_places
from scoring.frames import Flags, Floats, InputError
from scoring.scheme import Scheme
from scoring.tree import Values, slope_children, weights_of


@dataclass(frozen=True, eq=False)
class Division:
    """Points by figure (units, leaves, groups + 1; the administrative one last) and by node (units, nodes).

    A unit's sum is its score, or its gap to the benchmark. All 0 where the unit or its benchmark has no score.
    """

    figures: Floats
    nodes: Floats

    def total(self) -> Floats:
        """The sum of a unit's parts, shape (units,)."""
        return np.asarray(self.figures.sum(axis=(1, 2)) + self.nodes.sum(axis=1), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Split:
    """Parts of a node's children, and ``rest`` (units,): points that no child accounts for.

    ``ratios`` carries a part on to the child's own children where it ``goes_on``. Shapes (units, children).
    """

    parts: Floats
    ratios: Floats
    goes_on: Flags
    rest: Floats


def divide_scores(values: Values, scheme: Scheme) -> Division:
    """The top's score before bonus and deductions, divided exactly among its figures.

    Each figure's part is the score's derivative by it times the figure (Euler's theorem: every aggregation but
    copeland is homogeneous of degree one), which for an arithmetic tree is effective weight times figure. A copeland
    node is divided among its children by Shapley's value, a child that is not in being left out for all units.

    Raises:
        InputError: as ``scoring.tree.evaluate``; more than 12 children of a copeland node.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("length", Fraction(1, 2)), Node("width", Fraction(1, 2)))
    >>> tree = Node("area", Fraction(1), children=leaves, aggregation="geometric")
    >>> values = Values(np.empty((1, 2, 0)), np.array([[20.0, 80.0]]), np.ones((1, 2), dtype=bool))
    >>> divide_scores(values, Scheme("demo", (), tree, ())).figures[0, :, 0]
    array([20., 20.])
    """
    side = Side.of(values, scheme)
    if scheme.order == "group-inside":
        return _descend(side, scheme, _own_figures(side, scheme), lambda at, below: _own_split(side, scheme, at, below))
    voices = np.where(np.isnan(side.by_group), 0.0, weights_of(scheme).outside)
    whole = voices.sum(axis=1, keepdims=True)
    shares = np.divide(voices, whole, out=np.zeros_like(voices), where=whole > 0)
    found = _nothing(side)
    for group in range(len(scheme.groups)):
        _add(found, divide_scores(*alone(values, scheme, group)), shares[:, group])
    return found


def divide_gaps(values: Values, base: Values, scheme: Scheme, rows: Sequence[int] | None = None) -> Division:
    """The gap between each unit's score and its benchmark's, divided exactly among the figures.

    ``base`` holds the benchmarks, evaluated together under the same scheme: other units, the same units in a former
    period, or an average unit (``average_unit``). ``rows`` says which of its rows each unit is compared with: without
    it the only one there is, or the unit's own row. A figure that is missing stands at the score of its parent, which
    is what leaving it out comes to; so a figure that only one side has may show a part.

    Raises:
        InputError: as ``scoring.tree.evaluate``; more than 12 children of a node that does not weigh.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("ease", Fraction(3, 4)), Node("speed", Fraction(1, 4)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> values = Values(np.empty((2, 2, 0)), np.array([[80.0, 40.0], [60.0, 60.0]]), np.ones((2, 2), dtype=bool))
    >>> divide_gaps(values, values, scheme, rows=[1, 1]).figures[0, :, 0]  # 70 against 60
    array([15., -5.])
    """
    places = same_places(len(values.rated), rows, len(base.rated))
    new, old = Side.of(values, scheme), Side.of(base, scheme).take(places)
    if scheme.order == "group-inside":
        return _descend(
            new, scheme, _gap_figures(new, old, scheme), lambda at, below: _gap_split((new, old), scheme, at, below)
        )
    heard = np.stack([~np.isnan(new.by_group), ~np.isnan(old.by_group)])
    ends = [np.where(np.isnan(side.by_group), side.score[:, :1], side.by_group) for side in (new, old)]
    either = heard.any(axis=0) & (new.present & old.present)[:, :1]
    ends = [np.where(either, end, np.nan) for end in ends]
    weights = np.broadcast_to(weights_of(scheme).outside, ends[0].shape)
    parts, ratios = divide_gap(Mean(scheme.tree.code, "arithmetic"), ends[0], ends[1], weights)
    found = _nothing(new)
    for group in range(len(scheme.groups)):
        both = heard[:, :, group].all(axis=0)
        one, inside = alone(values, scheme, group)
        own = divide_gaps(one, alone(base, scheme, group)[0], inside, places.tolist())
        _add(found, own, np.where(both, ratios[:, group], 0.0))
        found.nodes[:, 0] += np.where(both, 0.0, parts[:, group])
    return found


def average_unit(values: Values, members: Sequence[Sequence[int]]) -> Values:
    """Units made of averages, one for each list of row numbers: every figure is the mean of the members that have it.

    >>> values = Values(np.empty((2, 1, 0)), np.array([[80.0], [60.0]]), np.ones((2, 1), dtype=bool))
    >>> average_unit(values, [[0, 1]]).given
    array([[70.]])

    Raises:
        InputError: a list without members.
    """
    if not all(len(rows) for rows in members):
        raise InputError("average unit: no members; allowed are one or more")
    rated, given = (
        np.stack([_mean(np.where(_asked(values, part), part, np.nan)[list(rows)]) for rows in members])
        for part in (values.rated, values.given)
    )
    return Values(rated, given, np.stack([values.applies[list(rows)].any(axis=0) for rows in members]))


def _asked(values: Values, part: Floats) -> Flags:
    return values.applies[:, :, None] if part.ndim > 2 else values.applies


def _mean(figures: Floats) -> Floats:
    count = (~np.isnan(figures)).sum(axis=0)
    mean = np.divide(np.nansum(figures, axis=0), count, out=np.full(count.shape, np.nan), where=count > 0)
    return np.asarray(mean, dtype=np.float64)


def _nothing(side: Side) -> Division:
    return Division(np.zeros(side.figures.shape), np.zeros(side.score.shape))


def _add(found: Division, part: Division, shares: Floats) -> None:
    found.figures[...] += shares[:, None, None] * part.figures
    found.nodes[...] += shares[:, None] * part.nodes


def _descend(side: Side, scheme: Scheme, figures: Floats, split: Callable[[int, list[int]], Split]) -> Division:
    """From the top down; ``figures`` (units, leaves, groups + 1) are the parts of each indicator's own points."""
    found = _nothing(side)
    factors = np.zeros(side.score.shape)
    factors[:, 0] = 1.0
    for place, below in children_of(scheme).items():
        step, factor = split(place, below), factors[:, place]
        found.nodes[:, place] += factor * step.rest
        found.nodes[:, below] += factor[:, None] * np.where(step.goes_on, 0.0, step.parts)
        factors[:, below] = factor[:, None] * np.where(step.goes_on, step.ratios, 0.0)
    leaves = [place for place, node in enumerate(scheme.nodes()) if not node.children]
    found.figures[...] = factors[:, leaves, None] * figures
    return found


def _own_figures(side: Side, scheme: Scheme) -> Floats:
    rated, given = side.figures[:, :, :-1], side.figures[:, :, -1]
    shares = np.where(np.isnan(rated), 0.0, weights_of(scheme).shares)
    whole = shares.sum(axis=2, keepdims=True)
    used = np.divide(shares, whole, out=np.zeros_like(shares), where=whole > 0)
    own = np.where(_rated(scheme), 0.0, np.nan_to_num(given))
    return np.concatenate([used * np.nan_to_num(rated), own[:, :, None]], axis=2)


def _own_split(side: Side, scheme: Scheme, at: int, below: list[int]) -> Split:
    node = scheme.nodes()[at]
    here = side.present[:, at]
    counted = side.counted(node, at, below)
    entered = np.where(counted, side.entered(node, at, below), np.nan)
    weights = weights_of(scheme).within[below] * counted
    if node.aggregation == "copeland":
        parts = np.where(here[:, None], side.outranked[at], 0.0)
        ratios = ratio(parts, entered, np.abs(entered))
        goes_on = side.present[:, below] & (ratios != 0)
    else:
        ratios = slope_children(node.aggregation, entered, weights, float(node.power), node=node.code)
        parts, goes_on = np.where(counted, ratios * entered, 0.0), side.present[:, below]
    rest = np.where(here, side.score[:, at] - side.before_cap[:, at], 0.0)
    return Split(parts, ratios, goes_on, rest)


def _gap_figures(new: Side, old: Side, scheme: Scheme) -> Floats:
    leaves = [place for place, node in enumerate(scheme.nodes()) if not node.children]
    ends = []
    either = ~(np.isnan(new.figures) & np.isnan(old.figures))
    for side in (new, old):
        whole = side.score[:, leaves, None]
        ends.append(np.where(np.isnan(side.figures), whole, side.figures))
    shares = np.where(either[:, :, :-1], weights_of(scheme).shares, 0.0)
    total = shares.sum(axis=2, keepdims=True)
    used = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    slots = np.concatenate([used, np.broadcast_to(~_rated(scheme)[None, :, None], (len(used), len(leaves), 1))], axis=2)
    return np.where(either & (slots > 0), slots * np.nan_to_num(ends[0] - ends[1]), 0.0)


def _gap_split(sides: tuple[Side, Side], scheme: Scheme, at: int, below: list[int]) -> Split:
    node = scheme.nodes()[at]
    here = sides[0].present[:, at] & sides[1].present[:, at]
    either = (sides[0].counted(node, at, below) | sides[1].counted(node, at, below)) & here[:, None]
    new, old = (np.where(either, side.entered(node, at, below), np.nan) for side in sides)
    weights = np.broadcast_to(weights_of(scheme).within[below], new.shape)
    goes_on = sides[0].present[:, below] & sides[1].present[:, below]
    if node.aggregation == "copeland":
        parts = np.where(here[:, None], sides[0].outranked[at] - sides[1].outranked[at], 0.0)
        ratios = ratio(parts, new - old, np.maximum(np.abs(new), np.abs(old)))
        goes_on = goes_on & (ratios != 0)
    else:
        parts, ratios = divide_gap(Mean(node.code, node.aggregation, float(node.power)), new, old, weights)
    gap = np.where(here, sides[0].score[:, at] - sides[1].score[:, at], 0.0)
    return Split(parts, ratios, goes_on, gap - parts.sum(axis=1))


def _rated(scheme: Scheme) -> Flags:
    return np.array([leaf.is_rated for leaf in scheme.leaves()], dtype=bool)
