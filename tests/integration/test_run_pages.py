"""Pages of a run: what moves the score, how firm a rank is, every step of a number, and an audit of the weights."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Forbidden, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Role, RoundState, Run
from evalsys.services import run_audit, run_explain, run_pages, runs
from evalsys.services.access import Actor, actor_of
from evalsys.services.run_explain import Calculation
from evalsys.services.run_influence import clear_units
from evalsys.services.run_tables import overseen_tables
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import World, add_answers, make_world
from tests.pages import get_page
from tests.published import make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

LATER = NOW + timedelta(hours=1)
CODES = [
    "group_absent", "group_below_minimum", "indicator_without_answers", "unknown_group", "unknown_stratum",
    "unknown_indicator", "group_not_asked", "points_differ", "indicator_not_applicable", "coverage_short", "capped",
    "raking_value_empty", "raking_value_sparse", "raking_unmet", "raking_costly", "raking_trimmed",
    "shrinkage_too_few_units", "shrinkage_spread_unknown", "shrinkage_no_difference", "severity_without_ratings",
    "severity_too_few", "severity_not_connected", "rater_extreme", "panel_without_answers", "panel_not_used",
    "code_out_of_scale", "figure_missing", "not_imputed", "put_on_logarithms", "outliers_left",
    "denominator_missing", "denominator_refused", "log_not_positive", "figure_of_unknown_unit",
    "figure_of_unknown_indicator", "figure_not_applicable", "figure_twice", "not_finite", "unknown_unit",
    "unknown_kind", "unknown_source", "unknown_finding", "points_invalid", "unknown_form", "cell_malformed",
]  # fmt: skip


def answered(session: Session, citizens: int = 4) -> World:
    """A closed round: U01 rated by all groups, U02 by `citizens` people and an expert."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    one, other = world.units
    add_answers(session, world.forms["citizens"], one, [[5, 4], [5, 4], [5, 4], [4, 4]])
    add_answers(session, world.forms["peers"], one, [[4], [3], [4], [3]])
    add_answers(session, world.forms["experts"], one, [[69]] * 3)
    add_answers(session, world.forms["citizens"], other, [[2, 3]] * citizens)
    add_answers(session, world.forms["experts"], other, [[1]])
    return world


def scored(session: Session, citizens: int = 4) -> tuple[World, int]:
    world = answered(session, citizens)
    return world, runs.score_round(world.actor(world.analyst), "2025", now=LATER)


def calculate(session: Session, unit: str, citizens: int = 4) -> Calculation:
    world, run_id = scored(session, citizens)
    return run_explain.calculation_page(world.actor(world.first), run_id, unit, "en")


def auditor(session: Session) -> Actor:
    return actor_of(make_account(session, Role.AUDITOR))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_of_a_run_is_sound(client: FlaskClient, session: Session, locale: str) -> None:
    world, run_id = scored(session)
    sign_in(client, session, world.analyst)
    for path in ("", "/audit", "/units/U01", "/units/U02"):
        get_page(client, f"/{locale}/oversight/runs/{run_id}{path}")


def test_every_number_of_the_run_page_leads_to_its_calculation(client: FlaskClient, session: Session) -> None:
    world, run_id = scored(session)
    sign_in(client, session, world.analyst)
    page = get_page(client, f"/en/oversight/runs/{run_id}")
    target = f"/en/oversight/runs/{run_id}/units/U01"
    steps = [link.removeprefix(target) for link in page.links if link.startswith(target)]
    assert steps == ["#rank", "#score", "#groups", "#groups", "#groups"]
    ids = {found.get("id") for found in get_page(client, target).select("[id]")}
    assert {step[1:] for step in steps} <= ids


def test_a_calculation_goes_from_answers_to_the_score_as_on_paper(session: Session) -> None:
    page = calculate(session, "U01")
    answers = {(str(line.indicator), str(line.stratum)): line for line in page.answers}
    assert answers["satisfaction name (en)", "users"].levels == ((4, 1), (5, 3))
    # (4.75 - 1) / 4 = 93.75; trust 75; 0.6 * 93.75 + 0.4 * 75 = 86.25
    figures = {str(line.indicator): line for line in page.figures}
    assert figures["satisfaction name (en)"].formula == "(4.75 − 1) ÷ (5 − 1) × 100"
    assert str(figures["satisfaction name (en)"].mean) == "93.75"
    assert figures["leadership name (en)"].formula == "68.00 ÷ 100 × 100"
    steps = {step.code: step for step in page.nodes}
    assert [step.code for step in page.nodes] == ["experience", "score"]
    assert [(str(part.weight_used), str(part.score), str(part.points)) for part in steps["experience"].parts] == [
        ("60.00", "93.75", "56.25"),
        ("40.00", "75.00", "30.00"),
    ]
    assert str(steps["experience"].score) == "86.25"
    # 0.5 * 86.25 + 0.2 * 62.5 + 0.3 * 68 = 43.125 + 12.5 + 20.4
    assert [str(part.points) for part in steps["score"].parts] == ["43.13", "12.50", "20.40"]
    assert [str(line.points) for line in page.points] == ["28.13", "15.00", "12.50", "20.40"]
    assert (str(page.outcome.before), str(page.outcome.score), page.outcome.band) == ("76.03", "76.03", "A")
    assert (page.outcome.rank, page.outcome.ranked_of) == (1, 2)
    assert page.is_added_up


def test_the_weight_of_a_missing_group_is_seen_on_its_way_to_the_others(session: Session) -> None:
    page = calculate(session, "U02")
    top = page.nodes[-1]
    assert [(str(part.weight_nominal), str(part.weight_used)) for part in top.parts] == [
        ("50.00", "62.50"),
        ("20.00", "0.00"),
        ("30.00", "37.50"),
    ]
    assert (top.parts[1].score, top.parts[1].points) == (None, None)
    assert [problem.code for problem in page.problems] == ["group_absent"]


def test_a_calculation_keeps_hidden_what_is_hidden(client: FlaskClient, session: Session) -> None:
    world, run_id = scored(session, citizens=1)
    page = run_explain.calculation_page(world.actor(world.first), run_id, "U02", "en")
    citizens = [line for line in page.figures if str(line.group) == "Citizens"]
    assert [(line.is_withheld, line.mean, line.n, line.formula) for line in citizens] == [(True, None, None, "")] * 2
    assert all(line.is_withheld and not line.levels for line in page.answers if str(line.group) == "Citizens")
    assert (page.outcome.score, page.outcome.before, page.groups[0].score, page.groups[0].n) == (None,) * 4
    experience = next(step for step in page.nodes if step.code == "experience")
    assert all(part.is_withheld and part.points is None for part in experience.parts)
    sign_in(client, session, world.analyst)
    shown = get_page(client, f"/en/oversight/runs/{run_id}/units/U02")
    assert "35.00" not in shown.text
    assert "Hidden" in shown.text


def test_the_calculation_of_an_unknown_unit_or_run_is_not_found(session: Session) -> None:
    world, run_id = scored(session)
    for run, unit in ((run_id, "U99"), (run_id + 1, "U01")):
        with pytest.raises(NotFound):
            run_explain.calculation_page(world.actor(world.first), run, unit, "en")


def test_a_head_may_read_neither_calculation_nor_audit(session: Session) -> None:
    world, run_id = scored(session)
    head = actor_of(make_account(session, Role.HEAD, unit=world.units[0]))
    with pytest.raises(Forbidden):
        run_explain.calculation_page(head, run_id, "U01", "en")
    with pytest.raises(Forbidden):
        run_audit.audit_page(head, run_id, "en")


def test_ranks_come_with_their_likely_range_and_bands_with_their_likelihood(session: Session) -> None:
    world, run_id = scored(session)
    page = run_pages.run_page(world.actor(world.first), run_id, "en")
    line = next(line for category in page.categories for line in category.lines if line.code == "U01")
    assert line.range is not None
    assert 1 <= line.range[0] <= line.rank <= line.range[1] <= line.ranked_of if line.rank else False
    assert line.band_share is not None
    assert 0 <= line.band_share <= 100
    assert line.tied >= 1


def test_influence_is_worked_out_from_units_of_which_nothing_is_hidden(session: Session) -> None:
    make_scored_round(session)
    run = session.query(Run).one()
    clear = clear_units(overseen_tables(run))
    assert "U21" not in clear
    assert {"U01", "U02"} <= clear
    page = run_pages.run_page(auditor(session), run.id, "en")
    assert (page.units, page.clear_units) == (7, len(clear))
    top = [line for line in page.influence if line.depth == 1]
    assert [str(line.weight) for line in top] == ["50.0", "20.0", "30.0"]
    assert sum(line.spread for line in top if line.spread is not None) == pytest.approx(100, abs=0.2)
    louder = next(line for line in top if line.code == "experience")
    assert "louder" in louder.notes


def test_the_audit_says_what_the_order_hangs_on(session: Session) -> None:
    make_scored_round(session)
    run = session.query(Run).one()
    page = run_audit.audit_page(auditor(session), run.id, "en")
    assert page.all_units == 7
    assert not page.is_small
    assert [str(one.name) for one in page.removals] == [str(line.name) for line in page.influence if line.depth == 1]
    assert all(one.most is not None and one.mean is not None and one.mean <= one.most for one in page.removals)
    assert page.share_fixed is not None
    coverage = {str(one.name): one for one in page.coverage}
    whole = page.coverage[0]
    # U18 has no citizens: seven figures of 7 times 16 are missing
    assert (whole.figures, whole.asked, str(whole.share)) == (105, 112, "93.8")
    assert [str(unit) for unit in whole.lacking] == [str(unit) for unit in coverage["Satisfaction"].lacking]
    assert len(whole.lacking) == 1
    assert [one.children for one in page.alphas] == [3, 7, 3, 6]


def test_the_audit_names_what_hardly_differs_and_what_parts_have_in_common(session: Session) -> None:
    make_scored_round(session)
    page = run_audit.audit_page(auditor(session), session.query(Run).one().id, "en")
    same = {str(one.name): (str(one.points), str(one.share)) for one in page.same}
    assert same["Leadership"] == ("68.00", "100.0")  # every office has the same experts
    lines = {line.code: line for line in page.influence}
    # 15 % of the citizens' half
    assert (str(lines["satisfaction"].weight), str(lines["satisfaction"].effective)) == ("15.0", "7.5")
    for line in page.influence:
        if line.with_score is not None and line.squared_score is not None:
            assert abs(line.squared_score - line.with_score**2) <= Decimal("0.005")
    assert {line.squared_parent is None for line in page.influence} == {True, False}


def test_too_few_units_are_not_audited_but_counted(client: FlaskClient, session: Session) -> None:
    world, run_id = scored(session, citizens=1)
    page = run_audit.audit_page(world.actor(world.first), run_id, "en")
    assert (page.units, page.all_units, page.is_small, page.removals, page.same) == (1, 2, True, (), ())
    assert page.coverage[0].asked == 8
    sign_in(client, session, world.analyst)
    assert "Too few offices" in get_page(client, f"/en/oversight/runs/{run_id}/audit").text


@pytest.mark.parametrize("path", ["", "/audit", "/units/U01"])
def test_a_page_of_a_run_asks_the_database_few_things(client: FlaskClient, session: Session, path: str) -> None:
    make_scored_round(session)
    run = session.query(Run).one()
    sign_in(client, session, make_account(session, Role.AUDITOR))
    get_page(client, f"/en/oversight/runs/{run.id}{path}")
    asked: list[str] = []

    def note(*call: object) -> None:
        asked.append(str(call[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        get_page(client, f"/en/oversight/runs/{run.id}{path}")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) <= 20, asked


@pytest.mark.parametrize("code", CODES)
def test_every_problem_of_the_engine_has_words(app: Flask, code: str) -> None:
    detail = {"coverage_short": "1 of 3", "capped": "81.25"}.get(code, "7")
    with app.test_request_context("/en/"):
        words = vars(app.jinja_env.get_template("oversight/words.html").module)
        said = str(words["problem"](code, detail))
    assert said
    assert "<code" not in said
    assert code not in said


def test_no_words_of_a_unit_are_taken_for_markup(client: FlaskClient, session: Session) -> None:
    world, run_id = scored(session)
    sign_in(client, session, world.analyst)
    text = client.get(f"/en/oversight/runs/{run_id}/units/U01").text
    assert not re.search(r"&lt;(bdi|span|a) ", text)
