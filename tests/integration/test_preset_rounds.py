"""Every preset makes a round whose pages are sound; one that counts administrative figures is not opened."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Round, RoundState
from evalsys.services import rounds, schemes
from evalsys.services.presets import describe_presets, list_presets
from tests.factories import NOW, sign_in
from tests.integration.governing import make_world
from tests.integration.test_rounds import new_round
from tests.pages import get_page

LATER = NOW + timedelta(days=1)
CODES = [preset.code for preset in list_presets()]
NEEDY = {
    "cms_overall": "cms_mort_ami, cms_mort_hf",
    "cms_overall_2016": "cms_mort_ami, cms_mort_hf",
    "hangzhou_style": "hz_targets",
    "in_swachh_2023": "swachh_progress, swachh_certification, swachh_citizens",
}


@pytest.mark.parametrize("code", CODES)
def test_a_round_from_any_preset_has_sound_pages_and_opens_unless_it_needs_administrative_figures(
    client: FlaskClient, session: Session, code: str
) -> None:
    world = make_world(session)
    analyst = world.actor(world.analyst)
    rounds.create_round(analyst, new_round(f"preset:{code}"), now=LATER)
    schemes.decide_proposal(world.actor(world.first), schemes.Decision("2026", 1, True, ""), now=LATER)
    sign_in(client, session, world.first)
    for path in ("rounds/2026", "rounds/2026/weights", "rounds/2026/proposals/1"):
        get_page(client, f"/ar/oversight/{path}")
    if code in NEEDY:
        with pytest.raises(Conflict, match="administrative figures, which cannot be entered here") as refusal:
            rounds.open_round(analyst, "2026", now=LATER)
        assert str(refusal.value.params["names"]).startswith(NEEDY[code])
    else:
        rounds.open_round(analyst, "2026", now=LATER)
    state = session.scalars(select(Round.state).where(Round.code == "2026")).one()
    assert state == (RoundState.APPROVED if code in NEEDY else RoundState.COLLECTING)


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
