"""Every preset makes a round whose pages are sound, that opens, and that is scored whatever is missing."""

from datetime import timedelta
from itertools import product

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Round, RoundState, Run
from evalsys.services import rounds, runs, schemes
from evalsys.services.presets import describe_presets, list_presets
from evalsys.services.weights import scheme_of
from scoring.result import Result
from tests.factories import NOW, give_rules, sign_in
from tests.integration.governing import make_world
from tests.integration.test_rounds import new_round
from tests.pages import get_page

pytestmark = [
    pytest.mark.walk,
    pytest.mark.database("sqlite"),
]  # the engine reads frozen bytes, from whichever database

LATER = NOW + timedelta(days=1)
CODES = [preset.code for preset in list_presets()]
NEEDY = ("cms_overall", "cms_overall_2016", "hangzhou_style", "in_swachh_2023")


@pytest.mark.parametrize("code", CODES)
def test_a_round_from_any_preset_has_sound_pages_and_opens(client: FlaskClient, session: Session, code: str) -> None:
    world = make_world(session)
    analyst = world.actor(world.analyst)
    rounds.create_round(analyst, new_round(f"preset:{code}"), now=LATER)
    give_rules(session, "2026")
    schemes.decide_proposal(world.actor(world.first), schemes.Decision("2026", 1, True, ""), now=LATER)
    sign_in(client, session, world.first)
    for path in ("rounds/2026", "rounds/2026/weights", "rounds/2026/proposals/1"):
        get_page(client, f"/ar/oversight/{path}")
    rounds.open_round(analyst, "2026", now=LATER)
    state = session.scalars(select(Round.state).where(Round.code == "2026")).one()
    assert state == RoundState.COLLECTING


@pytest.mark.parametrize("code", NEEDY)
def test_a_preset_without_any_figure_is_scored_and_every_missing_figure_is_named(
    client: FlaskClient, session: Session, code: str
) -> None:
    world = make_world(session)
    analyst = world.actor(world.analyst)
    rounds.create_round(analyst, new_round(f"preset:{code}"), now=LATER)
    give_rules(session, "2026")
    schemes.decide_proposal(world.actor(world.first), schemes.Decision("2026", 1, True, ""), now=LATER)
    rounds.open_round(analyst, "2026", now=LATER)
    rounds.close_round(analyst, "2026", now=LATER)
    rounds.move_round(analyst, "2026", "check", now=LATER)
    run = session.get_one(Run, runs.score_round(analyst, "2026", now=LATER))
    stages = Result.from_json(run.result).stages
    leaves = [leaf.code for leaf in scheme_of(run.scheme_version.body).leaves() if not leaf.is_rated]
    named = stages["problems"].query("code == 'figure_missing'")
    assert sorted(zip(named["unit"], named["node"], strict=True)) == sorted(product(("U01", "U02"), leaves))
    assert stages["scores"]["score"].isna().all()
    sign_in(client, session, world.first)
    get_page(client, f"/ar/oversight/runs/{run.id}")


def test_presets_that_need_administrative_figures_are_known() -> None:
    assert [preset.code for preset in list_presets() if preset.needs_figures] == list(NEEDY)


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_page_says_where_each_preset_comes_from_and_what_is_not_verified(
    client: FlaskClient, session: Session, locale: str
) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    text = get_page(client, f"/{locale}/oversight/rounds/new").text
    for preset in describe_presets(locale):
        assert preset.title in text
        assert preset.source in text
        assert preset.unverified
        assert all(said in text for said in preset.unverified)
