"""How sure a coefficient is: its percentile interval when the units are drawn again."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Floats, InputError
from scoring.reliability.ratings import numbers


@dataclass(frozen=True)
class Interval:
    """Bounds of an interval in the unit of the statistic, and the draws in which the statistic was defined."""

    low: float
    high: float
    draws: int


def bootstrap_interval(
    statistic: Callable[[Floats], float],
    table: npt.ArrayLike | pd.DataFrame,
    generator: np.random.Generator,
    *,
    draws: int = 1000,
    probability: float = 0.95,
) -> Interval:
    """Percentile interval of a statistic of a table of shape (units, raters) when whole rows are drawn again.

    A row keeps its ratings together. Draws in which the statistic is NaN are left out and lower ``Interval.draws``;
    without any draw left both bounds are NaN. The rows are sorted first, so that their order is of no effect: the
    same table and the same state of the generator give the same interval.

    Source: B. Efron and R. J. Tibshirani (1993), An Introduction to the Bootstrap, section 13.3.

    >>> from functools import partial
    >>> from scoring.reliability import krippendorff_alpha
    >>> alpha = partial(krippendorff_alpha, raters="columns", metric="interval")
    >>> table = [[1, 1], [2, 2], [3, 4], [4, 4], [5, 4], [1, 2]]
    >>> found = bootstrap_interval(alpha, table, np.random.Generator(np.random.PCG64(7)), draws=200)
    >>> found.low < alpha(table) < found.high <= 1
    True

    Raises:
        InputError: the table has a wrong form, there is no draw to make, or the probability is not between 0 and 1.
    """
    rows = numbers(table)
    if draws < 1:
        raise InputError(f"at least one draw is needed, not {draws}")
    if not 0 < probability < 1:
        raise InputError(f"the probability of an interval lies between 0 and 1, not at {probability:g}")
    rows = rows[np.lexsort(rows.T)]
    picks = generator.integers(len(rows), size=(draws, len(rows)))
    found = np.array([statistic(rows[pick]) for pick in picks])
    found = found[~np.isnan(found)]
    if not len(found):
        return Interval(float("nan"), float("nan"), 0)
    low, high = np.quantile(found, [(1 - probability) / 2, (1 + probability) / 2])
    return Interval(float(low), float(high), len(found))
