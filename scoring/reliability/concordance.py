"""Agreement of complete panels: on an order (Kendall), on categories (Fleiss), of items with each other (Cronbach)."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import InputError, significant
from scoring.reliability.ratings import Raters, complete, noise, numbers, ratings_by_unit


def kendall_w(ratings: npt.ArrayLike | pd.DataFrame, *, raters: Raters) -> float:
    """Kendall's coefficient of concordance with the correction for ties.

    ``ratings`` has two dimensions, one for m raters and one for k units, and holds ranks or values to be ranked
    within each rater (mid-ranks for ties; equal to 12 significant digits is a tie). With S the sum of squares of the
    units' rank sums around their mean, W = 12 S / (m**2 (k**3 - k) - m sum(t**3 - t)) over all groups of t tied
    units. No unit; 0 is no agreement; m (k - 1) W is Friedman's chi-squared with k - 1 degrees of freedom. NaN with
    fewer than two raters or units, or where every rater ties everything.

    Source: M. G. Kendall and J. D. Gibbons (1990), Rank Correlation Methods, 5th edition, chapter 6.

    >>> kendall_w([[1, 2, 3], [1, 3, 2], [1, 2, 3]], raters="rows")
    0.7777777777777778

    Raises:
        InputError: the table has a wrong form or holds a missing value.
    """
    table = complete(significant(ratings_by_unit(ratings, raters=raters)), "Kendall's W")
    units, m = table.shape
    if units < 2 or m < 2:
        return float("nan")
    sums = pd.DataFrame(table).rank().to_numpy().sum(axis=1)
    tied = [np.unique(column, return_counts=True)[1].astype(np.float64) for column in table.T]
    ties = sum(float((t**3 - t).sum()) for t in tied)
    most = m**2 * (units**3 - units) - m * ties
    return 12 * float(((sums - sums.mean()) ** 2).sum()) / most if most > 0 else float("nan")


def fleiss_kappa(counts: npt.ArrayLike | pd.DataFrame) -> float:
    """Agreement on categories beyond chance, for the same number of ratings of every unit.

    ``counts`` has shape (units, categories) and says how many raters put the unit into the category. No unit; 0 is
    what chance would give. NaN where every rating is of one category.

    Source: J. L. Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin 76,
    378-382.

    >>> round(fleiss_kappa([[3, 0], [0, 3], [2, 1]]), 4)
    0.55

    Raises:
        InputError: the table has a wrong form, a number is missing, negative or not whole, the units have different
            numbers of ratings, or fewer than two.
    """
    table = complete(numbers(counts), "Fleiss' kappa")
    if (table < 0).any() or (table % 1 != 0).any():
        raise InputError("Fleiss' kappa counts raters: a number is negative or not whole")
    ratings = table.sum(axis=1)
    n = float(ratings[0])
    if (ratings != n).any():
        raise InputError(
            f"Fleiss' kappa needs equally many ratings of each unit, not {ratings.min():g} to {ratings.max():g}"
        )
    if n < 2:
        raise InputError("Fleiss' kappa needs at least two ratings of each unit")
    observed = float(((table**2).sum(axis=1) - n).mean()) / (n * (n - 1))
    shares = table.sum(axis=0) / table.sum()
    if shares.max() == 1:
        return float("nan")
    chance = float((shares**2).sum())
    return (observed - chance) / (1 - chance)


def cronbach_alpha(items: npt.ArrayLike | pd.DataFrame) -> float:
    """How far several items measure the same: k / (k - 1) (1 - trace(C) / sum(C)), C the items' covariances.

    ``items`` has shape (units, items), all items on one scale and in one direction; NaN is missing, and each
    covariance (divisor n - 1) is taken over the units that have both items. No unit; at most 1 on complete data. NaN
    with fewer than two items, where two items have fewer than two units in common, or where sum(C) is not above zero.

    Source: L. J. Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16, 297-334.

    >>> round(cronbach_alpha([[1, 2], [2, 2], [3, 4]]), 4)
    0.9231

    Raises:
        InputError: the table has a wrong form.
    """
    table = numbers(items)
    k = table.shape[1]
    covariances = pd.DataFrame(table).cov(min_periods=2).to_numpy()
    whole = float(covariances.sum())
    if k < 2 or not whole > noise(table):
        return float("nan")
    return float(k / (k - 1) * (1 - np.trace(covariances) / whole))
