"""All offices of a published round side by side, by peer category. Reads published cards alone."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from evalsys.reports.scorecard import Scorecard
from evalsys.services.results import RoundLine, card_of, category_order, list_rounds, newest_rows, published_round

WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class UnitResult:
    """One unit in the overview; `score` and what belongs to it are None where nothing may be shown.

    `rank_low` and `rank_high` hold the rank in 90 of 100 draws of other respondents. Without `has_scores` the round
    publishes bands alone. `tied` names the units that those draws do not tell apart from this one. Of a withdrawn
    card nothing is told: its level is WITHDRAWN.
    """

    code: str
    name: str
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    band: str
    rank: int | None
    ranked_of: int
    n: int
    level: str
    level_n: int | None
    rank_low: int | None = None
    rank_high: int | None = None
    has_scores: bool = True
    tied: tuple[str, ...] = ()
    is_least: bool = False
    level_n_to: int = 0


@dataclass(frozen=True)
class CategoryResults:
    """The units of one category: graded ones by rank, then indicative ones, then those without a score."""

    code: str
    name: str
    mean: Decimal | None
    rows: tuple[UnitResult, ...]


@dataclass(frozen=True)
class Overview:
    """All results of one round, category by category; `others` are the other published rounds, newest first."""

    code: str
    title: str
    period_start: date
    period_end: date
    published_on: date
    categories: tuple[CategoryResults, ...]
    others: tuple[RoundLine, ...]


def read_overview(round_code: str, locale: str) -> Overview:
    """The results of a published round. Raises NotFound."""
    round_ = published_round(round_code)
    rows = newest_rows(round_, locale)
    cards = [card_of(row) for row in rows]
    return Overview(
        code=round_.code,
        title=cards[0].round_title,
        period_start=round_.period_start,
        period_end=round_.period_end,
        published_on=cards[0].published_on,
        categories=tuple(_by_category(cards, {row.unit.code for row in rows if row.withdrawn_at is not None})),
        others=tuple(line for line in list_rounds(locale) if line.code != round_.code),
    )


def _by_category(cards: Iterable[Scorecard], withdrawn: Collection[str]) -> Iterator[CategoryResults]:
    found: dict[str, list[Scorecard]] = {code: [] for code in category_order()}
    for card in sorted(cards, key=lambda one: (one.unit_code in withdrawn, _standing(one))):
        found.setdefault(card.category_code, []).append(card)
    for code, same in found.items():
        if same:
            gone = {card.unit_name for card in same if card.unit_code in withdrawn}
            rows = tuple(_withdrawn(card) if card.unit_code in withdrawn else _unit_result(card, gone) for card in same)
            mean = None if len(gone) == len(same) else same[0].category_mean
            yield CategoryResults(code, same[0].category_name, mean, rows)


def _withdrawn(card: Scorecard) -> UnitResult:
    return UnitResult(card.unit_code, card.unit_name, None, None, None, "", None, 0, 0, WITHDRAWN, None)


def _unit_result(card: Scorecard, withdrawn: Collection[str]) -> UnitResult:
    """The row of a card that stands; `withdrawn` are the names of units of which no standing may be told."""
    ranked = card.trial if card.rank else None
    return UnitResult(
        code=card.unit_code,
        name=card.unit_name,
        score=card.score,
        low=card.low,
        high=card.high,
        band=card.band,
        rank=card.rank,
        ranked_of=card.ranked_of,
        n=card.n,
        level=card.level,
        level_n=card.level_n,
        rank_low=ranked.rank_low if ranked else None,
        rank_high=ranked.rank_high if ranked else None,
        has_scores=card.has_scores,
        tied=tuple(name for name in ranked.tied if name not in withdrawn) if ranked else (),
        is_least=card.is_least,
        level_n_to=card.level_n_to,
    )


def _standing(card: Scorecard) -> tuple[int, int, str]:
    place = 0 if card.rank is not None else 1 if card.is_shown or card.is_graded else 2
    return place, card.rank or 0, card.unit_code
