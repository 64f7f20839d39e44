"""An import from the first byte to the last answer: started once, done portion by portion by whoever works, ended once.

Each portion is a work item. Its responses, the place where the file was left and the next item are written in the
transaction that marks it done, so a worker that dies leaves nothing half done, and one that lost its lease writes
nothing. Responses wait under a status of their own until the whole file is in; then they are counted.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import Transfer
from evalsys.services import work
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.imports.guard import ANSWERS, IN, refuse_while_importing
from evalsys.services.imports.layout import Layout, layout_of_map
from evalsys.services.imports.mapping import ImportMap, parse_map
from evalsys.services.imports.portions import batch_of, count_of, import_answers, queue_portion
from evalsys.services.imports.reading import Count, Mark, Reader
from evalsys.services.imports.seen import IN_MEMORY, Seen
from evalsys.services.imports.structure import Places, find_places, prepare
from evalsys.services.rowlist import RowProblem
from evalsys.services.transfers import files
from evalsys.services.transfers.cells import visible
from evalsys.services.transfers.refusals import refusal_of

PREVIEW_ROWS = 200
POLL_SECONDS = 0.2
NAME_CHARACTERS = 200


def _ignore(_position: int) -> None:
    return None


@dataclass(frozen=True)
class Source:
    """A file on this machine and how to read it; `progress` hears of the bytes read so far."""

    path: Path
    plan: ImportMap
    progress: Callable[[int], None] = _ignore


@dataclass(frozen=True)
class ImportReport:
    """What came of an import. `responses` is one a respondent and unit; `added` of them are new.

    `rejected` is the file that names what was not imported, None when there is nothing to name.
    """

    count: Count
    responses: int
    added: int
    rejected: Path | None

    @property
    def already_there(self) -> int:
        """Responses that an earlier import had brought."""
        return self.responses - self.added


def import_responses(actor: Actor, source: Source, *, now: datetime) -> ImportReport:
    """Import the file now and wait for its end. A second import of the file adds nothing.

    A response's id is the digest of round, unit and respondent, so the same person is never counted twice.
    Raises Forbidden; Invalid when file and mapping do not fit; Conflict when a round takes no answers any more, when
    another import of it runs, or when somebody cancelled this one. What was imported until then is taken back.
    """
    name = source.path.name
    act = Act(actor, "response.import", f"file:{name}"[:100], now)
    act.reason = f"Taken from the preset {source.plan.preset.code} for the answers in {name}."
    with audited(act) as session:
        if not source.path.is_file():
            raise Invalid("There is no file %(name)s.", {"name": name})
        preview(source.path, layout_of_map(source.plan))
        with files.copy_in(source.path) as incoming:
            transfer = add_transfer(session, act, incoming, name, source.plan.body)
            begin(session, transfer, act)
            number = transfer.id
    _drain(number, source.progress)
    return _report(number)


@dataclass(frozen=True)
class Preview:
    """What would come of the first rows; `columns` are those of the file, `used` those that the mapping reads."""

    columns: tuple[str, ...]
    used: tuple[str, ...]
    count: Count
    rejections: tuple[RowProblem, ...]


def preview(path: Path, layout: Layout) -> Preview:
    """What would come of the first 200 rows; nothing is written. Raises Invalid when it is no such file."""
    with Seen(IN_MEMORY) as seen:
        reader = Reader(layout, Count(), seen.add)
        portion = reader.read(path, Mark(), PREVIEW_ROWS)
        columns, used = tuple(map(visible, reader.columns)), tuple(map(visible, layout.columns()))
        shown = (replace(one, column=visible(one.column), value=visible(one.value)) for one in portion.rejections)
        return Preview(columns, used, reader.count, tuple(shown))


def add_transfer(session: Session, act: Act, incoming: files.Incoming, name: str, body: Mapping[str, Any]) -> Transfer:
    """A received file with its mapping document, within the caller's transaction; nothing of it is imported yet."""
    made = Transfer(
        direction=IN,
        kind=ANSWERS,
        name=visible(name)[:NAME_CHARACTERS],
        stored=incoming.keep(".csv"),
        digest=incoming.digest,
        size=incoming.size,
        options={"mapping": body, "rounds": []},
        state="received",
        created_by=act.actor.account_id,
        created_at=act.now,
    )
    session.add(made)
    session.flush()
    return made


def begin(session: Session, transfer: Transfer, act: Act) -> None:
    """Find or make what the answers belong to, and queue the first portion. Raises Conflict, Invalid, NotFound."""
    body = transfer.options["mapping"]
    places = _places(session, body, act)
    rounds = sorted({place.round_id for place in places.values()})
    for round_id in rounds:
        refuse_while_importing(session, round_id)
    transfer.round_id = rounds[0] if rounds else transfer.round_id
    transfer.options = {**transfer.options, "rounds": rounds, "places": _as_rows(places), "subject": act.subject}
    transfer.state = "waiting"
    act.detail = {"transfer": transfer.id, "file": transfer.name, "sha256": transfer.digest, "step": "start"}
    queue_portion(session, transfer.id, Mark(), act.now)


def _places(session: Session, body: Mapping[str, Any], act: Act) -> Places:
    if "questionnaire" in body:
        return find_places(session, body)
    return prepare(session, parse_map(body), act)


def _as_rows(places: Places) -> list[list[Any]]:
    return [
        [*key, place.questionnaire_id, place.unit_id, place.day.isoformat(), place.scope]
        for key, place in places.items()
    ]


def _drain(number: int, progress: Callable[[int], None]) -> None:
    """Do the import's items here, side by side with any other worker, until none is left."""
    batch = batch_of(number)
    while not work.progress(batch).is_over:
        for item in work.claim(f"import-{number}", utc_now(), batch=batch):
            try:
                work.finish(item, item.worker, utc_now(), import_answers(item))
            except BaseException as error:
                db.session.rollback()
                work.fail(item, item.worker, f"{type(error).__name__}: {error}", utc_now())
                raise
        progress(_position(number))
        time.sleep(0 if work.progress(batch).waiting else POLL_SECONDS)


def _position(number: int) -> int:
    found = db.session.get(Transfer, number, populate_existing=True)
    position = found.position if found else 0
    db.session.rollback()
    return position


def _report(number: int) -> ImportReport:
    found = db.session.get(Transfer, number, populate_existing=True)
    if found is None or found.state != "done":
        raise refusal_of(found.error if found else "") or Conflict("The import was stopped before its end.")
    counts = found.counts
    rejected = files.path_of(found.rejected) if found.rejected else None
    return ImportReport(count_of(counts), counts["responses"], counts["added"], rejected)
