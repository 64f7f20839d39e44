"""Krippendorff's alpha: agreement of any number of raters on any scale, with any ratings missing."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Floats, InputError, significant
from scoring.reliability.ratings import Raters, ratings_by_unit

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
"""What two different ratings have to do with each other: nothing, their order, their distance, their proportion."""


def krippendorff_alpha(ratings: npt.ArrayLike | pd.DataFrame, *, raters: Raters, metric: Metric = "ordinal") -> float:
    """One less the observed disagreement within units as a share of the disagreement expected by chance.

    ``ratings`` has two dimensions, one for the raters and one for the units, in the units of the scale (categories
    of a nominal scale as numbers); NaN is a missing rating. A unit with fewer than two ratings has nothing to
    compare and is left out. The result has no unit: 1 is perfect agreement, 0 what chance would give, NaN is said
    where fewer than two different values are left. Ratings equal to 12 significant digits are equal.

    Source: K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, University of Pennsylvania.

    >>> krippendorff_alpha([[1, 1, None], [2, 2, 3], [3, 3, 3], [None, 1, None]], raters="columns", metric="nominal")
    0.65

    Raises:
        InputError: the table has a wrong form, the metric is unknown, or a ratio scale has a value below zero.
    """
    if metric not in get_args(Metric):
        raise InputError(f"the metric {metric!r} is none of {', '.join(get_args(Metric))}")
    table = significant(ratings_by_unit(ratings, raters=raters))
    table = table[(~np.isnan(table)).sum(axis=1) >= 2]
    given = ~np.isnan(table)
    values, codes = np.unique(table[given], return_inverse=True)
    if metric == "ratio" and (values < 0).any():
        raise InputError("a ratio scale starts at zero: the table holds a value below")
    if len(values) < 2:
        return float("nan")
    places = np.nonzero(given)[0] * len(values) + codes
    counts = np.bincount(places, minlength=len(table) * len(values)).reshape(len(table), -1).astype(np.float64)
    margins = counts.sum(axis=0)
    distances = _distances(values, margins, metric)
    observed = (counts.T @ (counts / (counts.sum(axis=1, keepdims=True) - 1)) * distances).sum()
    expected = margins @ distances @ margins / (margins.sum() - 1)
    return float(1 - observed / expected)


def _distances(values: Floats, margins: Floats, metric: Metric) -> Floats:
    """Squared differences of the values, shape (values, values); ``margins`` counts the ratings of each value."""
    gaps = values[:, None] - values
    if metric == "nominal":
        return np.asarray(gaps != 0, dtype=np.float64)
    if metric == "ordinal":
        middles = np.cumsum(margins) - margins / 2
        return np.asarray((middles[:, None] - middles) ** 2, dtype=np.float64)
    if metric == "interval":
        return np.asarray(gaps**2, dtype=np.float64)
    sums = values[:, None] + values
    return np.asarray((gaps / np.where(sums > 0, sums, 1)) ** 2, dtype=np.float64)
