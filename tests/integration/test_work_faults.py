"""What goes wrong while cards are printed is named, leaves nothing half-written, and is mended by starting again."""

import errno
import os
import random
import re
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.db import transaction
from evalsys.errors import NoRoom
from evalsys.models import PublishedScorecard, WorkItem
from evalsys.reports import fonts, pdf
from evalsys.reports.lines import ReplyLine
from evalsys.reports.scorecard import Scorecard
from evalsys.services import files, printing, work
from evalsys.services.signing import current_seal
from tests.published import make_published_round
from tests.standing_in import draw_instead

pytestmark = pytest.mark.database("sqlite")  # what the queue asks the database is tested on both in test_work

BATCH = "cards-2025-1"
# Marks piled on letters, tags that are only text, and letters of many scripts in both directions.
BOMB = ("Z" + "\u0335\u0321\u0489\u0300" * 8) * 20 + "<div>" * 150 + "\u202eسلام 中文 \u05d0\U0001f600" * 40


@pytest.fixture
def city(session: Session) -> Iterator[None]:
    make_published_round(session)
    for path in printing.folder().iterdir():
        path.unlink()
    yield
    for cached in (pdf._engine, fonts.drawable, printing.design_digest):  # one was made without a font
        cached.cache_clear()


def drain(app: Flask, *keys: str, **over: object) -> work.Progress:
    """Work off these items of the cards' batch, all if none is named, in this process."""
    if keys:
        with transaction() as session:
            for item in session.scalars(select(WorkItem).where(WorkItem.key.not_in(keys))):
                session.delete(item)
    plan = tasks.Plan(app.config["EVALSYS"], batch=BATCH, idle_seconds=0.01)
    tasks.Worker(replace(plan, **over)).drain()  # type: ignore[arg-type]
    return work.progress(BATCH)


def restart(app: Flask) -> work.Progress:
    assert work.retry(BATCH)
    return drain(app)


def stored(session: Session) -> set[str]:
    session.rollback()
    session.expire_all()
    return {row.pdf_name for row in session.scalars(select(PublishedScorecard)) if row.pdf_name}


def lying() -> set[str]:
    return {path.name for path in printing.folder().iterdir()}


def test_a_full_disk_is_named_and_leaves_only_whole_files(
    app: Flask, session: Session, city: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(6)
    draw_instead(monkeypatch, lambda card: b"%PDF " + card.canonical())
    monkeypatch.setattr(work, "MOST_ATTEMPTS", 1)
    current_seal(app.config["EVALSYS"], utc_now())  # the key lies there already: this is about printed files
    with transaction() as writing:
        writing.execute(delete(WorkItem).where(WorkItem.kind != "scorecard"))

    def fill(_descriptor: int) -> None:
        if dice.random() < 0.5:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fill)
        end = drain(app)
    assert end.done
    assert end.failed
    assert {one.error for one in work.failures(BATCH)} == {"NoRoom: There is no room left on the disk."}
    assert lying() == stored(session)
    assert len(lying()) == end.done
    assert restart(app) == work.Progress(0, 0, end.total, 0)
    assert lying() == stored(session)
    assert all(path.read_bytes().endswith(b"}") for path in printing.folder().iterdir())


def test_the_system_refuses_more_bytes_in_the_middle_of_a_file(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(NoRoom):
            files.write_once(tmp_path / "card.pdf", b"x" * 50_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_of_two_writers_of_one_name_the_first_ones_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write_once(tmp_path / "card.pdf", b"first")
    files.write_once(tmp_path / "card.pdf", b"second")

    def refuse(*_names: object) -> None:
        raise OSError(errno.EPERM, "this file system knows no second name")

    monkeypatch.setattr(os, "link", refuse)
    files.write_once(tmp_path / "other.pdf", b"third")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "card.pdf": b"first",
        "other.pdf": b"third",
    }


def test_drafts_of_writers_that_were_killed_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".card.pdf.0123.draft").write_bytes(b"half")
    (tmp_path / "card.pdf").write_bytes(b"whole")
    assert files.forget_drafts(tmp_path, before=0) == 0
    assert files.forget_drafts(tmp_path, before=2**40) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["card.pdf"]
    assert files.forget_drafts(tmp_path / "absent", before=2**40) == 0


def test_a_missing_font_is_named_at_once_and_nothing_wrong_is_kept(
    app: Flask, session: Session, city: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = fonts.files()
    with monkeypatch.context() as lacking:
        lacking.setattr(fonts, "files", lambda: tuple(path for path in there if path.name != "NotoSansSC-Bold.ttf"))
        for cached in (pdf._engine, fonts.drawable, printing.design_digest):
            cached.cache_clear()
        assert drain(app, "U01/en/1") == work.Progress(0, 0, 0, 1)
    (failure,) = work.failures(BATCH)
    assert failure.error.startswith("RenderError: ")
    assert re.search("NotoSansSC-Bold|Card Han", failure.error)
    assert lying() == stored(session) == set()
    for cached in (pdf._engine, fonts.drawable, printing.design_digest):  # a new process knows nothing of it
        cached.cache_clear()
    assert restart(app) == work.Progress(0, 0, 1, 0)
    assert lying() == stored(session)


def test_a_bomb_in_a_reply_is_printed_as_text_within_the_limits(app: Flask, session: Session, city: None) -> None:
    row = session.scalars(select(PublishedScorecard).where(PublishedScorecard.reference.like("%U01%-en"))).one()
    card = Scorecard.from_json(row.content)
    said = replace(card, reply=ReplyLine(BOMB[:2000], "en", card.published_on))
    row.content = said.canonical().decode()
    session.commit()
    assert drain(app, "U01/en/1", seconds={"scorecard": 60}) == work.Progress(0, 0, 1, 0), work.failures(BATCH)
    (name,) = lying()
    assert "<div><div>" in "".join(page.extract_text() for page in pypdf.PdfReader(printing.folder() / name).pages)


def test_what_runs_away_is_stopped_by_name_and_the_queue_goes_on(app: Flask, session: Session) -> None:
    handlers = {kind: f"tests.work_handlers:{kind}" for kind in ("run_away", "grow", "note")}
    with transaction() as writing:
        for kind in handlers:
            work.enqueue(writing, BATCH, kind, [(kind, {})], utc_now())
    end = drain(app, handlers=handlers, seconds={"run_away": 0.2, "grow": 60})
    assert end == work.Progress(0, 0, 1, 2)
    named = {one.key: one.error for one in work.failures(BATCH)}
    assert named["run_away"] == "TookTooLong: It took longer than 0.2 seconds and was stopped."
    assert named["grow"].startswith("MemoryError")
