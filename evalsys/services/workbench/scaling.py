"""Numbers that should add up to 100, scaled until they do: a proposal, never done in silence."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from evalsys.services.bounds import WHOLE

LEAST_DECIMALS, MOST_DECIMALS = 2, 6
Typed = Mapping[str, Mapping[str, Decimal | None]]


def scale_families(weights: Typed) -> dict[str, dict[str, Decimal]]:
    """The families that do not add up to 100, each scaled; those without anything to scale are left out."""
    found = {}
    for family, members in weights.items():
        numbers = [number for number in members.values() if number is not None]
        if len(numbers) == len(members) and sum(numbers) not in (0, WHOLE):
            found[family] = dict(zip(members, scale_to_whole(numbers), strict=True))
    return found


def scale_to_whole(numbers: Sequence[Decimal]) -> list[Decimal]:
    """The same proportions with the sum of exactly 100, by largest remainder: the first of equal ones gets the rest.

    Two decimals, or as many as were typed.

    >>> [str(number) for number in scale_to_whole([Decimal(30), Decimal(30), Decimal(30)])]
    ['33.34', '33.33', '33.33']
    """
    typed = max(-int(number.normalize().as_tuple().exponent) for number in numbers)
    step = Decimal(1).scaleb(-min(max(typed, LEAST_DECIMALS), MOST_DECIMALS))
    whole, exact = sum(numbers), [number * WHOLE / step for number in numbers]
    parts = [int(number // whole) for number in exact]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] * whole - exact[place], place))
    for place in order[: int(WHOLE / step) - sum(parts)]:
        parts[place] += 1
    return [_plain(part * step) for part in parts]


def _plain(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
