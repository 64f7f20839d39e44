"""One climb from the indicators to the top: for all units at once, node by node, children before parents."""

from dataclasses import dataclass

import numpy as np

from scoring.frames import Flags, Floats, InputError, Integers
from scoring.scheme import Coverage, Node, Scheme
from scoring.tree.means import AGGREGATIONS, select
from scoring.tree.rules import falls_short, lowest_limit, lowest_value


@dataclass(frozen=True)
class Plan:
    """The scheme's tree by position: each node's parent (-1 for the top), its indicators, which groups rate.

    ``leaves`` are the places of the indicators among the nodes; ``rated`` (leaves,) says which have groups that rate
    them; ``spans`` are the first place and the place after the last,
    among the leaves, of what lies below a node.
    """

    nodes: tuple[Node, ...]
    parents: tuple[int, ...]
    leaves: Integers
    rated: Flags
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, scheme: Scheme) -> "Plan":
        """The plan of a scheme."""
        nodes = scheme.nodes()
        leaves = [position for position, node in enumerate(nodes) if not node.children]
        rated = [nodes[position].is_rated for position in leaves]
        before = np.cumsum([0, *(not node.children for node in nodes)]).tolist()
        sizes = [sum(not below.children for below in node.walk()) for node in nodes]
        spans = tuple((first, first + size) for first, size in zip(before[:-1], sizes, strict=True))
        return cls(nodes, scheme.parents(), np.array(leaves, dtype=np.int64), np.array(rated, dtype=bool), spans)

    def branches(self) -> list[tuple[int, list[int]]]:
        """Each node with children and their places, lower nodes first."""
        below: dict[int, list[int]] = {}
        for position, parent in enumerate(self.parents):
            below.setdefault(parent, []).append(position)
        return [(position, below[position]) for position in sorted(below, reverse=True) if position >= 0]


@dataclass(frozen=True)
class Climb:
    """What is known of every node, shape (units, nodes); of a node's own children while it is being formed.

    ``entered`` is the value with which a node enters its parent, ``filled`` where that is its lowest value because it
    has no score. ``slope`` is the derivative of the parent before caps by this value.
    """

    score: Floats
    before_cap: Floats
    exists: Flags
    present: Flags
    covered: Flags
    within_nominal: Floats
    within_used: Floats
    entered: Floats
    filled: Flags
    slope: Floats

    @classmethod
    def start(cls, leaf_scores: Floats, applies: Flags, plan: Plan) -> "Climb":
        """Only the indicators are known; ``leaf_scores`` (units, leaves) is NaN where missing."""
        shape = (len(leaf_scores), len(plan.nodes))
        score, exists = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
        score[:, plan.leaves], exists[:, plan.leaves] = leaf_scores, applies
        return cls(
            score=score,
            before_cap=score.copy(),
            exists=exists,
            present=~np.isnan(score),
            covered=np.ones(shape, dtype=bool),
            within_nominal=np.ones(shape),
            within_used=np.ones(shape),
            entered=score.copy(),
            filled=np.zeros(shape, dtype=bool),
            slope=np.zeros(shape),
        )

    @property
    def capped(self) -> Flags:
        """Where a cap lowered the node."""
        return np.asarray(self.score < self.before_cap)


def climb(leaf_scores: Floats, applies: Flags, within: Floats, plan: Plan) -> Climb:
    """All nodes from the scores of the indicators, shape (units, leaves), NaN where missing or not asked.

    Raises:
        InputError: an aggregation does not take its children's values, or a missing child has no lowest value.
    """
    found = Climb.start(leaf_scores, applies, plan)
    weights = np.broadcast_to(within, found.score.shape)
    for position, children in plan.branches():
        real = _weigh(found, position, children, weights[:, children], plan.nodes[position])
        _aggregate(found, position, children, real, plan.nodes[position])
        _cap(found, position, children, plan.nodes[position])
    found.within_used[:, 0] = found.present[:, 0]
    return found


def _weigh(found: Climb, position: int, children: list[int], weights: Floats, node: Node) -> Floats:
    """The weights of the children that count (units, children); marks who exists, is there and is enough."""
    exists, here = found.exists[:, children], found.present[:, children]
    asked = exists & (weights > 0)
    here &= asked
    known = weights * exists
    nominal = share_out(known)
    found.within_nominal[:, children] = nominal
    found.exists[:, position] = exists.any(axis=1)
    some = np.asarray(here.any(axis=1))
    found.present[:, position] = some
    if node.coverage != Coverage():
        short = falls_short(here, asked, nominal, node.coverage) & some
        found.covered[:, position], found.present[:, position] = ~short, some & ~short
    if node.missing == "lowest":
        found.filled[:, children] = asked & ~here & some[:, None]
        _fill(found, children, node)
    real = np.where(here | found.filled[:, children], known, 0.0)
    found.within_used[:, children] = share_out(real)
    return np.asarray(real * found.present[:, position, None])


def _fill(found: Climb, children: list[int], node: Node) -> None:
    for place, child in zip(children, node.children, strict=True):
        low = lowest_value(child)
        filled = found.filled[:, place]
        if filled.any() and not np.isfinite(low):
            raise InputError(
                f"{node.code}: {child.code} is missing and has no lowest value; allowed is a bounded range"
            )
        found.entered[filled, place] = low


def _aggregate(found: Climb, position: int, children: list[int], real: Floats, node: Node) -> None:
    aggregation = AGGREGATIONS[node.aggregation]
    chosen, here = select(node.aggregation, found.entered[:, children], real, float(node.power), node.code)
    value = aggregation.value(chosen)
    slope = np.where(chosen.counted, aggregation.slope(chosen, value), 0.0)
    if here.all():
        found.score[:, position], found.slope[:, children] = value, slope
    else:
        found.score[here, position] = value
        found.slope[np.ix_(np.flatnonzero(here), np.array(children))] = slope


def _cap(found: Climb, position: int, children: list[int], node: Node) -> None:
    found.before_cap[:, position] = found.score[:, position]
    if node.caps:
        codes = [child.code for child in node.children]
        entered = {code: found.entered[:, place] for code, place in zip(codes, children, strict=True)}
        limit = lowest_limit(node, entered, len(found.score))
        found.score[:, position] = np.minimum(found.score[:, position], limit)
    found.entered[:, position] = found.score[:, position]


def share_out(weights: Floats) -> Floats:
    """Rows divided by their sum over the last axis; rows of zeros stay zeros.

    >>> share_out(np.array([[1.0, 3.0], [0.0, 0.0]]))
    array([[0.25, 0.75],
           [0.  , 0.  ]])
    """
    whole = add_up(weights)
    whole[whole == 0] = 1.0
    found = np.empty_like(weights)
    for place in range(weights.shape[-1]):
        np.divide(weights[..., place], whole, out=found[..., place])
    return found


def add_up(values: Floats) -> Floats:
    """Sum over the last axis, which is short: one addition a place, in order, so that no row is summed otherwise.

    >>> add_up(np.array([[1.0, 3.0], [0.0, 0.0]]))
    array([4., 0.])
    """
    total = np.zeros(values.shape[:-1])
    for place in range(values.shape[-1]):
        total += values[..., place]
    return total


def descend(factors: Floats, plan: Plan) -> Floats:
    """Factors (units, nodes) multiplied down from the top."""
    path = factors.copy()
    for position, above in enumerate(plan.parents):
        if above >= 0:
            path[:, position] *= path[:, above]
    return path
