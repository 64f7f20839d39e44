"""Ten million answers, from packed rows in a database to tallied cells, against numpy's bincount; CPU time."""

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import Questionnaire, Response
from evalsys.services import cells
from scoring.collect import Tally
from tests.bench.measuring import MARGIN, best_of, peak_mb
from tests.factories import make_indicator, make_questionnaire, make_round, make_unit

UNITS, RESPONSES, QUESTIONS, STRATA, WIDTH = 1000, 1_000_000, 10, 12, 8
TIMES = {"sqlite": 10, "postgresql": 5}
DAY = date(2025, 6, 1)
BATCH = 10_000
Bytes = npt.NDArray[np.uint8]


def make_answers() -> tuple[npt.NDArray[np.int64], Bytes]:
    """The cell of each response (units by Zipf's law, strata evenly), and its codes."""
    rng = np.random.default_rng(1)
    share = np.arange(1.0, UNITS + 1) ** -0.7
    unit = rng.choice(UNITS, RESPONSES, p=share / share.sum())
    codes = rng.integers(1, 6, (RESPONSES, QUESTIONS), dtype=np.uint8)
    codes[rng.random(codes.shape, dtype=np.float32) < 0.05] = 0
    return unit * STRATA + rng.integers(0, STRATA, RESPONSES), codes


def store(session: Session, form: Questionnaire, units: list[int], cell: npt.NDArray[np.int64], codes: Bytes) -> None:
    answers = [row.tobytes().decode() for row in codes + np.uint8(48)]
    random = np.random.default_rng(2).bytes(16 * RESPONSES).hex()
    places = cell.tolist()
    for start in range(0, RESPONSES, BATCH):
        batch = [
            {"id": random[32 * at : 32 * at + 32], "unit_id": units[places[at] // STRATA], "answers": answers[at]}
            | {
                "questionnaire_id": form.id,
                "stratum": f"s{places[at] % STRATA}",
                "channel": "web",
                "day": DAY,
                "status": 0,
            }
            for at in range(start, min(start + BATCH, RESPONSES))
        ]
        session.execute(insert(Response), batch)
    session.commit()
    if session.get_bind().dialect.name == "postgresql":
        # As the server does by itself some time after so many rows; commits must be on disk before it counts them.
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
            connection.exec_driver_sql("VACUUM ANALYZE response")


def cpu_clock(session: Session) -> Callable[[], float]:
    """CPU seconds of this process and, where there is one, of the server's process that works for it."""
    if session.get_bind().dialect.name != "postgresql":
        return time.process_time
    number = session.scalar(text("SELECT pg_backend_pid()"))
    ticks = os.sysconf("SC_CLK_TCK")

    def read() -> float:
        times = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[11:13]
        return time.process_time() + sum(map(int, times)) / ticks

    return read


def count(cell: npt.NDArray[np.int64], codes: Bytes) -> npt.NDArray[np.int64]:
    """The floor: one count of the same answers, in memory, without moments."""
    places = cell[:, None] * (QUESTIONS * WIDTH) + np.arange(QUESTIONS) * WIDTH + codes
    return np.bincount(places.ravel(), minlength=UNITS * STRATA * QUESTIONS * WIDTH)


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
def test_ten_million_answers_are_tallied_within_a_multiple_of_bincount(
    app: Flask, session: Session, database_kind: str
) -> None:
    cell, codes = make_answers()
    made = [make_unit(session) for _ in range(UNITS)]
    asked = [make_indicator(session) for _ in range(QUESTIONS)]
    form = make_questionnaire(session, make_round(session, made), "citizens", asked)
    units = [unit.id for unit in made]
    store(session, form, units, cell, codes)
    forms = cells.load_forms(session, [form.id])

    def tally() -> dict[cells.CellKey, Tally]:
        found: dict[cells.CellKey, Tally] = {}
        for start in range(0, UNITS, cells.UNITS_A_STATEMENT):
            found |= cells.count_cells(session, form.id, forms, units[start : start + cells.UNITS_A_STATEMENT])
        return found

    expected = count(cell, codes).reshape(UNITS, STRATA, QUESTIONS, WIDTH)
    first: dict[cells.CellKey, Tally] = {}
    peak = peak_mb(lambda: first.update(tally()))
    for key, found in first.items():
        assert (found.counts == expected[units.index(key.unit_id), int(key.stratum[1:])]).all()
    floor, taken = best_of(lambda: count(cell, codes)), best_of(tally, cpu_clock(session))
    print(
        f"\n{database_kind}: {taken:.2f} s, {1e6 * taken / RESPONSES:.2f} us a response, {taken / floor:.1f}x bincount"
        f" ({floor:.2f} s), peak {peak:.0f} MB"
    )
    assert taken <= TIMES[database_kind] * floor * MARGIN
