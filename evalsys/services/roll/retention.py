"""Forgetting: thirty days after a round's end its contacts and every file of letters are gone."""

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, or_, select, text, update

from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.models import RollEntry, Round, RoundState, Transfer
from evalsys.services.roll import files

DAYS_KEPT = 30


def forget() -> int:
    """Forget what is due now: a periodic task; returns from how many people."""
    return forget_contacts(utc_now())


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
    never_opened = Round.state.in_((RoundState.DRAFT, RoundState.APPROVED))
    is_over = or_(Round.closed_at <= before, and_(never_opened, Round.period_end <= before.date()))
    holds_contacts = exists().where(RollEntry.round_id == Round.id, RollEntry.contact != b"")
    left = or_(Transfer.rejected != "", Transfer.stored != "")
    holds_files = exists().where(Transfer.round_id == Round.id, Transfer.kind == "roll", left)
    return select(Round.id).where(is_over, or_(holds_contacts, holds_files))
