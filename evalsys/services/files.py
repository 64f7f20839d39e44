"""Files of the instance folder: there whole, or not at all."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evalsys.errors import NoRoom

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_LINKS = (errno.EPERM, errno.ENOTSUP)  # file systems that know no second name
DRAFT = ".*.*.draft"
DRAFT_SECONDS = 3600


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, even if the power fails; an equal file may be there already.

    Raises NoRoom when the disk is full.
    """
    with _draft_of(path, data) as draft:
        draft.replace(path)


def write_once(path: Path, data: bytes) -> None:
    """The same, but of several writers of one name the first one's file stays, so that all of them read that one."""
    with _draft_of(path, data) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            draft.replace(path)


def forget_drafts(folder: Path, before: float) -> int:
    """Delete what writers that were killed left half-written before that moment (seconds since 1970); how many."""
    old = [path for path in folder.glob(DRAFT) if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


@contextmanager
def naming_no_room() -> Iterator[None]:
    """Have a full disk called that: raises NoRoom instead of the system's own error."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoRoom("There is no room left on the disk.") from error
        raise


@contextmanager
def _draft_of(path: Path, data: bytes) -> Iterator[Path]:
    """A whole file beside `path`, on the disk; gone afterwards unless it was given another name."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.draft")
    try:
        with naming_no_room():
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield draft
    finally:
        draft.unlink(missing_ok=True)
