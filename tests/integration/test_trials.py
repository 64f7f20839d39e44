"""Weights tried on answers that are there: what would have happened, what stays hidden, and that nothing is stored."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.i18n import LOCALES
from evalsys.models import Round, Run, SchemeVersion
from evalsys.services import rounds, run_pages, runs, schemes, trial
from evalsys.services.schemes import Decision, Preview
from evalsys.services.trial import Trial, try_scheme
from evalsys.services.weights import Weights, read_scheme, scheme_of, with_weights
from tests.factories import NOW, sign_in
from tests.integration.governing import World, add_answers, audit_of, make_world, scheme_mapping
from tests.integration.test_run_pages import scored
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # the engine reads frozen bytes, from whichever database

LATER = NOW + timedelta(days=30)
SENT = {"w-n-score-experience": "10", "w-n-score-cooperation": "20", "w-n-score-leadership": "70"}


def parts(experience: str, cooperation: str, leadership: str) -> Weights:
    numbers = {"experience": experience, "cooperation": cooperation, "leadership": leadership}
    return {"n-score": {code: Decimal(number) for code, number in numbers.items()}}


def next_round(session: Session, citizens: int = 4) -> World:
    """A scored round 2025, and a draft 2026 made from it."""
    world, _run_id = scored(session, citizens)
    draft(world)
    return world


def draft(world: World) -> None:
    new = rounds.NewRound("2026", "round:2025", date(2026, 1, 1), date(2026, 12, 31), {"en": "Next"})
    rounds.create_round(world.actor(world.analyst), new, now=LATER)


def preview(world: World, weights: Weights) -> Preview:
    return schemes.preview_weights(world.actor(world.analyst), "2026", weights, "en")


def tried(world: World, weights: Weights) -> Trial:
    found = preview(world, weights).trial
    assert found is not None
    return found


def test_the_same_weights_would_have_changed_nothing(session: Session) -> None:
    world = next_round(session)
    found = tried(world, parts("50", "20", "30"))
    assert (found.moved, found.regraded, found.hidden, found.more) == (0, 0, 0, 0)
    assert [line.before == line.after for line in found.lines] == [True, True]
    page = run_pages.run_page(world.actor(world.first), found.run_id, "en")
    stored = {line.code: line.score for category in page.categories for line in category.lines}
    assert {line.code: line.before.score for line in found.lines} == stored


def test_other_weights_are_tried_on_the_answers_of_the_former_round(session: Session) -> None:
    world = next_round(session)
    found = tried(world, parts("10", "20", "70"))
    assert (str(found.round_name), found.run_number) == ("2025 name (en)", 1)
    lines = {line.code: line for line in found.lines}
    # U01: 0.1 * 86.25 + 0.2 * 62.5 + 0.7 * 68 = 8.625 + 12.5 + 47.6, and 76.03 before
    assert (str(lines["U01"].before.score), str(lines["U01"].after.score)) == ("76.03", "68.73")
    assert str(lines["U01"].points) == "-7.30"
    assert (lines["U01"].before.band, lines["U01"].after.band, found.regraded) == ("A", "B", 1)
    assert lines["U01"].places == 0
    weights = {line.code: str(line.weight) for line in found.influence if line.depth == 1}
    assert weights == {"experience": "10.0", "cooperation": "20.0", "leadership": "70.0"}


def test_a_trial_stores_nothing(session: Session) -> None:
    world = next_round(session)
    before = len(audit_of(session))
    tried(world, parts("10", "20", "70"))
    assert (session.query(Run).count(), session.query(SchemeVersion).count()) == (1, 2)
    assert len(audit_of(session)) == before


def test_a_unit_of_which_something_is_hidden_takes_no_part(session: Session) -> None:
    world = next_round(session, citizens=1)
    found = tried(world, parts("10", "20", "70"))
    assert ([line.code for line in found.lines], found.hidden) == (["U01"], 1)


def test_without_a_scored_round_there_is_nothing_to_try_weights_on(session: Session) -> None:
    world = make_world(session)
    weights = parts("40", "30", "30")
    assert schemes.preview_weights(world.actor(world.analyst), "2025", weights, "en").trial is None


def test_answers_to_other_questions_do_not_fit(session: Session) -> None:
    world = next_round(session)
    mapping = scheme_mapping()
    mapping["tree"]["children"][0]["children"][1] |= {"code": "speed"}
    assert try_scheme(session, read_scheme(scheme_mapping()), "en") is not None
    assert try_scheme(session, read_scheme(mapping), "en") is None
    assert world.round.code == "2025"


def test_other_weights_of_strata_tell_nothing_of_a_stratum_that_is_hidden(session: Session) -> None:
    world, _run_id = scored(session)
    add_answers(session, world.forms["citizens"], world.units[1], [[5, 5]], stratum="open")
    runs.score_round(world.actor(world.analyst), "2025", now=LATER)
    draft(world)
    strata = {"s-citizens": {"users": Decimal(50), "open": Decimal(50)}}
    assert {line.code for line in tried(world, parts("10", "20", "70")).lines} == {"U01", "U02"}
    assert "U02" not in [line.code for line in tried(world, strata).lines]


def test_units_that_move_most_come_first(session: Session) -> None:
    world, _run_id = scored(session)
    add_answers(session, world.forms["peers"], world.units[1], [[5], [5], [4], [5]])
    add_answers(session, world.forms["experts"], world.units[1], [[90]] * 3)
    runs.score_round(world.actor(world.analyst), "2025", now=LATER)
    draft(world)
    found = tried(world, parts("0", "90", "10"))
    assert found.run_number == 2
    assert found.moved == 2
    shifts = [(abs(line.places or 0), abs(line.points or 0)) for line in found.lines]
    assert shifts == sorted(shifts, reverse=True)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_form_and_the_proposal_show_what_weights_would_have_done(
    client: FlaskClient, session: Session, locale: str
) -> None:
    world = next_round(session)
    sign_in(client, session, world.analyst)
    url = f"/{locale}/oversight/rounds/2026/weights"
    page = check_page(post_form(client, url, {**SENT, "act": "check"}, form="main form"))
    assert len(page.select("#trial tbody tr")) == 2
    assert "−7.30" in page.text
    assert len(page.select("#trial-influence tbody tr")) == 5
    post_form(client, url, {**SENT, "reason": "why not", "act": "propose"}, form="main form")
    proposal = get_page(client, f"/{locale}/oversight/rounds/2026/proposals/2")
    assert "−7.30" in proposal.text


def test_a_proposal_that_is_decided_is_not_tried_again(client: FlaskClient, session: Session) -> None:
    world = next_round(session)
    schemes.decide_proposal(world.actor(world.first), Decision("2026", 1, is_approved=True, reason=""), now=LATER)
    page = schemes.proposal_page(world.actor(world.first), "2026", 1, "en")
    assert (page.standing.is_open, page.trial) == (False, None)
    sign_in(client, session, world.first)
    assert get_page(client, "/en/oversight/rounds/2026/proposals/1").select("#trial-heading") == []


def test_the_form_says_when_there_is_no_round_to_try_weights_on(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    url = "/en/oversight/rounds/2025/weights"
    page = check_page(post_form(client, url, {**SENT, "act": "check"}, form="main form"))
    assert "There is no scored round" in page.text


def test_answers_that_cannot_be_scored_with_the_weights_do_not_close_the_page(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = next_round(session)

    def refuse(*_given: object) -> None:
        raise Conflict("The answers do not fit the weights: %(detail)s", {"detail": "a child below 0"})

    monkeypatch.setattr(trial, "standings_with", refuse)
    assert preview(world, parts("10", "20", "70")).trial is None


def test_with_weights_is_what_is_tried(session: Session) -> None:
    world = next_round(session)
    version = session.query(SchemeVersion).join(Round).filter(Round.code == "2026").one()
    changed = with_weights(scheme_of(version.body), parts("10", "20", "70"))
    assert changed.digest != version.digest
    assert tried(world, {}).moved == 0
