"""Pilot rounds: tried out, never ranked, shared, published or part of a trend."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.i18n import LOCALES
from evalsys.models import Round, RoundState
from evalsys.services import replies, rounds, run_pages, schemes, workbench
from evalsys.services.method import read_method
from evalsys.services.scorecards.former import read_former
from evalsys.services.weights import read_scheme
from tests.factories import NOW, give_rules, sign_in
from tests.integration.governing import World, make_world, scheme_mapping
from tests.integration.test_run_pages import scored
from tests.integration.test_trials import next_round
from tests.pages import get_page
from tests.published import make_published_round

pytestmark = pytest.mark.database("sqlite")  # what is new in SQL is one comparison

LATER = NOW + timedelta(days=60)
PERIOD = date(2026, 1, 1), date(2026, 12, 31)


def tried_out(session: Session) -> tuple[World, int]:
    """A scored round of which we say that it was a pilot."""
    world, run_id = scored(session)
    session.execute(update(Round).values(is_pilot=True))
    session.commit()
    return world, run_id


def test_a_pilot_is_not_shared(session: Session) -> None:
    world, _run = tried_out(session)
    with pytest.raises(Conflict, match="pilot"):
        replies.share_results(world.actor(world.analyst), "2025", now=NOW)
    assert "share" not in rounds.round_page(world.actor(world.analyst), "2025", "en").acts


@pytest.mark.parametrize(("state", "act"), [(RoundState.FINAL, "publish"), (RoundState.PUBLISHED, "republish")])
def test_a_pilot_is_not_published(session: Session, state: RoundState, act: str) -> None:
    world, _run = tried_out(session)
    world.round.state = state
    session.commit()
    with pytest.raises(Conflict, match="pilot"):
        rounds.take_round(session, "2025", act)
    assert "publish" not in rounds.round_page(world.actor(world.first), "2025", "en").acts


def test_a_run_of_a_pilot_ranks_nobody_on_pages_and_in_files(session: Session) -> None:
    world, run_id = scored(session)
    actor = world.actor(world.first)
    ranked = run_pages.run_page(actor, run_id, "en")
    assert any(line.rank is not None for category in ranked.categories for line in category.lines)
    session.execute(update(Round).values(is_pilot=True))
    session.commit()
    page = run_pages.run_page(actor, run_id, "en")
    lines = [line for category in page.categories for line in category.lines]
    assert [(line.rank, line.range, line.tied) for line in lines] == [(None, None, 0)] * len(lines)
    assert [line.score for category in ranked.categories for line in category.lines if line.score] != []
    assert {line.score for line in lines} == {line.score for cat in ranked.categories for line in cat.lines}
    assert "robustness" not in {stage for stage, _rows in page.stages}
    _name, text = run_pages.run_csv(actor, run_id, "scores")
    head, *rows = [row.split(",") for row in text.split("\r\n") if row]
    assert {row[head.index("rank")] for row in rows} == {""}


@pytest.mark.parametrize("locale", LOCALES)
def test_pages_of_a_pilot_say_so(client: FlaskClient, session: Session, locale: str) -> None:
    world, run_id = tried_out(session)
    sign_in(client, session, world.first)
    word = {"en": "Pilot"}.get(locale)
    for path in ("", "/rounds/2025", f"/runs/{run_id}", f"/runs/{run_id}/audit", f"/runs/{run_id}/units/U01"):
        page = get_page(client, f"/{locale}/oversight{path}")
        assert page.select(".tag--amber")
        assert word is None or word in page.texts(".tag--amber")


def test_trends_leave_pilots_out(session: Session) -> None:
    make_published_round(session, "2024")
    full = make_published_round(session, "2025")
    assert [point.round_code for point in read_former(session, full)["U01"].points] == ["2024"]
    session.execute(update(Round).where(Round.code == "2024").values(is_pilot=True))
    session.commit()
    assert read_former(session, full) == {}


def test_a_full_round_made_from_a_pilot_follows_the_round_before_the_pilot(session: Session) -> None:
    world = make_world(session, RoundState.APPROVED)
    analyst = world.actor(world.analyst)
    pilot = rounds.NewRound("2026", "round:2025", *PERIOD, {"en": "Trial"}, is_pilot=True)
    rounds.create_round(analyst, pilot, now=LATER)
    rounds.create_round(analyst, rounds.NewRound("2027", "round:2026", *PERIOD, {"en": "Real"}), now=LATER)
    made = {round_.code: round_ for round_ in session.scalars(select(Round))}
    assert (made["2026"].is_pilot, made["2026"].previous_id) == (True, world.round.id)
    assert (made["2027"].is_pilot, made["2027"].previous_id) == (False, world.round.id)


def test_weights_are_tried_on_the_answers_of_a_pilot_without_ranks(session: Session) -> None:
    world, _run = tried_out(session)
    rounds.create_round(
        world.actor(world.analyst), rounds.NewRound("2026", "round:2025", *PERIOD, {"en": "Next"}), now=LATER
    )
    preview = schemes.preview_weights(world.actor(world.analyst), "2026", {}, "en")
    assert preview.trial is not None
    assert preview.trial.lines
    assert {(line.before.rank, line.after.rank) for line in preview.trial.lines} == {(None, None)}


def test_no_order_of_a_pilot_is_looked_into(session: Session) -> None:
    world = next_round(session)
    who = world.actor(world.analyst)
    full = workbench.fragility_page(who, "2026", workbench.Question(), "en")
    assert (full.run_id > 0, len(full.categories)) == (True, 1)
    session.execute(update(Round).where(Round.code == "2025").values(is_pilot=True))
    session.commit()
    page = workbench.fragility_page(who, "2026", workbench.Question(), "en")
    assert (page.run_id, page.categories, page.units, page.based_on) == (0, (), (), None)


def test_the_method_page_does_not_explain_a_pilot(session: Session) -> None:
    make_world(session, RoundState.COLLECTING)
    assert read_method("en").round is not None
    session.execute(update(Round).values(is_pilot=True))
    session.commit()
    assert read_method("en").round is None


def test_an_empty_start_is_a_small_scheme_that_opens(session: Session) -> None:
    world = make_world(session)
    analyst = world.actor(world.analyst)
    rounds.create_round(analyst, rounds.NewRound("2026", "empty", *PERIOD, {"en": "New"}), now=LATER)
    page = rounds.round_page(analyst, "2026", "en")
    assert [(group.code, str(group.weight)) for group in page.groups] == [
        ("citizens", "50"),
        ("peers", "20"),
        ("experts", "30"),
    ]
    assert {unit.code for category in page.categories for unit in category.units} == {"U01", "U02"}
    assert read_scheme(scheme_mapping()).digest != page.version.digest
    give_rules(session, "2026")
    schemes.decide_proposal(world.actor(world.first), schemes.Decision("2026", 1, True, ""), now=LATER)
    rounds.open_round(analyst, "2026", now=LATER)
