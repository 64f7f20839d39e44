"""Loading the city, step by step; a step that was done is not done again, so an interrupted load can be continued."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from evalsys.db import db, transaction
from evalsys.errors import Conflict
from evalsys.models import Account, AuditEntry, Unit
from evalsys.services.demo.city import add_city, read
from evalsys.services.demo.people import add_people, add_staff, login
from evalsys.services.demo.rounds import round_steps

Progress = Callable[[str], None]
DONE = "demo.load"


@dataclass(frozen=True)
class LoadReport:
    """What a load did."""

    steps: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """False when everything was there already."""
        return bool(self.steps)


def load_city(*, is_production: bool, now: datetime, progress: Progress = lambda _step: None) -> LoadReport:
    """Load what is not there yet. Existing data is never changed: a database with units of its own is left alone.

    Raises Conflict in production, since the demo accounts have a known password.
    """
    _refuse_in(is_production)
    if _is_loaded() or _is_foreign():
        return LoadReport(())
    done: list[str] = []
    if not _has_city():
        progress("units, services and people")
        with transaction() as session:
            add_city(session)
            add_people(session, now)
        done.append("city")
    for code in read("rounds"):
        for step in round_steps(code, now):
            progress(step.name)
            step.act()
            done.append(step.name)
    with transaction() as session:
        session.add(AuditEntry(at=now, actor="system", act=DONE, subject="demo:rivergate", outcome="done"))
    return LoadReport(tuple(done))


def load_staff(*, is_production: bool, now: datetime) -> None:
    """Add the demo accounts of the oversight body alone, to try an import. Raises Conflict in production."""
    _refuse_in(is_production)
    with transaction() as session:
        add_staff(session, now)


def _refuse_in(is_production: bool) -> None:
    if is_production:
        raise Conflict("The demo city has accounts with a known password and is only for development.")


def _is_loaded() -> bool:
    return db.session.scalar(select(AuditEntry.id).where(AuditEntry.act == DONE).limit(1)) is not None


def _has_city() -> bool:
    return db.session.scalar(select(Account.id).where(Account.login == login("head.u01"))) is not None


def _is_foreign() -> bool:
    return db.session.scalar(select(Unit.id).limit(1)) is not None and not _has_city()
