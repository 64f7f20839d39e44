"""Numbers of people as they leave the house: ranges below 100, shares in whole percent.

Cards made since numbers are printed as ranges have them already; what older cards hold is put into the same form, so
that no file tells more than any other.
"""

from collections.abc import Sequence

from evalsys.services.disclosure import BANDS, percents

WHOLE = 100


def ranged(n: int | None, n_to: int) -> tuple[int | None, int]:
    """The number and the upper end of its range, 0 where it is exact.

    >>> ranged(57, 0), ranged(120, 0), ranged(20, 49), ranged(4, 0), ranged(None, 0)
    ((50, 99), (120, 0), (20, 49), (4, 0), (None, 0))
    """
    if n is None or n_to:
        return n, n_to
    return next(((low, high) for low, high in BANDS if low <= n <= high), (n, 0))


def whole_shares(counts: Sequence[int]) -> tuple[int, ...]:
    """Counts as whole percents that add up to 100, the largest remainders rounded up.

    >>> whole_shares([1, 1, 1]), whole_shares([0, 0]), whole_shares([5, 0, 195])
    ((34, 33, 33), (), (3, 0, 97))
    """
    return percents(counts) if sum(counts) else ()


def share_of(part: int, answered: int) -> int:
    """Whole percent of those who answered anything, half up.

    >>> share_of(1, 199), share_of(0, 0)
    (1, 0)
    """
    whole = part + answered
    return (2 * WHOLE * part + whole) // (2 * whole) if whole else 0
