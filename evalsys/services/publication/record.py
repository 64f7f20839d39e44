"""What everybody reads beside the cards: objections and how they were decided, and what was corrected since."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Row, func, select

from evalsys.db import db
from evalsys.errors import Gone, NotFound
from evalsys.models import Objection, PublishedScorecard, Run, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services.content import Text
from evalsys.services.publication.withdrawn import WithdrawnCard, withdrawn_cards
from evalsys.services.results import GONE, card_of, published_round
from evalsys.services.weights import Labels
from evalsys.services.zone import local_day

DECIDED = ("upheld", "partly", "rejected")


@dataclass(frozen=True)
class Correction:
    """That newer results replaced those that were public: when, and why."""

    run_number: int
    on: date
    reason: str


@dataclass(frozen=True)
class RoundRecord:
    """Of a whole round: objections by outcome ("withdrawn" among them), corrections, withdrawn cards, newest first."""

    objections: int
    outcomes: Mapping[str, int]
    corrections: tuple[Correction, ...]
    withdrawals: tuple[WithdrawnCard, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A decided objection of an office; `topic` is None when it was about the whole score."""

    topic: Text | None
    state: str
    decision: str
    on: date


@dataclass(frozen=True)
class FormerCard:
    """A card that was public before: its score and band as they were shown."""

    run_number: int
    on: date
    score: Decimal | None
    band: str


@dataclass(frozen=True)
class UnitRecord:
    """Of one office in one round."""

    objections: tuple[Outcome, ...]
    corrections: tuple[Correction, ...]
    former: tuple[FormerCard, ...]


def round_record(round_code: str, locale: str) -> RoundRecord:
    """Objections and corrections of a published round. Raises NotFound."""
    round_ = published_round(round_code)
    query = select(Objection.state, func.count()).where(Objection.round_id == round_.id).group_by(Objection.state)
    numbers = Counter(dict(db.session.execute(query).all()))
    outcomes = {state: numbers[state] for state in (*DECIDED, "withdrawn") if numbers[state]}
    return RoundRecord(numbers.total(), outcomes, _corrections(round_.id), withdrawn_cards(locale, round_.code))


def unit_record(round_code: str, unit_code: str, locale: str) -> UnitRecord:
    """What was objected and corrected about one office's card. Raises NotFound."""
    round_ = published_round(round_code)
    decided = Objection.round_id == round_.id, Objection.state.in_(DECIDED)
    query = select(Objection).join(Unit).where(*decided, Unit.code == unit_code).order_by(Objection.id)
    found = db.session.scalars(query).all()
    labels = Labels(locale) if found else None
    corrections = _corrections(round_.id)
    return UnitRecord(
        objections=tuple(_outcome(one, labels) for one in found),
        corrections=corrections,
        former=_former(round_.id, unit_code, locale) if corrections else (),
    )


def former_card(round_code: str, unit_code: str, number: int, locale: str) -> Scorecard:
    """A card as it was public before it was corrected.

    Raises NotFound, also for the one that is public now; Gone when it was withdrawn.
    """
    rows = _cards(published_round(round_code).id, unit_code, locale)[1:]
    found = next((row for row, run, _at in rows if run == number), None)
    if found is not None and found.withdrawn_at is not None:
        raise Gone(GONE)
    if found is None:
        raise NotFound("This office has no published result in this round.")
    return card_of(found)


def _outcome(objection: Objection, labels: Labels | None) -> Outcome:
    topic = labels.node(objection.topic) if labels and objection.topic else None
    return Outcome(topic, objection.state, objection.decision, (objection.decided_at or objection.at).date())


def _corrections(round_id: int) -> tuple[Correction, ...]:
    """Every run that became public after the first one."""
    first = func.min(PublishedScorecard.created_at)
    query = (
        select(Run.number, first, Run.reason)
        .join(PublishedScorecard, PublishedScorecard.run_id == Run.id)
        .where(Run.round_id == round_id)
        .group_by(Run.number, Run.reason)
        .order_by(Run.number)
    )
    rows = db.session.execute(query).all()[1:]
    return tuple(Correction(number, local_day(at), reason) for number, at, reason in reversed(rows))


def _former(round_id: int, unit_code: str, locale: str) -> tuple[FormerCard, ...]:
    rows = _cards(round_id, unit_code, locale)[1:]
    cards = [(number, local_day(at), card_of(row)) for row, number, at in rows if row.withdrawn_at is None]
    return tuple(FormerCard(number, on, card.score, card.band) for number, on, card in cards)


def _cards(round_id: int, unit_code: str, locale: str) -> list[Row[PublishedScorecard, int, datetime]]:
    """The unit's cards of this round, the one that is public now first."""
    query = (
        select(PublishedScorecard, Run.number, PublishedScorecard.created_at)
        .join(Run, Run.id == PublishedScorecard.run_id)
        .join(Unit, Unit.id == PublishedScorecard.unit_id)
        .where(PublishedScorecard.round_id == round_id, PublishedScorecard.locale == locale, Unit.code == unit_code)
    )
    return list(db.session.execute(query.order_by(Run.number.desc())).all())
