"""Where files of transfers lie: below the instance folder, written whole or not at all, digested on the way."""

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask import current_app

FOLDER = "transfers"
DRAFT = ".draft-"
BLOCK_BYTES = 1024 * 1024


class Incoming:
    """A file that is being received: it goes to the disk at once, and its digest is taken on the way.

    It disappears when it is closed, unless it was kept. Behaves as the file object that the form parser wants.
    """

    def __init__(self) -> None:
        self._file: Any = tempfile.NamedTemporaryFile(dir=folder(), prefix=DRAFT)  # noqa: SIM115 - the form parser, or the caller's "with", closes it
        self._digest = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> "Incoming":
        return self

    def __exit__(self, *_why: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        """Append a block."""
        self._digest.update(data)
        self.size += len(data)
        return int(self._file.write(data))

    @property
    def digest(self) -> str:
        """SHA-256 of what has been written."""
        return self._digest.hexdigest()

    def keep(self, ending: str) -> str:
        """Give the file a lasting place, also through a power cut; returns it as `stored` names it."""
        self._file.flush()
        os.fsync(self._file.fileno())
        name = f"{secrets.token_hex(16)}{ending}"
        os.link(self._file.name, folder() / name)
        return f"{FOLDER}/{name}"

    def close(self) -> None:
        """Forget the draft."""
        self._file.close()


def copy_in(path: Path) -> Incoming:
    """A copy of a file that lies elsewhere on this machine."""
    incoming = Incoming()
    with open(path, "rb") as source:
        for block in blocks_of(source):
            incoming.write(block)
    return incoming


def blocks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces of 1 MB."""
    while block := file.read(BLOCK_BYTES):
        yield block


def folder() -> Path:
    """Where all files of transfers lie; made when absent, closed to other users of the machine."""
    path = Path(current_app.instance_path) / FOLDER
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def path_of(stored: str) -> Path:
    """The file that a transfer's `stored` or `rejected` names."""
    return Path(current_app.instance_path) / stored


def forget(*stored: str) -> None:
    """Delete files for good; those that are gone already do no harm."""
    for name in filter(None, stored):
        path_of(name).unlink(missing_ok=True)


def append_from(path: Path, length: int, lines: Iterable[bytes]) -> int:
    """Cut the file to `length` bytes, what an interrupted attempt wrote behind them included, and append `lines`.

    Returns the new length, once the bytes are on the disk.
    """
    with open(path, "r+b" if path.exists() else "w+b") as file:
        file.truncate(length)
        file.seek(length)
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


@contextmanager
def drafts() -> Iterator[Path]:
    """A folder for half-made files, gone in the end."""
    with tempfile.TemporaryDirectory(dir=folder(), prefix=DRAFT) as name:
        yield Path(name)


def keep_whole(draft: Path, ending: str) -> str:
    """Give a finished draft its lasting place, whole or not at all; returns it as `stored` names it."""
    with open(draft, "rb") as file:
        os.fsync(file.fileno())
    name = f"{secrets.token_hex(16)}{ending}"
    draft.rename(folder() / name)
    return f"{FOLDER}/{name}"


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def forget_drafts(before: datetime) -> None:
    """Delete what killed processes left half made, if it is older than `before`."""
    for path in folder().glob(f"{DRAFT}*"):
        if path.stat().st_mtime < before.timestamp():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
