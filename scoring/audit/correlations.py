"""Correlations of scores on pairwise complete data, and which of them should make people think.

All three coefficients lie between -1 and 1. NaN where fewer than three units have both values or one of them does
not vary. Values are compared at 12 significant digits, so that the last bit makes no order.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Floats, InputError, significant

FEWEST: Final = 3
DOUBLE_COUNTING: Final = 0.9
TRADE_OFF: Final = -0.4


def pearson(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """The product-moment correlation of two columns, shape (units,) each; NaN is missing.

    >>> round(pearson([1, 2, 3, float("nan")], [1, 2, 4, 9]), 4)
    0.982
    """
    return _on_pairs(x, y, _pearson)


def spearman(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Pearson's correlation of the ranks (mid-ranks for ties) among the units that have both values.

    >>> spearman([1, 2, 3], [1, 4, 100])
    1.0
    """
    return _on_pairs(x, y, lambda a, b: _pearson(_mid_ranks(a), _mid_ranks(b)))


def kendall(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Kendall's tau-b: concordant less discordant pairs of units, over the root of the pairs untied in each column.

    Source: M. G. Kendall and J. D. Gibbons (1990), Rank Correlation Methods, 5th edition, chapter 3.

    >>> round(kendall([1, 2, 3, 4], [1, 3, 2, 2]), 4)
    0.1826
    """
    return _on_pairs(x, y, _kendall)


METHODS: Final[Mapping[str, Callable[[npt.ArrayLike, npt.ArrayLike], float]]] = {
    "pearson": pearson,
    "spearman": spearman,
    "kendall": kendall,
}


def correlate(values: npt.ArrayLike, method: str = "pearson") -> Floats:
    """The matrix of correlations between the columns of ``values``, shape (columns, columns), the diagonal included.

    ``values`` has shape (units, columns), NaN where missing; a column that does not vary has NaN with itself.

    Raises:
        InputError: the method is none of pearson, spearman and kendall, or the values are no table.

    >>> correlate([[1, 3], [2, 2], [3, 1]], "kendall")
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    if method not in METHODS:
        raise InputError(f"correlation: {method!r} is no method; allowed are {', '.join(METHODS)}")
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2:
        raise InputError(f"correlation: values have {table.ndim} dimensions; allowed are 2, units and columns")
    found = np.empty((table.shape[1], table.shape[1]))
    for row in range(len(found)):
        for column in range(row + 1):
            found[row, column] = found[column, row] = METHODS[method](table[:, row], table[:, column])
    return found


def flag_pairs(correlations: npt.ArrayLike, names: Sequence[str]) -> pd.DataFrame:
    """Pairs that say the same or work against each other: columns first, second, correlation, flag.

    ``double_counting`` is a correlation above 0.9 in size: one thing may have been counted twice. ``trade_off`` is
    one below -0.4: what is good for the one is bad for the other, and an average hides it. A pair below -0.9 is both.
    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), steps 4 and 6.

    >>> flag_pairs([[1, 0.95, -0.5], [0.95, 1, 0], [-0.5, 0, 1]], ["ease", "speed", "cost"]).to_numpy().tolist()
    [['ease', 'speed', 0.95, 'double_counting'], ['ease', 'cost', -0.5, 'trade_off']]
    """
    matrix = significant(np.asarray(correlations, dtype=np.float64))
    rows = []
    for one, other in combinations(range(len(names)), 2):
        r = float(matrix[one, other])
        if abs(r) > DOUBLE_COUNTING:
            rows.append((names[one], names[other], r, "double_counting"))
        if r < TRADE_OFF:
            rows.append((names[one], names[other], r, "trade_off"))
    return pd.DataFrame(rows, columns=["first", "second", "correlation", "flag"])


def correlation_ratio(x: npt.ArrayLike, y: npt.ArrayLike, classes: int = 5) -> float:
    """How much of the spread of ``y`` goes with ``x`` along any curve: between-class over total sum of squares, 0 to 1.

    The units that have both are put in order of ``x`` and cut into ``classes`` of (nearly) the same size; equal
    values of ``x`` stay together. For a straight line it comes near Pearson's r squared, and it sees a bend that r
    does not. NaN with fewer than three units or where one column does not vary.
    Source: P. Paruolo, M. Saisana and A. Saltelli (2013), Ratings and rankings: voodoo or science? Journal of the
    Royal Statistical Society A 176, 609-634.

    Raises:
        InputError: fewer than two classes.

    >>> correlation_ratio([1, 2, 3, 4, 5, 6], [1, 1, 0, 0, 1, 1], classes=3)
    1.0
    """
    if classes < 2:
        raise InputError(f"correlation ratio: {classes} classes; allowed are 2 or more")
    return _on_pairs(x, y, lambda a, b: _between(a, b, classes))


def _on_pairs(x: npt.ArrayLike, y: npt.ArrayLike, measure: Callable[[Floats, Floats], float]) -> float:
    one, other = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    both = ~np.isnan(one) & ~np.isnan(other)
    a, b = significant(one[both]), significant(other[both])
    if len(a) < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return measure(a, b)


def _pearson(a: Floats, b: Floats) -> float:
    one, other = a - a.mean(), b - b.mean()
    return float(np.clip((one @ other) / np.sqrt((one @ one) * (other @ other)), -1.0, 1.0))


def _mid_ranks(values: Floats) -> Floats:
    return np.asarray(pd.Series(values).rank().to_numpy(), dtype=np.float64)


def _kendall(a: Floats, b: Floats) -> float:
    above = np.triu_indices(len(a), 1)
    one, other = np.sign(a[:, None] - a[None, :])[above], np.sign(b[:, None] - b[None, :])[above]
    return float((one @ other) / np.sqrt((one @ one) * (other @ other)))


def _between(a: Floats, b: Floats, classes: int) -> float:
    middle = _mid_ranks(a) - 0.5
    place = np.floor(middle * classes / len(a)).astype(np.int64)
    count = np.bincount(place, minlength=classes)
    means = np.bincount(place, weights=b, minlength=classes)[count > 0] / count[count > 0]
    centred = b - b.mean()
    return float(np.clip((count[count > 0] * (means - b.mean()) ** 2).sum() / (centred @ centred), 0.0, 1.0))
