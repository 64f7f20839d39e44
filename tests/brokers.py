"""A private Redis for tests, and workers that it wakes; all gone afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import redis
from flask import Flask

from evalsys.celery_app import make_waker
from evalsys.config import Config
from tests.conftest import SECRET

START_SECONDS = 60
PROJECT = Path(__file__).parents[1]
SERVE = """
import sys
from evalsys import celery_app, tasks
from evalsys.config import Config
tasks.HANDLERS = {"file": "tests.work_handlers:write_file"}
celery_app.REDELIVERED_AFTER_SECONDS = 3
celery_app.serve(Config.from_env(), 2)
"""


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Start a server that keeps nothing; yields its URL."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is missing; `make test` installs it, or run: apt-get install redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for_answer(port, process)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def _wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    with redis.Redis(port=port) as client:
        while time.monotonic() < end and process.poll() is None:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
    raise RuntimeError("redis-server did not start")


@dataclass
class Woken:
    """Workers as another host would run them: a parent and two children that drain."""

    config: Config
    log: Path
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def wake(self, batch: str, items: int) -> None:
        """Send wake-ups for so many items."""
        make_waker(self.config)(batch, items)

    def send_twice(self, batch: str) -> None:
        """Wake them for a batch once more, and once again."""
        self.wake(batch, 1)
        self.wake(batch, 1)

    def start(self) -> None:
        """Start them in a group of their own."""
        own = {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": self.config.database_url,
            "EVALSYS_INSTANCE": str(self.config.instance_path),
            "EVALSYS_BROKER_URL": self.config.broker_url,
            "EVALSYS_ENV": "development",
            "OPENBLAS_NUM_THREADS": "1",
        }
        with self.log.open("ab") as said:
            command = [sys.executable, "-c", SERVE]
            environment = {**os.environ, **own}
            place = {"cwd": PROJECT, "env": environment, "start_new_session": True}
            self._running.append(subprocess.Popen(command, stdout=said, stderr=said, **place))  # type: ignore[call-overload]

    @property
    def children(self) -> list[int]:
        """The processes that drain, newest first."""
        parent = self._running[-1].pid
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [int(pid) for pid in listed.split()][::-1]

    def kill_all(self) -> None:
        """End all of them at once; none has a chance to finish anything."""
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def woken_workers(app: Flask, broker: str, folder: Path) -> Iterator[Woken]:
    """Workers on the database and the files of `app`; what they say stands in `folder`/workers.log."""
    url = str(app.config["SQLALCHEMY_DATABASE_URI"])
    config = replace(app.config["EVALSYS"], database_url=url, broker_url=broker)
    woken = Woken(config, folder / "workers.log")
    try:
        yield woken
    finally:
        woken.kill_all()
