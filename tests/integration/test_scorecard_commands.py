"""The commands that publish, print and serve."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.cli import serve
from evalsys.clock import utc_now
from evalsys.config import PROJECT
from evalsys.models import Account, Role
from evalsys.services import work
from evalsys.services.demo import visit
from tests.conftest import SECRET
from tests.factories import make_account, make_round
from tests.published import CITY, adopt, make_scored_round

# Words in, words out, processes: test_publication and test_work_pool have what lies below on both databases.
pytestmark = pytest.mark.database("sqlite")

PATIENCE_SECONDS = 90
PRINTED = 3 * (2 * len(CITY) + 1)  # a card and a poster of each unit, and a booklet, in every language


@pytest.fixture
def quick_handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    handlers = dict.fromkeys(("scorecard", "poster", "booklet"), "tests.work_handlers:note")
    monkeypatch.setattr(tasks, "HANDLERS", handlers)
    return handlers


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def test_publishing_prints_all_cards_and_a_second_time_only_what_is_missing(
    app: Flask, session: Session, quick_handlers: dict[str, str]
) -> None:
    make_scored_round(session)
    adopt(session, "2025")
    login = session.scalars(select(Account.login).where(Account.role == Role.BOARD)).one()
    session.commit()
    first = run(app, "scorecards", "publish", "2025", "--as", login, "--processes", "2")
    assert first[0] == 0
    assert f"Round 2025 is published: {PRINTED} PDFs." in first[1]
    again = run(app, "scorecards", "publish", "2025", "--as", login, "--processes", "1")
    assert again[0] == 0


def test_what_cannot_be_printed_is_named(app: Flask, session: Session, quick_handlers: dict[str, str]) -> None:
    quick_handlers.update(dict.fromkeys(quick_handlers, "tests.work_handlers:refuse"))
    make_scored_round(session)
    adopt(session, "2025")
    login = session.scalars(select(Account.login).where(Account.role == Role.BOARD)).one()
    session.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evalsys.services.work.MOST_ATTEMPTS", 1)
        patch.setattr(tasks, "drain_with_pool", drain_here)
        code, output = run(app, "scorecards", "publish", "2025", "--as", login)
    assert code == 1
    assert "ValueError: U01/en/1 cannot be done" in output
    assert f"{PRINTED} of {PRINTED} PDFs could not be made." in output


def drain_here(plan: tasks.Plan, _processes: int, _on_progress: object) -> work.Progress:
    tasks.Worker(plan).drain()
    return work.progress(plan.batch)


def test_only_the_board_publishes(app: Flask, session: Session, quick_handlers: dict[str, str]) -> None:
    make_scored_round(session)
    adopt(session, "2025")
    login = session.scalars(select(Account.login).where(Account.role == Role.ANALYST)).one()
    session.commit()
    code, output = run(app, "scorecards", "publish", "2025", "--as", login)
    assert code == 1
    assert "Your role does not allow this." in output


def test_a_worker_calls_its_periodic_tasks_and_survives_their_failure(app: Flask, session: Session) -> None:
    calls: list[int] = []
    plan = tasks.Plan(app.config["EVALSYS"], periodic=("tests.work_handlers:nothing", "tests.work_handlers:boom"))
    worker = tasks.Worker(plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.work_handlers.nothing", lambda: calls.append(1))
        patch.setattr("evalsys.tasks.time.sleep", worker.stop)
        assert worker.drain() == 0
    assert calls == [1]


def test_visitors_get_accounts_and_an_invitation_only_where_the_demo_city_is(session: Session) -> None:
    assert visit.prepare_visit(is_production=False, now=utc_now()) is None
    make_account(session, Role.ANALYST, login="analyst@rivergate.example")
    make_account(session, Role.BOARD, login="board1@rivergate.example")
    session.commit()
    found = visit.prepare_visit(is_production=False, now=utc_now())
    assert found is not None
    assert (found.logins, found.token) == (("analyst@rivergate.example", "board1@rivergate.example"), "")
    make_round(session, state="collecting")
    found = visit.prepare_visit(is_production=False, now=utc_now())
    assert found is not None
    assert len(found.token) > 20
    assert visit.prepare_visit(is_production=True, now=utc_now()) is None


def test_a_taken_port_is_named_before_anything_starts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_is_taken", lambda _port: True)
    code, output = run(app, "serve")
    assert code == 1
    assert "in use" in output


@pytest.mark.walk
def test_serving_answers_in_three_languages_and_stops_cleanly(database_url: str, tmp_path: Path) -> None:
    port = _free_port()
    with _serving(port, database_url, tmp_path) as (process, log):
        _wait_for(process, log, "zh/")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ar/method", timeout=30) as page:
            assert page.status == 200
        children = [int(pid) for pid in re.findall(r"\d+", _children_of(process.pid))]
        assert len(children) == 2
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert "Stopped." in log.read_text()


@contextmanager
def _serving(port: int, url: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    own = {"PORT": str(port), "DATABASE_URL": url, "EVALSYS_INSTANCE": str(folder), "SECRET_KEY": SECRET}
    environment = {**os.environ, **own, "EVALSYS_ENV": "development", "EVALSYS_WEB_WORKERS": "1"}
    log = folder / "log"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out, stderr=out) as process,
    ):
        try:
            yield process, log
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], log: Path, word: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if word in log.read_text():
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def _children_of(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
