"""The error of figures that are not means: medians, trimmed and winsorised means.

Trimmed and winsorised means have the error of the winsorised answers (J. W. Tukey and D. H. McLaughlin 1963, Sankhya A
25; W. J. Dixon and J. W. Tukey 1968, Technometrics 10), on the degrees of freedom of the answers that are left. A
median lies between two order statistics, so often as a fair coin says (the binomial interval of the sign test); with
weights the effective n is thrown. Where the winsorised answers show no spread, the plain mean's error stands.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from scoring.frames import Floats, Integers, positions, significant
from scoring.quantiles import t_quantile
from scoring.samples.levels import level_values
from scoring.scheme import Group, Node, Scheme

EVEN = 1e-9
TAIL = 40
"""One part in so many is left out at each end of a 95 % interval."""
MOST_COINS = 1000
ITEM = ["unit", "group", "stratum", "indicator"]


@dataclass(frozen=True)
class Robust:
    """How estimators differ from means, shape (units, indicators, groups) each.

    ``factor``: standard error over that of the mean. ``lost``: degrees of freedom of the mean over those left.
    ``low`` and ``high``: a median's own interval, NaN for everything else.
    """

    factor: Floats
    lost: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class _Figures:
    """The figures of one indicator and group: shares of the levels (rows, levels), which rise in value.

    ``answers`` counts them, ``effective`` those that equal weights would need for the same error; shape (rows,).
    """

    shares: Floats
    values: Floats
    answers: Floats
    effective: Floats

    def quantile(self, share: Floats) -> Floats:
        """The lowest value that at least ``share`` (rows,) of the mass does not exceed."""
        reached = np.cumsum(self.shares, axis=1) >= share[:, None] - EVEN
        return np.asarray(self.values[reached.argmax(axis=1)])

    def sd(self, low: Floats, high: Floats) -> Floats:
        """Standard deviation of the values pulled to between ``low`` and ``high`` (rows,)."""
        pulled = np.clip(self.values, low[:, None], high[:, None])
        mean = (self.shares * pulled).sum(axis=1, keepdims=True)
        return np.asarray(np.sqrt((self.shares * (pulled - mean) ** 2).sum(axis=1)))


def read_robust(strata: pd.DataFrame, levels: pd.DataFrame, single: Floats, scheme: Scheme) -> Robust:
    """From the weighted strata, the counts of chosen levels, and the variances of the plain figures.

    ``single`` has shape (units, indicators, groups), like everything in the answer.
    """
    found = Robust(np.ones(single.shape), np.ones(single.shape), *np.full((2, *single.shape), np.nan))
    for place, group in enumerate(scheme.groups):
        if group.estimator == "mean":
            continue
        rows = _chosen(strata, levels, group)
        for leaf, node in enumerate(scheme.leaves()):
            part = rows[positions(rows, "indicator") == leaf]
            if len(part):
                units = np.unique(positions(part, "unit"))
                at = units, np.full(len(units), leaf), np.full(len(units), place)
                _fill(found, at, _figures(part, units, node), single[at], group)
    return found


def sign_test_rank(answers: int) -> int:
    """Which order statistic from each end bounds a median at 95 %; 0 when there are too few answers for any.

    >>> [sign_test_rank(n) for n in (5, 6, 20, 100)]
    [0, 1, 6, 40]
    """
    if answers > MOST_COINS:
        return math.floor(answers / 2 - t_quantile(np.inf) * math.sqrt(answers) / 2)
    return _exact_rank(answers)


@lru_cache(maxsize=MOST_COINS)
def _exact_rank(answers: int) -> int:
    below = rank = 0
    while TAIL * (below + math.comb(answers, rank)) <= 2**answers:
        below += math.comb(answers, rank)
        rank += 1
    return rank


def _chosen(strata: pd.DataFrame, levels: pd.DataFrame, group: Group) -> pd.DataFrame:
    """The levels that one group chose in scored strata, with the weight of each stratum and its n."""
    own, given = (frame[(frame["group"] == group.code).to_numpy()] for frame in (strata, levels))
    return given.merge(own[[*ITEM, "weight", "n"]], on=ITEM, how="inner")


def _figures(rows: pd.DataFrame, units: Integers, node: Node) -> _Figures:
    at = np.searchsorted(units, positions(rows, "unit"))
    values = level_values(node)
    order = np.argsort(values, kind="stable")
    each = (rows["count"] * rows["weight"] / rows["n"]).to_numpy()
    shares = np.zeros((len(units), node.points))
    np.add.at(shares, (at, rows["code"].to_numpy() - 1), each)
    answers, inverse = (
        np.bincount(at, weights, len(units)) for weights in (rows["count"], each * rows["weight"] / rows["n"])
    )
    return _Figures(shares[:, order], values[order], answers.astype(np.float64), 1 / inverse)


def _fill(found: Robust, at: tuple[Integers, Integers, Integers], rows: _Figures, single: Floats, group: Group) -> None:
    if group.estimator == "median":
        low, high = _median_bounds(rows)
        plain = t_quantile(np.maximum(rows.answers - 1, 1)) * np.sqrt(single)
        found.low[at], found.high[at] = low, high
        found.factor[at] = np.where((high > low) & (plain > 0), (high - low) / 2 / np.where(plain > 0, plain, 1), 1.0)
        return
    cut = np.floor(significant(rows.answers * float(group.trim)))
    left = np.maximum(rows.answers - 2 * cut - 1, 1)
    low = rows.quantile((cut + 1) / rows.answers)
    high = rows.quantile(1 - cut / rows.answers)
    whole, pulled = rows.sd(rows.values[[0]], rows.values[[-1]]), rows.sd(low, high)
    spread = pulled > 0
    ratio = pulled / np.where(spread, whole, 1.0)
    free = np.maximum(rows.answers - 1, 1)
    scaled = ratio * (free / left if group.estimator == "winsorised" else rows.answers / (rows.answers - 2 * cut))
    found.factor[at] = np.where(spread, scaled, 1.0)
    found.lost[at] = np.where(spread, free / left, 1.0)


def _median_bounds(rows: _Figures) -> tuple[Floats, Floats]:
    coins = np.maximum(np.floor(significant(rows.effective)), 1.0)
    rank = np.array([sign_test_rank(int(count)) for count in coins], dtype=np.float64)
    low, high = rows.quantile(rank / coins), rows.quantile((coins + 1 - rank) / coins)
    return np.where(rank > 0, low, rows.values[0]), np.where(rank > 0, high, rows.values[-1])
