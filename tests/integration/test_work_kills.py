"""Workers that are killed in the middle of a batch: embedded, and woken over Redis; nothing is lost or done twice."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.models import AuditEntry, WorkItem
from evalsys.services import waking, work
from tests.brokers import Woken, redis_server, woken_workers

KILLS = 12
HANDLERS = {"file": "tests.work_handlers:write_file"}
PATIENCE_SECONDS = 120


def queue(count: int, batch: str = "files") -> None:
    with transaction() as session:
        work.enqueue(session, batch, "file", [(f"{batch}-{n:02d}", {}) for n in range(count)], utc_now())


def assert_all_done_once(app: Flask, count: int, batch: str = "files") -> None:
    assert work.progress(batch) == work.Progress(0, 0, count, 0), work.failures(batch)
    names = [f"{batch}-{n:02d}" for n in range(count)]
    found = Counter(db.session.scalars(select(AuditEntry.subject).where(AuditEntry.act == "test.note")))
    assert found == Counter(dict.fromkeys(names, 1))
    folder = Path(app.instance_path) / "made"
    whole = {path.name for path in folder.iterdir() if path.suffix != ".draft"}
    assert whole == set(names)
    assert all((folder / name).read_bytes() == name.encode() * 5000 for name in names)


def empty_folder(app: Flask) -> None:
    for path in (Path(app.instance_path) / "made").glob("*"):
        path.unlink()


@pytest.mark.database("sqlite")  # test_work_pool kills on both
def test_twelve_kills_in_a_batch_lose_nothing_and_double_nothing(app: Flask, session: Session) -> None:
    empty_folder(app)
    queue(60)
    config = replace(app.config["EVALSYS"], database_url=str(app.config["SQLALCHEMY_DATABASE_URI"]))
    plan = tasks.Plan(config, batch="files", handlers=HANDLERS, idle_seconds=0.05)
    dice = random.Random(12)
    killed = 0
    with tasks.Pool(plan, 2) as pool:
        while not (state := work.progress("files")).is_over:
            if killed < KILLS and state.done >= 4 * killed and state.leased:
                os.kill(dice.choice(pool.pids), signal.SIGKILL)
                killed += 1
            pool.replace_ended()
            time.sleep(dice.random() / 20)
    assert killed == KILLS
    assert_all_done_once(app, 60)


@pytest.mark.database("postgresql")  # workers on other hosts reach no file of SQLite
def test_woken_workers_that_are_killed_lose_nothing_and_double_nothing(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    empty_folder(app)
    with redis_server(tmp_path) as broker, woken_workers(app, broker, tmp_path) as woken:
        woken.start()
        with wakes_sent(app, woken):
            queue(30)
        _kill_children(woken, until=10, batch="files")
        woken.kill_all()
        _lose_every_lease()
        assert not work.progress("files").is_over
        woken.start()
        with wakes_sent(app, woken):
            _wait_for("files")
            assert_all_done_once(app, 30)
            woken.send_twice("files")
            queue(5, "later")
            _wait_for("later")
        assert work.progress("files") == work.Progress(0, 0, 30, 0)


@contextmanager
def wakes_sent(app: Flask, woken: Woken) -> Iterator[None]:
    """Have the application send wake-ups, as one with a broker does."""
    app.extensions[waking.WAKER] = woken.wake
    try:
        yield
    finally:
        del app.extensions[waking.WAKER]


def _kill_children(woken: Woken, until: int, batch: str) -> None:
    """Kill the process that drains whenever something more is done, until so much is."""
    killed = 0
    end = time.monotonic() + PATIENCE_SECONDS
    while (done := work.progress(batch).done) < until and time.monotonic() < end:
        if done > killed * 4:
            for pid in woken.children[:1]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            killed += 1
        time.sleep(0.02)
    assert killed


def _lose_every_lease() -> None:
    """As if a minute had gone by: nobody is there to renew them."""
    with transaction() as session:
        holders = set(session.scalars(select(WorkItem.worker).where(WorkItem.state == 1)))
    for holder in holders:
        work.abandon(holder, utc_now())


def _wait_for(batch: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not work.progress(batch).is_over and time.monotonic() < end:
        tasks.wake_again()
        time.sleep(1)
