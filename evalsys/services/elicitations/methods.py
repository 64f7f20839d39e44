"""Four ways to ask a person for weights: what is stored of an answer, and the weights that it means.

An answer is `{"points": {member: "30"}}` (budget, swing), `{"places": {member: 1}}` (rank) or
`{"pairs": [[a, b, "3"]]}` (ahp: a is three times as important as b). Numbers are texts, so that they stay exact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from fractions import Fraction
from itertools import combinations
from typing import Any

from evalsys.errors import Invalid
from evalsys.i18n import _l
from scoring.frames import Floats
from scoring.weighting import (
    RANDOM_INDEX,
    Judgements,
    allocate_budget,
    compare_pairs,
    order_centroids,
    prioritise,
    swing_weights,
)

METHODS = ("budget", "ahp", "rank", "swing")
SCALE = (*(str(times) for times in range(9, 0, -1)), *(f"1/{times}" for times in range(2, 10)))
MOST_COMPARED = max(len(table) for table in RANDOM_INDEX.values())
WHOLE = Decimal(100)
REFUSALS = {
    "budget": _l("Give every part its points; together exactly 100."),
    "ahp": _l("Compare every two parts once."),
    "rank": _l("Give every part a place of its own, from 1 without a gap."),
    "swing": _l("Give every part 0 to 100 points, and 100 to the one that matters most."),
}


@dataclass(frozen=True, eq=False)
class Given:
    """A whole answer: the weights as shares in the order of the members, and the comparisons if there are any."""

    weights: Floats
    judgements: Judgements | None = None


def read_answer(method: str, members: Sequence[str], body: Mapping[str, Any]) -> Given:
    """The weights of a whole answer. Raises Invalid when something is missing or does not fit the members."""
    try:
        return READERS[method](members, body)
    except (ValueError, KeyError, TypeError, DecimalException) as error:
        raise Invalid(REFUSALS[method]) from error


def pairs_of(members: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Every two members once, in page order."""
    return tuple(combinations(members, 2))


def _budget(members: Sequence[str], body: Mapping[str, Any]) -> Given:
    points = [Decimal(value) for value in _values(members, body["points"])]
    if sum(points) != WHOLE:
        raise ValueError("the points do not add up to 100")
    return Given(allocate_budget([[float(number) for number in points]], ["member"], members).weights)


def _swing(members: Sequence[str], body: Mapping[str, Any]) -> Given:
    return Given(swing_weights([float(Decimal(value)) for value in _values(members, body["points"])], members))


def _rank(members: Sequence[str], body: Mapping[str, Any]) -> Given:
    places = [int(value) for value in _values(members, body["places"])]
    if sorted(places) != list(range(1, len(members) + 1)):
        raise ValueError("places must be 1 to n without ties")
    return Given(order_centroids(places, members))


def _ahp(members: Sequence[str], body: Mapping[str, Any]) -> Given:
    pairs = [(first, second, float(Fraction(value))) for first, second, value in body["pairs"] if value in SCALE]
    judgements = compare_pairs(members, pairs)
    return Given(prioritise(judgements).weights, judgements)


def _values(members: Sequence[str], given: Mapping[str, Any]) -> list[Any]:
    if set(given) != set(members):
        raise ValueError("the answer is about other members")
    return [given[code] for code in members]


READERS: dict[str, Callable[[Sequence[str], Mapping[str, Any]], Given]] = {
    "budget": _budget,
    "ahp": _ahp,
    "rank": _rank,
    "swing": _swing,
}
