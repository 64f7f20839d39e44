"""Telling workers on other hosts that there is work, once the transaction that queued it is committed.

The table of items stays the truth: a wake-up that is lost or comes twice changes nothing but the time somebody waits.
"""

from collections.abc import Callable

from flask import current_app, has_app_context
from sqlalchemy import event
from sqlalchemy.orm import Session

WAKER = "evalsys.waker"
"""Under this name an application that has a broker keeps what sends wake-ups."""
_NOTED = "woken batches"

Waker = Callable[[str, int], None]


def note(session: Session, batch: str, items: int) -> None:
    """Remember that so many items of the batch are new; workers hear of it when the transaction is committed."""
    if items:
        noted = session.info.setdefault(_NOTED, {})
        noted[batch] = noted.get(batch, 0) + items


@event.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    noted = session.info.pop(_NOTED, {})
    waker: Waker | None = current_app.extensions.get(WAKER) if has_app_context() else None
    if waker is not None:
        for batch, items in noted.items():
            waker(batch, items)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_NOTED, None)
