"""Outranking: units compared pair by pair, criterion by criterion, so that no criterion makes up for another.

Source: G. Munda and M. Nardo (2009), Applied Economics 41(12), pages 1513-1523; the score is Copeland's.
"""

from typing import Final

import numpy as np

from scoring.frames import Floats, significant

TIE: Final = 1e-12
"""A share this close to one half is one half."""
ROWS: Final = 512
"""Units compared with all others at a time."""


def outranking(values: Floats, weights: Floats) -> Floats:
    """Weight of the criteria on which the unit of the row is better, plus half of those that tie; (units, units).

    ``values`` (units, criteria) is NaN where missing; ``weights`` has the same shape or (criteria,). A pair is compared
    on the criteria that both have, whose weights are divided by their sum; where units weigh a criterion differently,
    by the mean of both. NaN when a pair has none in common; the diagonal is 0. Numbers equal in 12 digits tie.

    >>> outranking(np.array([[3.0, 1.0], [2.0, 1.0]]), np.array([0.75, 0.25]))
    array([[0.   , 0.875],
           [0.125, 0.   ]])
    """
    weighed = np.where(np.isnan(values), 0.0, weights)
    matrix = _compare(significant(values), weighed, slice(0, len(values)))
    np.fill_diagonal(matrix, 0.0)
    return matrix


def copeland(values: Floats, weights: Floats) -> Floats:
    """Number of units a unit outranks (share above one half) less the number that outrank it, shape (units,).

    Arguments are those of ``outranking``. A unit without any criterion compares with no one: 0.

    >>> copeland(np.array([[3.0, 1.0], [2.0, 1.0], [1.0, 9.0]]), np.array([0.75, 0.25]))
    array([ 2.,  0., -2.])
    """
    weighed, rounded = np.where(np.isnan(values), 0.0, weights), significant(values)
    score = np.zeros(len(values))
    for start in range(0, len(values), ROWS):
        shares = _compare(rounded, weighed, slice(start, start + ROWS))
        score[start : start + ROWS] = (shares > 0.5 + TIE).sum(axis=1) - (shares < 0.5 - TIE).sum(axis=1)
    return score


def _compare(values: Floats, weights: Floats, rows: slice) -> Floats:
    """Shares of the units in ``rows`` against all; a unit against itself is one half."""
    won, whole = np.zeros((2, len(values[rows]), len(values)))
    for value, weight in zip(values.T, weights.T, strict=True):
        both = (weight[rows, None] > 0) & (weight > 0)
        shared = np.where(both, weight[rows, None] + weight, 0.0)
        whole += shared
        won += shared * ((value[rows, None] > value) + 0.5 * (value[rows, None] == value))
    return np.divide(won, whole, out=np.full_like(won, np.nan), where=whole > 0)
