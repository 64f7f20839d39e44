"""Citizens who rate over HTTP on PostgreSQL: what a whole submission costs, and whether any fails.

A submission is a new session that looks at the form and sends it, with everything switched on that the open channel
asks. CPU time is that of the web processes and of PostgreSQL together; the visitors' own is not in it.
"""

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Inbox, Response
from evalsys.services import sealing
from tests.integration.collecting import make_tokens, make_world
from tests.servers import Server, serving
from tests.visitors import Visitor

CLIENTS, SUBMISSIONS = 8, 400
MOST_CPU_MS = 50
LEVELS = {"q_satisfaction": "4", "q_trust": "5", "q_speed": "3"}
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def database_kind() -> str:
    return "postgresql"


def cpu_seconds(pids: Iterator[int] | list[int]) -> float:
    """User and system time that these processes and their ended children have used."""
    used = 0.0
    for pid in pids:
        facts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        used += sum(int(fact) for fact in facts[11:15]) / TICKS
    return used


def postgresql_pids(session: Session) -> list[int]:
    """The database's main process and everything it has started."""
    backend = int(session.scalar(select(func.pg_backend_pid())) or 0)
    session.rollback()
    main = int(Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()[1])
    listed = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [main, *map(int, listed)]


def rate(server: Server, token: str) -> str:
    visitor = Visitor(server.port)
    visitor.accept(token)
    return visitor.send("U01", {**visitor.fill("U01"), **LEVELS, "comment": "under load"})


def test_a_submission_costs_little_and_none_fails_on_one_unit(app: Flask, session: Session) -> None:
    world = make_world(session)
    sealing.key_of(world.round.id)
    tokens = make_tokens(session, world, SUBMISSIONS + CLIENTS)
    with serving(app) as server, ThreadPoolExecutor(CLIENTS) as people:
        list(people.map(lambda token: rate(server, token), tokens[:CLIENTS]))
        watched = [server.master, *server.workers, *postgresql_pids(session)]
        before, start = cpu_seconds(watched), time.monotonic()
        receipts = list(people.map(lambda token: rate(server, token), tokens[CLIENTS:]))
        seconds = time.monotonic() - start
        cost = (cpu_seconds([server.master, *server.workers, *postgresql_pids(session)]) - before) / SUBMISSIONS * 1000
    told = f"{cost:.1f} CPU ms a submission (invitation, form, sending), {SUBMISSIONS / seconds:.0f} a second"
    sys.stdout.write(f"\n{told} with {CLIENTS} clients on one unit\n")
    assert len(set(receipts)) == SUBMISSIONS
    waiting = session.scalar(select(func.count()).select_from(Inbox)) or 0
    assert waiting == SUBMISSIONS + CLIENTS
    assert not session.scalar(select(func.count()).select_from(Response))
    assert cost <= MOST_CPU_MS
