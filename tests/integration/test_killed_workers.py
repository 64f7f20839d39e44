"""Workers die in the middle of ratings: what was acknowledged is there once and whole, on both databases.

KILLS sets how many workers are killed (15; 200 by hand: KILLS=200 pytest tests/integration/test_killed_workers.py).
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Credential, Inbox, Submission
from evalsys.services import sealing
from tests.integration.collecting import World, in_box, make_tokens, make_world
from tests.servers import Server, serving
from tests.visitors import Refused, Visitor

KILLS = int(os.environ.get("KILLS", "15"))
CLIENTS = 4
QUESTIONS = 3
PATIENCE_SECONDS = 10


@dataclass
class Field:
    """What the raters were told while workers died: receipt by the words of their comment."""

    receipts: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def rate(port: int, tokens: list[str], is_over: Callable[[], bool], told: Field) -> None:
    """One invited person after the other, until it is over."""
    while not is_over() and tokens:
        visitor, words = Visitor(port), f"rating {random.getrandbits(64):x}"
        try:
            visitor.accept(tokens.pop())
            hidden = visitor.fill("U01")
            levels = {f"q_{code}": str(random.randint(1, 5)) for code in ("satisfaction", "trust", "speed")}
            told.receipts[words] = visitor.send("U01", {**hidden, **levels, "comment": words})
        except Refused as refusal:
            told.refused.append(str(refusal))


def play(server: Server, tokens: list[str], kills: int) -> Field:
    """Raters at work while `kills` workers are killed at random moments, each after somebody got a receipt again."""
    told, over = Field(), threading.Event()
    with ThreadPoolExecutor(CLIENTS) as people:
        running = [people.submit(rate, server.port, tokens, over.is_set, told) for _ in range(CLIENTS)]
        for _ in range(kills):
            wait_for_another(told)
            time.sleep(random.uniform(0.02, 0.2))
            if workers := server.workers:
                server.kill_worker(random.choice(workers))
        time.sleep(0.5)
        over.set()
        for one in running:
            one.result()
    return told


def wait_for_another(told: Field) -> None:
    """Until one more receipt is there: on a busy machine a new worker needs its time before it answers at all."""
    before, end = len(told.receipts), time.monotonic() + PATIENCE_SECONDS
    while len(told.receipts) == before and time.monotonic() < end:
        time.sleep(0.01)


def damage(session: Session, told: Field) -> dict[str, int]:
    """How many acknowledged ratings are lost, how many lie there twice or in part, how many credentials spent alone."""
    session.rollback()
    known = set(session.scalars(select(Submission.receipt)))
    lying = in_box(session)
    words = Counter(one.comment for one in lying)
    spent = session.scalar(select(func.count()).where(Credential.state == 1)) or 0
    invited = session.scalar(select(func.count()).where(Inbox.stratum == "users")) or 0
    return {
        "lost": sum(said not in words or receipt not in known for said, receipt in told.receipts.items()),
        "doubled": sum(number - 1 for number in words.values()),
        "partial": sum(len(one.answers) != QUESTIONS or not one.comment for one in lying),
        "without answers": len(known) - len(lying),
        "spent without a rating": spent - invited,
    }


def prepare(session: Session) -> tuple[World, list[str]]:
    world = make_world(session)
    sealing.key_of(world.round.id)
    return world, make_tokens(session, world, 2000)


@pytest.mark.walk
def test_killed_workers_lose_nothing_and_store_nothing_twice_or_in_part(app: Flask, session: Session) -> None:
    _, tokens = prepare(session)
    with serving(app) as server:
        told = play(server, tokens, KILLS)
    assert told.refused == []
    assert len(told.receipts) > KILLS
    assert not any(damage(session, told).values()), damage(session, told)


@pytest.mark.database("sqlite")  # the mistake is ours, not the database's
def test_a_rating_stored_in_two_steps_is_found_out(app: Flask, session: Session) -> None:
    """The same play must notice a planted mistake: the credential is spent and committed before the answers are."""
    _, tokens = prepare(session)
    found: Counter[str] = Counter()
    with serving(app, target="tests.two_steps:app") as server:
        for _ in range(10):
            told = play(server, tokens, KILLS)
            found.update(damage(session, told))
            if found["without answers"] > 0:
                break
    assert found["without answers"] > 0, found


@pytest.mark.walk
def test_a_retry_after_an_unacknowledged_rating_gets_the_same_receipt(app: Flask, session: Session) -> None:
    _, tokens = prepare(session)
    with serving(app, workers=1) as server:
        visitor = Visitor(server.port)
        visitor.accept(tokens.pop())
        filled = {**visitor.fill("U01"), "q_satisfaction": "4", "q_trust": "5", "q_speed": "2", "comment": "once"}
        receipts = {visitor.send("U01", filled)}
        server.kill_worker(server.workers[0])
        receipts.add(visitor.send("U01", filled))
    assert len(receipts) == 1
    assert [one.comment for one in in_box(session)] == ["once"]


@pytest.fixture(autouse=True)
def _seeded() -> None:
    random.seed(20260101)
