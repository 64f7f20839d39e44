"""Two units of one category side by side: their published figures, what they differ by, whether that means anything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from evalsys.errors import NotFound
from evalsys.reports.calculation import NodeLine
from evalsys.reports.differences import Difference, difference
from evalsys.reports.lines import GroupLine, IndicatorLine
from evalsys.reports.scorecard import Scorecard
from evalsys.services.results import UnitLine, category_order, read_cards

FEWEST = 2
"""A category with fewer units has nobody to compare."""


@dataclass(frozen=True)
class Side:
    """One unit's published figure; `withheld` says why there is none, `is_there` whether it has such a line at all."""

    score: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    withheld: str = ""
    is_there: bool = False


@dataclass(frozen=True)
class ComparedLine:
    """A group, dimension or indicator of both; `note` names the group that judged an indicator."""

    name: str
    note: str
    one: Side
    other: Side
    difference: Difference | None


@dataclass(frozen=True)
class Pair:
    """Two cards and their lines. `verdict` on the difference of the scores, the second less the first:

    "clear" (more than chance), "chance", "tied" (more than chance by the intervals, yet the ranks do not hold when
    others had answered), "unknown" (no interval), "hidden" (a score is not published), "bands" (only bands are).
    """

    one: Scorecard
    other: Scorecard
    verdict: str
    difference: Difference | None
    groups: tuple[ComparedLine, ...]
    dimensions: tuple[ComparedLine, ...]
    indicators: tuple[ComparedLine, ...]

    @property
    def first(self) -> Scorecard:
        """The one with the higher score, where both are published."""
        return self.other if self.difference is not None and self.difference.value > 0 else self.one

    @property
    def second(self) -> Scorecard:
        """The one with the lower score."""
        return self.one if self.first is self.other else self.other

    @property
    def lead(self) -> Difference | None:
        """How much more the first of them scored."""
        found = self.difference
        return found if found is None or found.value > 0 else found.turned

    @property
    def clear_lines(self) -> int:
        """How many indicators differ by more than chance."""
        return sum(1 for line in self.indicators if line.difference and line.difference.is_clear)

    @property
    def compared_lines(self) -> int:
        """How many indicators have an interval on both sides."""
        return sum(1 for line in self.indicators if line.difference and line.difference.is_clear is not None)


@dataclass(frozen=True)
class Choice:
    """The units of a category that can be compared."""

    code: str
    name: str
    units: tuple[UnitLine, ...]


@dataclass(frozen=True)
class ComparisonPage:
    """What can be chosen, and the two that were. `problem`: "same" or "category" when they cannot be compared."""

    round_code: str
    round_title: str
    choices: tuple[Choice, ...]
    one: str
    other: str
    problem: str
    pair: Pair | None


def read_comparison(round_code: str, one: str, other: str, locale: str) -> ComparisonPage:
    """Two units of a published round by their codes, "" where none is chosen yet. Raises NotFound."""
    cards = {card.unit_code: card for card in read_cards(round_code, locale)}
    for code in filter(None, (one, other)):
        if code not in cards:
            raise NotFound("This office has no published result in this round.")
    chosen = [cards[code] for code in (one, other) if code]
    problem = _problem(chosen)
    pair = _pair(*chosen) if one and other and not problem else None
    choices = _choices(cards.values(), chosen[0].category_code if chosen else "")
    title = next(iter(cards.values())).round_title
    return ComparisonPage(round_code, title, choices, one, other, problem, pair)


def _problem(chosen: Sequence[Scorecard]) -> str:
    if len({card.unit_code for card in chosen}) < len(chosen):
        return "same"
    return "category" if len({card.category_code for card in chosen}) > 1 else ""


def _choices(cards: Iterable[Scorecard], category: str) -> tuple[Choice, ...]:
    found: dict[str, list[Scorecard]] = {code: [] for code in category_order()}
    for card in sorted(cards, key=lambda card: (card.unit_name.casefold(), card.unit_code)):
        found.setdefault(card.category_code, []).append(card)
    return tuple(
        Choice(code, same[0].category_name, tuple(UnitLine(card.unit_code, card.unit_name) for card in same))
        for code, same in found.items()
        if len(same) >= FEWEST and category in ("", code)
    )


def _pair(one: Scorecard, other: Scorecard) -> Pair:
    whole = difference(one.score, other.score, (one.low, one.high), (other.low, other.high))
    return Pair(
        one=one,
        other=other,
        verdict=_verdict(one, other, whole),
        difference=whole,
        groups=tuple(_lines(one.groups, other.groups)) if one.has_scores else (),
        dimensions=tuple(_lines(_dimensions(one), _dimensions(other))) if one.has_scores else (),
        indicators=tuple(_lines(one.indicators, other.indicators)) if one.has_scores else (),
    )


def _verdict(one: Scorecard, other: Scorecard, whole: Difference | None) -> str:
    if not one.has_scores:
        return "bands"
    if whole is None:
        return "hidden"
    if whole.is_clear is None:
        return "unknown"
    if not whole.is_clear:
        return "chance"
    is_tied = one.trial is not None and other.unit_name in one.trial.tied
    return "tied" if is_tied else "clear"


def _dimensions(card: Scorecard) -> tuple[NodeLine, ...]:
    """The parts of the tree that hold indicators, in the order of the card."""
    parents = dict.fromkeys(line.parent for line in card.indicators)
    return tuple(node for code in parents if (node := card.node(code)) is not None)


Line = GroupLine | NodeLine | IndicatorLine


def _lines(ones: Sequence[Line], others: Sequence[Line]) -> Iterator[ComparedLine]:
    """A line for each that one of the two has, the first one's order first."""
    left, right = ({_key(line): line for line in lines} for lines in (ones, others))
    for key in dict.fromkeys((*left, *right)):
        one, other = _side(left.get(key)), _side(right.get(key))
        line = left.get(key) or right[key]
        found = difference(one.score, other.score, (one.low, one.high), (other.low, other.high))
        note = line.group_name if isinstance(line, IndicatorLine) else ""
        yield ComparedLine(line.name, note, one, other, found)


def _key(line: Line) -> tuple[str, str]:
    return line.code, line.group_code if isinstance(line, IndicatorLine) else ""


def _side(line: Line | None) -> Side:
    if line is None:
        return Side()
    withheld = line.withheld
    if isinstance(line, GroupLine) and line.score is None and line.level != "absent":
        withheld = withheld or "primary"
    return Side(line.score, line.low, line.high, withheld, is_there=True)
