"""The one rule about numbers of people that leave the house: in bands, shares as whole percents (ADR 21).

Scores keep two decimals, so that a reader can redo the calculation. What would tell single answers beside them is made
coarse instead: how many people answered, how they were spread, how many did not know.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from evalsys.reports.calculation import Reading, cents, percents
from scoring.scheme import Group

BANDS = ((10, 19), (20, 49), (50, 99))
EXACT_FROM = 100
PEOPLE_OF_A_SHARE = 30
"""The least number of answers of which shares are told."""
FINE = Decimal("0.0001")
STRAIGHT = ("linear", "maximum")

Number = tuple[int, int]
"""The lower end of a band and its upper end; an upper end of 0 says that the lower one is the exact number."""


def number_of(n: int, promise: str, least: int) -> Number:
    """How a number of people of a group is told; `least` is the number from which anything of the group is told.

    >>> [number_of(n, "anonymous", 5) for n in (0, 7, 10, 48, 99, 100, 631)]
    [(0, 0), (5, 9), (10, 19), (20, 49), (50, 99), (100, 0), (631, 0)]
    >>> number_of(7, "accountable", 3)
    (7, 0)
    """
    if promise == "accountable" or n >= EXACT_FROM or n == 0:
        return n, 0
    start = least if least <= n else 1
    return next((band for band in BANDS if band[0] <= n <= band[1]), (start, BANDS[0][0] - 1))


def number_in(n: float, group: Group) -> Number:
    """How a number of people of one group is told."""
    return number_of(int(n), group.promise, group.minimum[0])


def shares_of(counts: Sequence[int]) -> tuple[int, ...]:
    """Counts as whole percents that sum to 100, by the largest remainder; nothing where all are the same or few.

    >>> shares_of((12, 31, 88, 210, 262))
    (2, 5, 15, 35, 43)
    >>> shares_of((0, 0, 40, 0, 0)), shares_of((9, 20))
    ((), ())
    """
    whole = sum(counts)
    return percents(counts) if whole >= PEOPLE_OF_A_SHARE and max(counts) < whole else ()


def mean_of(score: Decimal, reading: Reading) -> Decimal | None:
    """The mean of the answers that the printed score tells, and no finer; None where points are no straight line."""
    if reading.rescale not in STRAIGHT or reading.high == reading.low:
        return None
    share = (score - reading.low) / (reading.high - reading.low)
    floor = reading.first if reading.rescale == "linear" else 0
    mean = floor + (1 - share if reading.is_reversed else share) * (reading.last - floor)
    fine, plain = mean.quantize(FINE), cents(mean)
    is_enough = fine == plain or replace(reading, mean=plain).result == score
    return plain if is_enough else Decimal(f"{fine:f}".rstrip("0"))
