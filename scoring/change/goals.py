"""What if: how many points on one indicator would lift a unit into the next band, or past the next unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Final

import numpy as np

from scoring.frames import SIGNIFICANT_DIGITS, Floats, InputError, significant
from scoring.scheme import Node, Scheme
from scoring.scheme.reach import reach
from scoring.tree import Values, evaluate

STEPS: Final = 32
PASSES: Final = 8
DOUBLING: Final = np.append(0.0, 2.0 ** np.arange(-1, 31))


@dataclass(frozen=True, eq=False)
class Situation:
    """A unit among all others as they were scored; ``added`` (units,) is bonus less deductions, none when None."""

    units: Sequence[str]
    values: Values
    scheme: Scheme
    unit: str
    added: Floats | None = None

    @property
    def row(self) -> int:
        """The unit's row."""
        return list(self.units).index(self.unit)

    def scores(self, values: Values | None = None) -> Floats:
        """Scores as they count, shape (units,); of other figures of the same units if given."""
        tops = evaluate(self.values if values is None else values, self.scheme, gradient=False).score[:, 0]
        return tops if self.added is None else tops + self.added


@dataclass(frozen=True)
class Goal:
    """What is needed for ``aim`` (a band or a unit; "" when there is none above).

    ``state``: "reached", "possible" or "impossible" (not even the indicator's highest value would do). ``target`` is
    the score to reach, ``points`` those needed on the indicator, on its own range: 0 when reached, NaN when impossible.
    """

    aim: str
    state: str
    target: float
    points: float


def points_to_band(situation: Situation, indicator: str) -> Goal:
    """Points that one indicator must gain for the unit's next better band, all else equal.

    Bands look at the score rounded half up to the scheme's decimals, so the target is half a last digit below the
    bound.

    Raises:
        InputError: the bands are shares of the units, so that they move with the others; the unit or indicator is not
            there or has no figure; or the unit has no score.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Band
    >>> leaves = (Node("ease", Fraction(1, 2)), Node("speed", Fraction(1, 2)))
    >>> bands = (Band("A", Decimal(75)), Band("B", Decimal(0)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), bands)
    >>> values = Values(np.empty((1, 2, 0)), np.array([[70.0, 60.0]]), np.ones((1, 2), dtype=bool))
    >>> goal = points_to_band(Situation(["U1"], values, scheme, "U1"), "speed")
    >>> goal.aim, goal.state, goal.target, round(goal.points, 6)
    ('A', 'possible', 74.995, 19.99)
    """
    scheme = situation.scheme
    if scheme.banding != "absolute":
        raise InputError(f"what if: banding {scheme.banding!r} moves with the other units; allowed is absolute")
    score = _score(situation)
    bounds = {_least(band.start, scheme.score_decimals): band.code for band in scheme.bands}
    above = [bound for bound in bounds if bound > score]
    return _reach(situation, indicator, bounds[min(above)], min(above)) if above else Goal("", "reached", score, 0.0)


def points_to_pass(situation: Situation, indicator: str, rivals: Sequence[str] | None = None) -> Goal:
    """Points that one indicator must gain for the unit to stand above the next one, all others as they are.

    ``rivals`` are the units it is ranked with (all others when None). The next is the lowest of those that stand above
    it or share its place, on scores rounded half up to the scheme's rank decimals. Where units are compared with each
    other (copeland) the rival may fall meanwhile, so fewer points may do.

    Raises:
        InputError: a unit or the indicator is not there or has no figure; or the unit has no score.

    >>> from fractions import Fraction
    >>> leaves = (Node("ease", Fraction(1, 2)), Node("speed", Fraction(1, 2)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> values = Values(np.empty((2, 2, 0)), np.array([[70.0, 60.0], [80.0, 60.0]]), np.ones((2, 2), dtype=bool))
    >>> goal = points_to_pass(Situation(["U1", "U2"], values, scheme, "U1"), "speed")
    >>> goal.aim, goal.state, round(goal.target, 6), round(goal.points, 6)
    ('U2', 'possible', 70.05, 10.1)
    """
    own, decimals = _score(situation), situation.scheme.rank_decimals
    scores = situation.scores()
    others = [unit for unit in (situation.units if rivals is None else rivals) if unit != situation.unit]
    places = {unit: list(situation.units).index(unit) for unit in _known(situation, others)}
    shown = {unit: _shown(scores[at], decimals) for unit, at in places.items() if not np.isnan(scores[at])}
    above = {unit: score for unit, score in shown.items() if score >= _shown(own, decimals)}
    if not above:
        return Goal("", "reached", own, 0.0)
    aim = min(above, key=lambda unit: above[unit])
    return _reach(situation, indicator, aim, float(above[aim] + Decimal(5).scaleb(-decimals - 1)))


def _known(situation: Situation, units: Sequence[str]) -> Sequence[str]:
    for unit in units:
        if unit not in situation.units:
            raise InputError(f"what if: unit {unit!r} is not there; allowed are {', '.join(situation.units)}")
    return units


def _score(situation: Situation) -> float:
    _known(situation, [situation.unit])
    score = float(significant(situation.scores()[situation.row]))
    if np.isnan(score):
        raise InputError(f"what if: unit {situation.unit!r} has no score; allowed are units that have one")
    return score


def _shown(score: float, decimals: int) -> Decimal:
    exact = Decimal(f"{score:.{SIGNIFICANT_DIGITS}g}")
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _least(bound: Decimal, decimals: int) -> float:
    """The lowest score that is shown at or above the bound."""
    digit = Decimal(1).scaleb(-decimals)
    return float(bound.quantize(digit, rounding=ROUND_CEILING) - digit / 2)


def _reach(situation: Situation, indicator: str, aim: str, target: float) -> Goal:
    leaves = [leaf.code for leaf in situation.scheme.leaves()]
    if indicator not in leaves:
        raise InputError(f"what if: {indicator!r} is no indicator; allowed are {', '.join(leaves)}")
    leaf, own = leaves.index(indicator), _alone(situation)
    room = _room(situation, leaf)
    if _is_straight(situation.scheme, indicator):
        points = _straight(own, leaf, target)
    else:
        points = _search(own, leaf, target, room)
    if not significant(np.array(points)) <= significant(np.array(room)):
        return Goal(aim, "impossible", target, float("nan"))
    return Goal(aim, "possible", target, points)


def _alone(situation: Situation) -> Situation:
    """The unit without the others, unless its score depends on them."""
    if any(node.aggregation == "copeland" for node in situation.scheme.nodes()):
        return situation
    row = [situation.row]
    values = Values(situation.values.rated[row], situation.values.given[row], situation.values.applies[row])
    added = None if situation.added is None else situation.added[row]
    return Situation([situation.unit], values, situation.scheme, situation.unit, added)


def _room(situation: Situation, leaf: int) -> float:
    """Points up to the indicator's highest value."""
    node = situation.scheme.leaves()[leaf]
    place = [known.code for known in situation.scheme.nodes()].index(node.code)
    score = evaluate(situation.values, situation.scheme, gradient=False).score[situation.row, place]
    if np.isnan(score):
        raise InputError(
            f"what if: {node.code!r} has no figure for {situation.unit!r}; allowed are those that have one"
        )
    return reach(node)[1] - float(score)


def _is_straight(scheme: Scheme, indicator: str) -> bool:
    """Whether the score is a straight line in the indicator: only arithmetic means without caps above it."""
    path = [node for node in scheme.nodes() if node.children and _holds(node, indicator)]
    return all(node.aggregation == "arithmetic" and not node.caps for node in path)


def _holds(node: Node, indicator: str) -> bool:
    return any(below.code == indicator for below in node.walk())


def _straight(own: Situation, leaf: int, target: float) -> float:
    found = evaluate(own.values, own.scheme, gradient="top")
    slope = float(found.gradient[own.row, 0, leaf].sum())
    return (target - float(own.scores()[own.row])) / slope if slope > 0 else float("inf")


def _search(own: Situation, leaf: int, target: float, room: float) -> float:
    """The least points for the target to 1e-9, found between ever closer neighbours; infinite when none will do."""
    high = room
    tries = np.linspace(0.0, room, STEPS + 1) if np.isfinite(room) else DOUBLING
    for _ in range(PASSES):
        good = significant(_shifted(own, leaf, tries)) >= target
        if not good.any():
            return float("inf")
        first = int(good.argmax())
        low, high = float(tries[max(first - 1, 0)]), float(tries[first])
        tries = np.linspace(low, high, STEPS + 1)
    return high


def _shifted(own: Situation, leaf: int, shifts: Floats) -> Floats:
    """The unit's score with the indicator's figures raised by each number of points, shape (shifts,)."""
    if len(own.units) > 1:
        return np.array([own.scores(_raise(own, leaf, own.row, shift))[own.row] for shift in shifts.tolist()])
    values = own.values
    rated, given = (np.repeat(part, len(shifts), axis=0) for part in (values.rated, values.given))
    rated[:, leaf] += shifts[:, None]
    given[:, leaf] += shifts
    copies = Values(rated, given, np.repeat(values.applies, len(shifts), axis=0))
    added = 0.0 if own.added is None else own.added[0]
    return np.asarray(evaluate(copies, own.scheme, gradient=False).score[:, 0] + added, dtype=np.float64)


def _raise(own: Situation, leaf: int, row: int, shift: float) -> Values:
    rated, given = own.values.rated.copy(), own.values.given.copy()
    rated[row, leaf] += shift
    given[row, leaf] += shift
    return Values(rated, given, own.values.applies)
