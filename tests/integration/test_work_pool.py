"""The process pool: killing workers loses no item and does none twice."""

import os
import signal
from collections import Counter
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.models import AuditEntry, WorkItem
from evalsys.services import work

HANDLERS = {
    "note": "tests.work_handlers:note",
    "refuse": "tests.work_handlers:refuse",
    "die": "tests.work_handlers:die",
}


def plan(app: Flask) -> tasks.Plan:
    config = replace(app.config["EVALSYS"], database_url=str(app.config["SQLALCHEMY_DATABASE_URI"]))
    return tasks.Plan(config, batch="cards", handlers=HANDLERS, lease_seconds=2, idle_seconds=0.05)


def queue(kind: str, count: int) -> None:
    with transaction() as session:
        work.enqueue(session, "cards", kind, [(f"{kind}-{n}", {}) for n in range(count)], utc_now())


def notes() -> Counter[str]:
    found = Counter(db.session.scalars(select(AuditEntry.subject).where(AuditEntry.act == "test.note")))
    db.session.rollback()
    return found


def test_killed_workers_are_replaced_and_every_item_is_done_once(app: Flask, session: Session) -> None:
    queue("note", 40)
    with tasks.Pool(plan(app), 2) as pool:
        killed = 0
        while not (state := work.progress("cards")).is_over:
            if killed < 2 and state.done >= 5 * (killed + 1):
                os.kill(pool.pids[killed], signal.SIGKILL)
                killed += 1
            pool.replace_ended()
            assert state.failed == 0
    assert killed == 2
    assert work.progress("cards") == work.Progress(0, 0, 40, 0)
    assert notes() == Counter({f"note-{n}": 1 for n in range(40)})


def test_the_pool_tells_how_far_it_is_and_names_what_failed(app: Flask, session: Session) -> None:
    queue("note", 6)
    with transaction() as writing:
        work.enqueue(writing, "cards", "refuse", [("bad", {})], utc_now())
    worker = tasks.Worker(plan(app))
    for attempt in range(1, work.MOST_ATTEMPTS):
        _wait_no_longer(attempt)
    seen: list[work.Progress] = []
    end = tasks.drain_with_pool(plan(app), 2, seen.append)
    assert (end.done, end.failed) == (6, 1)
    assert seen[-1] == end
    assert work.failures("cards") == [work.Failure("bad", "ValueError: bad cannot be done")]
    assert worker.drain() == 0


def _wait_no_longer(attempt: int) -> None:
    """Bring the bad item to its next attempt without its pauses."""
    with transaction() as session:
        item = session.scalars(select(WorkItem).where(WorkItem.key == "bad")).one()
        item.attempts = attempt


@pytest.mark.database("sqlite")  # the workers never reach the database
def test_a_pool_whose_workers_cannot_start_says_so(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue("note", 1)
    monkeypatch.setattr(tasks, "FUTILE_STARTS", 0)
    broken = replace(plan(app).config, database_url="sqlite:////nowhere/at/all.sqlite")
    with pytest.raises(tasks.WorkersFail, match="as soon as they start"):
        tasks.drain_with_pool(replace(plan(app), config=broken), 1)


def test_nothing_to_do_starts_no_process(app: Flask, session: Session) -> None:
    assert tasks.drain_with_pool(plan(app), 2) == work.Progress(0, 0, 0, 0)
