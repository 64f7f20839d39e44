"""The gap between a node and its benchmark, divided among the node's children.

Two ways, both exact. The means that weigh (arithmetic, geometric, harmonic, power) are ``g(mean) = sum w g(x)`` for
some g; there a child's part is ``w (g(x) - g(b)) / s`` with s the slope of g between the node and its benchmark. For
the arithmetic mean that is w (x - b), for the geometric one L(G, Gb) w ln(x / b) with the logarithmic mean
L(a, b) = (a - b) / ln(a / b) (B. W. Ang (2005), The LMDI approach to decomposition analysis, Energy Policy 33,
867-871). All others (median, minimum, Mazziotta-Pareto) are divided by Shapley's value, for at most 12 children.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.attribution.shapley import shapley
from scoring.frames import Flags, Floats
from scoring.tree import aggregate_children

POWERS: Final = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}
WEIGHING: Final = (*POWERS, "power")
STILL: Final = 1e-11
"""A child nearer to its benchmark than this share of its size has not moved."""
STEEPEST: Final = 1e4
"""A part is not carried on through a gap that is smaller than it by more: the rounding below would grow as much."""


@dataclass(frozen=True)
class Mean:
    """How a node is made: its name (for messages), its aggregation and, for the aggregation power, the power."""

    name: str
    method: str
    power: float | None = None

    @property
    def exponent(self) -> float | None:
        """The power of a mean that weighs (0 for the geometric one), None for all others."""
        return self.power if self.method == "power" else POWERS.get(self.method)


def divide_gap(mean: Mean, values: Floats, base: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """What each child adds to a node's gap, and how much of the child's own gap that is.

    ``values`` and ``base`` have shape (units, children) in points; a child is either in both or NaN in both, and then
    has no part. ``weights`` has shape (units, children) and need not sum to 1. Returns the parts in points, a unit's
    sum to the gap, and ratios: part over (value - base).

    Raises:
        InputError: more than 12 children of a node that must be divided by Shapley's value.

    >>> parts, ratios = divide_gap(Mean("service", "geometric"), np.array([[8.0, 2.0]]), np.array([[1.0, 4.0]]),
    ...                            np.array([[0.5, 0.5]]))
    >>> parts.round(4), round(parts.sum(), 4)  # from 2 to 4 points
    (array([[ 3., -1.]]), np.float64(2.0))
    """
    both = ~np.isnan(values) & (weights > 0)
    shares = np.where(both, weights, 0.0)
    total = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    if mean.exponent is None:
        return _divide_fairly(mean, values, base, shares)
    ends = [aggregate_children(mean.method, side, shares, mean.power, node=mean.name) for side in (values, base)]
    above = slope(mean.exponent, *(np.nan_to_num(end)[:, None] for end in ends))
    steep = np.where(both, slope(mean.exponent, np.where(both, values, 1.0), np.where(both, base, 1.0)), 0.0)
    ratios = np.divide(shares * steep, above, out=np.zeros_like(shares), where=both & (above > 0))
    return np.where(both, ratios * (values - base), 0.0), ratios


def slope(power: float, x: Floats, b: Floats) -> Floats:
    """(g(x) - g(b)) / (x - b) in size, for g(x) = x ** power, or ln x when the power is 0; the derivative where equal.

    Exact to the last digits also where x and b nearly agree. 0 where both are 0: nothing has moved.

    >>> slope(0.0, np.array([4.0, 5.0]), np.array([1.0, 5.0])).round(4)
    array([0.4621, 0.2   ])
    """
    if power == 1.0:
        return np.ones(np.broadcast_shapes(x.shape, b.shape))
    large, small = np.maximum(x, b), np.minimum(x, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = (small - large) / large
        rise = np.log1p(turn)
        change = rise if power == 0 else np.expm1(power * rise)
        steep = np.where(turn == 0, 1.0 if power == 0 else power, change / turn) * large ** (power - 1)
    return np.where(large > 0, np.abs(steep), 0.0)


def _divide_fairly(mean: Mean, values: Floats, base: Floats, shares: Floats) -> tuple[Floats, Floats]:
    def worth(who: Flags) -> Floats:
        mixed = np.where(who, values, base)
        return np.nan_to_num(aggregate_children(mean.method, mixed, shares, mean.power, node=mean.name))

    parts = shapley(worth, values.shape[1], mean.name)
    return parts, ratio(parts, values - base, np.maximum(np.abs(values), np.abs(base)))


def ratio(parts: Floats, gaps: Floats, size: Floats) -> Floats:
    """Parts over gaps; 0 where the gap is none, measured against ``size``, or next to nothing beside the part.

    >>> ratio(np.array([1.0, 0.0, -3.0]), np.array([4.0, 1e-14, 1e-9]), np.array([9.0, 9.0, 9.0]))
    array([0.25, 0.  , 0.  ])
    """
    moved = (np.abs(gaps) > STILL * np.maximum(size, 1.0)) & (np.abs(parts) <= STEEPEST * np.abs(gaps))
    return np.divide(parts, gaps, out=np.zeros_like(parts), where=moved)
