"""The explorer of results: numbers add up again, what is compared is fair, and every page and file is sound."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Forbidden, Invalid, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Lineage, Question, Questionnaire, Role, RoundState, Run, SchemeVersion
from evalsys.services import runs
from evalsys.services.access import Actor, actor_of
from evalsys.services.explorer import answers, firmness, gaps, index, peers, periods, priorities
from evalsys.services.explorer.files import Sheet, file_of
from evalsys.services.questionnaires.document import Document, Section, canonical
from evalsys.services.run_input import RunInput
from evalsys.services.run_tables import overseen_tables, rows_of
from evalsys.services.weights import read_scheme
from scoring.collect import Tally
from tests.factories import NOW, make_account, make_indicator, make_questionnaire, sign_in
from tests.integration.governing import World, add_answers, add_proposal, make_world, scheme_mapping
from tests.pages import get_page
from tests.published import make_scored_round
from tests.questionnaires import IMPORTANCE, SATISFACTION, STRICT, item

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

LATER = NOW + timedelta(hours=1)
PAGES = (
    "explore", "units/U01/indicators/satisfaction", "units/U21/indicators/satisfaction",
    "units/U01/indicators/leadership", "compare/{other}", "categories/A", "categories/F", "units/U01/priorities",
    "units/U21/priorities", "categories/A/priorities", "gaps", "firmness",
)  # fmt: skip
FILES = (
    "units/U01/indicators/satisfaction", "compare/{other}", "categories/A", "units/U01/priorities",
    "categories/A/priorities", "gaps", "firmness", "scenarios",
)  # fmt: skip


def auditor(session: Session) -> Actor:
    return actor_of(make_account(session, Role.AUDITOR))


def city(session: Session) -> tuple[int, int]:
    """The small city scored twice, 2024 and 2025: the ids of the runs."""
    made = make_scored_round(session, "2024"), make_scored_round(session, "2025")
    found = {run.round_id: run.id for run in session.query(Run)}
    return found[made[0].id], found[made[1].id]


def one_run(session: Session) -> int:
    """The small city of 2025 alone: the id of its run."""
    make_scored_round(session)
    return session.query(Run).one().id


def small(session: Session, answered: list[list[int]], **more: list[list[int]]) -> tuple[World, int]:
    """A closed round of two units, U01 rated by all groups: its run."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    given = {"citizens": answered, "peers": [[4], [3], [4], [3]], "experts": [[69], [61], [72]], **more}
    for group, rows in given.items():
        add_answers(session, world.forms[group], world.units[0], rows)
    add_answers(session, world.forms["citizens"], world.units[1], [[2, 3], [3, 3], [2, 4], [1, 2]])
    return world, runs.score_round(world.actor(world.analyst), "2025", now=LATER)


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


def test_a_change_is_split_exactly_and_only_told_where_it_means_something(session: Session) -> None:
    other, run = city(session)
    page = periods.periods_page(auditor(session), run, other, "en")
    assert (page.before.id, page.after.id, page.breaks) == (other, run, "")
    lines = {line.code: line for line in page.lines}
    assert lines["U01"].change == 0
    assert lines["U01"].is_clear is False
    assert (lines["U21"].change, lines["U21"].parts, lines["U21"].after) == (None, None, None)
    assert periods.periods_page(auditor(session), other, run, "en").lines == page.lines


def test_new_answers_are_data_and_the_parts_sum_to_the_change(session: Session) -> None:
    world, first = small(session, [[3, 3], [3, 2], [2, 3], [3, 3]])
    add_answers(session, world.forms["citizens"], world.units[0], [[5, 5]] * 30 + [[4, 5]] * 10)
    world.round.state = RoundState.QUALITY_CONTROL
    session.commit()
    second = runs.score_round(world.actor(world.analyst), "2025", now=LATER)
    sheet = periods.periods_sheet(world.actor(world.first), second, first)
    row = next(dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows if row[0] == "U01")
    assert row["change"] == pytest.approx(row["after"] - row["before"])
    assert row["data"] == pytest.approx(row["change"])
    assert row["data"] + row["weights"] + row["coverage"] + row["findings"] == pytest.approx(row["change"])
    assert row["clear"] is True
    assert row["low"] < row["change"] < row["high"]


def test_a_reorganised_unit_breaks_alone(client: FlaskClient, session: Session) -> None:
    other, run = city(session)
    ids = {unit.unit.code: unit.unit_id for unit in session.get_one(Run, run).round.units}
    session.add(Lineage(former_id=ids["U08"], later_id=ids["U02"], kind="merge", day=date(2025, 1, 1)))
    session.commit()
    lines = {line.code: line for line in periods.periods_page(auditor(session), run, other, "en").lines}
    assert [lines[unit].breaks for unit in ("U01", "U02", "U08")] == ["", "merge", "merge"]
    assert (lines["U02"].change, lines["U02"].parts) == (None, None)
    sign_in(client, session, make_account(session, Role.BOARD))
    assert "offices were merged" in get_page(client, f"/en/oversight/runs/{run}/compare/{other}").text
    session.query(Lineage).one().day = date(2024, 12, 31)
    session.commit()
    assert not any(line.breaks for line in periods.periods_page(auditor(session), run, other, "en").lines)


def test_a_trial_round_is_part_of_no_series(session: Session) -> None:
    other, run = city(session)
    session.get_one(Run, other).round.is_pilot = True
    session.commit()
    page = periods.periods_page(auditor(session), run, other, "en")
    assert page.breaks == "pilot"
    assert all(line.change is None for line in page.lines)


def test_units_are_compared_inside_their_category_only(client: FlaskClient, session: Session) -> None:
    run = one_run(session)
    actor = auditor(session)
    page = peers.peers_page(actor, run, "A", ("U01", "U02", "U19"), "en")
    assert [choice.code for choice in page.picked] == ["U01", "U02"]
    ease = next(line for line in page.lines if line.code == "satisfaction")
    assert [str(cell.score) for cell in ease.cells] == ["85.00", "75.00"]
    assert str(ease.mean) == "78.33"
    assert [str(cell.gap) for cell in ease.cells] == ["6.67", "-3.33"]
    assert [[chance.verdict for chance in row] for row in page.pairs] == [["", "tied"], ["tied", ""]]
    assert (page.pairs[0][1].percent or 0) > 50 > (page.pairs[1][0].percent or 100)
    for units in (("U01",), ("U19", "U20")):
        with pytest.raises(Invalid):
            peers.peers_page(actor, run, "A", units, "en")
    sign_in(client, session, make_account(session, Role.BOARD))
    refused = get_page(client, f"/en/oversight/runs/{run}/categories/A?unit=U08", 422)
    assert "Choose from two to six offices" in refused.text
    assert [box.get("value") for box in refused.select("input[checked]")] == ["U08"]


def test_an_office_far_ahead_is_surely_ahead(session: Session) -> None:
    world, run = small(session, [[5, 4], [5, 5], [4, 5], [5, 5]])
    category = overseen_tables(session.get_one(Run, run))["scores"]["category"].iloc[0]
    page = peers.peers_page(world.actor(world.first), run, category, (), "en")
    assert [[chance.verdict for chance in row] for row in page.pairs] == [["", "above"], ["below", ""]]


def test_a_category_of_one_hidden_office_says_so(session: Session) -> None:
    make_scored_round(session)
    run = session.query(Run).one().id
    page = peers.peers_page(auditor(session), run, "F", (), "en")
    assert [choice.code for choice in page.picked] == ["U21"]
    assert page.hidden == 1
    assert page.pairs[0][0].percent is None


def test_what_is_important_and_weak_comes_first(session: Session) -> None:
    run = one_run(session)
    page = priorities.category_priorities(auditor(session), run, "A", "en")
    order = [priorities.QUADRANTS.index(line.quadrant) for line in page.lines]
    assert order == sorted(order)
    assert page.source == "weight"
    assert page.cross is not None
    for line in page.lines:
        matters, weak = line.importance >= page.cross[0], line.performance < page.cross[1]
        assert line.quadrant == {(True, True): "improve", (True, False): "keep", (False, True): "later"}.get(
            (matters, weak), "ease"
        )
    own = priorities.unit_priorities(auditor(session), run, "U01", "en")
    assert [line.number for line in own.lines] == list(range(1, len(own.lines) + 1))
    hidden = priorities.unit_priorities(auditor(session), run, "U21", "en")
    assert hidden.hidden > 0
    assert "satisfaction" not in {line.code for line in hidden.lines}


def stated(session: Session, answered: list[list[int]]) -> tuple[World, int]:
    """A run of a round whose citizens were asked how much trust, and satisfaction, matters to them."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    about = item("importance_satisfaction", role="importance", about="satisfaction")
    document = Document((Section(items=(SATISFACTION, STRICT, IMPORTANCE, about)),))
    codes = ("satisfaction", "trust", "importance_trust", "importance_satisfaction")
    known = {question.indicator.code: question.indicator for question in world.forms["citizens"].questions}
    indicators = [known.get(code) or make_indicator(session, code=code) for code in codes]
    form = Questionnaire(round=world.round, code="asked", group="citizens", body=canonical(document))
    form.questions = [Question(position=place, indicator=indicator) for place, indicator in enumerate(indicators)]
    session.add(form)
    session.commit()
    for unit in world.units:
        add_answers(session, form, unit, answered)
    return world, runs.score_round(world.actor(world.analyst), "2025", now=LATER)


def test_importance_is_what_people_say_where_they_are_asked(session: Session) -> None:
    world, run = stated(session, [[5, 4, 5, 2], [4, 3, 5, 1], [3, 4, 4, 3], [5, 5, 5, 2]])
    page = priorities.unit_priorities(world.actor(world.first), run, "U01", "en")
    assert page.source == "stated"
    # trust: 5, 5, 4, 5 of 5: 93.75; satisfaction: 2, 1, 3, 2: 25
    assert {line.code: str(line.importance) for line in page.lines} == {"trust": "93.75", "satisfaction": "25.00"}


def test_importance_on_which_all_agree_is_not_told(session: Session) -> None:
    world, run = stated(session, [[5, 4, 5, 2], [4, 3, 5, 2], [3, 4, 5, 2], [5, 5, 5, 2]])
    assert priorities.unit_priorities(world.actor(world.first), run, "U01", "en").source == "weight"


def test_the_widest_gap_between_groups_stands_first(session: Session) -> None:
    run = one_run(session)
    page = gaps.gaps_page(auditor(session), run, "en")
    assert [block.code for block in page.pairs] == ["citizens-peers", "citizens-experts", "peers-experts"]
    for block in page.pairs:
        sizes = [abs(float(line.gap or 0)) for line in block.lines]
        assert sizes == sorted(sizes, reverse=True)
        for line in block.lines:
            assert line.low is not None
            assert line.high is not None
            assert (line.flag == "open") == (line.low <= 0 <= line.high)
    assert page.pairs[0].hidden == 1
    assert "U18" not in {line.unit_code for line in page.pairs[0].lines}
    assert page.same == ()


def test_groups_that_judge_the_same_indicator_are_compared_on_it(session: Session) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    mapping = scheme_mapping()
    mapping["tree"]["children"][1]["groups"] = {"peers": 50, "citizens": 50}
    scheme = read_scheme(mapping)
    decided = {"state": "approved", "approver": world.first, "decided_at": LATER}
    session.query(SchemeVersion).one().state = "superseded"
    add_proposal(session, world, 2, digest=scheme.digest, body=scheme.canonical(), **decided)
    form = make_questionnaire(session, world.round, "citizens", [world.forms["peers"].questions[0].indicator])
    add_answers(session, form, world.units[0], [[1], [2], [1], [1], [2]])
    add_answers(session, world.forms["peers"], world.units[0], [[5], [5], [4], [5]])
    run = runs.score_round(world.actor(world.analyst), "2025", now=LATER)
    (block,) = gaps.gaps_page(world.actor(world.first), run, "en").same
    assert (block.code, [line.flag for line in block.lines]) == ("citizens-peers", ["wide"])
    assert str(block.lines[0].gap) == "-83.75"


def test_firmness_speaks_of_clear_and_ranked_units_only_and_repeats_itself(session: Session) -> None:
    run = one_run(session)
    page = firmness.firmness_page(auditor(session), run, "en")
    lines = {line.code: line for category in page.categories for line in category.lines}
    assert "U21" not in lines
    assert page.units == len(lines) < page.all_units == 7
    assert lines["U01"].rank == 1
    assert all(1 <= line.best <= line.rank <= line.worst for line in lines.values())
    kinds = [line.kind for line in page.scenarios]
    assert kinds[:3] == ["geometric", "equal", "lowest"]
    assert kinds.count("group") == 3
    assert {line.code for line in page.triggers} <= {"raters", "weights", "aggregation", "missing"}
    assert firmness.firmness_page(auditor(session), run, "en") == page


def test_one_ranked_unit_is_no_order(client: FlaskClient, session: Session) -> None:
    world, run = small(session, [[5, 4]] * 3 + [[4, 4]])
    session.get_one(Run, run)
    page = firmness.firmness_page(world.actor(world.first), run, "en")
    assert page.units in (0, 1, 2)
    sheet = firmness.scenarios_sheet(world.actor(world.first), run)
    assert bool(sheet.rows) == (page.units > 1)


def test_the_index_tells_which_runs_break(session: Session) -> None:
    make_scored_round(session, "2023", method="old")
    other, run = city(session)
    page = index.explorer_index(auditor(session), run, "en")
    assert [(line.id == other, line.breaks) for line in page.others] == [(True, ""), (False, "method")]
    assert [category.code for category in page.categories] == ["A", "D", "E", "F"]
    assert replace(page.facts).id == run
