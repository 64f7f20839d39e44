"""Exports of answers: asked for, made whole or not at all, checked against the database, kept for thirty days."""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Round, Transfer
from evalsys.services import work
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.transfers import codebook, files, remarks
from evalsys.services.transfers.refusals import as_text
from evalsys.services.transfers.selection import FACTS, Row, Selection, number_of, rows_of, select_answers
from evalsys.services.transfers.writers import CsvWriter, ParquetWriter, Writer, XlsxWriter

RIGHT, KIND, ANSWERS, OUT = "response.export", "export", "answers", "out"
FORMATS = ("csv", "xlsx", "parquet")
KEPT_DAYS = 30
RENEW_SECONDS = 15
DRAFT_HOURS = 24


@dataclass(frozen=True)
class Wish:
    """What is to be exported. `group` is "" for all; `labels` is a locale whose words stand for the codes, or ""."""

    group: str = ""
    format: str = "csv"
    labels: str = ""
    only_counted: bool = True
    pace: bool = False
    comments: bool = False


def request_export(actor: Actor, round_code: str, wish: Wish, *, now: datetime) -> int:
    """Queue an export; returns its number.

    Raises Forbidden, NotFound, Invalid; Conflict for groups whose answers are nobody's to see while the round runs.
    """
    act = Act(actor, RIGHT, _subject(round_code), now)
    with audited(act) as session:
        round_ = _round(session, round_code)
        select_answers(session, round_, asdict(wish))
        made = Transfer(
            direction=OUT,
            kind=ANSWERS,
            round_id=round_.id,
            name=f"{round_code}-answers.zip",
            options=asdict(wish),
            created_by=actor.account_id,
            created_at=now,
        )
        session.add(made)
        session.flush()
        work.enqueue(session, f"transfer-{made.id}", KIND, [("export", {"transfer": made.id})], now)
        act.detail = {"transfer": made.id, "step": "request", **asdict(wish)}
        return made.id


def take_export(actor: Actor, round_code: str, transfer_id: int, *, now: datetime) -> tuple[Path, str, str]:
    """The finished file, the name for it and its digest; each taking leaves an entry in the log.

    Raises Forbidden, NotFound; Conflict while it is being made and when it is no longer kept.
    """
    act = Act(actor, RIGHT, _subject(round_code), now)
    with audited(act) as session:
        query = select(Transfer).join(Round, Round.id == Transfer.round_id).where(Round.code == round_code)
        found = session.scalar(
            query.where(Transfer.id == transfer_id, Transfer.direction == OUT, Transfer.kind == ANSWERS)
        )
        if found is None:
            raise NotFound("This export does not exist.")
        if not found.stored:
            raise Conflict("This export has no file: it is not finished, it failed, or its thirty days are over.")
        act.detail = {"transfer": found.id, "step": "download", "sha256": found.digest}
        return files.path_of(found.stored), found.name, found.digest


def export_answers(item: work.Claimed) -> work.Effect | None:
    """The handler: make the file, compare its rows with the database, and offer it."""
    found = db.session.get_one(Transfer, item.payload["transfer"], populate_existing=True)
    if found.state not in ("waiting", "running"):
        return None
    round_ = db.session.get_one(Round, found.round_id)
    try:
        facts = {**_make(round_, dict(found.options), _renewing(item)), "state": "done"}
    except (Conflict, Invalid) as error:
        db.session.rollback()
        facts = {"state": "failed", "error": as_text(error)}
    return partial(_record, transfer_id=item.payload["transfer"], facts=facts)


def _make(round_: Round, options: dict[str, Any], renew: Callable[[], None]) -> dict[str, Any]:
    """Write the file; what is to be kept of it. Raises Conflict, Invalid."""
    chosen = select_answers(db.session(), round_, options)
    book = codebook.codebook(db.session(), chosen)
    words = codebook.labels(chosen, options["labels"]) if options["labels"] else None
    db.session.rollback()
    with files.drafts() as folder:
        counts = _write_tables(_Making(folder, chosen, options["format"], book, words, renew), options)
        stored = files.keep_whole(_packed(folder), ".zip")
    path = files.path_of(stored)
    return {
        "stored": stored,
        "digest": files.digest_of(path),
        "size": path.stat().st_size,
        "counts": counts,
        "position": counts["rows"],
    }


def forget_old() -> None:
    """Delete files after thirty days, also uploads that nobody started; the list keeps their lines.

    Drafts that a killed process left behind go after a day.
    """
    now = utc_now()
    before = now - timedelta(days=KEPT_DAYS)
    has_file = (Transfer.stored != "") | (Transfer.rejected != "")
    is_old = (Transfer.finished_at < before) | ((Transfer.state == "received") & (Transfer.created_at < before))
    query = select(Transfer).where(Transfer.kind == ANSWERS, has_file, is_old)
    has_old = db.session.scalars(query.limit(1)).first() is not None
    db.session.rollback()
    if has_old:
        with transaction() as session:
            for one in session.scalars(query):
                files.forget(one.stored, one.rejected)
                one.stored = one.rejected = ""
                one.state = "cancelled" if one.state == "received" else one.state
                one.finished_at = one.finished_at or now
    files.forget_drafts(now - timedelta(hours=DRAFT_HOURS))


@dataclass(frozen=True)
class _Making:
    """An export in the making: where, what, and how the worker's lease is kept."""

    folder: Path
    chosen: Selection
    format: str
    book: list[Row]
    words: list[dict[int, str]] | None
    renew: Callable[[], None]


def _write_tables(making: _Making, options: Mapping[str, Any]) -> dict[str, int]:
    """Answers, code book and comments, all from one snapshot; how many rows each has. Raises Conflict for lost rows."""
    counts = {}
    with _snapshot() as connection:
        total = number_of(connection, making.chosen)
        with _answers_writer(making) as writer:
            for rows in rows_of(connection, making.chosen, total):
                writer.write(_labelled(making, rows))
                making.renew()
        if writer.count != total:
            raise Conflict(
                "The file got %(written)s rows, the database has %(stored)s: it is not offered. Ask for it again.",
                {"written": writer.count, "stored": total},
            )
        counts["rows"] = total
        if options["comments"]:
            with CsvWriter(making.folder / "comments.csv", remarks.HEADER) as comments:
                for rows in remarks.comments_of(connection, making.chosen):
                    comments.write(rows)
                    making.renew()
            counts["comments"] = comments.count
    with CsvWriter(making.folder / "codebook.csv", codebook.HEADER) as book:
        book.write(making.book)
    return counts


def _answers_writer(making: _Making) -> Writer:
    path, header = making.folder / f"answers.{making.format}", making.chosen.columns
    if making.format == "xlsx":
        return XlsxWriter(path, header, (codebook.HEADER, making.book))
    if making.format == "parquet":
        return ParquetWriter(path, header, len(FACTS) + making.chosen.with_pace)
    return CsvWriter(path, header)


def _labelled(making: _Making, rows: list[Row]) -> list[Row]:
    """The rows with words for codes, where words were asked for and there are some; Parquet keeps its numbers."""
    if making.words is None or making.format == "parquet":
        return rows
    first = len(making.chosen.columns) - len(making.chosen.asked)
    for row in rows:
        for place, words in enumerate(making.words, first):
            value = row[place]
            row[place] = words.get(value, value) if isinstance(value, int) else value
    return rows


def _packed(folder: Path) -> Path:
    """All files of the folder in one ZIP archive beside them; what is packed already is stored as it is."""
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "x") as archive:
        for name in ("answers.csv", "answers.xlsx", "answers.parquet", "codebook.csv", "comments.csv"):
            if (folder / name).exists():
                archive.write(folder / name, name, zipfile.ZIP_DEFLATED if name.endswith("csv") else zipfile.ZIP_STORED)
    return path


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection of its own that sees one state of the database, however long it takes."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _renewing(item: work.Claimed) -> Callable[[], None]:
    """What keeps the worker's lease while it writes: called often, it acts every fifteen seconds."""
    until = utc_now() + timedelta(seconds=RENEW_SECONDS)

    def renew() -> None:
        nonlocal until
        now = utc_now()
        if now >= until:
            work.renew(item, item.worker, now)
            until = now + timedelta(seconds=RENEW_SECONDS)

    return renew


def _record(session: Session, transfer_id: int, facts: Mapping[str, Any]) -> None:
    found = session.get_one(Transfer, transfer_id)
    for name, value in facts.items():
        setattr(found, name, value)
    found.finished_at = utc_now()


def _round(session: Session, code: str) -> Round:
    found = session.scalar(select(Round).where(Round.code == code))
    if found is None:
        raise NotFound("This round does not exist.")
    return found


def _subject(round_code: str) -> str:
    return f"round:{round_code}"[:100]
