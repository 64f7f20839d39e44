"""Outliers: a distribution with a long tail is winsorised point by point, and only if that fails put on logarithms."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.frames import Flags, Floats, significant

SKEWNESS_LIMIT: Final = 2.0
KURTOSIS_LIMIT: Final = 3.5
WINSORISED_POINTS: Final = 5
LOG_SHIFT: Final = 0.01
SKEWNESS_POINTS: Final = 3
KURTOSIS_POINTS: Final = 4


@dataclass(frozen=True)
class Treated:
    """What became of figures of shape (units,): ``touched`` are those that moved.

    ``method`` is none, winsorised or log. ``skewness`` and ``kurtosis`` (excess) are (before, after); NaN when there
    are too few figures. ``passes`` says whether the outcome would not be treated again.
    """

    values: Floats
    touched: Flags
    method: str
    skewness: tuple[float, float]
    kurtosis: tuple[float, float]

    @property
    def passes(self) -> bool:
        """Whether skewness or excess kurtosis is within its limit."""
        return not _is_extreme(self.skewness[1], self.kurtosis[1])


def skewness(values: Floats) -> float:
    """Sample skewness, bias-corrected (type 2 of Joanes and Gill 1998), without unit; NaN values are left out.

    NaN is said for fewer than three figures or when all are the same.

    >>> round(skewness(np.array([1.0, 2.0, 3.0, 10.0])), 6)
    1.763633
    """
    scaled = _scaled(values)
    n = len(scaled)
    if n < SKEWNESS_POINTS:
        return float("nan")
    plain = (scaled**3).mean() / (scaled**2).mean() ** 1.5
    return float(plain * np.sqrt(n * (n - 1)) / (n - 2))


def excess_kurtosis(values: Floats) -> float:
    """Sample kurtosis less that of the normal distribution, bias-corrected (type 2 of Joanes and Gill 1998).

    It has no unit; NaN values are left out. NaN is said for fewer than four figures or when all are the same.

    >>> round(excess_kurtosis(np.array([1.0, 2.0, 3.0, 10.0])), 6)
    3.228
    """
    scaled = _scaled(values)
    n = len(scaled)
    if n < KURTOSIS_POINTS:
        return float("nan")
    plain = (scaled**4).mean() / (scaled**2).mean() ** 2
    return float(((n + 1) * (plain - 3) + 6) * (n - 1) / ((n - 2) * (n - 3)))


def treat(values: Floats) -> Treated:
    """Nothing is done unless skewness is beyond 2 either way and excess kurtosis above 3.5.

    Then the most extreme figure of the longer tail is replaced by the next one, and so on until the test passes; tied
    figures move together, and never more than five. If that is not enough, the figures as they came are put on
    logarithms: ln(x - min + 0.01 (max - min)), mirrored for a tail to the left, and stretched back to the old minimum
    and maximum, so that they stay in raw units and in order. NaN stays.

    Source: OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3; limits and steps as in the R package
    COINr, whose logarithm is neither mirrored nor stretched.

    >>> done = treat(np.array([1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 30.0]))
    >>> done.method, done.values[-1], int(done.touched.sum())
    ('winsorised', np.float64(4.0), 1)
    """
    before = (skewness(values), excess_kurtosis(values))
    if not _is_extreme(*before):
        return _told(values, values, "none", before)
    winsorised = _told(values, _winsorise(values), "winsorised", before)
    if winsorised.passes:
        return winsorised
    return _told(values, _on_logarithms(values, before[0]), "log", before)


def _told(values: Floats, treated: Floats, method: str, before: tuple[float, float]) -> Treated:
    touched = ~np.isnan(values) & (significant(treated) != significant(values))
    after = (skewness(treated), excess_kurtosis(treated)) if method != "none" else before
    return Treated(treated, touched, method, (before[0], after[0]), (before[1], after[1]))


def _is_extreme(skew: float, kurtosis: float) -> bool:
    return abs(skew) > SKEWNESS_LIMIT and kurtosis > KURTOSIS_LIMIT


def _scaled(values: Floats) -> Floats:
    """Distances from the mean as shares of the largest, which no power can overflow; empty when there are none."""
    present = values[~np.isnan(values)]
    if len(np.unique(significant(present))) < 2:
        return np.array([])
    distances = present - present.mean()
    return np.asarray(distances / np.abs(distances).max(), dtype=np.float64)


def _winsorise(values: Floats) -> Floats:
    treated, touched = values.copy(), np.zeros(len(values), dtype=bool)
    skew, kurtosis = skewness(treated), excess_kurtosis(treated)
    while _is_extreme(skew, kurtosis):
        sign = 1.0 if skew > 0 else -1.0
        out = sign * significant(treated)
        end = out == np.nanmax(out)
        if (touched | end).sum() > WINSORISED_POINTS:
            break
        treated[end] = sign * np.nanmax(np.where(end, np.nan, sign * treated))
        touched |= end
        skew, kurtosis = skewness(treated), excess_kurtosis(treated)
    return treated


def _on_logarithms(values: Floats, skew: float) -> Floats:
    sign = 1.0 if skew > 0 else -1.0
    turned = sign * values
    low, high = np.nanmin(turned), np.nanmax(turned)
    share = (turned - low) / (high - low)
    logs = np.log((share + LOG_SHIFT) / LOG_SHIFT) / np.log((1 + LOG_SHIFT) / LOG_SHIFT)
    return np.asarray(sign * (low + (high - low) * logs), dtype=np.float64)
