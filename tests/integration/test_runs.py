"""Scoring runs: the golden unit, repetition to the byte, what is hidden, and files that no spreadsheet executes."""

import csv
import io
import json
from collections import Counter
from datetime import timedelta

import pandas as pd
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, NotFound
from evalsys.models import Dirty, PublishedScorecard, Role, RoundState, Run, RunTable, WorkItem
from evalsys.services import run_pages, runs
from evalsys.services.access import actor_of
from evalsys.services.run_input import RunInput
from evalsys.services.run_tables import csv_file
from evalsys.services.transfers.cells import safe_cell
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import World, add_answers, audit_of, make_world
from tests.pages import get_page
from tests.published import adopt

STAGES = (
    "distribution", "responses", "strata", "means", "groups", "nodes", "scores", "contributions", "categories",
    "problems",
)  # fmt: skip
SAID_OF_HIDDEN = frozenset({
    "unit", "group", "stratum", "indicator", "level", "points", "code", "weight_nominal", "weight_used",
    "withheld",
})  # fmt: skip
LATER = NOW + timedelta(hours=1)


def answered(session: Session, citizens: int = 4) -> World:
    """A closed round: U01 rated by all groups, U02 by nobody but `citizens` people and an expert."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    one, other = world.units
    add_answers(session, world.forms["citizens"], one, [[5, 4]] * 4)
    add_answers(session, world.forms["peers"], one, [[4], [3], [4], [3]])
    add_answers(session, world.forms["experts"], one, [[69]])
    add_answers(session, world.forms["citizens"], other, [[2, 3]] * citizens)
    add_answers(session, world.forms["experts"], other, [[1]])
    return world


def score(world: World) -> int:
    return runs.score_round(world.actor(world.analyst), "2025", now=LATER)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_run_keeps_its_input_its_result_and_every_table(session: Session) -> None:
    world = answered(session)
    run = session.get_one(Run, score(world))
    assert run.number == 1
    assert len(run.input_digest) == len(run.result_digest) == 64
    assert json.loads(run.result)["input_digest"] == run.input_digest
    stages = session.scalars(select(RunTable.stage).order_by(RunTable.position)).all()
    assert {"means", "groups", "nodes", "scores", "contributions", "problems"} <= set(stages)


def test_a_score_is_what_a_person_works_out_on_paper(session: Session) -> None:
    world = answered(session)
    page = run_pages.run_page(world.actor(world.first), score(world), "en")
    line = {line.code: line for category in page.categories for line in category.lines}
    # U01: citizens 0.6 * 100 + 0.4 * 75 = 90; peers (75 + 50 + 75 + 50) / 4 = 62.5; expert 68: 45 + 12.5 + 20.4
    assert str(line["U01"].score) == "77.90"
    assert [str(group.score) for group in line["U01"].groups] == ["90.00", "62.50", "68.00"]
    assert (line["U01"].band, line["U01"].rank) == ("A", 1)
    # U02: no peers, so 50 and 30 of 80 count; an expert's zero is a zero: (50 * 35 + 30 * 0) / 80
    assert str(line["U02"].score) == "21.88"
    assert (line["U02"].groups[1].level, line["U02"].groups[1].score) == ("absent", None)
    assert [(problem.code, str(problem.node)) for problem in page.problems] == [("group_absent", "Peers")]


def test_scoring_again_makes_a_new_run_with_the_same_result(session: Session) -> None:
    world = answered(session)
    first, second = (session.get_one(Run, score(world)) for _ in range(2))
    assert (first.number, second.number) == (1, 2)
    assert first.result == second.result


def test_a_run_repeated_from_its_input_gives_the_same_bytes(session: Session) -> None:
    world = answered(session)
    run_id = score(world)
    found = runs.repeat_run(actor_of(make_account(session, Role.AUDITOR)), run_id, now=LATER)
    assert found.is_identical
    assert found.digest_then == found.digest_now
    assert audit_of(session, "run.repeat") == [("run.repeat", "done")]


def test_a_repetition_does_not_look_at_later_answers(session: Session) -> None:
    world = answered(session)
    run_id = score(world)
    add_answers(session, world.forms["peers"], world.units[1], [[1]])
    assert runs.repeat_run(world.actor(world.first), run_id, now=LATER).is_identical


def test_the_frozen_input_survives_its_own_bytes(session: Session) -> None:
    world = answered(session)
    stored = session.get_one(Run, score(world)).input
    again = RunInput.from_bytes(stored)
    assert again.to_bytes() == stored
    shuffled = RunInput(again.cells.iloc[::-1], again.forms, again.units.iloc[::-1])
    assert shuffled.to_bytes() == stored


def test_scoring_counts_answers_that_are_still_marked_as_dirty(session: Session) -> None:
    world = answered(session)
    session.add(Dirty(id="0" * 32, questionnaire_id=world.forms["peers"].id, unit_id=world.units[0].id))
    session.commit()
    score(world)
    session.expire_all()
    assert session.scalars(select(Dirty.id)).all() == []


def test_a_round_that_nobody_answered_can_be_scored(session: Session) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    page = run_pages.run_page(world.actor(world.first), score(world), "en")
    assert {line.level for category in page.categories for line in category.lines} == {"absent"}


def test_publishing_writes_cards_in_every_language_and_queues_their_files(session: Session) -> None:
    world = answered(session)
    score(world)
    adopt(session, "2025")
    batch = runs.publish_round(world.actor(world.first), "2025", now=LATER)
    session.expire_all()
    assert len(session.scalars(select(PublishedScorecard)).all()) == 2 * 3
    queued = Counter(session.scalars(select(WorkItem.kind).where(WorkItem.batch == batch)))
    assert queued == {"scorecard": 2 * 3, "poster": 2 * 3, "booklet": 3}
    with pytest.raises(Conflict):
        runs.publish_round(world.actor(world.first), "2025", now=LATER)


def test_what_is_below_the_lowest_cut_is_hidden_from_the_oversight_body_too(session: Session) -> None:
    world = answered(session, citizens=1)
    run_id = score(world)
    actor = world.actor(world.first)
    page = run_pages.run_page(actor, run_id, "en")
    line = {line.code: line for category in page.categories for line in category.lines}["U02"]
    assert (line.level, line.score, line.band, line.rank) == ("hidden", None, "", None)
    assert (line.is_withheld, line.groups[0].is_withheld) == (True, True)
    assert (line.groups[0].score, line.groups[0].n) == (None, None)
    assert str(line.groups[2].score) == "0.00"
    for stage in ("distribution", "responses", "strata", "means", "groups", "contributions"):
        shown = [row for row in rows(run_pages.run_csv(actor, run_id, stage)[1]) if row["unit"] == "U02"]
        figures = [row for row in shown if row["group"] == "citizens"]
        assert {row["withheld"] for row in figures} == {"primary"}, stage
        assert {value for row in figures for key, value in row.items() if key not in SAID_OF_HIDDEN} == {""}, stage
    for stage in ("nodes", "scores"):
        shown = [row for row in rows(run_pages.run_csv(actor, run_id, stage)[1]) if row["unit"] == "U02"]
        assert {(row["score"], row["low"], row["high"]) for row in shown if row.get("node") != "leadership"} == {
            ("", "", "")
        }
    scores = rows(run_pages.run_csv(actor, run_id, "scores")[1])
    assert {(row["n"], row["level_n"], row["band"], row["rank"]) for row in scores if row["unit"] == "U02"} == {
        ("", "", "", "")
    }


def test_every_downloaded_table_says_of_each_row_whether_it_is_withheld(session: Session) -> None:
    world = answered(session)
    run_id = score(world)
    actor = world.actor(world.first)
    page = run_pages.run_page(actor, run_id, "en")
    assert {stage for stage, _rows in page.stages} >= set(STAGES)
    for stage, number in page.stages:
        found = rows(run_pages.run_csv(actor, run_id, stage)[1])
        assert len(found) == number
        assert {row["withheld"] for row in found} <= {"", "primary", "complementary"}


def test_what_two_people_make_up_is_withheld_from_the_oversight_body_and_with_it_what_tells_it(
    session: Session, client: FlaskClient
) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    one = world.units[0]
    add_answers(session, world.forms["citizens"], one, [[5, 4]] * 4)
    add_answers(session, world.forms["peers"], one, [[4], [3]])
    add_answers(session, world.forms["experts"], one, [[69]])
    actor, run_id = world.actor(world.first), score(world)
    line = {line.code: line for block in run_pages.run_page(actor, run_id, "en").categories for line in block.lines}
    assert [(str(group.score), group.n, group.level) for group in line["U01"].groups] == [
        ("90.00", 4, "full"),
        ("None", 2, "full"),
        ("None", 1, "full"),
    ]
    assert [group.is_withheld for group in line["U01"].groups] == [False, True, True]
    assert (str(line["U01"].score), line["U01"].is_withheld) == ("77.90", False)
    sign_in(client, session, world.first)
    table_rows = get_page(client, f"/en/oversight/runs/{run_id}").select("table tr")
    texts = ["".join(found.itertext()) for found in table_rows]
    assert [text.count("Hidden") for text in texts if "77.90" in text] == [2]
    groups = {row["group"]: row for row in rows(run_pages.run_csv(actor, run_id, "groups")[1]) if row["unit"] == "U01"}
    assert {code: row["withheld"] for code, row in groups.items()} == {
        "citizens": "", "peers": "primary", "experts": "complementary",
    }  # fmt: skip


def test_a_downloaded_table_gives_the_engines_figures(session: Session) -> None:
    world = answered(session)
    run_id = score(world)
    name, text = run_pages.run_csv(world.actor(world.first), run_id, "scores")
    assert name == "2025-run-1-scores.csv"
    stored = session.get_one(RunTable, (run_id, "scores")).csv
    assert rows(text) == [{**row, "withheld": ""} for row in rows(stored)]
    assert {row["unit"]: float(row["score"]) for row in rows(text)} == {"U01": 77.9, "U02": 21.875}


def test_an_unknown_table_or_run_is_not_found(session: Session) -> None:
    world = answered(session)
    run_id = score(world)
    with pytest.raises(NotFound):
        run_pages.run_csv(world.actor(world.first), run_id, "secrets")
    with pytest.raises(NotFound):
        run_pages.run_page(world.actor(world.first), run_id + 1, "en")


def test_a_head_may_not_read_runs(session: Session) -> None:
    world = answered(session)
    run_id = score(world)
    head = actor_of(make_account(session, Role.HEAD, unit=world.units[0]))
    for read in (run_pages.run_page, run_pages.run_csv):
        with pytest.raises(Forbidden):
            read(head, run_id, "scores")
    with pytest.raises(Forbidden):
        runs.repeat_run(head, run_id, now=LATER)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_text_of_a_file_is_taken_for_a_formula(start: str) -> None:
    assert safe_cell(f"{start}cmd|' /C calc'!A0").startswith("'")
    (written,) = rows(csv_file(pd.DataFrame({"unit": [f"{start}1+1"]})))
    assert written["unit"].startswith("'")


@pytest.mark.parametrize("number", ["-3.5", "+2", "1e-05", "-1.5e+20", "0"])
def test_numbers_of_a_file_stay_numbers(number: str) -> None:
    assert safe_cell(number) == number
