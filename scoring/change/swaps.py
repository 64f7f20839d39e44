"""How firmly the weights hold an order of units: the smallest change that swaps two, the range that changes nothing.

Everything here looks at the children of one node and their weights (or at all indicators with their effective
weights). It is exact for the means that weigh: the order under a power mean is that of an arithmetic mean of
transformed values. Units are compared at 12 significant digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Floats, InputError, significant

EXPONENTS: Final = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}


@dataclass(frozen=True, eq=False)
class Criteria:
    """The children of one node for all units.

    ``values`` has shape (units, children), in points, NaN where missing; ``weights`` (children,) need not sum to 1.
    ``method`` is arithmetic, geometric, harmonic or power (then ``power`` is its exponent, 0 is geometric).
    """

    names: Sequence[str]
    values: npt.ArrayLike
    weights: npt.ArrayLike
    method: str = "arithmetic"
    power: float | None = None


@dataclass(frozen=True)
class Swap:
    """What would bring two units level; relative changes as fractions of one, so 0.1 is ten percent of each weight.

    ``together``: the smallest change, the same share of every weight, up for the children in which the second unit is
    better and down for the others (the least largest relative change of any weight). 1 says that nothing short of
    taking all other weights away would do. ``single``: the child whose weight alone would have to change least in
    proportion, ``relative`` its change (-0.5 halves it) and ``weight`` what it would then be, on the scale of the
    weights given, before they are divided by their sum. Where no single weight can do it they are "" and NaN.
    """

    together: float
    single: str
    relative: float
    weight: float


def smallest_swap(criteria: Criteria, first: int, second: int) -> Swap:
    """The smallest change of weights after which units ``first`` and ``second`` (row numbers) score the same.

    With d the differences of the two in each child, ``together`` is |sum w d| / sum |w d| and a single weight must
    change by -(sum w d) / d. Both are closed forms because dividing weights by their sum cannot change the sign of
    sum w d. Units that already score the same need no change.

    Raises:
        InputError: the method does not weigh, a child is missing for one of the two, or shapes do not fit.

    >>> criteria = Criteria(["ease", "speed"], [[80.0, 60.0], [70.0, 65.0]], [0.6, 0.4])
    >>> swap = smallest_swap(criteria, 0, 1)  # ahead by 6 - 2 of 8 points
    >>> swap.together, swap.single, round(swap.relative, 4), round(swap.weight, 4)
    (0.5, 'ease', -0.6667, 0.2)
    """
    table, weights = _read(criteria)
    known = ~np.isnan(table[[first, second]]).any(axis=0) | (weights == 0)
    if not known.all():
        child = criteria.names[int(np.flatnonzero(~known)[0])]
        raise InputError(f"{child!r} is missing for one of the two units; allowed are units that have every child")
    apart = (significant(table[first]) != significant(table[second])) & (weights > 0)
    gaps = np.where(apart, table[first] - table[second], 0.0)
    pulls = weights * gaps
    lead, whole = float(pulls.sum()), float(np.abs(pulls).sum())
    if abs(lead) <= 1e-12 * whole:
        return Swap(0.0, "", 0.0, float("nan"))
    changes = np.divide(-lead, pulls, out=np.full_like(pulls, np.nan), where=pulls != 0)
    changes[changes < -1] = np.nan
    together = float(significant(np.array(abs(lead) / whole)))
    if np.isnan(changes).all():
        return Swap(together, "", float("nan"), float("nan"))
    least = int(np.nanargmin(significant(np.abs(changes))))
    return Swap(together, criteria.names[least], float(changes[least]), float(weights[least] * (1 + changes[least])))


def stability(criteria: Criteria, keep: str = "ranking") -> pd.DataFrame:
    """How far the weight of each child may move before the order of the units changes: child, weight, low, high.

    All in percent of the node; as the child's weight moves, the others keep their proportions. ``keep`` says what
    must not change: the whole "ranking", or who is "first". Units that score the same now may come apart. A child with
    the whole weight has NaN: its siblings have no proportions. Missing children are dropped unit by unit, which makes
    the bound the root of a quadratic equation.

    Raises:
        InputError: ``keep`` is neither of the two, the method does not weigh, or shapes do not fit.

    >>> criteria = Criteria(["ease", "speed"], [[80.0, 60.0], [70.0, 65.0]], [0.6, 0.4])
    >>> stability(criteria).round(2).to_numpy().tolist()  # they are level when speed weighs twice as much as ease
    [['ease', 60.0, 33.33, 100.0], ['speed', 40.0, 0.0, 66.67]]
    """
    if keep not in ("ranking", "first"):
        raise InputError(f"stability: keep {keep!r}; allowed are ranking, first")
    table, weights = _read(criteria)
    shares = weights / weights.sum()
    rows = []
    for child, name in enumerate(criteria.names):
        low, high = _bounds(table, shares, child, keep) if shares[child] < 1 else (np.nan, np.nan)
        rows.append((name, 100 * shares[child], 100 * low, 100 * high))
    return pd.DataFrame(rows, columns=["child", "weight", "low", "high"])


def _read(criteria: Criteria) -> tuple[Floats, Floats]:
    """Values whose arithmetic mean gives the order of the units, and the weights."""
    table = np.asarray(criteria.values, dtype=np.float64)
    weights = np.asarray(criteria.weights, dtype=np.float64)
    wanted = (len(criteria.names),)
    if weights.shape != wanted or table.ndim != 2 or table.shape[1:] != wanted:
        said = f"values of shape {table.shape} and weights of shape {weights.shape}"
        raise InputError(f"criteria: {said}; allowed are (units, {wanted[0]}) and {wanted}")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
        raise InputError(f"criteria: weights {weights.tolist()}; allowed are finite numbers from 0, not all 0")
    power = criteria.power if criteria.method == "power" else EXPONENTS.get(criteria.method)
    if power is None:
        raise InputError(f"criteria: {criteria.method!r} does not weigh; allowed are {', '.join(EXPONENTS)}, power")
    if power <= 0 and (table <= 0).any():
        raise InputError(f"criteria: {criteria.method} takes values above 0; one is {np.nanmin(table):.12g}")
    if power == 0:
        return np.log(table), weights
    return np.sign(power) * table**power, weights


def _bounds(table: Floats, shares: Floats, child: int, keep: str) -> tuple[float, float]:
    """Least and greatest share of the child, as fractions, between which no pair that must keep its order meets.

    With t = share / (1 - share), x the child's values (0 where missing, then p is 0, else 1), and Q, R the sums of the
    others' shares and of shares times values, a unit scores (t x + R) / (t p + Q); two units meet where the difference
    of cross products is 0.
    """
    others = np.where(np.arange(len(shares)) == child, 0.0, shares / (1 - shares[child]))
    known = ~np.isnan(table)
    values = np.where(known, table, 0.0)
    x, p = values[:, child], known[:, child].astype(np.float64)
    rest, weight = values @ others, known @ others
    now = shares[child] / (1 - shares[child])
    whole = now * p + weight
    score = np.divide(now * x + rest, whole, out=np.full_like(x, np.nan), where=whole > 0)
    ahead, behind = _pairs(significant(score), keep)
    square = x[ahead] * p[behind] - x[behind] * p[ahead]
    linear = x[ahead] * weight[behind] + rest[ahead] * p[behind] - x[behind] * weight[ahead] - rest[behind] * p[ahead]
    roots = _roots(square, linear, rest[ahead] * weight[behind] - rest[behind] * weight[ahead])
    low = max([0.0, *roots[(roots >= 0) & (roots <= now)].tolist()])
    high = min([np.inf, *roots[roots > now].tolist()])
    return low / (1 + low), 1.0 if np.isinf(high) else high / (1 + high)


def _pairs(score: Floats, keep: str) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Row numbers of all pairs of units whose order must be kept, the better one first."""
    if keep == "ranking":
        ahead, behind = np.nonzero(score[:, None] > score[None, :])
        return ahead, behind
    best = np.nanmax(score, initial=-np.inf)
    first, others = np.flatnonzero(score == best), np.flatnonzero(score < best)
    return np.repeat(first, len(others)), np.tile(others, len(first))


def _roots(a: Floats, b: Floats, c: Floats) -> Floats:
    """The real roots of a t**2 + b t + c, those of all pairs in one row."""
    size = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.abs(c))
    a, b, c = (np.where(np.abs(part) <= 1e-13 * size, 0.0, part) for part in (a, b, c))
    inside = b * b - 4 * a * c
    half = -(b + np.where(b < 0, -1.0, 1.0) * np.sqrt(np.where(inside >= 0, inside, np.nan))) / 2
    found = [np.divide(half, a, out=np.full_like(half, np.nan), where=a != 0)]
    found.append(np.divide(c, half, out=np.full_like(half, np.nan), where=half != 0))
    both = np.concatenate(found)
    return np.asarray(both[np.isfinite(both)], dtype=np.float64)
