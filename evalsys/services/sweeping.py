"""Forgetting on a clock: counts whose window is over, puzzles that ran out, drafts that nobody came back for."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select

from evalsys.db import Base, db, transaction
from evalsys.models import Draft, Round, RoundState, Throttle, UsedPuzzle

LONGEST_WINDOW_SECONDS = 86_400


def forget_expired(*, now: datetime) -> int:
    """Delete what has run out, and drafts of rounds that are over; returns how many; writes only if any."""
    wanted = {table: condition for table, condition in _expired(now).items() if _is_there(table, condition)}
    db.session.rollback()
    if not wanted:
        return 0
    with transaction() as session:
        gone = [session.execute(delete(table).where(condition)) for table, condition in wanted.items()]
        return sum(int(getattr(one, "rowcount", 0)) for one in gone)


def _expired(now: datetime) -> dict[type[Base], ColumnElement[bool]]:
    seconds = int(now.timestamp())
    over = select(Round.id).where(Round.state != RoundState.COLLECTING)
    return {
        Draft: or_(Draft.keep_until < now.date(), Draft.round_id.in_(over)),
        UsedPuzzle: UsedPuzzle.expires < seconds,
        # A window's number times its length is when it began; hours and days are told apart by size.
        Throttle: or_(
            Throttle.window < seconds // LONGEST_WINDOW_SECONDS - 1,
            Throttle.window.between(seconds // LONGEST_WINDOW_SECONDS + 1, seconds // 3600 - 2),
        ),
    }


def _is_there(table: type[Base], condition: ColumnElement[bool]) -> bool:
    return db.session.execute(select(1).select_from(table).where(condition).limit(1)).first() is not None
