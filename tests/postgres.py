"""A private PostgreSQL server for the tests: own data, own socket, no port, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Nothing here has to survive a power cut.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=60"


def find_program(name: str) -> Path:
    """The newest `name` on this machine; fails the tests when there is none."""
    on_path = shutil.which(name)
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    if not on_path and not debian:
        pytest.fail(f"PostgreSQL's {name} is missing; `make test` installs it, or run: apt-get install postgresql")
    return debian[-1] if debian else Path(str(on_path)).resolve()


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root hands over to the server's own user."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _run(folder: Path, *command: object) -> None:
    # The server keeps its output open, so it goes to a file: a pipe would never end.
    with (folder / "commands.log").open("a") as log:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
            **_user(),
        )
    if done.returncode:
        pytest.fail(f"{command[0]} failed:\n{(folder / 'commands.log').read_text()[-3000:]}")


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server; yields the URL of its empty database, whose user may do everything."""
    folder = Path(tempfile.mkdtemp(prefix="evalsys-postgres-"))
    control, data = find_program("pg_ctl"), folder / "data"
    try:
        if _user():
            shutil.chown(folder, "postgres", "postgres")
        locale = ("--encoding=UTF8", "--locale=C.UTF-8")
        _run(folder, find_program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", *locale)
        _run(folder, control, "-D", data, "-w", "-l", folder / "server.log", "-o", f"{FAST} -h '' -k {folder}", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run(folder, control, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
