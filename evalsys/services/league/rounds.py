"""The rounds whose results everybody may read."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from evalsys.db import db
from evalsys.models import PUBLIC, PublishedScorecard, Round, Unit
from evalsys.services import content
from evalsys.services.results import RoundLine, list_rounds


@dataclass(frozen=True)
class PublishedRound:
    """A round, when it was rated, when it became public (None for one from elsewhere), and how many cards it has."""

    code: str
    title: str
    period_start: date
    period_end: date
    published_on: date | None
    cards: int


def read_rounds(locale: str) -> list[PublishedRound]:
    """The published rounds, newest first."""
    titles = content.names("round", locale)
    cards = func.count(func.distinct(PublishedScorecard.unit_id))
    query = (
        select(Round.code, Round.period_start, Round.period_end, Round.published_at, cards)
        .join(PublishedScorecard, PublishedScorecard.round_id == Round.id)
        .where(Round.state.in_(PUBLIC), PublishedScorecard.withdrawn_at.is_(None))
        .group_by(Round.id, Round.code, Round.period_start, Round.period_end, Round.published_at)
        .order_by(Round.period_end.desc(), Round.id.desc())
    )
    return [
        PublishedRound(code, str(titles.get(code, code)), start, end, at.date() if at else None, number)
        for code, start, end, at, number in db.session.execute(query)
    ]


def newest_rounds(locale: str) -> dict[str, RoundLine]:
    """The newest published round of each unit that has a card, by the unit's code."""
    titles = {line.code: line for line in list_rounds(locale)}
    query = (
        select(Unit.code, Round.code)
        .join(PublishedScorecard, PublishedScorecard.unit_id == Unit.id)
        .join(Round, Round.id == PublishedScorecard.round_id)
        .where(Round.state.in_(PUBLIC), PublishedScorecard.locale == locale)
        .where(PublishedScorecard.withdrawn_at.is_(None))
        .order_by(Round.period_end, Round.id)
    )
    return {unit: titles[code] for unit, code in db.session.execute(query)}
