"""Small samples: means drawn towards the common mean by how little each of them is known."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.frames import Floats, InputError

FEWEST_UNITS: Final = 5
NOTHING: Final = 1e-12
"""A variance below this share of the mean square is rounding noise."""


@dataclass(frozen=True, eq=False)
class Shrunk:
    """The drawn means and how they came about; variances in squared units of the means.

    ``values`` and ``reliability`` have shape (units,). ``note`` is empty, or says why nothing was drawn
    ("too_few_units", "spread_unknown": the means stand as they are, reliability NaN), or that the units do not differ
    ("no_difference": all are equal to ``mean``, reliability 0).
    """

    values: Floats
    reliability: Floats
    mean: float
    between: float
    within: float
    note: str


def shrink(means: npt.ArrayLike, n: npt.ArrayLike, variances: npt.ArrayLike) -> Shrunk:
    """Empirical-Bayes means: mu + lambda (m - mu), lambda = tau2 / (tau2 + sigma2 / n).

    ``means`` (NaN where a unit has none), ``n`` (answers, or effective answers) and ``variances`` (of single answers,
    n - 1; NaN where a unit has only one) have shape (units,). sigma2 is the pooled variance W; tau2 = max(0,
    (B - W) / n0) from the mean squares between and within, n0 = (N - sum n**2 / N) / (units - 1); mu weighs the units
    by lambda, so that it is the plain mean for equal n. For a balanced design these are the REML estimates and BLUPs:
    S. R. Searle, G. Casella and C. E. McCulloch (1992), Variance Components, section 3.6.

    >>> found = shrink([40, 50, 60, 70, 80], [4, 4, 4, 4, 4], [400] * 5)
    >>> found.values, found.reliability, found.between
    (array([48., 54., 60., 66., 72.]), array([0.6, 0.6, 0.6, 0.6, 0.6]), 150.0)

    Raises:
        InputError: the shapes differ, or a unit with a mean has no n above 0.
    """
    mean, size, variance = _read(means, n, variances)
    there = ~np.isnan(mean)
    freedom = np.where(there & ~np.isnan(variance), np.clip(size - 1, 0.0, None), 0.0)
    if there.sum() < FEWEST_UNITS or not freedom.any():
        note = "too_few_units" if there.sum() < FEWEST_UNITS else "spread_unknown"
        return Shrunk(mean, np.full(mean.shape, np.nan), *(float("nan"),) * 3, note=note)
    within = float((freedom * np.where(freedom > 0, variance, 0.0)).sum() / freedom.sum())
    between = _between(mean[there], size[there], within)
    if not between:
        grand = float((size[there] * mean[there]).sum() / size[there].sum())
        return Shrunk(np.where(there, grand, np.nan), np.where(there, 0.0, np.nan), grand, 0.0, within, "no_difference")
    reliability = np.where(there, between / (between + within / np.where(there, size, 1.0)), np.nan)
    grand = float(np.nansum(reliability * mean) / np.nansum(reliability))
    return Shrunk(grand + reliability * (mean - grand), reliability, grand, between, within, "")


def shrink_known(means: npt.ArrayLike, variance: float) -> tuple[Floats, float]:
    """James and Stein's means for one known sampling variance, and their factor c = 1 - (k - 3) variance / S.

    ``means`` has shape (units,), S is the sum of squares around the grand mean; a negative c becomes 0 (positive part).
    Source: B. Efron and C. Morris (1975), Journal of the American Statistical Association 70, 311.

    >>> shrink_known([1, 2, 3, 4, 5], 1.0)
    (array([1.4, 2.2, 3. , 3.8, 4.6]), 0.8)

    Raises:
        InputError: fewer than four units, a mean that is missing, or a variance below 0.
    """
    mean = np.asarray(means, dtype=np.float64)
    if mean.ndim != 1 or len(mean) <= 3 or not np.isfinite(mean).all():
        raise InputError(f"means of shape {mean.shape}; allowed: four or more, none missing")
    if not 0 <= variance < np.inf:
        raise InputError(f"variance {variance:g}; allowed: a finite number from 0 up")
    away = mean - mean.mean()
    squares = float((away**2).sum())
    spread = squares > NOTHING * float((mean**2).sum())
    factor = max(0.0, 1 - (len(mean) - 3) * variance / squares) if spread else 0.0
    return mean.mean() + factor * away, factor


def _read(means: npt.ArrayLike, n: npt.ArrayLike, variances: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    mean, size, variance = (np.asarray(part, dtype=np.float64) for part in (means, n, variances))
    if mean.ndim != 1 or not mean.shape == size.shape == variance.shape:
        shapes = f"{mean.shape}, {size.shape} and {variance.shape}"
        raise InputError(f"means, n and variances of shape {shapes}; allowed: one each a unit")
    for place in np.flatnonzero(~np.isnan(mean) & ~(size > 0)).tolist():
        raise InputError(f"n of {size[place]:g} for unit {place}, which has a mean; allowed: above 0")
    return mean, size, variance


def _between(mean: Floats, size: Floats, within: float) -> float:
    """Variance between units beyond what the answers' spread explains; 0 when there is none."""
    whole = size.sum()
    grand = (size * mean).sum() / whole
    square = float((size * (mean - grand) ** 2).sum() / (len(mean) - 1))
    even = float((whole - (size**2).sum() / whole) / (len(mean) - 1))
    if square - within <= NOTHING * float((size * mean**2).sum() / len(mean)):
        return 0.0
    return (square - within) / even
