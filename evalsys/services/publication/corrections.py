"""The list of corrections: every time that newer results replaced public ones, what changed, when and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import func, select

from evalsys.db import db
from evalsys.models import PUBLIC, PublishedScorecard, Round, Run, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services.results import card_of

Cards = dict[str, Scorecard]


@dataclass(frozen=True)
class _PublishedRun:
    number: int
    reason: str
    cards: Cards
    withdrawn: frozenset[str]


@dataclass(frozen=True)
class ChangedResult:
    """An office whose score or band changed, as both were shown; None and "" where nothing could be shown.

    `has_former` is False where there is no former card, or none that is still shown.
    """

    unit_code: str
    unit_name: str
    score_before: Decimal | None
    score: Decimal | None
    band_before: str
    band: str
    has_former: bool


@dataclass(frozen=True)
class CorrectionEntry:
    """One correction of one round. `others` counts offices of which only other figures changed.

    Nothing is told of cards that were withdrawn: an office whose newer card was is left out.
    """

    round_code: str
    round_title: str
    former_number: int
    run_number: int
    on: date
    reason: str
    changes: tuple[ChangedResult, ...]
    others: int


def list_corrections(locale: str) -> tuple[CorrectionEntry, ...]:
    """The corrections of all published rounds, the newest first. Made of published cards alone."""
    found = [entry for runs in _published_runs(locale) for entry in _entries(runs)]
    return tuple(sorted(found, key=lambda one: (one.on, one.round_code, one.run_number), reverse=True))


def _published_runs(locale: str) -> Iterator[list[_PublishedRun]]:
    """The runs of each round that was corrected, the oldest first, each with its cards by unit."""
    many = (
        select(PublishedScorecard.round_id)
        .group_by(PublishedScorecard.round_id)
        .having(func.count(PublishedScorecard.run_id.distinct()) > 1)
    )
    query = (
        select(Run.round_id, Run.number, Run.reason, Unit.code, PublishedScorecard)
        .join(Run, Run.id == PublishedScorecard.run_id)
        .join(Round, Round.id == PublishedScorecard.round_id)
        .join(Unit, Unit.id == PublishedScorecard.unit_id)
        .where(Round.state.in_(PUBLIC), Round.id.in_(many), PublishedScorecard.locale == locale)
        .order_by(Run.round_id, Run.number, Unit.code)
    )
    for _round, rows in groupby(db.session.execute(query), key=lambda row: row[0]):
        yield [_run(number, reason, [row[3:] for row in same]) for (number, reason), same in groupby(rows, key=_of_run)]


def _of_run(row: Sequence[Any]) -> tuple[int, str]:
    return row[1], row[2]


def _run(number: int, reason: str, rows: Iterable[tuple[str, PublishedScorecard]]) -> _PublishedRun:
    same = dict(rows)
    withdrawn = frozenset(unit for unit, row in same.items() if row.withdrawn_at is not None)
    return _PublishedRun(number, reason, {unit: card_of(row) for unit, row in same.items()}, withdrawn)


def _entries(runs: list[_PublishedRun]) -> Iterator[CorrectionEntry]:
    for former, run in pairwise(runs):
        before = {code: card for code, card in former.cards.items() if code not in former.withdrawn}
        after = {code: card for code, card in run.cards.items() if code not in run.withdrawn}
        some = next(iter(run.cards.values()))
        changed = {code for code, card in after.items() if _differs(before.get(code), card)}
        moved = [code for code in sorted(changed) if _result(before.get(code)) != _result(after[code])]
        yield CorrectionEntry(
            round_code=some.round_code,
            round_title=some.round_title,
            former_number=former.number,
            run_number=run.number,
            on=some.published_on,
            reason=run.reason,
            changes=tuple(_change(before.get(code), after[code]) for code in moved),
            others=len(changed) - len(moved),
        )


def _change(before: Scorecard | None, card: Scorecard) -> ChangedResult:
    (score_before, band_before), (score, band) = _result(before), _result(card)
    return ChangedResult(card.unit_code, card.unit_name, score_before, score, band_before, band, before is not None)


def _result(card: Scorecard | None) -> tuple[Decimal | None, str]:
    return (card.score, card.band) if card else (None, "")


def _differs(before: Scorecard | None, card: Scorecard) -> bool:
    """Whether anything but run and day of publication is another."""
    if before is None:
        return True
    same = {name: getattr(before, name) for name in ("published_on", "reference", "run_id", "run_digest")}
    return replace(card, **same) != before
