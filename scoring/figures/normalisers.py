"""Normalisers: figures in raw units, shape (units,), onto a common range; a missing figure (NaN) stays missing.

Parameters are in raw units; the direction is applied after. Source of all: OECD/JRC (2008), Handbook on Constructing
Composite Indicators, step 5 and table 3; the particular conventions are those of the R package COINr.
"""

import math
from dataclasses import dataclass

import numpy as np

from scoring.frames import Floats, InputError, significant
from scoring.scheme.model import DIRECTIONS

TIES = ("minimum", "average")


def check_direction(direction: str) -> None:
    """Nothing happens when the direction is known.

    Raises:
        InputError: it is not.
    """
    if direction not in DIRECTIONS:
        raise InputError(f"direction {direction!r}; allowed are {', '.join(DIRECTIONS)}")


def _check_range(what: str, low: float, high: float) -> None:
    """Equal to 12 digits is equal: a range made of rounding errors is no range."""
    ends = significant(np.array([low, high], dtype=np.float64))
    if not (np.isfinite(ends).all() and ends[0] < ends[1]):
        raise InputError(f"{what}: {low:.12g} to {high:.12g}; allowed is a finite range above zero, low end first")


@dataclass(frozen=True)
class Scaling:
    """Where the values go: ``output`` is (worst, best) for a figure from one end to the other of its parameters.

    ``direction`` up says that more is better. ``clip`` keeps every value inside the output range.

    Raises:
        InputError: an unknown direction, or an output range whose low end is not below its high end.
    """

    direction: str = "up"
    output: tuple[float, float] = (0.0, 100.0)
    clip: bool = False

    def __post_init__(self) -> None:
        check_direction(self.direction)
        _check_range("the output range", *self.output)


def minmax(values: Floats, low: float, high: float, scaling: Scaling = Scaling()) -> Floats:
    """The share of the way from ``low`` to ``high``, on the output range.

    >>> minmax(np.array([2.0, 3.0, np.nan, 6.0]), 2, 6)
    array([  0.,  25.,  nan, 100.])
    >>> minmax(np.array([2.0, 3.0, np.nan, 6.0]), 2, 6, Scaling("down", (1.0, 5.0)))
    array([ 5.,  4., nan,  1.])

    Raises:
        InputError: ``low`` is not below ``high``.
    """
    _check_range("the parameters", low, high)
    return _put(_turn((values - low) / (high - low), scaling), scaling)


def leader(values: Floats, low: float, high: float, scaling: Scaling = Scaling()) -> Floats:
    """One less the distance to the leader as a share of the leader's distance to the last, on the output range.

    ``low`` and ``high`` are the lowest and the highest raw figure; the leader is the lowest when less is better.

    >>> leader(np.array([2.0, 3.0, 6.0]), 2, 6, Scaling("down", (0.0, 1.0)))
    array([1.  , 0.75, 0.  ])

    Raises:
        InputError: ``low`` is not below ``high``.
    """
    _check_range("the parameters", low, high)
    behind = high - values if scaling.direction == "up" else values - low
    return _put(1 - behind / (high - low), scaling)


def goalposts(
    values: Floats, low: float, high: float, scaling: Scaling = Scaling(), transform: str = "identity"
) -> Floats:
    """The share of the way between two fixed goalposts, for ``transform`` log on natural logarithms.

    Source: UNDP, Human Development Report 2021/22, technical note 1 (there clipped, output 0 to 1).

    >>> goalposts(np.array([100.0, 75000.0, 2738.6127875]), 100, 75000, Scaling(output=(0.0, 1.0)), "log").round(6)
    array([0. , 1. , 0.5])

    Raises:
        InputError: ``low`` is not below ``high``, an unknown transform, or a logarithm of zero or less is asked for
            (a clipped figure below a positive goalpost is moved to it first).
    """
    _check_range("the goalposts", low, high)
    if transform not in ("identity", "log"):
        raise InputError(f"transform {transform!r}; allowed are identity, log")
    kept = np.clip(values, low, high) if scaling.clip else values
    if transform == "log":
        smallest = np.nanmin(kept, initial=low)
        if smallest <= 0:
            raise InputError(f"the logarithm of {smallest:.12g}; allowed are goalposts and figures above 0")
        kept, low, high = np.log(kept), math.log(low), math.log(high)
    return _put(_turn((kept - low) / (high - low), scaling), scaling)


def target(values: Floats, low: float, goal: float, scaling: Scaling = Scaling()) -> Floats:
    """The share of the way from ``low``, the figure that is worth nothing, to the goal; beyond the goal counts 1.

    When less is better ``low`` lies above the goal. Without ``clip`` a figure worse than ``low`` falls below the range.

    >>> target(np.array([10.0, 40.0, 60.0, 5.0]), 10, 50)
    array([  0. ,  75. , 100. , -12.5])
    >>> target(np.array([10.0, 40.0, 60.0]), 60, 20, Scaling("down"))
    array([100.,  50.,   0.])

    Raises:
        InputError: the goal is not better than ``low``.
    """
    if scaling.direction == "up":
        _check_range("the parameters (worst and target)", low, goal)
    else:
        _check_range("the parameters (target and worst)", goal, low)
    return _put(np.minimum((values - low) / (goal - low), 1.0), scaling)


def reference(values: Floats, value: float, scaling: Scaling = Scaling()) -> Floats:
    """The figure as a multiple of the reference's ``value``, which comes to the top of the output range.

    That is x / value when more is better and 2 - x / value when less is: one minus the relative distance. The size
    of a negative reference is taken, so that more stays more.

    >>> reference(np.array([20.0, 10.0, 25.0]), 20)
    array([100.,  50., 125.])
    >>> reference(np.array([20.0, 10.0, 25.0]), 20, Scaling("down"))
    array([100., 150.,  75.])

    Raises:
        InputError: the reference's value is 0 or not finite.
    """
    if value == 0 or not math.isfinite(value):
        raise InputError(f"the reference's value is {value:.12g}; allowed are finite numbers except 0")
    sign = 1.0 if scaling.direction == "up" else -1.0
    return _put(1 + sign * (values - value) / abs(value), scaling)


def optimum(values: Floats, posts: tuple[float, float, float, float], scaling: Scaling = Scaling()) -> Floats:
    """The top of the range between the two inner posts, falling in straight lines to its bottom at the outer ones.

    ``posts``: zero_low, full_low, full_high, zero_high. Neither more nor less is better, so there is no direction down.

    >>> optimum(np.array([0.0, 15.0, 20.0, 30.0, 45.0, 70.0]), (10, 20, 30, 60))
    array([  0.,  50., 100., 100.,  50.,   0.])

    Raises:
        InputError: the posts do not rise, or the direction is down.
    """
    zero_low, full_low, full_high, zero_high = posts
    if not (zero_low < full_low <= full_high < zero_high):
        shown = ", ".join(f"{post:.12g}" for post in posts)
        raise InputError(f"the posts are {shown}; allowed are zero_low < full_low <= full_high < zero_high")
    if scaling.direction != "up":
        raise InputError("direction down with an optimum range; allowed is up")
    return _put(np.interp(values, posts, (0.0, 1.0, 1.0, 0.0)), scaling)


def zscore(
    values: Floats, mean: float, sd: float, scaling: Scaling = Scaling(), onto: tuple[float, float] = (50.0, 10.0)
) -> Floats:
    """Standard deviations from the mean, times the spread, plus the centre of ``onto`` (centre, spread).

    The output range matters for clipping only.

    >>> zscore(np.array([4.0, 7.0]), 5, 2, Scaling("down"))
    array([55., 40.])

    Raises:
        InputError: the standard deviation or the spread is not above 0.
    """
    centre, spread = onto
    for name, size in (("standard deviation", sd), ("spread", spread)):
        if not 0 < size < math.inf:
            raise InputError(f"the {name} is {size:.12g}; allowed are finite numbers above 0")
    sign = 1.0 if scaling.direction == "up" else -1.0
    return _clip(centre + spread * sign * (values - mean) / sd, scaling)


def rank(values: Floats, direction: str = "up", ties: str = "minimum") -> Floats:
    """Ranks among the figures present, 1 is the worst; figures equal to 12 significant digits are tied.

    Tied figures share the lowest of their places, or the average.

    >>> rank(np.array([5.0, np.nan, 7.0, 5.0]))
    array([ 1., nan,  3.,  1.])
    >>> rank(np.array([5.0, np.nan, 7.0, 5.0]), "down", "average")
    array([2.5, nan, 1. , 2.5])

    Raises:
        InputError: an unknown direction or way with ties.
    """
    check_direction(direction)
    if ties not in TIES:
        raise InputError(f"ties {ties!r}; allowed are {', '.join(TIES)}")
    present = ~np.isnan(values)
    turned = significant(values[present]) * (1 if direction == "up" else -1)
    _, at, counts = np.unique(turned, return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts
    places = before + 1.0 if ties == "minimum" else before + (counts + 1) / 2
    ranks = np.full(values.shape, np.nan)
    ranks[present] = places[at]
    return ranks


def borda(values: Floats, direction: str = "up", ties: str = "minimum") -> Floats:
    """Borda points: the rank less 1, so that the worst has none.

    >>> borda(np.array([5.0, 6.0, 7.0]), "down")
    array([2., 1., 0.])

    Raises:
        InputError: as for ``rank``.
    """
    return rank(values, direction, ties) - 1


def percentile_rank(values: Floats, direction: str = "up", ties: str = "minimum") -> Floats:
    """(rank - 1) / (n - 1) among the n figures present: 0 for the worst, 1 for the best.

    >>> percentile_rank(np.array([5.0, np.nan, 7.0, 6.0]))
    array([0. , nan, 1. , 0.5])

    Raises:
        InputError: as for ``rank``; or there is one figure only.
    """
    count = int((~np.isnan(values)).sum())
    if count == 1:
        raise InputError("one figure alone has no percentile rank; allowed are two or more")
    return borda(values, direction, ties) / max(count - 1, 1)


def _turn(share: Floats, scaling: Scaling) -> Floats:
    return share if scaling.direction == "up" else 1 - share


def _put(share: Floats, scaling: Scaling) -> Floats:
    worst, best = scaling.output
    return _clip(worst + (best - worst) * share, scaling)


def _clip(values: Floats, scaling: Scaling) -> Floats:
    return np.clip(values, *scaling.output) if scaling.clip else values
