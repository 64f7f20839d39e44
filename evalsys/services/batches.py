"""Whole batches of work items: cancelled, taken up again, watched."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import WorkItem
from evalsys.models.work import CANCELLED, DONE, FAILED, LEASED, WAITING
from evalsys.services.work import Among, is_ready, reopen_where

PACE_SECONDS = 120
FEWEST_FOR_PACE = 3


@dataclass(frozen=True)
class Pace:
    """How many items are settled a minute of late, and how many minutes the rest will take, rounded up."""

    per_minute: float
    minutes_left: int


def cancel(session: Session, batch: str) -> int:
    """Give up what is not done yet, within the caller's transaction; returns how many items.

    Whoever is at work on one of them has lost its lease: its end is not recorded.
    """
    given_up = {"state": CANCELLED, "worker": "", "lease_until": None}
    left = WorkItem.batch == batch, WorkItem.state.in_((WAITING, LEASED))
    return len(session.execute(update(WorkItem).where(*left).values(**given_up).returning(WorkItem.id)).all())


def resume(session: Session, batch: str) -> int:
    """Take up again what was cancelled, within the caller's transaction; returns how many items."""
    return reopen_where(session, and_(WorkItem.batch == batch, WorkItem.state == CANCELLED))


def kinds_of(session: Session, batch: str) -> set[str]:
    """The kinds of the batch's items; empty when it is not there."""
    return set(session.scalars(select(WorkItem.kind).where(WorkItem.batch == batch).distinct()))


def pace(batch: str, left: int, now: datetime) -> Pace | None:
    """How fast the batch gets on, judged by the last two minutes; None while too little is known."""
    since = now - timedelta(seconds=PACE_SECONDS)
    late = WorkItem.batch == batch, WorkItem.state.in_((DONE, FAILED)), WorkItem.done_at > since
    count, first = db.session.execute(select(func.count(), func.min(WorkItem.done_at)).where(*late)).one()
    if first is None or count < FEWEST_FOR_PACE:
        return None
    seconds = max((now - first).total_seconds(), 1.0)
    per_minute = (count - 1) * 60 / seconds
    return Pace(per_minute, -int(-left // per_minute))


def unattended(now: datetime) -> dict[str, int]:
    """Batches that have items ready while nobody works on them, and how many: what a wake-up may have been lost for."""
    at_work = select(WorkItem.batch).where(WorkItem.state == LEASED, WorkItem.lease_until >= now)
    ready = is_ready(now, Among()), WorkItem.batch.not_in(at_work)
    found = dict(db.session.execute(select(WorkItem.batch, func.count()).where(*ready).group_by(WorkItem.batch)).all())
    db.session.rollback()
    return found
