"""The scores of indicators at the fewest decimals from which the published scores come out again.

Two decimals are read by people; from two decimals the whole can come out a hundredth off. So each round publishes
its indicators once more, just fine enough that anybody who scores them again gets every published score.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from evalsys.reports.scorecard import IndicatorLine, Scorecard
from evalsys.services.run_tables import Row
from evalsys.services.scorecards.sheet import DECIMALS, Key, Sheet, figure
from scoring.published import FIGURE, score_again
from scoring.rank import round_half_up
from scoring.scheme import Scheme

MOST = 8
FINDING = ("unit", "kind", "code", "points", "source", "reason")


@dataclass(frozen=True)
class FineScores:
    """The scores of a round's indicators as they stand in the run, and the decimals at which they are published."""

    values: Mapping[Key, float]
    decimals: int

    def lines(self, card: Scorecard) -> tuple[IndicatorLine, ...]:
        """The card's indicators, each shown score once more with these decimals."""
        return tuple(
            line if line.score is None else replace(line, fine=self._of(card.unit_code, line))
            for line in card.indicators
        )

    def _of(self, unit: str, line: IndicatorLine) -> Decimal | None:
        value = self.values.get((unit, line.code, line.group_code))
        return None if value is None else round_half_up(value, self.decimals)


def fine_scores(sheet: Sheet, scheme: Scheme) -> FineScores:
    """The fewest decimals from which every score that can be worked out at all comes out; else the most allowed."""
    rows = [row for same in sheet.weights.values() for row in same if row["indicator"] in _leaves(scheme)]
    values = {_key(row): value for row in rows if (value := _value(sheet, row)) is not None}
    findings = pd.DataFrame(
        [{**row, "points": figure(row["points"])} for same in sheet.adjustments.values() for row in same],
        columns=list(FINDING),
    )
    units = sorted(sheet.scores)
    for decimals in range(DECIMALS, MOST):
        figures = [(*_key(row), _rounded(values.get(_key(row)), decimals), row["withheld"]) for row in rows]
        again = score_again(pd.DataFrame(figures, columns=list(FIGURE)), findings, units, scheme)
        if all(
            pd.isna(score)
            or sheet.scores[unit]["score"] is None
            or figure(score) == figure(sheet.scores[unit]["score"])
            for unit, score in zip(again["unit"], again["score"], strict=True)
        ):
            return FineScores(values, decimals)
    return FineScores(values, MOST)


def _leaves(scheme: Scheme) -> frozenset[str]:
    return frozenset(leaf.code for leaf in scheme.leaves())


def _key(row: Row) -> Key:
    return row["unit"], row["indicator"], row["group"]


def _value(sheet: Sheet, row: Row) -> float | None:
    """What the tree was built on, as far as it is published."""
    if not row["group"]:
        return None if row["score"] is None else float(row["score"])
    line = sheet.lines.get(_key(row))
    return None if line is None else float(line["mean"])


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else float(round_half_up(value, decimals))
