"""Intervals of a share."""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from scoring.frames import Floats, InputError, significant


def wilson(successes: npt.ArrayLike, n: npt.ArrayLike, probability: float = 0.95) -> tuple[Floats, Floats]:
    """Score interval of a share without continuity correction, as fractions of one, in the shape of the input.

    ``n`` may be an effective sample size, whole or not; where it is 0 both bounds are NaN. Source: E. B. Wilson (1927),
    Journal of the American Statistical Association 22, 209; the examples are those of R. G. Newcombe (1998), Statistics
    in Medicine 17, 857.

    >>> low, high = wilson([81, 0], [263, 20])
    >>> low.round(4), high.round(4)
    (array([0.2553, 0.    ]), array([0.3662, 0.1611]))

    Raises:
        InputError: successes are negative or more than n, or the probability is not between 0 and 1.
    """
    if not 0 < probability < 1:
        raise InputError(f"an interval of probability {probability}; allowed: between 0 and 1")
    hits, size = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64))
    wrong = (significant(hits) < 0) | (significant(hits) > significant(size))
    for place in np.flatnonzero(wrong).tolist():
        raise InputError(f"{hits.flat[place]:g} successes of {size.flat[place]:g}; allowed: from 0 to n")
    z = NormalDist().inv_cdf((1 + probability) / 2)
    known = size > 0
    safe = np.where(known, size, 1.0)
    share = np.clip(np.where(known, hits, 0.0) / safe, 0.0, 1.0)
    centre = share + z * z / (2 * safe)
    half = z * np.sqrt(share * (1 - share) / safe + (z / (2 * safe)) ** 2)
    scale = 1 + z * z / safe
    low = np.where(share > 0, (centre - half) / scale, 0.0)
    high = np.where(share < 1, (centre + half) / scale, 1.0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
