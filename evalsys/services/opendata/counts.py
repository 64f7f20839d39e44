"""Numbers of people as they leave the house: ranges below 100, shares in whole percent.

Cards made since numbers are printed as ranges have them already; what older cards hold is put into the same form, so
that no file tells more than any other.
"""

from evalsys.services.disclosure import BANDS

WHOLE = 100


def ranged(n: int | None, n_to: int, promise: str) -> tuple[int | None, int]:
    """The number and the upper end of its range, 0 where it is exact, as it is for groups that answer by name.

    >>> [ranged(n, 0, "anonymous") for n in (57, 120, 4, None)], ranged(20, 49, "anonymous")
    ([(50, 99), (120, 0), (4, 0), (None, 0)], (20, 49))
    >>> ranged(12, 0, "accountable")
    (12, 0)
    """
    if n is None or n_to or promise == "accountable":
        return n, n_to
    return next(((low, high) for low, high in BANDS if low <= n <= high), (n, 0))


def share_of(part: int, answered: int) -> int:
    """Whole percent of those who answered anything, half up.

    >>> share_of(1, 199), share_of(0, 0)
    (1, 0)
    """
    whole = part + answered
    return (2 * WHOLE * part + whole) // (2 * whole) if whole else 0
