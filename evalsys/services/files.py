"""Files of the instance folder: there whole, or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, even if the power fails; an equal file may be there already."""
    with _draft_of(path, data) as draft:
        draft.replace(path)


def write_first(path: Path, data: bytes) -> None:
    """The same for a file that several may write at once with different bytes: the first one's stays, for all."""
    with _draft_of(path, data) as draft, suppress(FileExistsError):
        os.link(draft, path)


@contextmanager
def _draft_of(path: Path, data: bytes) -> Iterator[Path]:
    """A whole file beside `path`, on the disk; gone afterwards unless it was given another name."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
