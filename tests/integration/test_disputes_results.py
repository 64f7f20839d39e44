"""Disputes about results, played through services and pages: what an office may ask, and what it is told."""

import json
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Lineage, Role, RoundState, RoundUnit, Run
from evalsys.services import run_explain, run_pages, runs
from evalsys.services.access import actor_of
from evalsys.services.explorer import firmness, periods
from evalsys.services.presets import install, read_preset
from evalsys.services.weights import read_scheme
from tests.factories import NOW, make_account, make_unit, sign_in
from tests.integration.governing import make_world
from tests.integration.measuring import load, replace_weights
from tests.pages import get_page
from tests.published import adopt, card_of, make_published_round, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages; the services behind them are tested on both

LATER = NOW + timedelta(hours=1)
MARKS = (
    "unit,source,swachh_progress [marks],swachh_certification [marks],swachh_citizens [marks]\n"
    "U01,report,4709.40,2500,2139\nU02,report,4703.40,2500,2144.90\nU03,report,4703.30,2500,2144.80\n"
)


def test_missing_group_its_weight_is_printed_as_set_and_as_used(client: FlaskClient, session: Session) -> None:
    """“Nobody asked citizens about us: who decided our score?” U18 has no citizens: 50, 20, 30 become 0, 40, 60."""
    make_published_round(session)
    run = session.query(Run).one().id
    card = card_of(session, "U18")
    assert [(line.code, str(line.weight_nominal), str(line.weight_used)) for line in card.groups] == [
        ("citizens", "50", "0"),
        ("peers", "20", "40"),
        ("experts", "30", "60"),
    ]
    public = get_page(client, "/en/rounds/2025/units/U18").text
    assert all(f"{percent} %" in public for percent in (50, 20, 30, 40, 60))
    sign_in(client, session, make_account(session, Role.BOARD))
    page = run_explain.calculation_page(actor_of(make_account(session, Role.AUDITOR)), run, "U18", "en")
    assert [(str(line.weight_nominal), str(line.weight_used)) for line in page.groups] == [
        ("50.00", "0"),
        ("20.00", "40.00"),
        ("30.00", "60.00"),
    ]
    shown = get_page(client, f"/en/oversight/runs/{run}/units/U18").text
    assert "the weight of 50 % went to the other groups" in shown
    assert "40.00" in shown
    assert "60.00" in shown
    overview = get_page(client, f"/en/oversight/runs/{run}").text
    assert "the weight of 50 % went to the other groups" in overview


def test_tie_by_rule_two_cities_a_tenth_of_a_mark_apart_share_the_first_rank(
    client: FlaskClient, session: Session
) -> None:
    """“9348.40 is more than 9348.30: why are we not first alone?” The scheme calls what lies so close a tie."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    third = make_unit(session, code="U03")
    session.add(RoundUnit(round=world.round, unit=third, category=third.category))
    preset = read_preset("in_swachh_2023")
    install(session, preset)
    replace_weights(session, world, read_scheme(preset.scheme))
    session.commit()
    assert load(world, MARKS).rejected == ()
    run = runs.score_round(world.actor(world.analyst), "2025", now=LATER)
    (category,) = run_pages.run_page(world.actor(world.first), run, "en").categories
    assert [(line.code, line.rank) for line in category.lines] == [("U01", 1), ("U02", 1), ("U03", 3)]
    assert category.lines[0].score is not None
    assert category.lines[1].score is not None
    assert category.lines[0].score >= category.lines[1].score
    (firm,) = firmness.firmness_page(world.actor(world.first), run, "en").categories
    assert [(line.code, line.rank) for line in firm.lines] == [("U01", 1), ("U02", 1), ("U03", 3)]
    adopt(session, "2025")
    runs.publish_round(world.actor(world.first), "2025", now=LATER)
    assert [card_of(session, unit).rank for unit in ("U01", "U02", "U03")] == [1, 1, 3]
    get_page(client, "/en/rounds/2025/units/U02")


def test_method_break_no_change_is_claimed_but_a_break_is_shown(client: FlaskClient, session: Session) -> None:
    """“We fell by ten points!” 2023 was measured by another method than 2024, so nobody says so."""
    make_published_round(session, "2023", method="old")
    make_published_round(session, "2024", method="new")
    card = card_of(session, "U01", round_code="2024")
    assert ([point.comparable for point in card.history], card.change) == ([False, True], None)
    public = get_page(client, "/en/rounds/2024/units/U01").text
    assert "other method, not comparable" in public
    assert "than in round 2023" not in public
    before, after = (run.id for run in session.query(Run).order_by(Run.id))
    board = make_account(session, Role.BOARD)
    page = periods.periods_page(actor_of(board), after, before, "en")
    assert (page.breaks, page.methods) == ("method", ("old", "new"))
    for line in page.lines:
        assert line.breaks == "method"
        assert (line.change, line.low, line.high, line.is_clear, line.parts) == (None, None, None, None, None)
    sign_in(client, session, board)
    shown = get_page(client, f"/en/oversight/runs/{after}/compare/{before}")
    assert "The series breaks here" in shown.text
    assert shown.texts("tbody tr:nth-child(2) .tag") == ["Break"] * len(shown.select("tbody"))
    assert "From answers" not in shown.text
    file = client.get(f"/en/oversight/runs/{after}/compare/{before}.json").text
    assert {(row["break"], row["change"], row["data"]) for row in json.loads(file)} == {("method", None, None)}


def test_method_break_an_office_made_of_two_has_no_trend_on_its_card(client: FlaskClient, session: Session) -> None:
    """“You compare us with an office that no longer exists.” U08 became part of U02 between the rounds."""
    make_published_round(session, "2024", method="same")
    round_ = make_scored_round(session, "2025", method="same")
    ids = {place.unit.code: place.unit_id for place in session.merge(round_).units}
    session.add(Lineage(former_id=ids["U08"], later_id=ids["U02"], kind="merge", day=date(2025, 1, 1)))
    session.commit()
    adopt(session, "2025")
    runs.publish_round(actor_of(make_account(session, Role.BOARD)), "2025", now=NOW)
    merged, other = card_of(session, "U02"), card_of(session, "U01")
    assert ([point.comparable for point in merged.history], merged.change) == ([False, False, True], None)
    assert ([point.comparable for point in other.history], other.change_since) == ([True, True], "2024")
    assert "before the reorganisation, not comparable" in get_page(client, "/en/rounds/2025/units/U02").text
    assert "reorganisation" not in get_page(client, "/en/rounds/2025/units/U01").text
