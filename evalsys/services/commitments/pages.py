"""You said, we did: what offices promised beside published results, and how far it is today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from evalsys.db import db
from evalsys.models import PUBLIC, Commitment, Round, Unit
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.commitments.standing import Standing, standing_of
from evalsys.services.content import Text
from evalsys.services.weights import Labels
from evalsys.services.zone import local_day


@dataclass(frozen=True)
class Promise:
    """One commitment with its state today; `topic` is None when it is about the whole result."""

    number: int
    round_code: str
    round_name: Text
    text: str
    locale: str
    topic: Text | None
    owner: str
    due: date
    today: Standing
    former: tuple[Standing, ...]


def promises_of(unit_code: str, locale: str, round_code: str = "", *, now: datetime) -> tuple[Promise, ...]:
    """What an office promised in published rounds, or in one of them, the newest round first."""
    query = _public_ones().join(Unit, Unit.id == Commitment.unit_id).where(Unit.code == unit_code)
    return _promises(query.where(Round.code == round_code) if round_code else query, locale, now)


def own_promises(actor: Actor, locale: str, *, now: datetime) -> tuple[Promise, ...]:
    """The same for the actor's own office. Raises Forbidden."""
    require(actor, "commitment.report")
    return _promises(_public_ones().where(Commitment.unit_id == actor.unit_id), locale, now)


def _public_ones() -> Select[Commitment]:
    query = select(Commitment).join(Round, Round.id == Commitment.round_id).where(Round.state.in_(PUBLIC))
    query = query.options(joinedload(Commitment.round), selectinload(Commitment.reports))
    return query.order_by(Round.period_end.desc(), Round.id.desc(), Commitment.number)


def _promises(query: Select[Commitment], locale: str, now: datetime) -> tuple[Promise, ...]:
    found, today = db.session.scalars(query).all(), local_day(now)
    if not found:
        return ()
    labels, rounds = Labels(locale), content.names("round", locale)
    return tuple(
        Promise(
            number=one.number,
            round_code=one.round.code,
            round_name=rounds.get(one.round.code) or Text(one.round.code, ""),
            text=one.text,
            locale=one.locale,
            topic=labels.node(one.topic) if one.topic else None,
            owner=one.owner,
            due=one.due,
            today=standing_of(one, today),
            former=tuple(_history(one)),
        )
        for one in found
    )


def _history(one: Commitment) -> Iterable[Standing]:
    """What the office said before its last word, the newest first."""
    for report in list(reversed(one.reports))[1:]:
        yield Standing(report.state, report.note, report.locale, local_day(report.at), is_overdue=False)
