"""A real web server for tests: gunicorn with worker processes that can be looked at and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from tests.conftest import SECRET

START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the process that keeps its workers."""

    port: int
    master: int

    @property
    def workers(self) -> list[int]:
        """The worker processes at work now."""
        listed = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def kill_worker(self, pid: int) -> None:
        """End a worker at once; it has no chance to finish anything."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def serving(app: Flask, workers: int = 2, target: str = "wsgi:app", log: Path | None = None) -> Iterator[Server]:
    """Serve `target` on the database and the files of `app`, with an application of its own."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", str(workers), "--worker-class", "gthread"]
    command += [
        "--threads",
        "1",
        "--bind",
        f"127.0.0.1:{port}",
        "--no-control-socket",
        "--log-level",
        "critical",
        target,
    ]
    with (log or Path(os.devnull)).open("wb") as said:
        process = subprocess.Popen(command, env=_environment(app, port), stdout=said, stderr=said)
        try:
            _wait_until_open(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(app: Flask, port: int) -> Mapping[str, str]:
    config = app.config["EVALSYS"]
    return {
        **os.environ,
        "EVALSYS_ENV": "development",
        "SECRET_KEY": SECRET,
        "DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "EVALSYS_INSTANCE": str(config.instance_path),
        "PORT": str(port),
        "OPENBLAS_NUM_THREADS": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")
