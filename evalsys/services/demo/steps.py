"""One act of the load, and what several acts need."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from evalsys.db import db
from evalsys.services import work
from evalsys.services.access import Actor
from evalsys.services.demo.people import find_actor

WORKER = "demo"


@dataclass(frozen=True)
class Step:
    """One act on a round; the name is shown while it is done."""

    name: str
    act: Callable[[], object]


def actor_called(name: str) -> Actor:
    """The demo account of this name, with no transaction left open."""
    found = find_actor(db.session(), name)
    db.session.rollback()
    return found


def is_there(query: Select[Any]) -> bool:
    """Whether the database holds such a row, with no transaction left open."""
    found = db.session.scalar(query.limit(1)) is not None
    db.session.rollback()
    return found


def do_queued(batch: str, handler: Callable[[work.Claimed], work.Effect | None], now: datetime) -> None:
    """Work a batch off here and now, as a worker would."""
    for item in work.claim(WORKER, now, batch=batch):
        work.finish(item, WORKER, now, handler(item))
