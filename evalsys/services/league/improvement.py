"""Who improved since the last comparable round: only what is on the cards, and chance told apart from change."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from evalsys.reports.differences import Difference, difference
from evalsys.reports.scorecard import HistoryPoint, Scorecard
from evalsys.services.results import list_rounds, read_cards

RISEN, FALLEN, CHANCE, UNSURE = "risen", "fallen", "chance", "unsure"


@dataclass(frozen=True)
class ChangeLine:
    """One unit then and now. `since` is the code of the former round."""

    code: str
    name: str
    category: str
    since: str
    since_title: str
    before: Decimal
    after: Decimal
    difference: Difference


@dataclass(frozen=True)
class NotCompared:
    """One unit without a change, and why.

    "new" (no former result), "method" (scored by another method then), "reorganised", "hidden" (no score now),
    "former" (no score then), "bands" (only bands are published).
    """

    code: str
    name: str
    reason: str


@dataclass(frozen=True)
class ImprovementPage:
    """A round's changes: beyond chance upwards and downwards, the largest first; within chance and unsure, by name."""

    round_code: str
    round_title: str
    risen: tuple[ChangeLine, ...]
    fallen: tuple[ChangeLine, ...]
    chance: tuple[ChangeLine, ...]
    unsure: tuple[ChangeLine, ...]
    left: tuple[NotCompared, ...]
    reach: Decimal

    @property
    def compared(self) -> int:
        """How many units have a change with an interval."""
        return len(self.risen) + len(self.fallen) + len(self.chance)

    @property
    def publishes_scores(self) -> bool:
        """Whether the round publishes scores at all."""
        return not self.left or any(one.reason != "bands" for one in self.left) or bool(self.compared)


def read_improvement(round_code: str, locale: str) -> ImprovementPage:
    """The changes of all units of a published round. Raises NotFound."""
    cards = sorted(read_cards(round_code, locale), key=lambda card: (card.unit_name.casefold(), card.unit_code))
    titles = {line.code: line.title for line in list_rounds(locale)}
    lines: dict[str, list[ChangeLine]] = {RISEN: [], FALLEN: [], CHANCE: [], UNSURE: []}
    left = []
    for card in cards:
        found = _change(card, titles)
        if isinstance(found, NotCompared):
            left.append(found)
        else:
            lines[_kind(found.difference)].append(found)
    return ImprovementPage(
        round_code=round_code,
        round_title=cards[0].round_title,
        risen=tuple(sorted(lines[RISEN], key=_size)),
        fallen=tuple(sorted(lines[FALLEN], key=_size)),
        chance=tuple(lines[CHANCE]),
        unsure=tuple(lines[UNSURE]),
        left=tuple(left),
        reach=_reach(line.difference for same in lines.values() for line in same),
    )


def _change(card: Scorecard, titles: dict[str, str]) -> ChangeLine | NotCompared:
    former = card.history[:-1]
    last = next((point for point in reversed(former) if point.comparable and point.score is not None), None)
    if last is None or last.score is None or card.score is None:
        return NotCompared(card.unit_code, card.unit_name, _reason(card, former))
    found = difference(last.score, card.score, (last.low, last.high), (card.low, card.high))
    return ChangeLine(
        code=card.unit_code,
        name=card.unit_name,
        category=card.category_name,
        since=last.round_code,
        since_title=titles.get(last.round_code, last.round_code),
        before=last.score,
        after=card.score,
        difference=found or Difference(card.score - last.score),
    )


def _reason(card: Scorecard, former: tuple[HistoryPoint, ...]) -> str:
    if not card.has_scores:
        return "bands"
    if card.score is None:
        return "hidden"
    if not former:
        return "new"
    if any(point.comparable for point in former):
        return "former"
    return "reorganised" if former[-1].is_reorganised else "method"


def _kind(change: Difference) -> str:
    if change.is_clear is None:
        return UNSURE
    if not change.is_clear:
        return CHANCE
    return RISEN if change.value > 0 else FALLEN


def _size(line: ChangeLine) -> tuple[Decimal, str]:
    return -abs(line.difference.value), line.code


def _reach(changes: Iterable[Difference]) -> Decimal:
    """The largest change or bound of one, for the picture."""
    ends = [abs(end) for one in changes for end in (one.value, one.low, one.high) if end is not None]
    return max(ends, default=Decimal(0))
