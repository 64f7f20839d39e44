"""Loading the city, step by step; a step that was done is not done again, so an interrupted load can be continued."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from evalsys.db import db, transaction
from evalsys.errors import Conflict
from evalsys.models import Account, Unit
from evalsys.services.demo.city import add_city
from evalsys.services.demo.people import add_people, login

Progress = Callable[[str], None]


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
    if is_production:
        raise Conflict("The demo city has accounts with a known password and is only for development.")
    done: list[str] = []
    if _is_foreign():
        return LoadReport(())
    if not db.session.scalar(select(Account.id).where(Account.login == login("analyst"))):
        progress("units, services and people")
        with transaction() as session:
            add_city(session)
            add_people(session, now)
        done.append("city")
    return LoadReport(tuple(done))


def _is_foreign() -> bool:
    has_units = db.session.scalar(select(Unit.id).limit(1)) is not None
    is_demo = db.session.scalar(select(Account.id).where(Account.login == login("analyst"))) is not None
    return has_units and not is_demo
