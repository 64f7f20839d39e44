"""Loading a list: the file is stored, read by a worker in pieces, and deleted.

Each piece is one transaction that also notes how far the file is read, so a worker that takes over goes on from there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from flask_babel import force_locale
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.errors import Invalid, NotFound
from evalsys.i18n import DEFAULT_LOCALE, _l
from evalsys.models import RollEntry, Round, Transfer
from evalsys.services import work
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.mixing import new_id
from evalsys.services.roll import files, people
from evalsys.services.roll.groups import find_inviting_round, find_strata
from evalsys.services.roll.reading import CHANNELS, Person, Reader
from evalsys.services.rounds.states import subject_of
from evalsys.services.rowlist import RowProblem, problems_csv
from evalsys.services.transfers.cells import visible
from evalsys.services.transfers.files import append_from

KIND = "roll"
ROWS_A_PIECE = 500
MOST_ROWS = 200_000
LEASE_SECONDS = 300
THERE_ALREADY = _l("This person is on the list of this round already.")
GIVEN_UP = _l("The file could not be read: something is wrong on our side. Load it again later.")
TWICE = _l("This person stands in the file twice.")
Row = tuple[int, Person | list[RowProblem]]


@dataclass(frozen=True)
class Upload:
    """A file of people for a group of a round, who are written to by `channel` (letter or mail).

    `locale` is the language in which rejected rows are explained.
    """

    round_code: str
    group: str
    channel: str
    name: str
    content: IO[bytes]
    locale: str = DEFAULT_LOCALE


@dataclass(frozen=True)
class LoadPage:
    """How far a file is read, and what came of it; `problems` are (message id, params)."""

    id: int
    name: str
    state: str
    size: int
    position: int
    added: int
    corrected: int
    rejected: int
    has_rejections: bool
    error: str
    params: dict[str, Any]
    problems: tuple[tuple[str, dict[str, Any]], ...]

    @property
    def is_over(self) -> bool:
        """True when nothing more will be read."""
        return self.state in ("done", "failed")


def load_roll(actor: Actor, upload: Upload, *, now: datetime) -> int:
    """Store the file and queue its reading; returns the number of the transfer.

    Raises Forbidden, NotFound, Conflict (the round's state), Invalid (group, channel, an empty file).
    """
    require(actor, "roll.load")
    path = files.new_path("incoming", ".csv")
    size, digest = files.store(upload.content, path)
    act = Act(actor, "roll.load", subject_of(upload.round_code), now)
    act.detail = {"group": upload.group, "channel": upload.channel, "bytes": size, "digest": digest}
    try:
        with audited(act) as session:
            round_ = find_inviting_round(session, upload.round_code)
            find_strata(session, round_, upload.group)
            _refuse_unless_readable(upload, size)
            return _queue(session, round_, upload, (path, size, digest), act)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read_load(actor: Actor, round_code: str, transfer_id: int) -> LoadPage:
    """How far a file is. Raises Forbidden, NotFound."""
    require(actor, "transfer.read")
    found = _find(round_code, transfer_id)
    counts, is_given_up = found.counts, bool(work.progress(f"transfer-{found.id}").failed)
    return LoadPage(
        id=found.id,
        name=found.name,
        state="failed" if is_given_up else found.state,
        size=found.size,
        position=found.position,
        added=counts.get("added", 0),
        corrected=counts.get("corrected", 0),
        rejected=counts.get("rejected", 0),
        has_rejections=bool(found.rejected),
        error=GIVEN_UP if is_given_up else found.error,
        params=counts.get("params", {}),
        problems=tuple((message, params) for message, params in counts.get("problems", ())),
    )


def read_rejections(actor: Actor, round_code: str, transfer_id: int) -> bytes:
    """The file of rejected rows as CSV. Raises Forbidden, NotFound."""
    require(actor, "roll.load")
    found = _find(round_code, transfer_id)
    path = files.root() / found.rejected
    if not found.rejected or not path.is_file():
        raise NotFound("This file is not there any more.")
    return path.read_bytes()


def read_list(item: work.Claimed) -> None:
    """Work off one stored file (kind "roll")."""
    transfer = db.session.get(Transfer, item.payload["transfer"])
    if transfer is None:
        raise NotFound("This file is not there any more.")
    round_ = db.session.get_one(Round, transfer.round_id)
    reader = Reader(transfer.options["channel"], find_strata(db.session(), round_, transfer.options["group"]))
    path, is_over = files.root() / transfer.stored, transfer.state in ("done", "failed")
    rows_read = transfer.counts.get("rows", 0)
    db.session.rollback()
    if not is_over:
        try:
            rows = islice(reader.rows(path), rows_read, None)
            while piece := list(islice(rows, ROWS_A_PIECE)):
                _take(item, piece)
            _end(item)
        except Invalid as refusal:
            _end(item, refusal)
    path.unlink(missing_ok=True)


def _refuse_unless_readable(upload: Upload, size: int) -> None:
    if upload.channel not in CHANNELS or not size:
        raise Invalid("Choose a file that is not empty, and how its people are written to.")


def _queue(session: Session, round_: Round, upload: Upload, stored: tuple[Path, int, str], act: Act) -> int:
    path, size, digest = stored
    transfer = Transfer(
        direction="in",
        kind=KIND,
        round_id=round_.id,
        name=visible(upload.name)[:200] or "list.csv",
        stored=str(path.relative_to(files.root())),
        digest=digest,
        size=size,
        options={"group": upload.group, "channel": upload.channel, "locale": upload.locale},
        created_by=act.actor.account_id,
        created_at=act.now,
    )
    session.add(transfer)
    session.flush()
    work.enqueue(session, f"transfer-{transfer.id}", KIND, [("list", {"transfer": transfer.id})], act.now)
    act.detail = {**act.detail, "transfer": transfer.id}
    return transfer.id


def _find(round_code: str, transfer_id: int) -> Transfer:
    of_round = Transfer.id == transfer_id, Transfer.kind == KIND, Round.code == round_code
    found = db.session.scalar(select(Transfer).join(Round, Round.id == Transfer.round_id).where(*of_round))
    if found is None:
        raise NotFound("This file does not exist.")
    return found


def _take(item: work.Claimed, piece: Sequence[Row]) -> None:
    """One piece: its people, its rejections and how far the file is read, all or nothing."""
    with transaction() as session:
        work.hold(session, item, lease_until=utc_now() + timedelta(seconds=LEASE_SECONDS))
        transfer = session.get_one(Transfer, item.payload["transfer"])
        done: dict[str, Any] = dict(transfer.counts)
        fresh = [row for _, row in piece]
        if done.get("rows", 0) + len(fresh) > MOST_ROWS:
            raise Invalid("The file has more than %(most)s people. Split it.", {"most": MOST_ROWS})
        added, corrected, twice = _insert(session, transfer, [row for row in fresh if isinstance(row, Person)])
        wrong = [row for row in fresh if not isinstance(row, Person)]
        problems = sorted((one for found in [*wrong, twice] for one in found), key=lambda one: one.line)
        tally = Counter(added=added, corrected=corrected, rejected=len(wrong) + len(twice), rows=len(fresh))
        transfer.counts = done | {name: done.get(name, 0) + number for name, number in tally.items()}
        transfer.position, transfer.state = piece[-1][0], "running"
        _note(transfer, problems)


def _insert(session: Session, transfer: Transfer, found: Iterable[Person]) -> tuple[int, int, list[RowProblem]]:
    """(Added, corrected, rejected): somebody who could not be reached before gets the new address."""
    round_id = int(transfer.round_id or 0)
    by_person: dict[str, Person] = {}
    firsts = [(one, by_person.setdefault(people.person_of(round_id, one.identifier), one)) for one in found]
    twice = [RowProblem(one.line, "identifier", one.identifier, TWICE) for one, first in firsts if first is not one]
    rows = [_entry(transfer, person, one) for person, one in by_person.items()]
    if not rows:
        return 0, 0, twice
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(RollEntry).on_conflict_do_nothing(index_elements=["round_id", "person"])
    new = set(session.scalars(statement.returning(RollEntry.person), sorted(rows, key=lambda row: str(row["id"]))))
    known = [row for row in rows if row["person"] not in new]
    corrected = {str(row["person"]) for row in known if _correct(session, row)}
    there = [by_person[str(row["person"])] for row in known if row["person"] not in corrected]
    return len(new), len(corrected), twice + [_there(one) for one in there]


def _entry(transfer: Transfer, person: str, one: Person) -> dict[str, Any]:
    return {
        "id": new_id(),
        "round_id": transfer.round_id,
        "group": transfer.options["group"],
        "channel": transfer.options["channel"],
        "stratum": one.stratum,
        "person": person,
        "contact": people.sealed(int(transfer.round_id or 0), one.contact),
        "locale": one.locale,
        "state": "new",
        "reminders": 0,
    }


def _correct(session: Session, row: dict[str, Any]) -> bool:
    same = RollEntry.round_id == row["round_id"], RollEntry.person == row["person"], RollEntry.state == "failed"
    values = {name: row[name] for name in ("group", "stratum", "channel", "contact", "locale", "state")}
    statement = update(RollEntry).where(*same).values(values).returning(RollEntry.id)
    return session.execute(statement.execution_options(synchronize_session=False)).first() is not None


def _there(one: Person) -> RowProblem:
    return RowProblem(one.line, "identifier", one.identifier, THERE_ALREADY)


def _note(transfer: Transfer, problems: Sequence[RowProblem]) -> None:
    """Write the problems behind those that are on record; what a worker wrote that did not finish is cut off."""
    if not problems:
        return
    if not transfer.rejected:
        transfer.rejected = str(files.new_path("rejected", ".csv").relative_to(files.root()))
    path, noted = files.root() / transfer.rejected, transfer.counts.get("noted", 0)
    path.touch(mode=0o600)
    with force_locale(transfer.options["locale"]):
        lines = problems_csv(problems, with_head=not noted).encode()
    transfer.counts = {**transfer.counts, "noted": append_from(path, noted, [lines])}


def _end(item: work.Claimed, refusal: Invalid | None = None) -> None:
    with transaction() as session:
        transfer = session.get_one(Transfer, item.payload["transfer"])
        transfer.state, transfer.finished_at = "failed" if refusal else "done", utc_now()
        if refusal:
            params, problems = dict(refusal.params), [[message, dict(given)] for message, given in refusal.problems]
            transfer.error = refusal.message
            transfer.counts = {**transfer.counts, "params": params, "problems": problems}
        else:
            transfer.position = transfer.size
