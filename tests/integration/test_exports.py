"""Exports of answers: whole, checked, unlinkable, and read by others as they were written."""

import hashlib
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Forbidden, NotFound
from evalsys.models import Cell, Comment, Indicator, Response, Role, RoundState, Transfer
from evalsys.services import cells
from evalsys.services.access import actor_of
from evalsys.services.imports import desk
from evalsys.services.mixing import new_id
from evalsys.services.transfers import exporting, files, selection, writers
from evalsys.services.transfers.exporting import Wish
from tests.factories import NOW, make_account, make_assignment
from tests.integration.governing import World, add_answers, audit_of, make_world
from tests.integration.transferring import rows_in, work_off

CODES = [[5, 4], [1, 6], [7, 0]]
NASTY = "=cmd|'/C calc'!A0"


@pytest.fixture
def world(session: Session) -> World:
    """A closed round; three citizens rated U01, one U02."""
    made = make_world(session, RoundState.CLOSED)
    add_answers(session, made.forms["citizens"], made.units[0], CODES)
    add_answers(session, made.forms["citizens"], made.units[1], [[2, 2]], stratum="open")
    add_answers(session, made.forms["experts"], made.units[0], [[101]])
    return made


def export(world: World, **wish: Any) -> Path:
    actor = world.actor(world.analyst)
    number = exporting.request_export(actor, "2025", Wish(**wish), now=NOW)
    work_off(f"transfer-{number}")
    return exporting.take_export(actor, "2025", number, now=NOW)[0]


def member(path: Path, name: str, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        return Path(archive.extract(name, folder))


def test_the_answers_stand_in_a_table_with_one_column_a_question(session: Session, world: World) -> None:
    rows = rows_in(export(world, group="citizens"))
    assert list(rows[0]) == [*selection.FACTS, "satisfaction", "trust"]
    found = Counter((row["unit"], row["stratum"], row["satisfaction"], row["trust"]) for row in rows)
    assert found == Counter(
        [
            ("U01", "users", "5", "4"),
            ("U01", "users", "1", "-8"),
            ("U01", "users", "-7", "-9"),
            ("U02", "open", "2", "2"),
        ]
    )
    assert {(row["channel"], row["day"], row["status"]) for row in rows} == {("web", "2025-06-01", "counted")}


def test_all_groups_share_a_table_and_what_was_not_asked_is_empty(session: Session, world: World) -> None:
    rows = rows_in(export(world))
    (expert,) = [row for row in rows if row["group"] == "experts"]
    assert (expert["leadership"], expert["satisfaction"], expert["cooperation"]) == ("100", "", "")
    assert len(rows) == 5


def test_nothing_ties_two_exports_to_each_other_or_to_the_database(session: Session, world: World) -> None:
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 60)
    first, second = rows_in(export(world, group="citizens")), rows_in(export(world, group="citizens"))
    keys = [row["response"] for row in first]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {row["response"] for row in second}
    ids = set(session.scalars(select(Response.id)))
    assert not any(key.removeprefix("r") in one for key in keys for one in ids)
    without_keys = [[tuple(row.values())[1:] for row in rows] for rows in (first, second)]
    assert without_keys[0] != without_keys[1]


def test_network_marks_never_leave_and_the_pace_only_when_asked_for(session: Session, world: World) -> None:
    marked = session.scalars(select(Response)).all()
    kept = ("questionnaire_id", "unit_id", "stratum", "channel", "day", "answers")
    for response in marked:
        same = {name: getattr(response, name) for name in kept}
        session.add(Response(id=new_id(), network=12345, pace=3, **same))
    session.commit()
    plain, asked = export(world), export(world, pace=True)
    assert "pace" not in rows_in(plain)[0]
    assert Counter(row["pace"] for row in rows_in(asked))["3"] == len(marked)
    assert not any("12345" in row.values() for path in (plain, asked) for row in rows_in(path))


def test_running_results_are_refused_and_raters_with_names_get_random_ones(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    account = make_account(session, Role.EXPERT)
    add_answers(session, world.forms["experts"], world.units[0], [[81], [41]])
    for response, unit in zip(session.scalars(select(Response)), world.units, strict=True):
        task = make_assignment(session, world.forms["experts"], account, unit)
        task.response_id = response.id
    session.commit()
    for group in ("citizens", "peers", "experts", ""):
        with pytest.raises(Conflict):
            export(world, group=group)
    world.round.state = RoundState.CLOSED
    session.commit()
    rows = rows_in(export(world, group="experts"))
    assert {row["leadership"] for row in rows} == {"80", "40"}
    raters = {row["rater"] for row in rows}
    assert len(raters) == 1
    assert not {str(account.id), account.login, ""} & raters
    assert raters != {row["rater"] for row in rows_in(export(world, group="experts"))}


def test_responses_left_out_of_the_count_come_only_when_asked_for(session: Session, world: World) -> None:
    first = session.scalars(select(Response).where(Response.questionnaire_id == world.forms["citizens"].id)).first()
    assert first is not None
    first.status = 3
    session.commit()
    assert len(rows_in(export(world, group="citizens"))) == 3
    everything = rows_in(export(world, group="citizens", only_counted=False))
    assert Counter(row["status"] for row in everything) == {"counted": 3, "excluded_by_persons": 1}


def test_comments_stand_in_a_file_of_their_own_and_never_beside_small_groups(session: Session, world: World) -> None:
    indicator = session.scalars(select(Indicator.id)).first()
    for response in session.scalars(select(Response)):
        for place, state in enumerate(("received", "checked", "withheld")):
            of = indicator if place else None
            text = f"{NASTY} {state}"
            session.add(
                Comment(
                    id=f"{response.id[:31]}{place}", response_id=response.id, indicator_id=of, text=text, state=state
                )
            )
    session.commit()
    path = export(world, comments=True)
    rows = rows_in(path, "comments.csv")
    assert {(row["unit"], row["group"]) for row in rows} == {("U01", "citizens"), ("U01", "experts")}
    assert {row["state"] for row in rows} == {"received", "checked"}
    assert all(row["text"].startswith("'=") for row in rows)
    assert not {row["comment"] for row in rows} & {row["response"] for row in rows_in(path)}
    assert "comments.csv" not in zipfile.ZipFile(export(world)).namelist()


def test_the_code_book_tells_every_column_and_code_in_three_languages(session: Session, world: World) -> None:
    path = export(world)
    book = rows_in(path, "codebook.csv")
    assert {row["column"] for row in book if not row["code"]} == set(rows_in(path)[0])
    trust = {row["code"]: row for row in book if row["column"] == "trust"}
    assert set(trust) == {"", "1", "2", "3", "4", "5", "-9", "-8", "-7", "empty"}
    assert trust[""]["ar"] == "trust question (ar)"
    assert {row["code"] for row in book if row["column"] == "unit"} >= {"U01", "U02"}
    assert all(row["en"] for row in book if row["column"] in ("status", "channel", "response"))


@pytest.mark.parametrize("labels", ["", "en"])
def test_a_workbook_is_read_as_it_was_written(
    session: Session, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, labels: str
) -> None:
    monkeypatch.setattr(writers, "SHEET_ROWS", 2)
    path = member(export(world, group="citizens", format="xlsx", labels=labels), "answers.xlsx", tmp_path)
    book = openpyxl.load_workbook(path, read_only=True)
    assert book.sheetnames == ["answers", "answers 2", "codebook"]
    rows = [row for name in book.sheetnames[:2] for row in list(book[name].iter_rows(values_only=True))[1:]]
    pairs = Counter(row[-2:] for row in rows)
    if labels:
        assert pairs == Counter(
            [
                ("satisfaction 5 (en)", "trust 4 (en)"),
                ("satisfaction 1 (en)", "no basis to judge"),
                ("does not apply", "not answered"),
                ("satisfaction 2 (en)", "trust 2 (en)"),
            ]
        )
    else:
        assert pairs == Counter([(5, 4), (1, -8), (-7, -9), (2, 2)])
    assert next(book["codebook"].iter_rows(values_only=True)) == ("column", "code", "en", "zh", "ar")


def test_a_parquet_file_has_small_integers_and_dictionaries(session: Session, world: World, tmp_path: Path) -> None:
    table = pq.read_table(member(export(world, format="parquet", pace=True), "answers.parquet", tmp_path))
    kinds = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert kinds["satisfaction"] == kinds["pace"] == "int8"
    assert kinds["day"] == "date32[day]"
    assert kinds["unit"].startswith("dictionary<values=string")
    citizens = [row for row in table.to_pylist() if row["group"] == "citizens"]
    assert Counter((row["satisfaction"], row["trust"]) for row in citizens) == Counter(
        [(5, 4), (1, -8), (-7, -9), (2, 2)]
    )
    assert {row["leadership"] for row in citizens} == {None}


def test_an_export_that_comes_back_gives_the_same_tallies(session: Session, world: World, tmp_path: Path) -> None:
    form = world.forms["citizens"].id
    cells.recount()
    before = {(cell.unit_id, cell.stratum): (cell.n, cell.counts) for cell in session.scalars(select(Cell))}
    path = member(export(world, group="citizens"), "answers.csv", tmp_path)
    code = world.forms["citizens"].code
    session.query(Response).filter_by(questionnaire_id=form).delete()
    session.query(Cell).filter_by(questionnaire_id=form).delete()
    world.round.state = RoundState.COLLECTING
    session.commit()
    with files.copy_in(path) as incoming:
        upload = desk.Upload(incoming, "answers.csv", code, respondent="response")
        number = desk.upload_answers(world.actor(world.analyst), "2025", upload, now=NOW)
    desk.start_import(world.actor(world.analyst), "2025", number, now=NOW)
    work_off(f"transfer-{number}")
    cells.recount()
    session.expire_all()
    assert {(cell.unit_id, cell.stratum): (cell.n, cell.counts) for cell in session.scalars(select(Cell))} == before


def test_a_file_that_lacks_rows_is_not_offered(session: Session, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = lambda *given: (rows[1:] for rows in selection.rows_of(*given))  # noqa: E731 - a short stand-in
    monkeypatch.setattr(exporting, "rows_of", lossy)
    with pytest.raises(Conflict):
        export(world)
    session.expire_all()
    made = session.scalars(select(Transfer)).one()
    assert (made.state, made.stored) == ("failed", "")
    assert '"written": 4, "stored": 5' in made.error
    assert [path.name for path in files.folder().iterdir() if path.name.startswith(".draft")] == []


def test_requests_and_downloads_are_on_record_and_the_digest_is_that_of_the_file(
    session: Session, world: World
) -> None:
    path = export(world)
    session.expire_all()
    made = session.scalars(select(Transfer)).one()
    assert made.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert made.counts["rows"] == 5
    assert audit_of(session, "response.export") == [("response.export", "done")] * 2


def test_files_are_forgotten_after_thirty_days(session: Session, world: World) -> None:
    path = export(world)
    exporting.forget_old()
    assert path.is_file()
    made = session.scalars(select(Transfer)).one()
    made.finished_at = utc_now() - timedelta(days=31)
    session.commit()
    exporting.forget_old()
    assert not path.exists()
    with pytest.raises(Conflict):
        exporting.take_export(world.actor(world.analyst), "2025", made.id, now=NOW)


def test_an_upload_that_nobody_started_is_forgotten_too(session: Session, world: World, tmp_path: Path) -> None:
    world.round.state = RoundState.COLLECTING
    session.commit()
    path = tmp_path / "answers.csv"
    path.write_text("respondent\n", encoding="utf-8")
    with files.copy_in(path) as incoming:
        upload = desk.Upload(incoming, path.name, world.forms["citizens"].code)
        number = desk.upload_answers(world.actor(world.analyst), "2025", upload, now=utc_now() - timedelta(days=31))
    stored = files.path_of(session.get_one(Transfer, number).stored)
    assert stored.is_file()
    exporting.forget_old()
    assert not stored.exists()
    assert session.get_one(Transfer, number, populate_existing=True).state == "cancelled"


@pytest.mark.parametrize(
    ("role", "refusal"), [(Role.BOARD, Forbidden), (Role.HEAD, Forbidden), (Role.AUDITOR, NotFound)]
)
def test_only_analysts_and_auditors_export(
    session: Session, world: World, role: Role, refusal: type[EvalsysError]
) -> None:
    actor = actor_of(make_account(session, role))
    with pytest.raises(refusal):
        exporting.take_export(actor, "2025", 999, now=NOW)
    with pytest.raises(EvalsysError):
        exporting.request_export(replace(actor, role=Role.BOARD), "2025", Wish(), now=NOW)


def test_the_command_writes_the_archive_and_tells_its_digest(
    app: Flask, session: Session, world: World, tmp_path: Path
) -> None:
    target = tmp_path / "answers.zip"
    arguments = ["responses", "export", "2025", "--to", str(target), "--group", "citizens", "--as", world.analyst.login]
    done = app.test_cli_runner().invoke(args=arguments)
    assert done.exit_code == 0, done.output
    assert hashlib.sha256(target.read_bytes()).hexdigest() in done.output
    assert len(rows_in(target)) == 4
    refused = app.test_cli_runner().invoke(args=[*arguments[:2], "2031", *arguments[3:]])
    assert refused.exit_code == 1
    assert "This round does not exist." in refused.output
