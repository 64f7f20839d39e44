"""The published cards that were taken back: whose, when and why. Of what stood on them nothing is told."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import PUBLIC, PublishedScorecard, Round, Run, Unit
from evalsys.services import content
from evalsys.services.content import Text
from evalsys.services.zone import local_day


@dataclass(frozen=True)
class WithdrawnCard:
    """That the card of an office was taken back: of which round and run, at what time, on which day there, and why."""

    round_code: str
    round_title: Text
    run_number: int
    unit_code: str
    unit: Text
    at: datetime
    on: date
    reason: str


def withdrawn_cards(locale: str, round_code: str = "") -> tuple[WithdrawnCard, ...]:
    """Those of all published rounds, or of the one that is named, the newest first."""
    taken = PublishedScorecard.withdrawn_at
    query = (
        select(Round.code, Run.number, Unit.code, taken, PublishedScorecard.withdrawn_reason)
        .select_from(PublishedScorecard)
        .join(Round, Round.id == PublishedScorecard.round_id)
        .join(Run, Run.id == PublishedScorecard.run_id)
        .join(Unit, Unit.id == PublishedScorecard.unit_id)
        .where(Round.state.in_(PUBLIC), PublishedScorecard.locale == locale, taken.is_not(None))
        .order_by(taken.desc(), Round.code, Unit.code, Run.number.desc())
    )
    rows = db.session.execute(query.where(Round.code == round_code) if round_code else query).all()
    units, rounds = (content.names(kind, locale) if rows else {} for kind in ("unit", "round"))
    return tuple(
        WithdrawnCard(
            round_code=code,
            round_title=rounds.get(code) or Text(code, ""),
            run_number=number,
            unit_code=unit,
            unit=units.get(unit) or Text(unit, ""),
            at=at,
            on=local_day(at),
            reason=reason,
        )
        for code, number, unit, at, reason in rows
        if at
    )
