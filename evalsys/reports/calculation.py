"""How a number was made: what a card keeps of each step, and the arithmetic that a reader can follow by hand.

Every sum is made from the figures as they are printed; beside it stands the published result, which was made from
unrounded ones. Formulas are written in signs that every language reads. Scores have two decimals, weights are percent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ARITHMETIC = "arithmetic"
CENT, MILL = Decimal("0.01"), Decimal("0.001")
HUNDRED = Decimal(100)
WHOLE_PERCENT = 100
SURE_BAND_PERCENT = 80
NAMED_TIES = 3
MINUS, TIMES, OVER = " − ", " × ", " ÷ "


@dataclass(frozen=True)
class PartLine:
    """A part of a group that has a fixed share of the group's mean, in percent; 0 is counted apart."""

    name: str
    weight: Decimal


@dataclass(frozen=True)
class CapLine:
    """While the part `name` scores less than `below`, the whole scores at most `limit`."""

    name: str
    below: Decimal
    limit: Decimal


@dataclass(frozen=True)
class NodeLine:
    """A part of the tree: its score, its weights in the part above (percent), how its own parts are joined.

    `withheld` says why there is no score: "primary" or "complementary"; "" where it is missing or shown. `rest` are
    points of the composite that belong to none of its parts: a cap took them, or a missing part counted as lowest.
    """

    code: str
    name: str
    parent: str
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    weight_nominal: Decimal
    weight_used: Decimal
    withheld: str = ""
    aggregation: str = ARITHMETIC
    power: Decimal | None = None
    rest: Decimal | None = None
    caps: tuple[CapLine, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How the answers to one question became a score.

    `mean` is the weighted mean of the answers on the form's scale, which goes from `first` to `last`; `low` and `high`
    are the range they are put on. `favourable` is the lowest favourable level, `levels` the points of each level.
    `plain` is the plain mean on that range where another figure was published, `n_effective` what the answers count
    like after weighting.
    """

    rescale: str
    first: int
    last: int
    low: Decimal
    high: Decimal
    is_reversed: bool
    mean: Decimal | None = None
    plain: Decimal | None = None
    n_effective: Decimal | None = None
    favourable: int = 0
    levels: tuple[Decimal, ...] = ()

    @property
    def is_direct(self) -> bool:
        """Whether the form's scale is the range itself, so that the mean is the score."""
        ends = (Decimal(self.first), Decimal(self.last)) == (self.low, self.high)
        return ends and not self.is_reversed and self.rescale in ("linear", "maximum")

    @property
    def formula(self) -> str:
        """From the mean to points, with the real numbers; "" where points are no straight line of levels."""
        if self.mean is None or self.rescale not in ("linear", "maximum") or self.is_direct:
            return ""
        turned = f"1{MINUS}{self._share}" if self.is_reversed else self._share
        if not self.low and self.high == HUNDRED:
            return f"({turned}){TIMES}100" if self.is_reversed else f"{turned}{TIMES}100"
        whole = f"({signed(self.high)}{MINUS}{signed(self.low)}){TIMES}({turned})"
        return f"{signed(self.low)} + {whole}" if self.low else whole

    @property
    def result(self) -> Decimal | None:
        """What the formula comes to."""
        if self.mean is None or not self.formula:
            return None
        floor = self.first if self.rescale == "linear" else 0
        share = (self.mean - floor) / (self.last - floor)
        return cents(self.low + (self.high - self.low) * (1 - share if self.is_reversed else share))

    @property
    def _share(self) -> str:
        if self.rescale == "maximum" or not self.first:
            return f"{self.mean}{OVER}{self.last}"
        return f"({self.mean}{MINUS}{self.first}){OVER}({self.last}{MINUS}{self.first})"


@dataclass(frozen=True)
class AdjustmentLine:
    """A finding about the unit: "bonus" and "deduction" have points, of which `counted` counted before any cap."""

    kind: str
    code: str
    points: Decimal | None
    counted: Decimal | None
    source: str
    reason: str


@dataclass(frozen=True)
class Trial:
    """Rank and band when other people had answered: the range of 90 % of the draws, the draws with the same band (%).

    `tied` are the names of the units that the draws do not tell apart from this one. `weights` is how far each weight
    was moved as well (percent, 0: not at all), `has_methods` whether other aggregations were tried.
    """

    rank_low: int | None
    rank_high: int | None
    band_share: Decimal | None
    tied: tuple[str, ...] = ()
    weights: Decimal = Decimal(0)
    has_methods: bool = False

    @property
    def has_doubt(self) -> bool:
        """Whether the band changes in more than a fifth of the draws."""
        return self.band_share is not None and self.band_share < SURE_BAND_PERCENT

    @property
    def is_tied_with_few(self) -> bool:
        """Whether the units of the same tie group are few enough to be named."""
        return 0 < len(self.tied) <= NAMED_TIES


@dataclass(frozen=True)
class Term:
    """One part of a sum: a printed score and its weight."""

    name: str
    score: Decimal | None
    weight_nominal: Decimal
    weight_used: Decimal
    withheld: str = ""
    interval: tuple[Decimal | None, Decimal | None] = (None, None)

    @property
    def points(self) -> Decimal | None:
        """Weight times score, to three decimals, so that adding them up loses nothing."""
        return None if self.score is None else (self.weight_used * self.score / 100).quantize(MILL, ROUND_HALF_UP)


@dataclass(frozen=True)
class Sum:
    """Parts that are joined to one score. `is_divided`: the sum is divided by the weights, which are not 100 in all."""

    terms: tuple[Term, ...]
    result: Decimal | None
    aggregation: str = ARITHMETIC
    power: Decimal | None = None
    is_divided: bool = False

    @property
    def counted(self) -> tuple[Term, ...]:
        """The parts that have a weight."""
        return tuple(term for term in self.terms if term.weight_used)

    @property
    def weight(self) -> Decimal:
        """What the used weights add up to."""
        whole = sum((term.weight_used for term in self.counted), Decimal(0))
        return whole.quantize(Decimal(1)) if whole == whole.to_integral_value() else whole

    @property
    def total(self) -> Decimal | None:
        """The points added up; None when one of them is not shown, or nothing is added at all."""
        points = [term.points for term in self.counted if term.points is not None]
        if self.aggregation != ARITHMETIC or not points or len(points) < len(self.counted):
            return None
        return sum(points, Decimal(0))

    @property
    def outcome(self) -> Decimal | None:
        """What the printed figures come to."""
        if self.total is None:
            return None
        return cents(self.total / self.weight * 100 if self.is_divided else self.total)

    @property
    def gap(self) -> Decimal | None:
        """The published result less what the printed figures come to."""
        return None if self.outcome is None or self.result is None else self.result - self.outcome

    @property
    def weights_moved(self) -> bool:
        """Whether something that is missing changed the weights of the others."""
        return any(term.weight_used != term.weight_nominal for term in self.terms)

    @property
    def formula(self) -> str:
        """The whole calculation in one line; "" where a part is not shown or no formula says it."""
        scores = [(term.weight_used, term.score) for term in self.counted if term.score is not None]
        if not scores or len(scores) < len(self.counted):
            return ""
        if self.aggregation == ARITHMETIC:
            added = " + ".join(f"{weight} %{TIMES}{signed(score)}" for weight, score in scores)
            return f"({added}){OVER}{self.weight} %" if self.is_divided else added
        return _formula(self.aggregation, self.power, scores)


def cents(value: Decimal) -> Decimal:
    """Two decimals, rounded half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def shares(weights: Sequence[Decimal]) -> list[Decimal]:
    """Weights as percent of their sum, two decimals; all 0 when they sum to 0."""
    whole = sum(weights, Decimal(0))
    return [cents(HUNDRED * weight / whole) if whole else Decimal(0) for weight in weights]


def percents(counts: Sequence[int]) -> tuple[int, ...]:
    """Counts as whole percents that sum to 100, by the largest remainder; of equal ones the first goes up.

    >>> percents((1, 1, 1)), percents((5, 0, 195)), percents((0, 0))
    ((34, 33, 33), (3, 0, 97), ())
    """
    whole = sum(counts)
    if not whole:
        return ()
    floors = [WHOLE_PERCENT * count // whole for count in counts]
    rests = sorted(range(len(counts)), key=lambda place: (-(WHOLE_PERCENT * counts[place] % whole), place))
    raised = set(rests[: WHOLE_PERCENT - sum(floors)])
    return tuple(floor + (place in raised) for place, floor in enumerate(floors))


def signed(value: Decimal) -> str:
    """A number with a true minus sign."""
    return f"{value}".replace("-", "−")


def adjusted_formula(before: Decimal, bonus: Decimal, deduction: Decimal) -> str:
    """The score before adjustments, what came on top and what was taken off."""
    plus = f" + {bonus}" if bonus else ""
    return f"{signed(before)}{plus}{MINUS}{deduction}" if deduction else f"{signed(before)}{plus}"


def _formula(aggregation: str, power: Decimal | None, scores: Sequence[tuple[Decimal, Decimal]]) -> str:
    shares = [(f"{(weight / 100).normalize():f}", signed(score)) for weight, score in scores]
    if aggregation == "geometric":
        return TIMES.join(f"{score}^{share}" for share, score in shares)
    if aggregation == "harmonic":
        return "1" + OVER + "(" + " + ".join(f"{share}{OVER}{score}" for share, score in shares) + ")"
    if aggregation == "power" and power is not None:
        added = " + ".join(f"{share}{TIMES}{score}^{signed(power)}" for share, score in shares)
        return f"({added})^(1{OVER}{signed(power)})"
    if aggregation in ("ampi-", "ampi+"):
        return _penalty([score for _weight, score in scores], MINUS if aggregation == "ampi-" else " + ")
    return ""


def _penalty(scores: Sequence[Decimal], sign: str) -> str:
    """Mean and variance ÷ mean, the variance over all parts."""
    mean = sum(scores, Decimal(0)) / len(scores)
    variance = sum(((score - mean) ** 2 for score in scores), Decimal(0)) / len(scores)
    return f"{signed(cents(mean))}{sign}{cents(variance)}{OVER}{signed(cents(mean))}"
