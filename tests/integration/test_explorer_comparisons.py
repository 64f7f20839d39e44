"""What the explorer of results compares: rounds, offices of a category, what matters, groups, other methods."""

from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.models import Lineage, Question, Questionnaire, Role, RoundState, Run, SchemeVersion
from evalsys.services import runs
from evalsys.services.explorer import firmness, gaps, index, peers, periods, priorities
from evalsys.services.questionnaires.document import Document, Section, canonical
from evalsys.services.run_tables import overseen_tables
from evalsys.services.weights import read_scheme
from tests.factories import make_account, make_indicator, make_questionnaire, sign_in
from tests.integration.exploring import LATER, auditor, city, one_run, small
from tests.integration.governing import World, add_answers, add_proposal, make_world, scheme_mapping
from tests.pages import get_page
from tests.published import make_scored_round
from tests.questionnaires import IMPORTANCE, SATISFACTION, STRICT, item

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL


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
    session.query(Lineage).one().day = date(2023, 12, 31)
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
