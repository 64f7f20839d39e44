"""What counts much and how well it goes: importance against performance, from a published card alone.

Importance is the weight that an indicator had in the score, performance its score. After J. A. Martilla and
J. C. James (1977), Journal of Marketing 41.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from evalsys.reports.calculation import cents
from evalsys.reports.lines import IndicatorLine
from evalsys.reports.scorecard import Scorecard

QUADRANTS = ("improve", "keep", "later", "ease")
LEAST = 3
"""Fewer points make no picture."""


@dataclass(frozen=True)
class Priority:
    """One indicator of a card; `number` is its mark in the picture.

    `quadrant`: "improve" (counts much, weak), "keep", "later" (counts less, weak), "ease". `is_sure`: its interval
    does not hold the line between weak and strong.
    """

    number: int
    line: IndicatorLine
    quadrant: str
    is_sure: bool

    @property
    def place(self) -> int:
        """The quadrant's place in the order of the table."""
        return QUADRANTS.index(self.quadrant)


@dataclass(frozen=True)
class Priorities:
    """The indicators of a card, what counts much and is weak first. `importance`, `performance`: the lines that part.

    `against_category`: the line of performance is the mean of the category's indicators, not of the card's own.
    `hidden` indicators have no figure on the card.
    """

    lines: tuple[Priority, ...]
    importance: Decimal
    performance: Decimal
    against_category: bool
    hidden: int

    @property
    def cross(self) -> tuple[Decimal, Decimal]:
        """Where the lines of the picture meet."""
        return self.importance, self.performance

    @property
    def points(self) -> tuple[tuple[int, Decimal, Decimal, str], ...]:
        """The marks of the picture."""
        return tuple(
            (one.number, one.line.weight_used, one.line.score or Decimal(0), one.quadrant) for one in self.lines
        )


def card_priorities(card: Scorecard) -> Priorities | None:
    """Those of a card; None when too few of its indicators are shown."""
    counted = [line for line in card.indicators if line.weight_used]
    shown = [line for line in counted if line.score is not None]
    if len(shown) < LEAST:
        return None
    means = [line.category_mean for line in shown if line.category_mean is not None]
    against_category = len(means) == len(shown)
    level = _mean(means if against_category else [line.score for line in shown if line.score is not None])
    importance = _mean([line.weight_used for line in shown])
    placed = sorted((_placed(line, importance, level) for line in shown), key=_order)
    lines = tuple(Priority(number, *one) for number, one in enumerate(placed, 1))
    return Priorities(lines, importance, level, against_category, len(counted) - len(shown))


def _placed(line: IndicatorLine, importance: Decimal, level: Decimal) -> tuple[IndicatorLine, str, bool]:
    matters, is_weak = line.weight_used >= importance, (line.score or Decimal(0)) < level
    sure = line.low is not None and line.high is not None and not line.low <= level <= line.high
    return line, QUADRANTS[(0 if is_weak else 1) if matters else (2 if is_weak else 3)], sure


def _order(one: tuple[IndicatorLine, str, bool]) -> tuple[int, Decimal, Decimal, str]:
    line, quadrant, _sure = one
    return QUADRANTS.index(quadrant), -line.weight_used, line.score or Decimal(0), line.code


def _mean(values: Sequence[Decimal]) -> Decimal:
    return cents(sum(values, Decimal(0)) / len(values))
