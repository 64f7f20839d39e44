"""Files of the list below the instance folder.

Finished letters name people beside their codes. Until they are deleted they lie encrypted, with a key of the
application: in production it is in no copy of that folder, nor of the database.
"""

import base64
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.errors import NotFound
from evalsys.models import Round, Transfer, WorkItem
from evalsys.models.work import DONE
from evalsys.services import sealing
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.mixing import new_id
from evalsys.services.roll.batches import batch_name, items_of
from evalsys.services.rounds.states import subject_of

CHUNK_BYTES = 1 << 16
ENDINGS = {"letters": ".pdf", "eml": ".zip"}


@dataclass(frozen=True)
class LetterFile:
    """A finished file: whose letters are in it, how many, and when it was made."""

    item_id: int
    name: str
    kind: str
    group: str
    stratum: str
    number: int
    made_at: datetime | None


def root() -> Path:
    """The folder that paths in the database are relative to."""
    return Path(current_app.instance_path)


def new_path(folder: str, ending: str) -> Path:
    """A path for a file of its own in a folder that only the application reads."""
    path = root() / folder
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path / f"{new_id()}{ending}"


def store(content: IO[bytes], path: Path) -> tuple[int, str]:
    """Copy a stream into a file piece by piece; returns its size in bytes and its SHA-256."""
    whole, size = hashlib.sha256(), 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(CHUNK_BYTES):
            whole.update(piece)
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return size, whole.hexdigest()


def write_sealed(content: bytes) -> str:
    """Store a file of letters encrypted; returns its path below the instance folder."""
    path = new_path("letters", ".sealed")
    name = str(path.relative_to(root()))
    sealed = sealing.lock(f"letters/{name}", base64.b64encode(content).decode())
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    return name


def list_files(round_id: int) -> tuple[LetterFile, ...]:
    """The finished files of a round that nobody has deleted, the newest first."""
    items = db.session.scalars(
        items_of(db.session(), round_id).where(WorkItem.state == DONE).order_by(WorkItem.id.desc())
    )
    return tuple(_line(item) for item in items if item.payload.get("file"))


def finished_items(transfer_id: int) -> list[int]:
    """The work items of a transfer whose file lies ready."""
    done = WorkItem.batch == batch_name(transfer_id), WorkItem.state == DONE
    items = db.session.scalars(select(WorkItem).where(*done).order_by(WorkItem.key)).all()
    return [item.id for item in items if item.payload.get("file")]


def read_file(actor: Actor, round_code: str, item_id: int, *, now: datetime) -> tuple[str, bytes]:
    """(Name, content) of a finished file; who took it is on record. Raises Forbidden, NotFound."""
    act = Act(actor, "roll.invite", subject_of(round_code), now, detail={"downloaded": item_id})
    with audited(act) as session:
        item = _find(session, round_code, item_id)
        path = root() / item.payload["file"]
        if not path.is_file():
            raise NotFound("This file is not there any more.")
        content = base64.b64decode(sealing.unlock(f"letters/{item.payload['file']}", path.read_bytes()))
        return _line(item).name, content


def delete_file(actor: Actor, round_code: str, item_id: int, *, now: datetime) -> None:
    """Delete a finished file for good. Raises Forbidden, NotFound."""
    act = Act(actor, "roll.invite", subject_of(round_code), now, detail={"deleted": item_id})
    with audited(act) as session:
        item = _find(session, round_code, item_id)
        path = root() / item.payload["file"]
        item.payload = {**item.payload, "file": ""}
    path.unlink(missing_ok=True)


def delete_all(round_id: int) -> int:
    """Delete all finished files and rejected rows of a round; returns how many files."""
    paths = []
    with transaction() as session:
        for item in session.scalars(items_of(session, round_id).with_for_update()):
            if item.payload.get("file"):
                paths.append(item.payload["file"])
                item.payload = {**item.payload, "file": ""}
        of_round = Transfer.round_id == round_id, Transfer.kind == "roll"
        for transfer in session.scalars(select(Transfer).where(*of_round)):
            paths += [name for name in (transfer.rejected, transfer.stored) if name]
            transfer.rejected = transfer.stored = ""
    for name in paths:
        (root() / name).unlink(missing_ok=True)
    return len(paths)


def _find(session: Session, round_code: str, item_id: int) -> WorkItem:
    round_id = session.scalar(select(Round.id).where(Round.code == round_code))
    item = session.scalar(items_of(session, round_id or 0).where(WorkItem.id == item_id, WorkItem.state == DONE))
    if item is None or not item.payload.get("file"):
        raise NotFound("This file is not there any more.")
    return item


def _line(item: WorkItem) -> LetterFile:
    facts = item.payload
    name = f"{item.batch}-{item.key}{ENDINGS[facts['way']]}"
    number = facts.get("number", 0)
    return LetterFile(item.id, name, item.kind, facts["group"], facts["stratum"], number, item.done_at)
