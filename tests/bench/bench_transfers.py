"""Answers as files: half a million go out as CSV, XLSX and Parquet, a million come in; CPU time and flat memory.

The floor of an import is the same rows read by csv.reader and stored by executemany, without a check, digest or log.
"""

import csv
import hashlib
import secrets
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import Indicator, Questionnaire, Response, RoundState, Transfer
from evalsys.services.access import Actor
from evalsys.services.imports import desk
from evalsys.services.transfers import exporting, files
from tests.bench.bench_tally import cpu_clock
from tests.bench.measuring import MARGIN, peak_mb
from tests.factories import NOW, make_indicator, make_questionnaire
from tests.integration.governing import World, make_world
from tests.integration.transferring import work_off

QUESTIONS, EXPORTED, IMPORTED, BATCH = 10, 50_000, 100_000, 10_000
CSV_SECONDS, PEAK_MB = 3.0, 120
TIMES_FLOOR = {"sqlite": 8, "postgresql": 6}
DAY = date(2025, 6, 1)
CASES = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


def make_form(session: Session, state: RoundState) -> tuple[World, Actor, int, list[Indicator]]:
    """A round with a form of ten questions for citizens."""
    world = make_world(session, state)
    asked = [make_indicator(session) for _ in range(QUESTIONS)]
    form = make_questionnaire(session, world.round, "citizens", asked)
    return world, world.actor(world.analyst), form.id, asked


def codes(number: int) -> Iterator[list[int]]:
    """Answers from 1 to 5; a twentieth is missing (0). Little is held, so that no freed memory hides a peak."""
    rng = np.random.default_rng(1)
    for _ in range(0, number, BATCH):
        drawn = rng.integers(1, 6, (BATCH, QUESTIONS))
        drawn[rng.random(drawn.shape) < 0.05] = 0
        yield from drawn.tolist()


@CASES
def test_half_a_million_answers_go_out_in_flat_memory(app: Flask, session: Session, database_kind: str) -> None:
    world, actor, form, _ = make_form(session, RoundState.CLOSED)
    units = [unit.id for unit in world.units]
    rows = (
        {"id": secrets.token_hex(16), "questionnaire_id": form, "unit_id": units[at % 2], "stratum": "users"}
        | {"channel": "web", "day": DAY, "status": 0, "answers": "".join(map(str, answers))}
        for at, answers in enumerate(codes(EXPORTED))
    )
    while batch := list(islice(rows, BATCH)):
        session.execute(insert(Response), batch)
    session.commit()
    for kind in exporting.FORMATS:
        clock = cpu_clock(session)
        number = exporting.request_export(actor, "2025", exporting.Wish(format=kind), now=NOW)
        start = clock()
        peak = peak_mb(lambda batch=f"transfer-{number}": work_off(batch))  # type: ignore[misc]
        seconds = clock() - start
        made = session.get_one(Transfer, number, populate_existing=True)
        assert (made.state, made.counts["rows"]) == ("done", EXPORTED)
        print(f"\n{database_kind}: {kind} {seconds:.2f} s CPU, {made.size / 1e6:.1f} MB packed, peak {peak:.0f} MB")
        assert peak < PEAK_MB
        if kind == "csv":
            assert seconds < CSV_SECONDS * MARGIN


def written(folder: Path, asked: list[Indicator]) -> Path:
    path = folder / "answers.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["respondent", "unit", "stratum", "channel", *(one.code for one in asked)])
        for at, answers in enumerate(codes(IMPORTED)):
            cells = ["-9" if code == 0 else code for code in answers]
            writer.writerow([f"p{at}", f"U0{at % 2 + 1}", "users", "web", *cells])
    return path


def floor(path: Path, form: int, units: dict[str, int]) -> None:
    """The same rows into the same table, by the shortest way there is in Python."""
    statement = insert(cast(Table, Response.__table__))
    with open(path, encoding="utf-8", newline="") as file, db.engine.begin() as connection:
        reader = csv.reader(file)
        next(reader)
        rows = _rows(reader, form, units)
        while batch := list(islice(rows, BATCH)):
            connection.execute(statement, batch)


def _rows(reader: Iterator[list[str]], form: int, units: dict[str, int]) -> Iterator[dict[str, Any]]:
    for respondent, unit, stratum, channel, *cells in reader:
        yield {
            "id": hashlib.sha256(respondent.encode()).hexdigest()[:32],
            "questionnaire_id": form,
            "unit_id": units[unit],
            "stratum": stratum,
            "channel": channel,
            "day": DAY,
            "status": 0,
            "pace": 0,
            "network": 0,
            "answers": "".join("0" if cell == "-9" else cell for cell in cells),
        }


@CASES
def test_a_million_answers_come_in_in_flat_memory(
    app: Flask, session: Session, tmp_path: Path, database_kind: str
) -> None:
    world, actor, form, asked = make_form(session, RoundState.COLLECTING)
    units = {unit.code: unit.id for unit in world.units}
    code = session.get_one(Questionnaire, form).code
    path = written(tmp_path, asked)
    clock = cpu_clock(session)
    session.commit()
    start = clock()
    floor(path, form, units)
    least = clock() - start
    session.execute(delete(Response))
    session.commit()
    with files.copy_in(path) as incoming:
        number = desk.upload_answers(actor, "2025", desk.Upload(incoming, "answers.csv", code), now=NOW)
    desk.start_import(actor, "2025", number, now=NOW)
    start = clock()
    peak = peak_mb(lambda: work_off(f"transfer-{number}"))
    taken = clock() - start
    made = session.get_one(Transfer, number, populate_existing=True)
    assert (made.state, made.counts["added"]) == ("done", IMPORTED)
    assert session.scalar(select(func.count()).select_from(Response)) == IMPORTED
    print(
        f"\n{database_kind}: {taken:.1f} s CPU for a million answers, {taken / least:.1f}x the floor ({least:.1f} s),"
        f" peak {peak:.0f} MB"
    )
    assert peak < PEAK_MB
    assert taken <= TIMES_FLOOR[database_kind] * least * MARGIN
