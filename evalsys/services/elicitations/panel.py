"""What a board's answers say together: each member's weights, the group's, how far they lie apart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from evalsys.services.content import Text
from evalsys.services.elicitations.methods import Given
from evalsys.services.weights import WeightFamily
from scoring.frames import Floats
from scoring.reliability import kendall_w
from scoring.weighting import (
    Judgements,
    allocate_budget,
    find_worst_triple,
    merge_judgements,
    prioritise,
    round_to_hundred,
)

TRIM = 0.2
FEWEST_TRIMMED = 5
HUNDREDTHS = Decimal("0.01")


@dataclass(frozen=True)
class Times:
    """One thing counts that many times another; `times` is never below 1, and "1" means alike."""

    more: Text
    less: Text
    times: str


@dataclass(frozen=True)
class Contradiction:
    """Two comparisons, what follows from them for the outer two, and what was said of these."""

    first: Times
    second: Times
    implied: Times
    said: Times


@dataclass(frozen=True)
class Consistency:
    """How well comparisons fit together: the ratio CR, whether it is above 0.10, and where they fit least."""

    ratio: Decimal
    is_doubtful: bool
    worst: Contradiction | None


@dataclass(frozen=True)
class PartLine:
    """One member of the family: its present weight, each person's weight and the group's, all in percent.

    `trimmed` is the mean without the lowest and highest fifth, from five answers up; `sd` is missing for one answer;
    `proposed` has at most two decimals and adds up to exactly 100 over the family.
    """

    code: str
    name: Text
    present: Decimal
    each: tuple[Decimal, ...]
    group: Decimal
    trimmed: Decimal | None
    sd: Decimal | None
    proposed: Decimal


@dataclass(frozen=True)
class PanelResult:
    """The whole result; `agreement` is Kendall's W, missing where it cannot be told."""

    lines: tuple[PartLine, ...]
    agreement: Decimal | None
    consistencies: tuple[Consistency | None, ...]
    merged: Consistency | None


def consistency_of(judgements: Judgements, names: Mapping[str, Text]) -> Consistency:
    """The consistency ratio of comparisons, with the triple that contradicts itself most when it is above 0.10."""
    found = prioritise(judgements)
    worst = find_worst_triple(judgements) if found.is_inconsistent else None
    if worst is None:
        return Consistency(_hundredths(found.consistency_ratio), found.is_inconsistent, None)
    first, second, third = (names[code] for code in worst.names)
    told = Contradiction(
        _times(first, second, worst.first),
        _times(second, third, worst.second),
        _times(first, third, worst.implied),
        _times(first, third, worst.said),
    )
    return Consistency(_hundredths(found.consistency_ratio), found.is_inconsistent, told)


def panel_result(family: WeightFamily, answers: Sequence[Given]) -> PanelResult:
    """The result of at least one answer, in the order of the answers."""
    codes = [member.code for member in family.members]
    people = [f"person {number}" for number in range(len(answers))]
    panel = np.array([answer.weights for answer in answers])
    spread = allocate_budget(panel * 100, people, codes)
    trimmed = allocate_budget(panel * 100, people, codes, trim=TRIM).weights if len(answers) >= FEWEST_TRIMMED else None
    judged = [answer.judgements for answer in answers if answer.judgements is not None]
    merged = merge_judgements(judged) if judged else None
    group: Floats = prioritise(merged).weights if merged else spread.weights
    proposed, names = round_to_hundred(group, codes), {member.code: member.name for member in family.members}
    lines = tuple(
        PartLine(
            member.code,
            member.name,
            member.percent,
            tuple(_percent(weights[place]) for weights in panel),
            _percent(group[place]),
            None if trimmed is None else _percent(trimmed[place]),
            None if math.isnan(spread.sd[place]) else _hundredths(spread.sd[place]),
            proposed[place],
        )
        for place, member in enumerate(family.members)
    )
    agreement = kendall_w(panel, raters="rows")
    return PanelResult(
        lines,
        None if math.isnan(agreement) else _hundredths(agreement),
        tuple(consistency_of(a.judgements, names) if a.judgements else None for a in answers),
        consistency_of(merged, names) if merged else None,
    )


def percents(weights: Floats) -> tuple[Decimal, ...]:
    """Shares as percent with two decimals, for reading."""
    return tuple(_percent(share) for share in weights)


def _times(first: Text, second: Text, ratio: float) -> Times:
    more, less, times = (first, second, ratio) if ratio >= 1 else (second, first, 1 / ratio)
    return Times(more, less, f"{_hundredths(times).normalize():f}")


def _percent(share: float) -> Decimal:
    return _hundredths(share * 100)


def _hundredths(number: float) -> Decimal:
    return Decimal(str(round(float(number), 8))).quantize(HUNDREDTHS)
