"""Ranks of many draws at once, and what is said about them: median, range, probabilities.

Scores rounded to a few decimals take few values, so ranks are counted and not sorted: how many units stand at each
value, added up from above. Only where values are many (fine rounding, none at all) or a tie has a margin are they
sorted first. A rank is a small integer, 0 where a score is missing.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.frames import Flags, Floats, InputError, Integers, significant
from scoring.scheme import Scheme
from scoring.scheme.model import RANK_TIES

Ranks = npt.NDArray[np.integer[Any]]
Scores = npt.NDArray[np.floating[Any]]

BLOCK_VALUES = 1 << 20
VALUES_A_UNIT = 4
FEW_VALUES = 1 << 10
NUDGE = 1e-9
RANGE_SHARES = (0.05, 0.95)


@dataclass(frozen=True)
class Ranking:
    """How scores become ranks: ``decimals`` of the scores (None: 12 significant digits), kind of ``ties``, ``margin``.

    Units that differ from the best of their block by no more than the margin share its place. Ties are counted as
    "competition" (1224), "modified" (1334) or "dense" (1223).
    """

    decimals: int | None = 1
    ties: str = "competition"
    margin: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if self.ties not in RANK_TIES:
            raise InputError(f"ties: {self.ties} is not one of {', '.join(RANK_TIES)}")

    @classmethod
    def of(cls, scheme: Scheme) -> "Ranking":
        """The ranking of a scheme."""
        return cls(scheme.rank_decimals, scheme.rank_ties, scheme.tie_margin)


@dataclass(frozen=True)
class RankSummary:
    """Each unit's ranks over the draws that rank it, shape (units,) each; NaN for a unit that no draw ranks."""

    mean: Floats
    median: Floats
    low: Floats
    high: Floats


def rank_draws(scores: Scores, ranking: Ranking) -> Ranks:
    """Ranks of each row of ``scores``, best first, shape (draws, units); 16-bit unless there are more units than that.

    Scores are rounded half up (a billionth below a half is a half); a missing score (NaN) has rank 0 and moves
    nobody.

    >>> rank_draws(np.array([[70.04, 69.96, np.nan, 80.0], [1.0, 2.0, 3.0, 4.0]]), Ranking(decimals=1)).tolist()
    [[2, 2, 0, 1], [4, 3, 2, 1]]
    """
    draws, units = scores.shape
    ranks = np.zeros((draws, units), dtype=np.int16 if units <= np.iinfo(np.int16).max else np.int32)
    rows = max(1, BLOCK_VALUES // max(units, 1))
    for start in range(0, draws if units else 0, rows):
        block = scores[start : start + rows]
        missing = np.isnan(block)
        places = _places(_depths(block, missing, ranking), ranking.ties, ranks.dtype)
        places[missing] = 0
        ranks[start : start + rows] = places
    return ranks


def summarise_ranks(ranks: Ranks) -> RankSummary:
    """Mean, median and the range from the 5th to the 95th percentile of each unit's ranks.

    Percentiles are interpolated linearly between the two nearest draws (R's type 7), so that they may be fractions.

    >>> summary = summarise_ranks(np.array([[1, 2], [1, 2], [2, 1], [1, 2]]))
    >>> summary.mean.tolist(), summary.median.tolist(), summary.high.round(9).tolist()
    ([1.25, 1.75], [1.0, 2.0], [1.85, 2.0])
    """
    units = ranks.shape[1]
    found = np.full((4, units), np.nan)
    columns = max(1, BLOCK_VALUES // (int(ranks.max(initial=0)) + 1))
    for start in range(0, units, columns):
        found[:, start : start + columns] = _summary(count_places(ranks[:, start : start + columns]))
    return RankSummary(*found)


def count_places(ranks: Ranks) -> Integers:
    """In how many draws each unit has each place, shape (units, places); column 0 is the first place.

    >>> count_places(np.array([[1, 2], [2, 1], [1, 0]])).tolist()
    [[2, 1], [1, 1]]
    """
    units, width = ranks.shape[1], int(ranks.max(initial=0)) + 1
    cells = ranks + np.arange(units) * width
    return np.bincount(cells.ravel(), minlength=units * width).reshape(units, width)[:, 1:]


def share_within(ranks: Ranks, last: int) -> Floats:
    """P(rank <= last) of each unit, over the draws that rank it; shape (units,), a share of one.

    >>> share_within(np.array([[1, 2], [2, 1], [1, 0]]), 1).tolist()
    [0.6666666666666666, 0.5]
    """
    ranked = ranks > 0
    return _share((ranked & (ranks <= last)).sum(axis=0), ranked.sum(axis=0))


def outperform(ranks: Ranks) -> Floats:
    """P(A > B): share of the draws ranking both in which the row's unit is ranked above the column's, ties not counted.

    Shape (units, units); compare unrounded scores by ranking them with ``decimals=None``.

    >>> outperform(np.array([[1, 2], [1, 1], [2, 1], [1, 2]])).tolist()
    [[0.0, 0.5], [0.25, 0.0]]
    """
    columns = np.ascontiguousarray(ranks.T)
    ranked = columns > 0
    above = np.zeros((len(columns), len(columns)))
    for row, own in enumerate(columns):
        both = ranked & ranked[row]
        above[row] = _share((both & (own < columns)).sum(axis=1), both.sum(axis=1))
    return above


def _depths(block: Scores, missing: Flags, ranking: Ranking) -> npt.NDArray[np.int32]:
    """How far below the best each score stands, in steps that keep the order; missing ones stand last."""
    if ranking.decimals is None:
        return _dense(-significant(block.astype(np.float64)), missing, float(ranking.margin))
    shift = 10**ranking.decimals
    rounded = np.floor(block * block.dtype.type(shift) + block.dtype.type(0.5 + NUDGE))
    best, worst = rounded.max(initial=-np.inf, where=~missing), rounded.min(initial=np.inf, where=~missing)
    if ranking.margin or worst > best or best - worst >= max(FEW_VALUES, VALUES_A_UNIT * block.shape[1]):
        return _dense(-rounded, missing, float(ranking.margin * shift))
    np.subtract(best, rounded, out=rounded)
    rounded[missing] = best - worst + 1
    return rounded.astype(np.int32)


def _dense(heights: Scores, missing: Flags, margin: float) -> npt.NDArray[np.int32]:
    """Blocks of equal values, counted from 0; a value joins a block when its first one is within the margin."""
    order = np.argsort(heights, axis=1)
    ordered = np.take_along_axis(heights, order, axis=1)
    if margin:
        starts = _starts(ordered, margin)
    else:
        starts = np.ones(ordered.shape, dtype=bool)
        np.not_equal(ordered[:, 1:], ordered[:, :-1], out=starts[:, 1:])
    depths = np.empty(order.shape, dtype=np.int32)
    np.put_along_axis(depths, order, np.cumsum(starts, axis=1, dtype=np.int32) - 1, axis=1)
    depths[missing] = order.shape[1]
    return depths


def _starts(ordered: Scores, margin: float) -> Flags:
    starts = np.ones(ordered.shape, dtype=bool)
    first = ordered[:, 0].copy()
    for place in range(1, ordered.shape[1]):
        starts[:, place] = ~(ordered[:, place] - first <= margin + NUDGE)
        first = np.where(starts[:, place], ordered[:, place], first)
    return starts


def _places(depths: npt.NDArray[np.int32], ties: str, kind: np.dtype[Any]) -> Ranks:
    width = int(depths.max()) + 1
    cells = depths + np.arange(len(depths), dtype=np.int32)[:, None] * np.int32(width)
    standing = np.bincount(cells.ravel(), minlength=len(depths) * width).reshape(len(depths), width).astype(kind)
    table = np.cumsum(standing > 0 if ties == "dense" else standing, axis=1, dtype=kind)
    if ties == "competition":
        table += 1 - standing
    return np.asarray(table.ravel()[cells])


def _summary(places: Integers) -> Floats:
    """Mean and percentiles from the draws at each place, shape (4, units)."""
    reached = np.cumsum(places, axis=1)
    counted = places.sum(axis=1)
    mean = places @ np.arange(1.0, places.shape[1] + 1) / np.maximum(counted, 1)
    percentiles = [_percentile(reached, counted, share) for share in (0.5, *RANGE_SHARES)]
    return np.where(counted > 0, [mean, *percentiles], np.nan)


def _percentile(reached: Integers, counted: Integers, share: float) -> Floats:
    """The draw number n (from 0) has the first place that more than n draws have reached."""
    at = np.maximum(counted - 1, 0) * share
    below = np.floor(at)
    lower, upper = (1 + (reached <= number[:, None]).sum(axis=1) for number in (below, np.ceil(at)))
    return np.asarray(lower + (at - below) * (upper - lower), dtype=np.float64)


def _share(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
