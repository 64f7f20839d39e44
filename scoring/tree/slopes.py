"""Derivatives chained down the tree, and the points of the top that no figure accounts for."""

from typing import Literal

import numpy as np

from scoring.frames import Floats
from scoring.tree.climb import Climb, Plan, descend

Gradient = bool | Literal["top"]


def empty_gradient(shape: tuple[int, int, int], plan: Plan, wanted: Gradient) -> Floats:
    """Zeros of shape (units, nodes, leaves, groups + 1): with all nodes, with the top alone, or with none.

    ``shape`` is (units, leaves, groups + 1).
    """
    units, leaves, slots = shape
    count = 1 if wanted == "top" else len(plan.nodes) * int(wanted)
    return np.zeros((units, count, leaves, slots))


def add_gradient(gradient: Floats, found: Climb, parts: Floats, shares: Floats, plan: Plan) -> None:
    """Adds a climb's derivatives to ``gradient`` (as ``empty_gradient`` makes it), in place.

    ``parts`` (units, leaves, groups + 1) is the derivative of an indicator's score by its figures, ``shares`` (units,
    nodes) the weight of this climb in each node.
    """
    inner = np.where(found.filled, 0.0, found.slope)
    if gradient.shape[1] == len(plan.nodes):
        for position, factor in enumerate(_factors(inner, plan)):
            first, last = plan.spans[position]
            scaled = shares[:, position, None] * factor
            gradient[:, position, first:last] += scaled[:, :, None] * parts[:, first:last]
    elif gradient.shape[1] == 1:
        inner[:, 0] = shares[:, 0]
        gradient[:, 0] += descend(inner, plan)[:, plan.leaves, None] * parts


def _factors(inner: Floats, plan: Plan) -> list[Floats]:
    """Derivative of each node by the score of each indicator below it, shape (units, leaves below)."""
    found = [np.ones((len(inner), 1)) for _ in plan.nodes]
    for position, children in plan.branches():
        found[position] = np.concatenate([inner[:, child, None] * found[child] for child in children], axis=1)
    return found


def remainders(found: Climb, plan: Plan) -> Floats:
    """Points of the top that caps at a node take away or that a gap filled there brings, shape (units, nodes)."""
    inner = found.slope.copy()
    inner[:, 0] = 1.0
    path = descend(inner, plan)
    taken = np.where(found.capped, found.score - found.before_cap, 0.0)
    brought = np.where(found.filled, found.entered, 0.0)
    return np.where(found.capped | found.filled, path * (taken + brought), 0.0)
