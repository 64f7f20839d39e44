"""Tie groups: units that the evidence does not tell apart.

Going down the published order, each unit is compared with the first of the current group only. It starts a group of
its own when that first unit is ranked above it in at least 90 % of the draws; otherwise it joins. Comparing with the
first, and not with the one before, keeps a long row of near neighbours from making one group of all.
"""

import numpy as np

from scoring.frames import Integers, significant
from scoring.uncertainty.ranks import Ranks

SEPARABLE = 0.9


def tie_groups(ranks: Ranks, order: Integers, certainty: float = SEPARABLE) -> Integers:
    """Number of each unit's tie group, 1 for the best, shape (units,); 0 for units that ``order`` leaves out.

    ``ranks`` has shape (draws, units), ``order`` the positions of the ranked units, best first.

    >>> tie_groups(np.array([[1, 2, 3]] * 8 + [[2, 1, 3]] * 2), np.array([0, 1, 2])).tolist()
    [1, 1, 2]
    """
    columns = np.ascontiguousarray(ranks.T)
    groups = np.zeros(len(columns), dtype=np.int64)
    first, number = -1, 0
    for unit in order:
        if first < 0 or significant(np.mean(columns[first] < columns[unit], keepdims=True))[0] >= certainty:
            first, number = unit, number + 1
        groups[unit] = number
    return groups
