"""A batch of real cards: two workers against one, and the memory of one worker over many cards."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.db import transaction
from evalsys.models import PublishedScorecard, WorkItem
from evalsys.services import printing, work
from tests.bench.measuring import MARGIN
from tests.published import make_published_round

GOAL_OF_TWO = 1.6
CARDS_OF_POOLS = 21
"""All cards of the small city: a round of 600 takes ten minutes and more on two cores."""
CARDS_OF_ONE = 600
BATCH = "cards-2025-1"


def reset() -> None:
    """All cards are to be made again, and none has a file; posters and booklets, of another size, are left out."""
    for path in printing.folder().iterdir():
        path.unlink()
    with transaction() as session:
        session.execute(delete(WorkItem).where(WorkItem.kind != "scorecard"))
        keys = session.scalars(select(WorkItem.key).where(WorkItem.batch == BATCH)).all()
        work.reopen(session, BATCH, keys)


def seconds_of(app: Flask, processes: int) -> float:
    """Wall time a card in a pool, from the first finished card to the last: the start of processes is apart."""
    reset()
    began: list[tuple[float, int]] = []

    def watch(now: work.Progress) -> None:
        if now.done and not began:
            began.append((time.perf_counter(), now.done))

    end = tasks.drain_with_pool(tasks.Plan(app.config["EVALSYS"], batch=BATCH, idle_seconds=0.05), processes, watch)
    assert end.done == CARDS_OF_POOLS, work.failures(BATCH)
    return (time.perf_counter() - began[0][0]) / (end.done - began[0][1])


def test_two_workers_make_more_cards_than_one(app: Flask, session: Session) -> None:
    make_published_round(session)
    one, two = seconds_of(app, 1), seconds_of(app, 2)
    print(f"\none worker {one:.2f} s a card, two {two:.2f} s: {one / two:.2f} times as fast (goal {GOAL_OF_TWO})")
    assert one / two > GOAL_OF_TWO / MARGIN


def test_a_worker_does_not_grow_over_many_cards(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    reset()
    rows = session.scalars(select(PublishedScorecard)).all()
    ids = [row.id for row in rows]
    session.rollback()
    monkeypatch.setattr(printing, "make_file", _draw_and_throw_away)
    worker = tasks.Worker(replace(tasks.Plan(app.config["EVALSYS"]), idle_seconds=0))
    seen = {}
    for number in range(0, CARDS_OF_ONE, work.CHUNK_ITEMS):
        with transaction() as writing:
            some = [(str(n), {"card": ids[n % len(ids)]}) for n in range(number, number + work.CHUNK_ITEMS)]
            work.enqueue(writing, "many", "scorecard", some, rows[0].created_at)
        assert worker.take_turn()
        if number + work.CHUNK_ITEMS in (50, tasks.ITEMS_A_PROCESS, 300, CARDS_OF_ONE):
            seen[number + work.CHUNK_ITEMS] = _resident_mb()
            print(f"\n{number + work.CHUNK_ITEMS} cards: {_resident_mb():.0f} MB")
    assert seen[tasks.ITEMS_A_PROCESS] < seen[50] * MARGIN


def _draw_and_throw_away(stem: str, draw: object) -> printing.MadeFile:
    assert callable(draw)
    draw()
    return printing.MadeFile(f"{stem}.pdf", stem)


def _resident_mb() -> float:
    (found,) = re.findall(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found) / 1024
