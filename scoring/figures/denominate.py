"""Figures per head, per kilometre, per case: divided by a size of the unit, so that large and small compare."""

import numpy as np

from scoring.frames import Flags, Floats


def denominate(figures: Floats, denominators: Floats) -> tuple[Floats, Flags]:
    """Quotients, and which figures lost their value: the denominator is missing, zero, negative or next to nothing.

    Both arguments and both results have the same shape, any; NaN is missing. A quotient is never infinite.

    >>> denominate(np.array([6.0, 0.0, 5.0, np.nan]), np.array([3.0, 2.0, 0.0, 0.0]))
    (array([ 2.,  0., nan, nan]), array([False, False,  True, False]))
    """
    usable = denominators > 0
    with np.errstate(over="ignore"):
        quotients = figures / np.where(usable, denominators, 1.0)
    kept = np.where(usable & np.isfinite(quotients), quotients, np.nan)
    return kept, np.isnan(kept) & ~np.isnan(figures)
