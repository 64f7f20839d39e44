"""The explorer of results: every page and file is sound, and numbers add up again down to the answers."""

import csv
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Forbidden, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Role, Run
from evalsys.services.access import actor_of
from evalsys.services.explorer import answers, gaps, peers, periods
from evalsys.services.explorer.files import Sheet, file_of
from evalsys.services.run_input import RunInput
from evalsys.services.run_tables import overseen_tables, rows_of
from scoring.collect import Tally
from tests.factories import make_account, sign_in
from tests.integration.exploring import auditor, city, one_run, small
from tests.pages import get_page
from tests.published import make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

PAGES = (
    "explore", "units/U01/indicators/satisfaction", "units/U21/indicators/satisfaction",
    "units/U01/indicators/leadership", "compare/{other}", "categories/A", "categories/F", "units/U01/priorities",
    "units/U21/priorities", "categories/A/priorities", "gaps", "firmness",
)  # fmt: skip
FILES = (
    "units/U01/indicators/satisfaction", "compare/{other}", "categories/A", "units/U01/priorities",
    "categories/A/priorities", "gaps", "firmness", "scenarios",
)  # fmt: skip


@pytest.mark.walk
def test_every_page_is_sound_in_every_language(client: FlaskClient, session: Session) -> None:
    other, run = city(session)
    sign_in(client, session, make_account(session, Role.BOARD))
    for locale in LOCALES:
        for path in PAGES:
            get_page(client, f"/{locale}/oversight/runs/{run}/{path.format(other=other)}")


def test_the_first_page_leads_to_every_other(client: FlaskClient, session: Session) -> None:
    other, run = city(session)
    sign_in(client, session, make_account(session, Role.BOARD))
    base = f"/en/oversight/runs/{run}"
    assert f"{base}/explore" in get_page(client, base).links
    links = set(get_page(client, f"{base}/explore").links)
    paths = ("firmness", "gaps", "audit", f"compare/{other}", "categories/A", "categories/A/priorities", "units/U01")
    assert {f"{base}/{path}" for path in paths} <= links
    assert f"{base}/units/U01/indicators/satisfaction" in get_page(client, f"{base}/units/U01").links


@pytest.mark.walk
def test_no_page_asks_the_database_many_things(client: FlaskClient, session: Session) -> None:
    other, run = city(session)
    sign_in(client, session, make_account(session, Role.AUDITOR))
    asked: list[str] = []

    def note(*call: Any) -> None:
        asked.append(call[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for path in PAGES:
            asked.clear()
            client.get(f"/en/oversight/runs/{run}/{path.format(other=other)}")
            assert len(asked) <= 28, (path, asked)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.walk
def test_files_read_back_as_the_same_rows_in_both_kinds(client: FlaskClient, session: Session) -> None:
    other, run = city(session)
    sign_in(client, session, make_account(session, Role.AUDITOR))
    for path in FILES:
        url = f"/en/oversight/runs/{run}/{path.format(other=other)}"
        text, data = client.get(f"{url}.csv"), client.get(f"{url}.json")
        assert (text.status_code, data.status_code) == (200, 200), path
        assert text.headers["Content-Disposition"].startswith("attachment; filename=2025-run-1-")
        rows, found = list(csv.DictReader(io.StringIO(text.text))), json.loads(data.text)
        assert len(rows) == len(found) > 0
        for row, same in zip(rows, found, strict=True):
            assert list(row) == list(same)
            assert {key: "" if value is None else str(value) for key, value in same.items()} == row


def test_no_spreadsheet_takes_a_text_of_a_file_for_a_formula() -> None:
    sheet = Sheet("x", ("unit", "n"), [("=1+1", -3.5), ("fine", None)])
    assert file_of(sheet, "csv").text == "unit,n\r\n'=1+1,-3.5\r\nfine,\r\n"
    assert json.loads(file_of(sheet, "json").text) == [{"unit": "=1+1", "n": -3.5}, {"unit": "fine", "n": None}]


def test_levels_add_up_to_parts_parts_to_groups_and_groups_to_the_score(session: Session) -> None:
    run = one_run(session)
    actor = auditor(session)
    total, added = 0.0, 0
    for leaf in {row["indicator"] for row in _rows(session, run, "contributions") if row["unit"] == "U01"}:
        page = answers.answers_page(actor, run, "U01", leaf, "en")
        for group in page.groups:
            total += float(group.weight_used or 0) / 100 * float(group.figure.mean or 0)
            points = 100 * (float(group.levels_mean or 0) - page.first) / (page.last - page.first)
            assert float(group.figure.mean or 0) == pytest.approx(points, abs=0.3)
            weighed = 0.0
            if any(part.is_withheld for part in group.parts):
                continue  # all answered alike, which nobody is told
            for part in group.parts:
                if part.weight is None:
                    continue
                whole = sum(level.count for level in part.levels)
                assert whole == part.valid
                if page.last - page.first < 11:
                    mean = sum(level.first * level.count for level in part.levels) / whole
                    assert float(part.mean or 0) == pytest.approx(mean, abs=0.005)
                weighed += float(part.product or 0)
            assert float(group.levels_mean or 0) == pytest.approx(weighed, abs=0.01)
            added += 1
    assert added >= 7
    assert total == pytest.approx(75.69, abs=0.02)


def _rows(session: Session, run: int, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in rows_of(overseen_tables(session.get_one(Run, run))[table])]


def test_counts_are_those_of_the_frozen_cells(session: Session) -> None:
    world, run = small(session, [[5, 4], [5, 4], [4, 4], [3, 5], [6, 2], [7, 0]])
    frozen = RunInput.from_bytes(session.get_one(Run, run).input)
    cell = frozen.cells[(frozen.cells["unit"] == "U01") & (frozen.cells["form"] == world.forms["citizens"].code)].iloc[
        0
    ]
    form = frozen.forms[world.forms["citizens"].code]
    counts = Tally.from_blobs(cell["n"], cell["counts"], cell["moments"], form).counts
    page = answers.answers_page(world.actor(world.first), run, "U01", "satisfaction", "en")
    part = page.groups[0].parts[0]
    assert [level.count for level in part.levels] == counts[0][1:6].tolist() == [0, 0, 1, 1, 2]
    assert (part.valid, part.dont_know, part.not_applicable, part.blank) == (4, 1, 1, 0)
    assert [str(level.share) for level in part.levels] == ["0", "0", "25.0", "25.0", "50.0"]


def test_equal_answers_have_no_distribution(session: Session) -> None:
    world, run = small(session, [[4, 4], [4, 3], [4, 5]])
    actor = world.actor(world.first)
    assert answers.answers_page(actor, run, "U01", "satisfaction", "en").groups[0].parts[0].levels == ()
    sheet = answers.answers_sheet(actor, run, "U01", "satisfaction")
    assert [row[2:5] for row in sheet.rows] == [(None, None, None)]
    assert answers.answers_page(actor, run, "U01", "trust", "en").groups[0].parts[0].levels != ()


def test_a_part_of_too_few_people_shows_no_count(session: Session) -> None:
    make_scored_round(session)
    page = answers.answers_page(auditor(session), session.query(Run).one().id, "U21", "satisfaction", "en")
    assert (page.score, page.is_withheld) == (None, True)
    assert all(part.is_withheld and not part.levels and part.valid is None for part in page.groups[0].parts)


def test_panel_scores_are_shown_in_ten_steps(session: Session) -> None:
    world, run = small(session, [[5, 4]] * 3 + [[4, 4]], experts=[[1], [11], [101], [95]])
    page = answers.answers_page(world.actor(world.first), run, "U01", "leadership", "en")
    levels = page.groups[0].parts[0].levels
    assert [(level.first, level.last) for level in levels][::9] == [(0, 9), (90, 100)]
    assert [level.count for level in levels] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_what_the_run_does_not_hold_is_not_found(session: Session) -> None:
    world, run = small(session, [[5, 4]] * 3 + [[4, 4]])
    actor = world.actor(world.first)
    for unit, indicator in (("U99", "trust"), ("U01", "nothing")):
        with pytest.raises(NotFound):
            answers.answers_page(actor, run, unit, indicator, "en")
    with pytest.raises(NotFound):
        peers.peers_page(actor, run, "Z", (), "en")
    with pytest.raises(NotFound):
        periods.periods_page(actor, run, run + 1, "en")
    head = actor_of(make_account(session, Role.HEAD, unit=world.units[0]))
    with pytest.raises(Forbidden):
        gaps.gaps_page(head, run, "en")
    with pytest.raises(Forbidden):
        periods.periods_sheet(head, run, run)
