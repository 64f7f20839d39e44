"""All quantities that are published about one unit, as weights on the figures of its indicators.

Quantities that always tell one another (a dimension with one indicator and that indicator, a group and the dimension
it alone rates) are one cell: shown together or hidden together. Weights are those of an arithmetic tree. For another
aggregation they are shifted a little, each by its own amount, so that nothing cancels that would not cancel in the
real tree: then all children but one still tell the last one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from scoring.frames import Floats, Integers
from scoring.scheme import Node, Scheme
from scoring.suppress.grids import Grids
from scoring.tree import Scores, Values, evaluate

UNITS_AT_ONCE = 64
DIGITS = 9
NOTHING = 1e-12
TURN = Fraction(6180339887, 10**10)
LEAF, FIGURE, BRANCH, GROUP, TOP = range(5)
"""How much a quantity matters to readers, least first: an indicator's mixed score, a group's mean of it, …"""


@dataclass(frozen=True)
class Cells:
    """The published cells of one unit.

    ``rows`` (cells, figures): weights, largest 1 in size. ``base`` (figures,): position of each figure among leaves
    times groups. ``figures``: the cell of each; ``nodes``, ``groups`` the cell of each node and group, -1 where there
    is nothing to hide. ``point``, ``low``, ``high`` (figures,). ``order`` (cells,): place when something must go,
    least important first. ``ties``: pairs (cell, cell that goes with it).
    """

    rows: Floats
    base: Integers
    figures: Integers
    nodes: Integers
    groups: Integers
    point: Floats
    low: Floats
    high: Floats
    order: Integers
    ties: tuple[tuple[int, int], ...]


def linear_twin(scheme: Scheme) -> Scheme:
    """The scheme with arithmetic nodes and no caps; below any other aggregation the weights are shifted."""
    return replace(scheme, tree=_twin(scheme.tree))


def _twin(node: Node) -> Node:
    children = tuple(_twin(child) for child in node.children)
    if node.aggregation != "arithmetic":
        children = tuple(
            replace(child, weight=child.weight * (1 + (place * TURN % 1) / 4))
            for place, child in enumerate(children, start=1)
        )
    return replace(node, children=children, aggregation="arithmetic", caps=())


def cells_of(grids: Grids, scheme: Scheme, chosen: Integers) -> Iterator[tuple[int, Cells]]:
    """The cells of the chosen units (positions), one unit after the other."""
    twin, rated = linear_twin(scheme), np.array([bool(leaf.points) for leaf in scheme.leaves()], dtype=bool)
    leaves = np.array([not node.children for node in scheme.nodes()])
    for start in range(0, len(chosen), UNITS_AT_ONCE):
        part = chosen[start : start + UNITS_AT_ONCE]
        given = np.where(rated, np.nan, grids.nodes[part][:, leaves])
        scores = evaluate(Values(grids.figures[part], given, grids.applies[part]), twin)
        for place, unit in enumerate(part):
            yield int(unit), _unit_cells(grids, scheme, int(unit), _weights(scores, place))


def _weights(scores: Scores, unit: int) -> tuple[Floats, Floats]:
    """Weights of the figures in each node and in each group, shapes (nodes, figures) and (groups, figures)."""
    used = scores.weight_used[unit][:, :-1]
    alone = np.eye(used.shape[1])[:, None, :] * used[None]
    nodes = scores.gradient[unit][:, :, :-1]
    return nodes.reshape(len(nodes), used.size), alone.reshape(len(alone), used.size)


def _unit_cells(grids: Grids, scheme: Scheme, unit: int, weights: tuple[Floats, Floats]) -> Cells:
    base = np.flatnonzero(~np.isnan(grids.figures[unit].ravel()))
    shown = ~np.isnan(grids.nodes[unit]), ~np.isnan(grids.groups[unit])
    inner = [np.where(here[:, None], part[:, base], 0.0) for part, here in zip(weights, shown, strict=True)]
    rows = np.concatenate([np.eye(base.size), *inner])
    size = np.abs(rows).max(axis=1, initial=0.0)
    scaled = np.divide(rows, size[:, None], out=np.zeros_like(rows), where=size[:, None] > NOTHING)
    cell = _alike(np.round(scaled, DIGITS))
    count = int(cell.max(initial=-1)) + 1
    distinct = np.zeros((count, base.size))
    distinct[cell[cell >= 0]] = scaled[cell >= 0]
    figures, nodes, groups = np.split(cell, [base.size, base.size + len(shown[0])])
    bounds = np.array([leaf.output for leaf in scheme.leaves()], dtype=np.float64)[base // max(len(scheme.groups), 1)]
    point = grids.figures[unit].ravel()[base]
    kinds = _kinds(scheme, grids.answers[unit].ravel()[base], base, rows)
    return Cells(
        rows=distinct,
        base=base,
        figures=figures,
        nodes=nodes,
        groups=groups,
        point=point,
        low=np.minimum(bounds[:, 0], point),
        high=np.maximum(bounds[:, 1], point),
        order=_order(kinds, cell, count),
        ties=_ties(kinds, cell, distinct, figures),
    )


def _alike(rows: Floats) -> Integers:
    """A number for each different row, by first appearance; -1 for rows of zeros."""
    seen: dict[bytes, int] = {}
    rows, filled = rows + 0.0, np.asarray(rows.any(axis=1))
    return np.array(
        [
            seen.setdefault(row.tobytes(), len(seen)) if some else -1
            for row, some in zip(rows, filled.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _kinds(scheme: Scheme, answers: Integers, base: Integers, rows: Floats) -> list[tuple[int, int, str]]:
    """What each quantity is: how much it matters, on how much it rests, its name."""
    leaves, groups = scheme.leaves(), scheme.groups
    kinds = [
        (FIGURE, int(n), f"{leaves[at // len(groups)].code} {groups[at % len(groups)].code}")
        for at, n in zip(base, answers, strict=True)
    ]
    sizes = (rows[base.size :] != 0).sum(axis=1)
    above = [(TOP if place == 0 else BRANCH if node.children else LEAF) for place, node in enumerate(scheme.nodes())]
    names = [node.code for node in scheme.nodes()] + [group.code for group in groups]
    tiers = above + [GROUP] * len(groups)
    return kinds + [(tier, int(size), name) for tier, size, name in zip(tiers, sizes, names, strict=True)]


def _order(kinds: list[tuple[int, int, str]], cell: Integers, count: int) -> Integers:
    """Place of each cell: that of the quantity in it that matters most."""
    heads: list[tuple[int, int, str]] = [(0, 0, "")] * count
    for kind, at in zip(kinds, cell, strict=True):
        if at >= 0:
            heads[at] = max(heads[at], kind)
    order = np.zeros(count, dtype=np.int64)
    order[sorted(range(count), key=heads.__getitem__)] = np.arange(count)
    return order


def _ties(
    kinds: list[tuple[int, int, str]], cell: Integers, rows: Floats, figures: Integers
) -> tuple[tuple[int, int], ...]:
    """An indicator's score that mixes groups goes with any of its figures."""
    mixed = {int(at) for kind, at in zip(kinds, cell, strict=True) if kind[0] == LEAF and at >= 0}
    mixed -= {int(at) for at in figures}
    return tuple((int(figures[figure]), at) for at in sorted(mixed) for figure in np.flatnonzero(rows[at]))
