"""Intraclass correlations: how much of the spread of ratings lies between the units that were rated.

Source of all: P. E. Shrout and J. L. Fleiss (1979), Intraclass correlations: uses in assessing rater reliability,
Psychological Bulletin 86, 420-428. ``single`` is the reliability of one rater's rating, ``average`` that of the mean
of k raters.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.reliability.ratings import Raters, complete, noise, ratings_by_unit


@dataclass(frozen=True)
class OneWay:
    """Each unit has raters of its own. Mean squares in squared units of the scale, coefficients without unit.

    ``raters`` is k, the ratings a unit has (for unequal numbers n0, see ``icc_one_way``).
    """

    single: float
    average: float
    between: float
    within: float
    raters: float


@dataclass(frozen=True)
class TwoWay:
    """Each rater rated each unit. Mean squares in squared units of the scale, coefficients without unit.

    ``single`` and ``average`` take the raters as drawn from many and count their severity as disagreement;
    ``single_fixed`` and ``average_fixed`` ask about these raters only and let a constant severity pass.
    """

    single: float
    average: float
    single_fixed: float
    average_fixed: float
    between: float
    raters: float
    residual: float


def icc_one_way(ratings: npt.ArrayLike | pd.DataFrame, *, raters: Raters) -> OneWay:
    """ICC(1,1) and ICC(1,k) of a table of ratings in which any may be missing (NaN).

    ``ratings`` has two dimensions, one for units and one for places of raters; who sat on which place of a unit is
    of no effect. From variance components: with between and within mean squares B and W, tau2 = (B - W) / n0 where
    n0 = (N - sum n**2 / N) / (units - 1); single = tau2 / (tau2 + W), average = tau2 / (tau2 + W / n0). With k
    ratings of each unit n0 = k, and these are the formulas of Shrout and Fleiss. For unequal numbers: S. R. Searle,
    G. Casella and C. E. McCulloch (1992), Variance Components, section 3.6. A unit without rating is left out. With
    fewer than two units, or no unit with two ratings, all but the number is NaN; a coefficient is NaN too where the
    variance it divides by is not above zero.

    >>> found = icc_one_way([[1, 2], [4, 5], [7, 8]], raters="columns")
    >>> round(found.single, 4), round(found.average, 4), found.between, found.within, found.raters
    (0.9459, 0.9722, 18.0, 0.5, 2.0)

    Raises:
        InputError: the table has a wrong form.
    """
    table = ratings_by_unit(ratings, raters=raters)
    given = ~np.isnan(table)
    table, given = table[given.any(axis=1)], given[given.any(axis=1)]
    n = given.sum(axis=1).astype(np.float64)
    units, total = len(n), float(n.sum())
    if units < 2 or total == units:
        return OneWay(*(float("nan"),) * 4, raters=total / units if units else 0.0)
    filled = np.where(given, table, 0.0)
    means = filled.sum(axis=1) / n
    grand = filled.sum() / total
    between = float((n * (means - grand) ** 2).sum() / (units - 1))
    within = float((np.where(given, table - means[:, None], 0.0) ** 2).sum() / (total - units))
    k = (total - float((n**2).sum()) / total) / (units - 1)
    least = noise(table)
    return OneWay(
        single=_ratio(between - within, between + (k - 1) * within, least),
        average=_ratio(between - within, between, least),
        between=between,
        within=within,
        raters=k,
    )


def icc_two_way(ratings: npt.ArrayLike | pd.DataFrame, *, raters: Raters) -> TwoWay:
    """ICC(2,1), ICC(2,k), ICC(3,1) and ICC(3,k) of a complete table of ratings.

    ``ratings`` has two dimensions, one for units and one for raters. With fewer than two units or raters all is NaN.
    A coefficient is NaN too where the variance it divides by is not above zero.

    >>> found = icc_two_way([[1, 2], [4, 5], [7, 8]], raters="columns")
    >>> round(found.single, 4), round(found.average, 4), found.single_fixed, found.average_fixed
    (0.9474, 0.973, 1.0, 1.0)

    Raises:
        InputError: the table has a wrong form or holds a missing rating.
    """
    table = complete(ratings_by_unit(ratings, raters=raters), "a two-way intraclass correlation")
    units, k = table.shape
    if units < 2 or k < 2:
        return TwoWay(*(float("nan"),) * 7)
    rows, columns, grand = table.mean(axis=1, keepdims=True), table.mean(axis=0), table.mean()
    between = float(k * ((rows - grand) ** 2).sum() / (units - 1))
    severity = float(units * ((columns - grand) ** 2).sum() / (k - 1))
    residual = float(((table - rows - columns + grand) ** 2).sum() / ((units - 1) * (k - 1)))
    shift = (severity - residual) / units
    least = noise(table)
    return TwoWay(
        single=_ratio(between - residual, between + (k - 1) * residual + k * shift, least),
        average=_ratio(between - residual, between + shift, least),
        single_fixed=_ratio(between - residual, between + (k - 1) * residual, least),
        average_fixed=_ratio(between - residual, between, least),
        between=between,
        raters=severity,
        residual=residual,
    )


def _ratio(part: float, whole: float, least: float) -> float:
    return part / whole if whole > least else float("nan")
