"""The cells: always equal to a full count, whoever else is at work."""

import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from evalsys.db import db, transaction, try_lock
from evalsys.models import Cell, Dirty, Questionnaire, Response, Unit
from evalsys.services import cells, mixing
from evalsys.services.cells import CellKey
from scoring.collect import Tally, pack
from tests.factories import NOW
from tests.integration.collecting import World, make_world


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def respond(
    session: Session, form: Questionnaire, unit: Unit, answers: list[str], *, stratum: str = "users", status: int = 0
) -> None:
    rows = [
        {
            "id": secrets.token_hex(16),
            "questionnaire_id": form.id,
            "unit_id": unit.id,
            "stratum": stratum,
            "channel": "web",
            "day": NOW.date(),
            "status": status,
            "answers": packed,
        }
        for packed in answers
    ]
    session.execute(insert(Response), rows)
    mixing.mark_dirty(session, form.id, [unit.id])
    session.commit()


def read(session: Session, form: Questionnaire) -> dict[str, Tally]:
    described = cells.load_forms(session, [form.id])[form.id]
    return {
        cell.stratum: Tally.from_blobs(cell.n, cell.counts, cell.moments, described)
        for cell in session.scalars(select(Cell).where(Cell.questionnaire_id == form.id))
    }


def test_a_pass_counts_each_stratum_and_removes_the_marks(world: World, session: Session) -> None:
    respond(session, world.citizens, world.unit, ["555", "471", "066"])
    respond(session, world.citizens, world.unit, ["111"], stratum="open")
    assert cells.recount() == 2
    found = read(session, world.citizens)
    assert (found["users"].n, found["open"].n) == (3, 1)
    assert found["users"].counts[0].tolist() == [1, 0, 0, 0, 1, 1, 0, 0]
    assert not session.scalar(select(func.count()).select_from(Dirty))
    assert cells.recount() == 0


def test_a_panel_of_101_points_is_counted(world: World, session: Session) -> None:
    respond(
        session, world.experts, world.unit, [pack([1, 101], [101, 101]), pack([52, 102], [101, 101])], stratum="all"
    )
    cells.recount()
    counted = read(session, world.experts)["all"].counts
    assert (counted[0, 1], counted[0, 52], counted[1, 101], counted[1, 102]) == (1, 1, 1, 1)


def test_excluded_responses_do_not_count_and_a_cell_that_became_empty_goes(world: World, session: Session) -> None:
    respond(session, world.citizens, world.unit, ["555", "444"])
    cells.recount()
    session.execute(update(Response).where(Response.answers == "555").values(status=3))
    mixing.mark_dirty(session, world.citizens.id, [world.unit.id])
    session.commit()
    cells.recount()
    assert read(session, world.citizens)["users"].n == 1
    session.execute(update(Response).values(status=3))
    mixing.mark_dirty(session, world.citizens.id, [world.unit.id])
    session.commit()
    assert cells.recount() == 0
    assert not session.scalar(select(func.count()).select_from(Cell))


def test_only_dirty_units_are_touched(world: World, session: Session) -> None:
    respond(session, world.citizens, world.unit, ["555"])
    cells.recount()
    session.execute(update(Cell).values(n=99))
    respond(session, world.peers, world.unit, ["5"], stratum="all")
    cells.recount()
    assert session.scalars(select(Cell.n).order_by(Cell.n)).all() == [1, 99]


def test_the_full_count_names_wrong_missing_and_needless_cells(world: World, session: Session) -> None:
    respond(session, world.citizens, world.unit, ["555", "444"])
    respond(session, world.citizens, world.unit, ["111"], stratum="open")
    cells.recount()
    assert cells.find_wrong_cells() == []
    key = (world.citizens.id, world.unit.id)
    session.execute(update(Cell).where(Cell.stratum == "users").values(n=7))
    session.execute(update(Cell).where(Cell.stratum == "open").values(stratum="ghosts"))
    session.commit()
    assert cells.find_wrong_cells() == [CellKey(*key, stratum) for stratum in ("ghosts", "open", "users")]
    mixing.mark_dirty(session, *key[:1], key[1:])
    session.commit()
    assert cells.find_wrong_cells() == []


@pytest.mark.database("postgresql")  # SQLite has one writer at a time
def test_a_second_pass_steps_aside_on_postgresql(world: World, app: Flask, session: Session) -> None:
    respond(session, world.citizens, world.unit, ["555"])
    session.close()

    def other() -> int:
        with app.app_context():
            return cells.recount()

    with transaction() as first, ThreadPoolExecutor(1) as threads:
        assert try_lock(first, "cells")
        assert threads.submit(other).result() == 0
    assert cells.recount() == 1


def test_cells_equal_a_full_count_after_writers_and_passes_at_the_same_time(
    world: World, app: Flask, session: Session
) -> None:
    draw = np.random.default_rng(5)
    packs = [["".join(map(str, row)) for row in codes] for codes in draw.integers(0, 8, (40, 5, 3))]
    form, unit = world.citizens, world.unit
    keys = (form.id, unit.id)
    session.commit()

    def write(answers: list[str]) -> None:
        with app.app_context(), transaction() as writing:
            rows = [
                {"id": mixing.new_id(), "questionnaire_id": keys[0], "unit_id": keys[1], "stratum": "users"}
                | {"channel": "web", "day": NOW.date(), "status": 0, "answers": packed}
                for packed in answers
            ]
            writing.execute(insert(Response), rows)
            mixing.mark_dirty(writing, keys[0], [keys[1]])

    def count(_number: int) -> int:
        with app.app_context():
            return cells.recount()

    with ThreadPoolExecutor(4) as threads:
        futures: list[Future[Any]] = [threads.submit(write, answers) for answers in packs]
        futures += [threads.submit(count, number) for number in range(20)]
        for future in futures:
            future.result()
    cells.recount()
    assert session.scalars(select(Cell.n)).all() == [200]
    assert cells.find_wrong_cells() == []
    db.session.rollback()
