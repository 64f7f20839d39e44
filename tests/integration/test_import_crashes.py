"""An import under fire: workers are killed at any moment, and every answer comes in exactly once."""

import csv
import os
import signal
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.models import AuditEntry, Response, RoundState, Transfer, Unit
from evalsys.models.response import COUNTED
from evalsys.services import work
from evalsys.services.imports import desk, portions
from evalsys.services.imports.seen import Seen
from evalsys.services.transfers import files
from tests.factories import NOW
from tests.integration.governing import World, make_world
from tests.integration.transferring import work_off, work_once

ROWS, KILLS = 1200, 3
HANDLERS = {"import": "tests.work_handlers:import_slowly"}
Stored = Counter[tuple[str, str, str, int]]


def write_file(folder: Path) -> tuple[Path, Stored]:
    """A file with a respondent twice and a wrong cell every hundred rows, and what must come of it."""
    path, expected = folder / "answers.csv", Counter[tuple[str, str, str, int]]()
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["respondent", "unit", "stratum", "channel", "satisfaction", "trust"])
        for number in range(ROWS):
            unit, answers = f"U0{number % 2 + 1}", (str(number % 5 + 1), str(number % 3 + 1))
            writer.writerow([f"p{number}", unit, "users", "web", *answers])
            expected[unit, "users", "".join(answers), COUNTED] += 1
            if number % 100 == 0:
                writer.writerow([f"p{number // 2 * 2}", unit, "users", "web", "5", "5"])
                writer.writerow([f"q{number}", unit, "users", "web", "many", "1"])
                expected[unit, "users", "01", COUNTED] += 1
    return path, expected


def start(world: World, path: Path) -> int:
    actor = world.actor(world.analyst)
    with files.copy_in(path) as incoming:
        upload = desk.Upload(incoming, path.name, world.forms["citizens"].code)
        number = desk.upload_answers(actor, "2025", upload, now=NOW)
    desk.start_import(actor, "2025", number, now=NOW)
    return number


def stored() -> Stored:
    query = select(Unit.code, Response.stratum, Response.answers, Response.status, func.count()).join(Unit)
    groups = (Unit.code, Response.stratum, Response.answers, Response.status)
    rows = db.session.execute(query.group_by(*groups)).all()
    found = Counter({(unit, stratum, answers, status): n for unit, stratum, answers, status, n in rows})
    db.session.rollback()
    return found


def rejected_lines(number: int) -> list[str]:
    found = db.session.get_one(Transfer, number, populate_existing=True)
    lines = files.path_of(found.rejected).read_text(encoding="utf-8").splitlines()
    db.session.rollback()
    return lines


@pytest.mark.walk
def test_killed_workers_lose_nothing_and_double_nothing(app: Flask, session: Session, tmp_path: Path) -> None:
    path, expected = write_file(tmp_path)
    number = start(make_world(session, RoundState.COLLECTING), path)
    batch = portions.batch_of(number)
    config = replace(app.config["EVALSYS"], database_url=str(app.config["SQLALCHEMY_DATABASE_URI"]))
    plan = tasks.Plan(config, batch=batch, handlers=HANDLERS, lease_seconds=1, idle_seconds=0.05)
    killed, before = 0, 0
    with tasks.Pool(plan, 1) as pool:
        while not (state := work.progress(batch)).is_over:
            assert state.failed == 0
            if killed < KILLS and state.done >= before + 3:
                time.sleep(0.011 * killed)
                os.kill(pool.pids[0], signal.SIGKILL)
                killed, before = killed + 1, state.done
            pool.replace_ended()
            time.sleep(0.01)
    assert killed == KILLS
    assert stored() == expected
    lines = rejected_lines(number)
    assert len(lines) == len(set(lines)) == 1 + 2 * ROWS // 100
    session.expire_all()
    assert session.get_one(Transfer, number).counts["added"] == expected.total()
    steps = [entry.detail["step"] for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert steps == ["upload", "start", "done"]


def test_a_portion_that_was_read_but_not_stored_is_read_again_and_told_once(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "BATCH_RESPONSES", 100)
    path, expected = write_file(tmp_path)
    number = start(make_world(session, RoundState.COLLECTING), path)
    batch = portions.batch_of(number)
    while not work.progress(batch).is_over:
        for item in work.claim("dies", utc_now(), batch=batch):
            portions.import_answers(item)
        work.release("dies")
        work_once(batch)
    assert stored() == expected
    assert len(rejected_lines(number)) == 1 + 2 * ROWS // 100


def test_who_lost_the_lease_writes_nothing(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "BATCH_RESPONSES", 100)
    path, expected = write_file(tmp_path)
    number = start(make_world(session, RoundState.COLLECTING), path)
    (late,) = work.claim("late", utc_now(), batch=portions.batch_of(number), lease_seconds=-1)
    effect = portions.import_answers(late)
    work_once(portions.batch_of(number))
    assert not work.finish(late, "late", utc_now(), effect)
    work_off(portions.batch_of(number))
    assert stored() == expected


def test_a_second_import_adds_nothing(session: Session, tmp_path: Path) -> None:
    path, expected = write_file(tmp_path)
    world = make_world(session, RoundState.COLLECTING)
    for added in (expected.total(), 0):
        number = start(world, path)
        work_off(portions.batch_of(number))
        assert session.get_one(Transfer, number, populate_existing=True).counts["added"] == added
    assert stored() == expected


def test_respondents_noted_behind_the_place_where_a_file_was_left_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "seen"
    with Seen(path) as seen:
        assert [seen.add((name,), line) for name, line in (("a", 2), ("b", 3), ("a", 4))] == [True, True, False]
    with Seen(path, 2) as seen:
        assert [seen.add((name,), 3) for name in ("a", "b")] == [False, True]
