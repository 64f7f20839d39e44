"""The work items of an import: read a portion and store it, count what was stored, or take it all back."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from functools import partial
from typing import Any, cast

import flask_babel
from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.errors import Invalid
from evalsys.models import Response, Transfer
from evalsys.models.response import COUNTED, IMPORTING
from evalsys.services import work
from evalsys.services.access import actor_of
from evalsys.services.audit import Act
from evalsys.services.imports.guard import UNFINISHED
from evalsys.services.imports.layout import layout_of
from evalsys.services.imports.reading import Ballot, Count, Mark, Portion, Reader
from evalsys.services.imports.seen import Seen
from evalsys.services.mixing import mark_dirty
from evalsys.services.rowlist import problems_csv
from evalsys.services.transfers import files
from evalsys.services.transfers.refusals import as_text

KIND = "import"
BATCH_RESPONSES = 20_000
COUNTED_AT_ONCE = 50_000
ID_CHARACTERS = 32


@dataclass(frozen=True)
class _Facts:
    """A transfer as plain values, read before the work begins."""

    id: int
    state: str
    stored: str
    rejected: str
    start: Mark
    count: Count
    rejected_bytes: int
    options: Mapping[str, Any]
    locale: str

    @property
    def seen(self) -> str:
        """Where the respondents are noted, beside the file itself."""
        return f"{self.stored}.seen"

    @property
    def questionnaires(self) -> list[int]:
        """The forms that the answers belong to."""
        return sorted({row[2] for row in self.options["places"]})


def batch_of(transfer_id: int) -> str:
    """The name of a transfer's batch of work items."""
    return f"transfer-{transfer_id}"


def queue_portion(session: Session, transfer_id: int, start: Mark, now: datetime) -> None:
    """Have the file read from `start` on, within the caller's transaction."""
    _queue(session, transfer_id, f"read-{start.position}", now)


def queue_undoing(session: Session, transfer_id: int, now: datetime) -> None:
    """Have everything taken back that was stored, within the caller's transaction."""
    _queue(session, transfer_id, "undo", now)


def _queue(session: Session, transfer_id: int, key: str, now: datetime) -> None:
    work.enqueue(session, batch_of(transfer_id), KIND, [(key, {"transfer": transfer_id, "step": key})], now)


def import_answers(item: work.Claimed) -> work.Effect | None:
    """The handler of one item; what it returns is written in the transaction that marks the item done."""
    facts = _facts(item.payload["transfer"])
    if facts.state not in UNFINISHED:
        return None
    if facts.state == "cancelling":
        return partial(_end, facts=facts, state="cancelled", error="")
    if item.payload["step"].startswith("count"):
        return partial(_count_some, facts=facts, step=item.payload["step"])
    try:
        portion, count = _read(facts)
    except Invalid as error:
        return partial(_end, facts=facts, state="failed", error=as_text(error))
    name = facts.rejected or (f"{facts.stored}.rejected" if portion.rejections else "")
    length = facts.rejected_bytes
    if portion.rejections:
        with flask_babel.force_locale(facts.locale):
            lines = problems_csv(portion.rejections, with_head=not length).encode()
        length = files.append_from(files.path_of(name), length, [lines])
    return partial(_store, facts=facts, portion=portion, count=count, rejected=(name, length))


def count_of(counts: Mapping[str, Any]) -> Count:
    """What was met in the file so far."""
    known = {one.name for one in fields(Count)}
    return Count(**{name: value for name, value in counts.items() if name in known})


def response_id(scope: str, unit_code: str, respondent: str) -> str:
    """The key of an imported response: the first 128 bits of a digest. `scope` is the round, or round and form.

    >>> response_id("kc-2021-q3", "POLICE", "2021-Q3-0001")
    '2158e244e6abec662fac1ad3a8261e85'
    """
    return hashlib.sha256(f"{scope}|{unit_code}|{respondent}".encode()).hexdigest()[:ID_CHARACTERS]


def _facts(transfer_id: int) -> _Facts:
    row = db.session.get_one(Transfer, transfer_id, populate_existing=True)
    counts, line = dict(row.counts), row.counts.get("line", 0)
    facts = _Facts(
        id=row.id,
        state=row.state,
        stored=row.stored,
        rejected=row.rejected,
        start=Mark(row.position, line),
        count=count_of(counts),
        rejected_bytes=counts.get("rejected_bytes", 0),
        options=row.options,
        locale=row.account.locale,
    )
    db.session.rollback()
    return facts


def _read(facts: _Facts) -> tuple[Portion, Count]:
    if not files.path_of(facts.stored).is_file():
        raise Invalid("The uploaded file is no longer on this machine. Upload it again.")
    with Seen(files.path_of(facts.seen), facts.start.line) as seen:
        reader = Reader(layout_of(facts.options["mapping"]), facts.count, seen.add)
        return reader.read(files.path_of(facts.stored), facts.start, BATCH_RESPONSES), reader.count


def _rows(facts: _Facts, ballots: Sequence[Ballot]) -> list[dict[str, Any]]:
    places = {
        (round_code, unit): {"questionnaire_id": form, "unit_id": number, "day": date.fromisoformat(day)}
        for round_code, unit, form, number, day, _ in facts.options["places"]
    }
    scopes = {(round_code, unit): scope for round_code, unit, _, _, _, scope in facts.options["places"]}
    return [
        places[ballot.round_code, ballot.unit_code]
        | {
            "id": response_id(scopes[ballot.round_code, ballot.unit_code], ballot.unit_code, ballot.respondent),
            "stratum": ballot.stratum,
            "channel": ballot.channel,
            "status": IMPORTING,
            "pace": 0,
            "network": 0,
            "answers": ballot.answers,
        }
        for ballot in ballots
    ]


def _store(session: Session, facts: _Facts, portion: Portion, count: Count, rejected: tuple[str, int]) -> None:
    transfer = _take(session, facts.id)
    if transfer.state == "cancelling":
        return
    rows = _rows(facts, portion.ballots)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(cast(Table, Response.__table__)).on_conflict_do_nothing(index_elements=["id"])
    added = (
        session.connection().execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount
        if rows
        else 0
    )
    before = transfer.counts
    transfer.state, transfer.position = "running", portion.end.position
    transfer.rejected = rejected[0]
    transfer.counts = asdict(count) | {
        "line": portion.end.line,
        "rejected_bytes": rejected[1],
        "responses": before.get("responses", 0) + len(rows),
        "added": before.get("added", 0) + added,
    }
    if portion.is_last:
        _queue(session, facts.id, "count-1", utc_now())
    else:
        queue_portion(session, facts.id, portion.end, utc_now())


def _count_some(session: Session, facts: _Facts, step: str) -> None:
    """Count some of the responses that wait; when none is left, the import is done."""
    if _take(session, facts.id).state == "cancelling":
        return
    waiting = select(Response.id).where(_is_waiting(facts)).limit(COUNTED_AT_ONCE)
    changed = session.execute(
        update(Response)
        .where(Response.id.in_(waiting.scalar_subquery()))
        .values(status=COUNTED)
        .returning(Response.questionnaire_id, Response.unit_id)
        .execution_options(synchronize_session=False)
    ).all()
    for form in {form for form, _ in changed}:
        mark_dirty(session, form, {unit for own, unit in changed if own == form})
    if len(changed) < COUNTED_AT_ONCE:
        _end(session, facts, "done", "")
    else:
        _queue(session, facts.id, f"count-{int(step.removeprefix('count-')) + 1}", utc_now())


def _end(session: Session, facts: _Facts, state: str, error: str) -> None:
    """The last step, however it ends: what was not counted goes, the file with the answers goes, the log tells it."""
    transfer, now = _take(session, facts.id), utc_now()
    if state != "done":
        session.execute(delete(Response).where(_is_waiting(facts)).execution_options(synchronize_session=False))
    transfer.state, transfer.error, transfer.finished_at = state, error, now
    detail = {"transfer": transfer.id, "file": transfer.name, "sha256": transfer.digest, "step": state}
    act = Act(actor_of(transfer.account), "response.import", facts.options["subject"], now)
    act.detail = detail | _told(transfer.counts) | ({"refusal": json.loads(error)["message"]} if error else {})
    session.add(act.entry("done" if state == "done" else "refused"))
    files.forget(transfer.stored, facts.seen)
    transfer.stored = ""


def _told(counts: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of the log: counts only."""
    names = ("rows", "rejected_rows", "rejected_cells", "valid", "dont_know", "not_applicable", "responses", "added")
    return {name: counts.get(name, 0) for name in names}


def _is_waiting(facts: _Facts) -> ColumnElement[bool]:
    return Response.questionnaire_id.in_(facts.questionnaires) & (Response.status == IMPORTING)


def _take(session: Session, transfer_id: int) -> Transfer:
    return session.get_one(Transfer, transfer_id, with_for_update=True, populate_existing=True)
