"""What takes long to make and comes out alike is made once for all processes of a test run."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

VARIABLE = "EVALSYS_TESTS_SHARED"


def open_folder(config: pytest.Config) -> None:
    """Make the folder of this test run; processes that are started later find it in their environment."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="evalsys-tests-")
        config.add_cleanup(_close)


def _close() -> None:
    shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)


@contextmanager
def shared(name: str) -> Iterator[Path]:
    """The place of what is shared under this name, one process at a time; the first one makes it."""
    place = Path(os.environ[VARIABLE]) / name
    with place.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def bytes_of(name: str, make: Callable[[], bytes]) -> bytes:
    """A file, made once."""
    with shared(name) as place:
        if not place.is_file():
            place.write_bytes(make())
        return place.read_bytes()
