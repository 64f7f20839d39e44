"""Weights that people state directly: alike, by points, by order, by swings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.frames import Floats
from scoring.weighting.checks import check_names, read_table, read_vector

BUDGET_POINTS = 100.0
POINTS_TOLERANCE = 1e-6
WHOLE_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Budget:
    """What a panel made of its points.

    ``weights`` are shares, ``centre`` the mean or trimmed mean in points, ``sd`` the spread among members in points
    (divisor n - 1; missing for a panel of one), ``trimmed`` how many members were left out at each end of each node.
    """

    weights: Floats
    centre: Floats
    sd: Floats
    trimmed: int


def equal_weights(names: Sequence[str]) -> Floats:
    """The same share for each name, shape (names,).

    Raises:
        ValueError: there is no name, or one comes twice.

    >>> equal_weights(["speed", "courtesy", "cost", "access"])
    array([0.25, 0.25, 0.25, 0.25])
    """
    count = len(check_names(names, "equal weights"))
    return np.full(count, 1 / count)


def allocate_budget(
    points: npt.ArrayLike, members: Sequence[str], names: Sequence[str], *, trim: float = 0.0
) -> Budget:
    """Budget allocation: each member of a panel spreads 100 points; the mean over members gives the weights.

    ``points`` has shape (members, names). With ``trim`` g, the floor(n g) lowest and highest values of each node are
    left out. Trimmed means need not add up to 100, so they are scaled. How well members agree on the order is
    ``scoring.reliability.kendall_w`` of the same table. Source: OECD/JRC, Handbook on Constructing Composite
    Indicators (2008), step 6.

    Raises:
        ValueError: wrong shape, points below 0, a sum other than 100, a trim outside 0 to below 0.5, or nothing left.

    >>> budget = allocate_budget([[60, 40], [50, 50], [10, 90]], ["ana", "bo", "chen"], ["speed", "courtesy"])
    >>> budget.weights, budget.sd.round(2)
    (array([0.4, 0.6]), array([26.46, 26.46]))
    >>> allocate_budget([[60, 40], [50, 50], [10, 90]], ["ana", "bo", "chen"], ["speed", "courtesy"], trim=0.34).weights
    array([0.5, 0.5])
    """
    given = read_table(points, members, names, "budget")
    for row, column in np.argwhere(given < 0).tolist():
        raise ValueError(
            f"budget: {members[row]!r} gives {names[column]!r} {given[row, column]:g} points; allowed are 0 to 100"
        )
    for member, total in zip(members, given.sum(axis=1), strict=True):
        if abs(total - BUDGET_POINTS) > POINTS_TOLERANCE:
            raise ValueError(f"budget: {member!r} gives {total:g} points in all; allowed is 100")
    if not 0 <= trim < 0.5:
        raise ValueError(f"budget: trim {trim:g}; allowed are 0 to below 0.5")
    count = len(given)
    out = min(math.floor(count * trim + WHOLE_TOLERANCE), (count - 1) // 2)
    centre = np.asarray(np.sort(given, axis=0)[out : count - out].mean(axis=0), dtype=np.float64)
    if not centre.any():
        raise ValueError(f"budget: trim {trim:g} leaves every node of {list(names)} without points; allowed is less")
    sd = np.asarray(given.std(axis=0, ddof=1), dtype=np.float64) if count > 1 else np.full(len(names), np.nan)
    return Budget(centre / centre.sum(), centre, sd, out)


def order_centroids(ranks: npt.ArrayLike, names: Sequence[str]) -> Floats:
    """Rank-order centroid: the k-th most important of n gets (1/n) times the sum of 1/i for i from k to n.

    ``ranks`` has shape (names,); the smallest is the most important and only the order counts. Names with the same rank
    share the mean of the places that they take. Source: Barron and Barrett, Management Science 42 (1996) 1515.

    Raises:
        ValueError: wrong shape, names doubled, or a rank that is not finite.

    >>> order_centroids([1, 2, 3], ["speed", "courtesy", "cost"]).round(4)
    array([0.6111, 0.2778, 0.1111])
    >>> order_centroids([2, 1, 2], ["speed", "courtesy", "cost"]).round(4)
    array([0.1944, 0.6111, 0.1944])
    """
    given = read_vector(ranks, names, "ranks")
    count = len(given)
    places = np.cumsum((1 / np.arange(1, count + 1))[::-1])[::-1] / count
    _, tie, size = np.unique(given, return_inverse=True, return_counts=True)
    shared = np.add.reduceat(places, np.cumsum(size) - size) / size
    return np.asarray(shared[tie], dtype=np.float64)


def swing_weights(points: npt.ArrayLike, names: Sequence[str]) -> Floats:
    """Swing weights: the step from worst to best that matters most gets 100 points, the others points beside it.

    ``points`` and the result have shape (names,). Source: von Winterfeldt and Edwards, Decision Analysis and Behavioral
    Research (1986).

    Raises:
        ValueError: wrong shape, points outside 0 to 100, or no node with 100.

    >>> swing_weights([100, 60, 40], ["speed", "courtesy", "cost"])
    array([0.5, 0.3, 0.2])
    """
    given = read_vector(points, names, "swing")
    for (place,) in np.argwhere((given < 0) | (given > BUDGET_POINTS)).tolist():
        raise ValueError(f"swing: {names[place]!r} has {given[place]:g} points; allowed are 0 to 100")
    first = int(given.argmax())
    if given[first] != BUDGET_POINTS:
        raise ValueError(f"swing: the largest is {names[first]!r} with {given[first]:g} points; allowed is 100")
    return np.asarray(given / given.sum(), dtype=np.float64)
