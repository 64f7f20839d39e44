"""Work outside a request: queued in the transaction that wants it, leased by whoever drains it, done at least once.

A worker that dies loses its lease, and the next claim takes the item over. What a handler wants written goes into the
transaction that marks the item done, so a worker that lost its lease writes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.errors import Conflict
from evalsys.models import WorkItem
from evalsys.models.work import CANCELLED, DONE, FAILED, LEASED, WAITING
from evalsys.services import waking

CHUNK_ITEMS = 5
LEASE_SECONDS = OVERDUE_SECONDS = 60
MOST_ATTEMPTS = 5
ERROR_CHARACTERS = 500
ROWS_A_STATEMENT = 500

Effect = Callable[[Session], None]


@dataclass(frozen=True)
class Claimed:
    """An item that this worker holds; `attempt` counts from 1. A long handler renews its lease as `worker`."""

    id: int
    batch: str
    key: str
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    worker: str = ""


@dataclass(frozen=True)
class Among:
    """Which items a worker looks at: those of one batch and of some kinds; empty for any."""

    batch: str = ""
    kinds: Collection[str] = ()


@dataclass(frozen=True)
class Failure:
    """An item that was given up, and why."""

    key: str
    error: str


@dataclass(frozen=True)
class Progress:
    """How far a batch is, in items."""

    waiting: int
    leased: int
    done: int
    failed: int
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All items of the batch."""
        return self.left + self.settled

    @property
    def left(self) -> int:
        """Items that are waiting or at work."""
        return self.waiting + self.leased

    @property
    def settled(self) -> int:
        """Items that get no more work: done, given up or cancelled."""
        return self.done + self.failed + self.cancelled

    @property
    def is_over(self) -> bool:
        """True when nothing is left to do."""
        return self.settled == self.total


def enqueue(
    session: Session, batch: str, kind: str, items: Iterable[tuple[str, Mapping[str, Any]]], now: datetime
) -> int:
    """Queue (key, payload) pairs within the caller's transaction; returns how many the batch did not hold already."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [
        {"batch": batch, "key": key, "kind": kind, "payload": dict(payload), "state": WAITING, "attempts": 0}
        | {"worker": "", "error": "", "created_at": now}
        for key, payload in items
    ]
    added = 0
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        statement = insert(WorkItem).values(rows[start : start + ROWS_A_STATEMENT])
        fresh = statement.on_conflict_do_nothing(index_elements=["batch", "key"]).returning(WorkItem.id)
        added += len(session.execute(fresh).all())
    waking.note(session, batch, added)
    return added


def claim(
    worker: str, now: datetime, limit: int = CHUNK_ITEMS, batch: str = "", lease_seconds: int = LEASE_SECONDS
) -> list[Claimed]:
    """Take up to `limit` items (of one batch, if named) for `lease_seconds`."""
    return claim_among(worker, now, Among(batch), limit, lease_seconds)


def claim_among(
    worker: str, now: datetime, among: Among, limit: int = CHUNK_ITEMS, lease_seconds: int = LEASE_SECONDS
) -> list[Claimed]:
    """Take up to `limit` of these items for `lease_seconds`.

    New items come in chunks; an item that failed or was lost before comes alone, so that one which kills its worker
    does not use up the attempts of its neighbours. It comes after new ones, but not later than after a minute.
    """
    if not _something_is_ready(now, among):
        return []
    with transaction() as session:
        _give_up_lost(session, now)
        lease = {"state": LEASED, "worker": worker, "lease_until": now + timedelta(seconds=lease_seconds)}
        fresh, overdue = WorkItem.attempts == 0, WorkItem.lease_until < now - timedelta(seconds=OVERDUE_SECONDS)
        for turn, most in ((and_(~fresh, overdue), 1), (fresh, limit), (~fresh, 1)):
            found = _take(session, and_(is_ready(now, among), turn), most, lease)
            if found:
                return found
    return []


def renew(item: Claimed, worker: str, now: datetime, lease_seconds: int = LEASE_SECONDS) -> bool:
    """Begin the lease anew; False when the item belongs to somebody else by now."""
    with transaction() as session:
        return _change(session, item, worker, lease_until=now + timedelta(seconds=lease_seconds))


def prolong(item: Claimed, now: datetime, lease_seconds: int = LEASE_SECONDS) -> None:
    """Begin the lease anew from inside a handler that takes long. Raises Conflict when somebody else has the item."""
    with transaction() as session:
        hold(session, item, lease_until=now + timedelta(seconds=lease_seconds))


def hold(session: Session, item: Claimed, **values: object) -> None:
    """Change the item within the handler's own transaction. Raises Conflict when somebody else has it by now."""
    statement = (
        update(WorkItem)
        .where(WorkItem.id == item.id, WorkItem.state == LEASED, WorkItem.attempts == item.attempt)
        .values(**values)
        .returning(WorkItem.id)
        .execution_options(synchronize_session=False)
    )
    if session.execute(statement).first() is None:
        raise Conflict("Somebody else does this work by now.")


def finish(item: Claimed, worker: str, now: datetime, effect: Effect | None = None) -> bool:
    """Mark the item done and apply `effect` in the same transaction; False, and nothing written, without the lease."""
    with transaction() as session:
        own = _change(session, item, worker, state=DONE, lease_until=None, done_at=now, error="")
        if own and effect is not None:
            effect(session)
        return own


def fail(item: Claimed, worker: str, error: str, now: datetime, most_attempts: int | None = None) -> bool:
    """Record why the item failed; it waits a little and is tried again until its attempts are used up."""
    shown = error[:ERROR_CHARACTERS].replace("\0", "")
    with transaction() as session:
        if item.attempt >= (most_attempts or MOST_ATTEMPTS):
            return _change(session, item, worker, state=FAILED, lease_until=None, done_at=now, error=shown)
        later = now + timedelta(seconds=2**item.attempt)
        return _change(session, item, worker, state=WAITING, worker="", lease_until=later, error=shown)


def release(worker: str) -> int:
    """Give back what a stopping worker did not begin, as if it had never been taken; returns how many items."""
    with transaction() as session:
        return _give_back(session, WorkItem.worker == worker)


def abandon(worker: str, now: datetime) -> None:
    """Free at once what a worker held that is known to be dead; only the item it had begun has lost an attempt.

    A worker renews an item's lease when it begins: of what it holds, that lease alone ends later than the others.
    """
    with transaction() as session:
        held = WorkItem.worker == worker, WorkItem.state == LEASED
        ends = session.execute(select(WorkItem.id, WorkItem.lease_until).where(*held)).all()
        last = max((until for _, until in ends if until), default=now)
        latest = [id_ for id_, until in ends if until == last]
        begun = WorkItem.id.in_(latest if len(latest) == 1 else [])
        _give_back(session, and_(WorkItem.worker == worker, ~begun))
        session.execute(update(WorkItem).where(begun, *held).values(lease_until=now))


def retry(batch: str) -> int:
    """Let the items that were given up be tried again; returns how many."""
    with transaction() as session:
        return reopen_failed(session, batch)


def reopen_failed(session: Session, batch: str) -> int:
    """The same within the caller's transaction."""
    return reopen_where(session, and_(WorkItem.batch == batch, WorkItem.state == FAILED))


def reopen(session: Session, batch: str, keys: Iterable[str]) -> int:
    """Have settled items, whose product is gone, done again within the caller's transaction; returns how many."""
    settled = WorkItem.state.in_((DONE, FAILED, CANCELLED))
    return reopen_where(session, and_(WorkItem.batch == batch, WorkItem.key.in_(list(keys)), settled))


def progress(batch: str) -> Progress:
    """How many items of the batch stand where; all zero for a batch that is not there."""
    query = select(WorkItem.state, func.count()).where(WorkItem.batch == batch).group_by(WorkItem.state)
    counts = dict(db.session.execute(query).all())
    db.session.rollback()
    return Progress(*(counts.get(state, 0) for state in (WAITING, LEASED, DONE, FAILED, CANCELLED)))


def failures(batch: str) -> list[Failure]:
    """The items of the batch that were given up."""
    query = select(WorkItem.key, WorkItem.error).where(WorkItem.batch == batch, WorkItem.state == FAILED)
    return [Failure(key, error) for key, error in db.session.execute(query.order_by(WorkItem.key))]


def is_ready(now: datetime, among: Among) -> ColumnElement[bool]:
    """The condition of items that may be claimed now."""
    waits = and_(WorkItem.state == WAITING, or_(WorkItem.lease_until.is_(None), WorkItem.lease_until <= now))
    lost = and_(WorkItem.state == LEASED, WorkItem.lease_until < now)
    meant = [WorkItem.batch == among.batch] if among.batch else []
    meant += [WorkItem.kind.in_(among.kinds)] if among.kinds else []
    return and_(or_(waits, lost), *meant)


def _give_back(session: Session, which: ColumnElement[bool]) -> int:
    unbegun = {"state": WAITING, "worker": "", "lease_until": None, "attempts": WorkItem.attempts - 1}
    statement = update(WorkItem).where(which, WorkItem.state == LEASED).values(**unbegun).returning(WorkItem.id)
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())


def reopen_where(session: Session, which: ColumnElement[bool]) -> int:
    """Have these items done as if they were new, within the caller's transaction; returns how many."""
    fresh = {"state": WAITING, "worker": "", "lease_until": None, "attempts": 0, "done_at": None}
    reopened = session.execute(update(WorkItem).where(which).values(**fresh).returning(WorkItem.batch)).scalars().all()
    for batch in set(reopened):
        waking.note(session, batch, reopened.count(batch))
    return len(reopened)


def _something_is_ready(now: datetime, among: Among) -> bool:
    """A read first: an idle worker must not take SQLite's write lock every second."""
    found = db.session.scalar(select(exists().where(is_ready(now, among))))
    db.session.rollback()
    return bool(found)


def _give_up_lost(session: Session, now: datetime) -> None:
    session.execute(
        update(WorkItem)
        .where(WorkItem.state == LEASED, WorkItem.lease_until < now, WorkItem.attempts >= MOST_ATTEMPTS)
        .values(state=FAILED, lease_until=None, done_at=now, error="every worker that took this item stopped")
    )


def _take(session: Session, ready: ColumnElement[bool], limit: int, lease: Mapping[str, Any]) -> list[Claimed]:
    # The newest batch first: it is the one that somebody waits for. A CTE that locks is evaluated once; a plain
    # subquery with LIMIT might be evaluated again and lock more rows.
    order = (WorkItem.created_at.desc(), WorkItem.id)
    chosen = select(WorkItem.id).where(ready).order_by(*order).limit(limit).with_for_update(skip_locked=True)
    columns = (WorkItem.id, WorkItem.batch, WorkItem.key, WorkItem.kind, WorkItem.payload, WorkItem.attempts)
    statement = (
        update(WorkItem)
        .where(WorkItem.id.in_(select(chosen.cte("chosen").c.id)))
        .values(**lease, attempts=WorkItem.attempts + 1)
        .returning(*columns, WorkItem.worker)
        .execution_options(synchronize_session=False)
    )
    return sorted((Claimed(*row) for row in session.execute(statement)), key=lambda item: item.id)


def _change(session: Session, item: Claimed, owner: str, **values: object) -> bool:
    statement = (
        update(WorkItem)
        .where(WorkItem.id == item.id, WorkItem.worker == owner, WorkItem.state == LEASED)
        .where(WorkItem.attempts == item.attempt)
        .values(**values)
        .returning(WorkItem.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None
