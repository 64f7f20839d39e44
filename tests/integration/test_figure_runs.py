"""Figures in runs: worked examples loaded from files, inputs of old, repetition, strictness of named raters, cards."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import (
    Account,
    Assignment,
    PublishedScorecard,
    Questionnaire,
    Response,
    Role,
    Round,
    RoundState,
    Run,
)
from evalsys.reports.scorecard import Scorecard
from evalsys.services import rounds, run_audit, run_explain, run_pages, runs, schemes
from evalsys.services.panels.ratings import read_panel_ratings
from evalsys.services.run_input import RunInput
from evalsys.services.trial import try_scheme
from evalsys.services.weights import read_scheme, with_weights
from scoring.rank import round_half_up
from scoring.result import Result
from scoring.scheme import parse_scheme
from tests.factories import NOW, give_rules, make_account, make_assignment, make_round, make_unit, sign_in
from tests.golden.test_presets_panels import STRATA, hospitals
from tests.integration.governing import World, add_answers, make_world, scheme_mapping
from tests.integration.measuring import LONG, figure_mapping, load, make_measured, replace_weights
from tests.integration.test_rounds import new_round
from tests.pages import get_page
from tests.published import adopt

pytestmark = pytest.mark.database("sqlite")  # the engine reads frozen bytes, from whichever database

LATER = NOW + timedelta(days=1)
OLD_INPUT = (
    b'{"cells":[["U01","citizens","users",4,"AAAAAAAAAAAAAAAAAAAAAAEAAAADAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABA'
    b'AAAAAAAAAAAAAAAAAAAA==","BAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAABAAAAAAAAAATAAAAAAAAABMAAAAAAAAAEAAAAAAAAAAQAAAA'
    b'AAAAAFsAAAAAAAAATAAAAAAAAABMAAAAAAAAAEAAAAAAAAAA"],["U01","peers","all",4,"AAAAAAAAAAAAAAAAAgAAAAIAAAAAAA'
    b'AAAAAAAAAAAAA=","BAAAAAAAAAAOAAAAAAAAADIAAAAAAAAA"],["U02","citizens","users",4,"AAAAAAAAAAAEAAAAAAAAAAAA'
    b'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAA==","BAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAABAAAAA'
    b'AAAAAIAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAMAAAAAAAAABAAAAAAAAAAGAAAAAAAAAAYAAAAAAAAACQAAAAAAAAA"]],"forms":{"c'
    b'itizens":["citizens",["satisfaction","trust"],[5,5]],"peers":["peers",["cooperation"],[5]]},"units":[["U0'
    b'1","C100"],["U02","C100"]]}'
)
OLD_DIGEST = "7739e5544361470bf6fb36d1e7f5c45f71c47732c34cedbe7107d8afa8158f2c"
FIGURES = LONG + (
    "U01,waiting,,15,days,register of cases\nU02,waiting,,45,days,register of cases\nU01,spending,,500,euro,budget\n"
    "U01,residents,,10,people,census\nU02,spending,,100,euro,budget\nU02,residents,,10,people,census\nU01,reach,,20.50,percent,survey\n"
)


def preset_round(session: Session, code: str, units: tuple[str, ...]) -> World:
    """A closed round 2026 from a preset, with these units beside the two that are always there."""
    world = make_world(session)
    for unit in units:
        make_unit(session, code=unit)
    analyst = world.actor(world.analyst)
    rounds.create_round(analyst, new_round(f"preset:{code}"), now=LATER)
    give_rules(session, "2026")
    schemes.decide_proposal(world.actor(world.first), schemes.Decision("2026", 1, True, ""), now=LATER)
    rounds.open_round(analyst, "2026", now=LATER)
    rounds.close_round(analyst, "2026", now=LATER)
    rounds.move_round(analyst, "2026", "check", now=LATER)
    return world


def wide(rows: list[str]) -> str:
    """A table of figures as the golden tests write it, with a source in each row."""
    head, *lines = (row.split(",", 1) for row in rows)
    return "".join(
        f"{unit},{source},{rest}\n" for (unit, rest), source in [(head, "source"), *((ln, "x") for ln in lines)]
    )


def score(session: Session, world: World, code: str = "2025") -> Run:
    return session.get_one(Run, runs.score_round(world.actor(world.analyst), code, now=LATER))


def stages(run: Run) -> dict[str, Any]:
    return dict(Result.from_json(run.result).stages)


def measured(session: Session) -> World:
    """A closed round with answers about both units, and all figures loaded."""
    world = make_measured(session, RoundState.QUALITY_CONTROL)
    for unit, answers in zip(world.units, ([[5, 4]] * 3 + [[4, 4]], [[2, 3]] * 4), strict=True):
        add_answers(session, world.forms["citizens"], unit, answers)
    load(world, FIGURES)
    return world


def test_clean_cities_whose_marks_were_loaded_share_the_first_rank_as_published(session: Session) -> None:
    """Swachh Survekshan 2023: 9348.40 and 9348.30 marks were a tie; see tests/golden/test_presets_panels.py."""
    world = preset_round(session, "in_swachh_2023", ("U03",))
    head = "unit,source,swachh_progress [marks],swachh_certification [marks],swachh_citizens [marks]\n"
    rows = "U01,report,4709.40,2500,2139\nU02,report,4703.40,2500,2144.90\nU03,report,4703.30,2500,2144.80\n"
    plan = load(world, head + rows, "2026")
    assert (len(plan.new), plan.rejected) == (9, ())
    scores = stages(score(session, world, "2026"))["scores"].set_index("unit")
    totals = [round_half_up(value * 95, 2) for value in scores["score"]]
    assert totals == [Decimal("9348.40"), Decimal("9348.30"), Decimal("9348.10")]
    assert scores["rank"].tolist() == [1, 1, 3]


@pytest.mark.parametrize("without", ["cms_effectiveness", "cms_timeliness", "cms_imaging"])
def test_hospitals_without_a_group_of_measures_have_the_weights_of_the_official_example(
    session: Session, without: str
) -> None:
    """CMS overall stars before 2021: of 22 and 4 become 22.9 and 4.2; see tests/golden/test_presets_panels.py."""
    world = preset_round(session, "cms_overall_2016", ("H1", "H2", "H3"))
    plan = load(world, wide(hospitals("cms_overall_2016", without)), "2026")
    assert plan.rejected == ()
    nodes = stages(score(session, world, "2026"))["nodes"]
    used = nodes.query("unit == 'H3' and parent == 'score'").set_index("node")["weight_used"]
    assert used.pop(without) == 0
    assert used.round(3).tolist() == [22.917] * 4 + [4.167] * 2


def test_stars_and_a_loaded_figure_make_the_score_of_hangzhou(session: Session) -> None:
    """50 x 0.75 + 45 x 0.96 + 5 x 0.75 = 84.45, before bonuses; see tests/golden/test_presets_panels.py."""
    world = preset_round(session, "hangzhou_style", ())
    query = select(Questionnaire).join(Round).where(Round.code == "2026")
    forms = {form.group: form for form in session.scalars(query)}
    for stratum in STRATA:
        add_answers(session, forms["citizens"], world.units[0], [[4, 4, 4]] * 12, stratum)
    add_answers(session, forms["leaders"], world.units[0], [[4]] * 3)
    load(world, LONG + "U01,hz_targets,,96.00,分,target appraisal\n", "2026")
    scores = stages(score(session, world, "2026"))["scores"].set_index("unit")["score"]
    assert scores["U01"] == pytest.approx(84.45, abs=1e-9)


def test_figures_become_points_by_the_rules_of_the_weights(session: Session) -> None:
    """Waiting 15 of 60 days: 75; spending 500 by 10 residents: 50; reach 20.5. 50 x 86.25 is from the citizens."""
    found = stages(score(session, measured(session)))
    values = found["figures"].set_index(["unit", "indicator"])["value"]
    assert values[["U01"]].tolist() == pytest.approx([75, 50, 20.5])
    assert values[["U02"]].tolist() == pytest.approx([25, 10])
    citizens = 0.6 * 93.75 + 0.4 * 75
    expected = 0.5 * citizens + 0.2 * 75 + 0.2 * 50 + 0.1 * 20.5
    assert found["scores"].set_index("unit")["score"]["U01"] == pytest.approx(expected)
    assert found["problems"].empty


def test_a_missing_figure_passes_its_weight_on_and_is_named(session: Session) -> None:
    world = make_measured(session, RoundState.QUALITY_CONTROL)
    load(world, FIGURES.replace("U01,waiting,,15,days,register of cases\n", ""))
    found = stages(score(session, world))
    assert found["problems"].query("code == 'figure_missing'")[["unit", "node"]].to_numpy().tolist() == [
        ["U01", "waiting"]
    ]
    used = found["nodes"].query("unit == 'U01' and parent == 'score'").set_index("node")["weight_used"]
    assert used["waiting"] == 0
    assert used["spending"] == pytest.approx(2 * used["reach"])


def test_figures_of_earlier_periods_alone_never_stand_for_the_present(session: Session) -> None:
    world = make_measured(session, RoundState.QUALITY_CONTROL)
    ends = date(2024, 12, 31)
    world.round.previous = make_round(session, code="2024", period_start=date(2024, 1, 1), period_end=ends)
    session.commit()
    load(world, LONG + "U01,waiting,2024,15,days,register\n")
    found = stages(score(session, world))
    assert found["figures"]["value"].isna().all()
    assert set(found["figures"]["period"]) == {"2025"}


def test_an_input_from_before_there_were_figures_gives_the_same_bytes() -> None:
    frozen = RunInput.from_bytes(OLD_INPUT)
    assert frozen.to_bytes() == OLD_INPUT
    result = runs.score_input(frozen, parse_scheme(scheme_mapping()))
    assert result.digest == OLD_DIGEST


def test_a_run_is_repeated_from_the_figures_it_froze_whatever_is_loaded_later(session: Session) -> None:
    world = measured(session)
    first = score(session, world)
    before, frozen = first.result, first.input
    load(world, LONG + "U01,waiting,,30,days,corrected register\n", now=LATER)
    comparison = runs.repeat_run(world.actor(world.first), first.id, now=LATER)
    assert comparison.is_identical
    second = score(session, world)
    session.refresh(first)
    assert (first.result, first.input) == (before, frozen)
    assert second.input_digest != first.input_digest
    assert stages(second)["figures"].set_index(["unit", "indicator"])["value"]["U01", "waiting"] == pytest.approx(50)
    again = RunInput.from_bytes(frozen)
    assert again.to_bytes() == frozen


def test_a_trial_of_weights_and_the_audit_count_the_figures(session: Session) -> None:
    world = measured(session)
    run = score(session, world)
    scheme = read_scheme(figure_mapping())
    parts = {"experience": Decimal(10), "waiting": Decimal(60), "spending": Decimal(20), "reach": Decimal(10)}
    found = try_scheme(session, with_weights(scheme, {"n-score": parts}), "en")
    assert found is not None
    after = {line.code: line.after.score for line in found.lines}
    assert after["U01"] == Decimal("65.68")  # 0.1 x 86.25 + 0.6 x 75 + 0.2 x 50 + 0.1 x 20.5
    page = run_audit.audit_page(world.actor(world.first), run.id, "en")
    coverage = {str(line.name): (line.figures, line.asked) for line in page.coverage}
    assert coverage["waiting name (en)"] == (2, 2)
    assert coverage["reach name (en)"] == (1, 1)


def test_the_calculation_shows_value_measure_source_and_period(client: FlaskClient, session: Session) -> None:
    world = measured(session)
    run = score(session, world)
    page = run_explain.calculation_page(world.actor(world.first), run.id, "U01", "zh")
    lines = {line.indicator.text: line for line in page.given}
    waiting, reach = lines["waiting name (zh)"], lines["reach name (zh)"]
    assert (waiting.raw, waiting.measure, waiting.source, waiting.period) == ("15", "天", "register of cases", "2025")
    assert (reach.raw, str(reach.value)) == ("20.50", "20.50")
    sign_in(client, session, world.first)
    text = get_page(client, f"/ar/oversight/runs/{run.id}/units/U01").text
    assert "register of cases" in text
    assert "يوم" in text


def test_a_public_card_says_where_a_figure_is_from(client: FlaskClient, session: Session) -> None:
    world = measured(session)
    score(session, world)
    adopt(session, "2025")
    runs.publish_round(world.actor(world.first), "2025", now=LATER)
    row = session.scalars(select(PublishedScorecard).where(PublishedScorecard.locale == "zh").limit(1)).one()
    card = Scorecard.from_json(row.content)
    given = {line.code: line.given for line in card.indicators if line.given}
    assert (given["waiting"].value, given["waiting"].measure, given["waiting"].period) == ("15", "天", "2025")
    assert "register of cases" in get_page(client, "/en/rounds/2025/units/U01").text


def named_panel(session: Session, severity: str) -> tuple[World, list[Account]]:
    """A closed round with two experts: the first rates both units, the second is 20 points stricter and rates both."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    mapping = scheme_mapping()
    mapping["groups"][2]["severity"] = severity
    replace_weights(session, world, read_scheme(mapping))
    experts = [make_account(session, Role.EXPERT) for _ in range(2)]
    for expert, scores in zip(experts, ((80, 60), (60, 40)), strict=True):
        for unit, mark in zip(world.units, scores, strict=True):
            add_answers(session, world.forms["experts"], unit, [[mark + 1]])
            linked = select(Assignment.response_id).where(Assignment.response_id.is_not(None))
            found = select(Response.id).where(Response.unit_id == unit.id, Response.id.not_in(linked))
            task = make_assignment(session, world.forms["experts"], expert, unit)
            task.response_id = session.scalars(found).one()
            session.commit()
    return world, experts


def test_strictness_is_taken_out_where_the_weights_ask_for_it(client: FlaskClient, session: Session) -> None:
    world, experts = named_panel(session, "fixed")
    run = score(session, world)
    page = run_pages.run_page(world.actor(world.first), run.id, "en")
    assert [(line.n, line.effect) for line in page.severity] in (
        [(2, Decimal("10.00")), (2, Decimal("-10.00"))],
        [(2, Decimal("-10.00")), (2, Decimal("10.00"))],
    )
    for expert in experts:
        assert expert.name.encode() not in run.input
        assert expert.login.encode() not in run.input
    assert runs.repeat_run(world.actor(world.first), run.id, now=LATER).is_identical
    sign_in(client, session, world.first)
    assert get_page(client, f"/ar/oversight/runs/{run.id}").select("#severity")


def test_named_ratings_stay_out_of_a_run_that_does_not_ask_for_them(session: Session) -> None:
    world, _experts = named_panel(session, "none")
    run = score(session, world)
    assert b"panels" not in run.input
    assert run_pages.run_page(world.actor(world.first), run.id, "en").severity == ()
    assert "panel_not_used" not in set(stages(run)["problems"]["code"])


def test_named_ratings_are_those_that_count_with_the_second_in_place_of_the_first(session: Session) -> None:
    world, _experts = named_panel(session, "fixed")
    ratings = read_panel_ratings(session, world.round)
    assert sorted((unit, indicator, code - 1) for _rater, unit, indicator, code in ratings) == [
        ("U01", "leadership", 60),
        ("U01", "leadership", 80),
        ("U02", "leadership", 40),
        ("U02", "leadership", 60),
    ]
    assert len({rater for rater, *_rest in ratings}) == 2
    first, second, *_others = session.scalars(select(Assignment).order_by(Assignment.id)).all()
    first.final_response_id = second.response_id
    session.get_one(Response, second.response_id).status = 2
    session.commit()
    assert len(read_panel_ratings(session, world.round)) == 2
