"""What two published figures differ by, and whether that is more than chance: from their printed intervals alone."""

from dataclasses import dataclass
from decimal import Decimal

from evalsys.reports.calculation import cents

Interval = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Difference:
    """The second figure less the first, with its 95 % interval; without one nobody can say whether it is clear.

    `is_clear`: the interval does not hold 0.
    """

    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    is_clear: bool | None = None

    @property
    def turned(self) -> "Difference":
        """The first figure less the second."""
        low, high = (None if end is None else -end for end in (self.high, self.low))
        return Difference(-self.value, low, high, self.is_clear)


def difference(
    first: Decimal | None, second: Decimal | None, one: Interval = (None, None), other: Interval = (None, None)
) -> Difference | None:
    """The difference of two figures of independent samples, None when one is not shown.

    Half the widths of the intervals are the margins, which add as errors do, by their squares: what a scorecard says
    of its change is worked out in the same way.

    >>> difference(Decimal(60), Decimal(65), (Decimal(57), Decimal(63)), (Decimal(61), Decimal(69)))
    Difference(value=Decimal('5'), low=Decimal('0.00'), high=Decimal('10.00'), is_clear=False)
    """
    if first is None or second is None:
        return None
    value = second - first
    if one[0] is None or one[1] is None or other[0] is None or other[1] is None:
        return Difference(value)
    squares = ((one[1] - one[0]) / 2) ** 2 + ((other[1] - other[0]) / 2) ** 2
    margin = squares.sqrt()
    return Difference(value, cents(value - margin), cents(value + margin), value**2 > squares)
