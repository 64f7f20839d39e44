"""Printing as work: real PDFs in three languages, the same bytes again, nothing recorded without the lease."""

import os
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.db import db, transaction
from evalsys.errors import EvalsysError
from evalsys.models import Account, PublishedScorecard, Role, WorkItem
from evalsys.reports.scorecard import Scorecard
from evalsys.services import files, printing, scorecards, work
from evalsys.services.access import Actor, actor_of
from tests.published import make_published_round
from tests.standing_in import draw_instead

BATCH = "cards-2025-1"


def keep_only(session: Session, *keys: str) -> None:
    """Leave these items of the queue."""
    session.rollback()
    with transaction() as writing:
        for item in writing.scalars(select(WorkItem).where(WorkItem.key.not_in(keys))):
            writing.delete(item)


def cards(session: Session) -> dict[str, PublishedScorecard]:
    session.rollback()
    session.expire_all()
    return {f"{row.unit.code}/{row.locale}": row for row in session.scalars(select(PublishedScorecard))}


def board(session: Session) -> Actor:
    return actor_of(session.scalars(select(Account).where(Account.role == Role.BOARD)).one())


@pytest.mark.database("sqlite")  # test_work_pool shares work out on both
def test_a_pool_prints_cards_in_three_languages(app: Flask, session: Session) -> None:
    make_published_round(session)
    keep_only(session, "U01/en/1", "U01/zh/1", "U20/ar/1")
    end = tasks.drain_with_pool(tasks.Plan(app.config["EVALSYS"], batch=BATCH, idle_seconds=0.1), 1)
    assert end == work.Progress(0, 0, 3, 0), work.failures(BATCH)
    rows = cards(session)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(printing.folder() / rows["U01/en"].pdf_name).pages)
    assert "75.69" in text
    assert rows["U01/zh"].pdf_name.startswith(rows["U01/zh"].digest)
    assert rows["U20/ar"].pdf_digest != ""
    assert rows["U01/ar"].pdf_name == ""


def test_the_same_content_is_printed_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    keep_only(session, "U01/en/1")
    printed: list[str] = []

    def render(card: Scorecard) -> bytes:
        printed.append(card.unit_code)
        return b"%PDF once"

    draw_instead(monkeypatch, render)
    for path in printing.folder().glob("*"):
        path.unlink()
    (item,) = work.claim("a", utc_now())
    printing.print_scorecard(item)
    effect = printing.print_scorecard(item)
    assert printed == ["U01"]
    assert work.finish(item, "a", utc_now(), effect)
    row = cards(session)["U01/en"]
    assert (printing.folder() / row.pdf_name).read_bytes() == b"%PDF once"
    assert [path.name for path in printing.folder().iterdir()] == [row.pdf_name]


def test_a_worker_that_lost_its_lease_records_no_file(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    keep_only(session, "U01/en/1")
    draw_instead(monkeypatch, lambda _card: b"%PDF late")
    now = utc_now()
    (slow,) = work.claim("slow", now)
    effect = printing.print_scorecard(slow)
    later = now + timedelta(seconds=work.LEASE_SECONDS + 1)
    (quick,) = work.claim("quick", later)
    assert not work.finish(slow, "slow", later, effect)
    assert cards(session)["U01/en"].pdf_name == ""
    assert work.finish(quick, "quick", later, printing.print_scorecard(quick))
    assert cards(session)["U01/en"].pdf_name != ""


def test_a_file_that_is_gone_is_printed_again_on_demand(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published_round(session)
    keep_only(session, "U01/en/1", "U02/en/1")
    draw_instead(monkeypatch, lambda card: b"%PDF " + card.unit_code.encode())
    for item in work.claim("a", utc_now()):
        work.finish(item, "a", utc_now(), printing.print_scorecard(item))
    gone = scorecards.pdf_path(cards(session)["U01/en"])
    assert gone is not None
    gone.unlink()
    assert scorecards.pdf_path(cards(session)["U01/en"]) is None
    actor = board(session)
    session.rollback()
    scorecards.reprint(actor, "2025", now=utc_now())
    waiting = session.scalars(select(WorkItem.key).where(WorkItem.state == 0)).all()
    assert "U01/en/1" in waiting
    assert "U02/en/1" not in waiting


def test_a_round_without_cards_cannot_be_printed_again(session: Session) -> None:
    make_published_round(session)
    actor = board(session)
    session.rollback()
    with pytest.raises(EvalsysError, match="no published results"):
        scorecards.reprint(actor, "1999", now=utc_now())
    assert scorecards.is_published("2025")
    assert not scorecards.is_published("1999")


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk is full"):
        files.write_whole(tmp_path / "card.pdf", b"half")
    assert list(tmp_path.iterdir()) == []


def test_a_card_that_is_not_there_fails_with_its_reason(session: Session) -> None:
    with transaction() as writing:
        work.enqueue(writing, BATCH, "scorecard", [("nothing", {"card": 404})], utc_now())
    (item,) = work.claim("a", utc_now())
    with pytest.raises(EvalsysError, match="does not exist"):
        printing.print_scorecard(item)
    db.session.rollback()
