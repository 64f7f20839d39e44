"""Weights as people write them down: few decimals, and a sum of exactly 100."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy.typing as npt

from scoring.weighting.checks import read_vector

MOST_DECIMALS = 6
SUM_TOLERANCE = Fraction(1, 10**6)


def round_to_hundred(weights: npt.ArrayLike, names: Sequence[str], *, decimals: int = 2) -> tuple[Decimal, ...]:
    """Shares as percent with that many decimals that add up to exactly 100, by largest remainder.

    Every share is cut off; the units that are missing go, one each, to the largest remainders, and among equal ones to
    the first names. Source: the method of Hamilton (1792), Balinski and Young, Fair Representation (2001).

    Raises:
        ValueError: wrong shape, a share below 0, shares that do not add up to 1, or other than 0 to 6 decimals.

    >>> round_to_hundred([1 / 3, 1 / 3, 1 / 3], ["speed", "courtesy", "cost"])
    (Decimal('33.34'), Decimal('33.33'), Decimal('33.33'))
    >>> round_to_hundred([0.625, 0.375], ["speed", "courtesy"], decimals=0)
    (Decimal('63'), Decimal('37'))
    """
    shares = [Fraction(share) for share in read_vector(weights, names, "rounding").tolist()]
    if decimals not in range(MOST_DECIMALS + 1):
        raise ValueError(f"rounding: {decimals} decimals; allowed are 0 to {MOST_DECIMALS}")
    for name, share in zip(names, shares, strict=True):
        if share < 0:
            raise ValueError(f"rounding: {name!r} has {float(share):g}; allowed are shares from 0")
    whole = sum(shares, Fraction(0))
    if abs(whole - 1) > SUM_TOLERANCE:
        raise ValueError(f"rounding: the shares add up to {float(whole):g}; allowed is 1")
    units = 100 * 10**decimals
    parts = [share / whole * units for share in shares]
    counts = [int(part) for part in parts]
    # A computed third differs from another one in its last digit: that must not decide who gets the unit.
    left = [round(float(part - count), MOST_DECIMALS) for part, count in zip(parts, counts, strict=True)]
    for place in sorted(range(len(parts)), key=lambda at: -left[at])[: units - sum(counts)]:
        counts[place] += 1
    return tuple(Decimal(count).scaleb(-decimals) for count in counts)
