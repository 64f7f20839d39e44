"""Numbers of people as they leave the house: ranges below 100, shares in whole percent.

Cards made since numbers are printed as ranges have them already; what older cards hold is put into the same form, so
that no file tells more than any other.
"""

from collections.abc import Sequence

EXACT_FROM = 100
RANGES = ((10, 19), (20, 49), (50, 99))
WHOLE = 100


def ranged(n: int | None, n_to: int) -> tuple[int | None, int]:
    """The number and the upper end of its range, 0 where it is exact.

    >>> ranged(57, 0), ranged(120, 0), ranged(20, 49), ranged(4, 0), ranged(None, 0)
    ((50, 99), (120, 0), (20, 49), (4, 0), (None, 0))
    """
    if n is None or n_to:
        return n, n_to
    return next(((low, high) for low, high in RANGES if low <= n <= high), (n, 0))


def whole_shares(counts: Sequence[int]) -> tuple[int, ...]:
    """Counts as whole percents that add up to 100, the largest remainders rounded up.

    >>> whole_shares([1, 1, 1]), whole_shares([0, 0]), whole_shares([5, 0, 195])
    ((34, 33, 33), (), (3, 0, 97))
    """
    total = sum(counts)
    if not total:
        return ()
    down = [count * WHOLE // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda at: (-(counts[at] * WHOLE % total), at))
    for at in by_remainder[: WHOLE - sum(down)]:
        down[at] += 1
    return tuple(down)


def share_of(part: int, answered: int) -> int:
    """Whole percent of those who answered anything, half up.

    >>> share_of(1, 199), share_of(0, 0)
    (1, 0)
    """
    whole = part + answered
    return (2 * WHOLE * part + whole) // (2 * whole) if whole else 0
