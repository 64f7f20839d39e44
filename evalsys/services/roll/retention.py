"""Forgetting: thirty days after a round's end its contacts and every file of letters are gone."""

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, or_, select, text, update

from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.models import BEFORE_OPENING, OVER, RollEntry, Round, Transfer, WorkItem
from evalsys.models.work import DONE, FAILED
from evalsys.services.roll import files
from evalsys.services.roll.batches import items_of

DAYS_KEPT = 30
SETTLED = (DONE, FAILED)


def forget() -> int:
    """Forget what is due now: a periodic task; returns from how many people."""
    forget_digests()
    return forget_contacts(utc_now())


def forget_digests() -> int:
    """Take the digests of codes from batches of rounds that are over; returns from how many.

    A batch that was given up keeps them beside its people, to be voided; now there is nothing left to void.
    """
    over = Round.state.in_(OVER)
    rounds = db.session.scalars(select(Round.id).where(over)).all()
    found = [item.id for one in rounds for item in db.session.scalars(items_of(db.session(), one)) if _holds(item)]
    db.session.rollback()
    if found:
        with transaction() as session:
            for item in session.scalars(select(WorkItem).where(WorkItem.id.in_(found)).with_for_update()):
                item.payload = {**item.payload, "digests": []}
    return len(found)


def _holds(item: WorkItem) -> bool:
    return item.state in SETTLED and bool(item.payload.get("digests"))


def forget_contacts(now: datetime) -> int:
    """Erase the contacts and delete the files of rounds that ended thirty days before `now`; returns how many people.

    A round ends when it is closed; one that never opened ends with its period. What is left of a person is the digest
    of her identifier, so that she is not invited twice, and numbers.
    """
    due = db.session.scalars(_due(now)).all()
    db.session.rollback()
    erased = 0
    for round_id in due:
        with transaction() as session:
            kept = RollEntry.round_id == round_id, RollEntry.contact != b""
            gone = update(RollEntry).where(*kept).values(contact=b"").returning(RollEntry.id)
            erased += len(session.execute(gone.execution_options(synchronize_session=False)).all())
        files.delete_all(round_id)
    if due and db.engine.dialect.name == "postgresql":  # old versions of rows stay readable until they are swept
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM roll_entry"))
    return erased


def _due(now: datetime) -> Select[int]:
    before = now - timedelta(DAYS_KEPT)
    never_opened = Round.state.in_(BEFORE_OPENING)
    is_over = or_(Round.closed_at <= before, and_(never_opened, Round.period_end <= before.date()))
    holds_contacts = exists().where(RollEntry.round_id == Round.id, RollEntry.contact != b"")
    left = or_(Transfer.rejected != "", Transfer.stored != "")
    holds_files = exists().where(Transfer.round_id == Round.id, Transfer.kind == "roll", left)
    return select(Round.id).where(is_over, or_(holds_contacts, holds_files))
