"""Citizens who rate over HTTP on PostgreSQL: what a whole submission costs, and whether any fails.

A submission is a new session that looks at the form and sends it. Invited people come by their invitation; in the open
channel the puzzle is solved as a browser does, and the form is sent once it was shown for three seconds. Everything of
the guard is on; only the cap of a network is out of reach, since all visitors have one address.
CPU time is that of the web processes and of PostgreSQL together; the visitors' own is not in it.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Inbox, Response
from evalsys.services import sealing
from evalsys.services.guard import Limits
from tests.integration.collecting import make_tokens, make_world
from tests.servers import Server, serving
from tests.visitors import Visitor

CLIENTS, SUBMISSIONS = 8, 400
MOST_CPU_MS = 50
LEAST_SECONDS = Limits().least_seconds + 1
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


Send = Callable[[], str]


def come_invited(server: Server, token: str) -> Send:
    """An invited person with her form before her; returns how she sends it."""
    visitor = Visitor(server.port)
    visitor.accept(token)
    fields = {**visitor.fill("U01"), **LEVELS, "comment": "under load"}
    return lambda: visitor.send("U01", fields)


def come_openly(server: Server, _token: str) -> Send:
    """Somebody without an invitation whose browser has solved the puzzle."""
    visitor = Visitor(server.port)
    fields = {**visitor.fill("U01", is_solving=True), **LEVELS, "comment": "under load"}
    assert fields["puzzle"]
    return lambda: visitor.send("U01", fields)


@pytest.mark.parametrize("come", [come_invited, come_openly])
def test_a_submission_costs_little_and_none_fails_on_one_unit(
    app: Flask, session: Session, come: Callable[[Server, str], Send]
) -> None:
    world = make_world(session)
    sealing.key_of(world.round.id)
    tokens = make_tokens(session, world, SUBMISSIONS + CLIENTS)
    with serving(app, target="tests.unlimited:app") as server, ThreadPoolExecutor(CLIENTS) as people:
        warm = list(people.map(lambda token: come(server, token), tokens[:CLIENTS]))
        time.sleep(LEAST_SECONDS)
        list(people.map(lambda send: send(), warm))
        before, start = cpu_seconds([server.master, *server.workers, *postgresql_pids(session)]), time.monotonic()
        ready = list(people.map(lambda token: come(server, token), tokens[CLIENTS:]))
        coming = time.monotonic() - start
        time.sleep(LEAST_SECONDS)
        start = time.monotonic()
        receipts = list(people.map(lambda send: send(), ready))
        sending = time.monotonic() - start
        cost = (cpu_seconds([server.master, *server.workers, *postgresql_pids(session)]) - before) / SUBMISSIONS * 1000
    told = f"{come.__name__}: {cost:.1f} CPU ms a submission; {SUBMISSIONS / coming:.0f} forms a second shown"
    sys.stdout.write(f"\n{told}, {SUBMISSIONS / sending:.0f} a second sent, {CLIENTS} clients on one unit\n")
    assert len(set(receipts)) == SUBMISSIONS
    waiting = session.scalar(select(func.count()).select_from(Inbox)) or 0
    assert waiting == SUBMISSIONS + CLIENTS
    strata = set(session.scalars(select(Inbox.stratum)))
    assert strata == ({"open"} if come is come_openly else {"users"})
    assert not session.scalar(select(func.count()).select_from(Response))
    assert cost <= MOST_CPU_MS
