"""Handlers that stand in for slow work in tests of the queue; worker processes look them up by name."""

import os
import time
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.models import AuditEntry
from evalsys.services.files import write_once
from evalsys.services.imports import portions
from evalsys.services.work import Claimed, Effect


def note(item: Claimed) -> Effect:
    """Take a moment, then leave one entry that names the item."""
    time.sleep(0.05)

    def effect(session: Session) -> None:
        entry = AuditEntry(at=utc_now(), actor="worker", act="test.note", subject=item.key, outcome="done")
        session.add(entry)

    return effect


def import_slowly(item: Claimed) -> Effect | None:
    """Import in small portions with a pause before each is written, so that a kill hits every step."""
    portions.BATCH_RESPONSES, portions.COUNTED_AT_ONCE = 40, 150
    effect = portions.import_answers(item)
    time.sleep(0.02)

    def slow_effect(session: Session) -> None:
        if effect is not None:
            effect(session)
        session.flush()
        time.sleep(0.03)

    return slow_effect


def refuse(item: Claimed) -> None:
    """Fail with a reason."""
    raise ValueError(f"{item.key} cannot be done")


def die(item: Claimed) -> None:
    """End the whole process at once, as a crash in a library would."""
    os._exit(1)


def nothing() -> None:
    """A periodic task with nothing to do."""


def boom() -> None:
    """A periodic task that fails."""
    raise ValueError("not today")


def write_file(item: Claimed) -> Effect:
    """Take a moment, then write a file and leave one entry that names the item."""
    folder = Path(current_app.instance_path) / "made"
    folder.mkdir(exist_ok=True)
    time.sleep(0.03)
    write_once(folder / item.key, item.key.encode() * 5000)
    return note(item)


def run_away(item: Claimed) -> None:
    """Never end by itself."""
    while True:
        time.sleep(0.01)


def grow(item: Claimed) -> None:
    """Want ever more memory; nothing of it is touched."""
    held = [b""]
    while len(held) < 64:
        held.append(bytes(256 * 1024**2))  # zeroes that the system need not keep anywhere
    raise ValueError("nobody stopped it")
