"""The lines of a scorecard: bands, groups, indicators, former rounds, answers given without an invitation."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from evalsys.i18n import direction
from evalsys.reports.calculation import PartLine, Reading, cents
from evalsys.reports.record import ADDED


@dataclass(frozen=True)
class ReplyLine:
    """What the office itself says about its result, in which language, and since when."""

    text: str
    locale: str
    on: date

    @property
    def direction(self) -> str:
        """The direction of its language."""
        return direction(self.locale)


@dataclass(frozen=True)
class BandLine:
    """One band of the scheme: scores of `start` and more, up to `end` (the next band's start, or 100)."""

    code: str
    start: Decimal
    end: Decimal


@dataclass(frozen=True)
class GroupLine:
    """One group of raters. At level "hidden" both `n` and `score` are None; `needed` is the n that would show it.

    `withheld` says why a score of a shown level is None. `parts` and their shares make the group's means, or `raked`,
    the variables by which its answers are weighted to the population; `estimator`, `trim` (percent cut at each end),
    `shrinkage` and `severity` are the scheme's. `n` is the lower end of a band that ends at `n_to`; 0 there: `n` is
    the very number.
    """

    code: str
    name: str
    n: int | None
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    weight_nominal: Decimal
    weight_used: Decimal
    level: str
    promise: str
    needed: int = 0
    withheld: str = field(default="", metadata=ADDED)
    n_to: int = field(default=0, metadata=ADDED)
    parts: tuple[PartLine, ...] = field(default=(), metadata=ADDED)
    raked: tuple[str, ...] = field(default=(), metadata=ADDED)
    estimator: str = field(default="mean", metadata=ADDED)
    trim: Decimal = field(default=Decimal(0), metadata=ADDED)
    shrinkage: str = field(default="none", metadata=ADDED)
    severity: str = field(default="none", metadata=ADDED)


@dataclass(frozen=True)
class GivenLine:
    """An administrative figure as it was loaded: exact decimal in raw units, unit of measure, source, period.

    When `is_imputed`, there was none, and the scheme's rule filled it in.
    """

    value: str
    measure: str
    source: str
    period: str
    is_imputed: bool = False


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator as one group answered it. Weights in percent of the composite; contribution in points of it.

    An administrative figure has no group, and `given` is what was loaded. `parent` is the code of its part of the
    tree; `withheld` says why there is no score, "" where nobody answered. `n` and `n_to` are a band as in `GroupLine`.
    `shares` (whole percents that sum to 100) tell how the answers were spread from the lowest level to the highest,
    `dont_know_share` and `not_applicable_share` are percents of all who were asked; cards from before had numbers of
    people instead (`distribution`, `dont_know`, `not_applicable`). `change` is that since the round `change_since` of
    the card, `change_is_clear` whether it is more than chance. `fine` is the score at the
    fewest decimals of the round from which everybody can work out the published scores of the offices again.
    """

    code: str
    name: str
    group_code: str
    group_name: str
    dimension_name: str
    weight_nominal: Decimal
    weight_used: Decimal
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    n: int | None
    dont_know: int
    not_applicable: int
    contribution: Decimal | None
    raw_mean: Decimal | None
    points: int
    distribution: tuple[int, ...] = ()
    category_mean: Decimal | None = None
    gap: Decimal | None = None
    parent: str = field(default="", metadata=ADDED)
    withheld: str = field(default="", metadata=ADDED)
    reading: Reading | None = field(default=None, metadata=ADDED)
    given: GivenLine | None = field(default=None, metadata=ADDED)
    fine: Decimal | None = field(default=None, metadata=ADDED)
    n_to: int = field(default=0, metadata=ADDED)
    shares: tuple[int, ...] = field(default=(), metadata=ADDED)
    dont_know_share: int | None = field(default=None, metadata=ADDED)
    not_applicable_share: int | None = field(default=None, metadata=ADDED)
    change: Decimal | None = field(default=None, metadata=ADDED)
    change_is_clear: bool | None = field(default=None, metadata=ADDED)

    @property
    def spread(self) -> tuple[int, ...]:
        """How the answers were spread, lowest level first: percents, or numbers of people on cards from before."""
        return self.shares or self.distribution

    @property
    def product(self) -> Decimal | None:
        """Weight times score, as printed: what the indicator brings where the whole is a weighted mean."""
        return None if self.score is None else cents(self.weight_used * self.score / 100)


@dataclass(frozen=True)
class HistoryPoint:
    """The unit's result in one round. `comparable` is False when the method broke between it and the card's round.

    So it is when offices were reorganised in between (`is_reorganised`). `unit` names the office that it was of, if
    that was another one: what the card's office came from.
    """

    round_code: str
    score: Decimal | None
    band: str
    level: str
    comparable: bool
    low: Decimal | None = None
    high: Decimal | None = None
    is_reorganised: bool = field(default=False, metadata=ADDED)
    unit: str = field(default="", metadata=ADDED)


@dataclass(frozen=True)
class OpenChannelLine:
    """Answers given without an invitation: shown beside the score, weight 0. `mean` is None when n is too small."""

    n: int | None
    mean: Decimal | None
    n_to: int = field(default=0, metadata=ADDED)


@dataclass(frozen=True)
class LeftOutLine:
    """Answers or raters that did not count, and why: "rule", "persons" or "conflict" (of interest).

    `n` and `n_to` are a band; `n` is None where it is fewer than `needed`, be it none.
    """

    reason: str
    n: int | None
    needed: int
    n_to: int = 0
