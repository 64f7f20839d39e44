"""Scoring in two rounds: blind first, then beside the anonymous spread; one response an expert and unit counts."""

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Assignment, AuditEntry, Cell, Comment, RaterGroup, Response, Role, Round, RoundState
from evalsys.models.response import COUNTED, REPLACED
from evalsys.services import assignments
from evalsys.services.access import actor_of
from evalsys.services.assignments import Filled
from evalsys.services.cells import recount
from evalsys.services.panels import ratings, stages
from evalsys.services.run_input import freeze_input
from scoring.collect import unpack
from scoring.scheme import parse_scheme
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import scheme_mapping
from tests.integration.panelling import World, assign, make_world, set_group
from tests.pages import check_page, get_page

SPREAD = "/en/oversight/rounds/2025/panels/spread"
FIRST = ((20, 50), (60, 52), (71, 54), (40, None))


@pytest.fixture
def world(session: Session) -> World:
    found = make_world(session)
    set_group(session, found, has_two_rounds=True)
    return found


def score(world: World, expert: int, task: Assignment, scores: tuple[int | None, ...]) -> None:
    filled = Filled([102 if one is None else one + 1 for one in scores])
    assignments.submit_assignment(world.actor(expert), task.id, filled, now=NOW)


def score_all(session: Session, world: World, number: int = 4) -> list[Assignment]:
    """The first experts score unit U01 blind."""
    tasks = [assign(session, world, expert, 0) for expert in range(number)]
    for expert, task in enumerate(tasks):
        score(world, expert, task, FIRST[expert])
    return tasks


def show(world: World, reason: str = "") -> None:
    stages.show_spread(world.analyst, "2025", reason, now=NOW)


def counted(session: Session) -> list[str]:
    return sorted(session.scalars(select(Response.answers).where(Response.status == COUNTED)))


def test_the_first_round_is_blind(world: World, client: FlaskClient, session: Session) -> None:
    tasks = score_all(session, world)
    with pytest.raises(NotFound):
        stages.read_second(world.actor(0), tasks[0].id, "en")
    sign_in(client, session, world.experts[0])
    get_page(client, f"/en/panel/assignments/{tasks[0].id}/second", 404)
    assert "spread" not in get_page(client, f"/en/assignments/{tasks[0].id}").text


def test_the_spread_is_shown_once_all_have_sent_or_for_a_reason_and_never_hidden_again(
    world: World, session: Session
) -> None:
    score_all(session, world)
    assign(session, world, 4, 1, state="conflict", conflict_reason="a friend")
    assign(session, world, 5, 1)
    with pytest.raises(Conflict, match="not sent"):
        show(world)
    show(world, "one expert is ill")
    with pytest.raises(Conflict, match="already"):
        show(world)
    session.expire_all()
    assert session.get_one(RaterGroup, (world.round.id, "experts")).panel_stage == 2
    entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "panel.manage").order_by(AuditEntry.id)).all()
    assert [(entry.outcome, entry.reason) for entry in entries] == [
        ("refused", ""),
        ("done", "one expert is ill"),
        ("refused", ""),
    ]
    assert entries[1].detail == {"stage": 2, "waiting": 1}


def test_a_board_member_a_round_without_two_rounds_and_a_closed_one_are_refused(world: World, session: Session) -> None:
    with pytest.raises(Forbidden):
        stages.show_spread(actor_of(make_account(session, Role.BOARD)), "2025", "", now=NOW)
    session.get_one(RaterGroup, (world.round.id, "experts")).has_two_rounds = False
    session.commit()
    with pytest.raises(Conflict, match="once only"):
        show(world)
    session.get_one(Round, world.round.id).state = RoundState.CLOSED
    session.commit()
    with pytest.raises(Conflict):
        show(world)


def test_an_expert_sees_lowest_median_highest_and_number_from_three_scores_on(world: World, session: Session) -> None:
    tasks = score_all(session, world)
    show(world)
    page = stages.read_second(world.actor(0), tasks[0].id, "en")
    leadership, results = page.lines
    assert leadership.spread == stages.Spread(20, Decimal("50"), 71, 4)
    assert results.spread == stages.Spread(50, Decimal("52"), 54, 3)
    assert (leadership.own, results.own) == (20, 50)
    assert stages.read_second(world.actor(3), tasks[3].id, "en").lines[1].own is None


def test_two_scores_are_no_spread(world: World, client: FlaskClient, session: Session) -> None:
    tasks = score_all(session, world, 2)
    show(world)
    assert [line.spread for line in stages.read_second(world.actor(0), tasks[0].id, "en").lines] == [None, None]
    sign_in(client, session, world.experts[0])
    page = get_page(client, f"/en/panel/assignments/{tasks[0].id}/second")
    assert "fewer than three experts" in page.text
    assert "60" not in page.text


def test_a_second_score_replaces_the_first_which_stays_as_it_was(
    world: World, client: FlaskClient, session: Session
) -> None:
    tasks = score_all(session, world)
    show(world)
    first = session.get_one(Response, tasks[0].response_id)
    before = first.answers
    sign_in(client, session, world.experts[0])
    assert "You may score a second time" in get_page(client, "/en/assignments").text
    assert f"/en/panel/assignments/{tasks[0].id}/second" in get_page(client, f"/en/assignments/{tasks[0].id}").links
    url = f"/en/panel/assignments/{tasks[0].id}/second"
    page = get_page(client, url)
    data = page.fields("#form")
    assert (data["q_leadership"], data["q_results"]) == ("20", "50")
    check_page(client.post(url, data=data), 422)
    extreme = check_page(client.post(url, data={**data, "q_leadership": "95"}), 422)
    assert [link.get("href") for link in extreme.select(".error-summary a")] == ["#reason_leadership"]
    sent = {**data, "q_leadership": "95", "reason_leadership": "Seen on site."}
    assert client.post(url, data=sent).status_code == 302
    session.expire_all()
    task = session.get_one(Assignment, tasks[0].id)
    assert task.final_response_id not in (None, task.response_id)
    old, new = session.get_one(Response, task.response_id), session.get_one(Response, task.final_response_id)
    assert (old.answers, old.status, new.status) == (before, REPLACED, COUNTED)
    assert unpack(new.answers, [101, 101]) == [96, 51]
    assert session.scalars(select(Comment.response_id)).all() == [new.id]
    assert "Your second scores are sent" in get_page(client, url).text
    check_page(client.post(url, data=sent), 409)


def test_exactly_one_response_an_expert_and_unit_counts(world: World, session: Session) -> None:
    tasks = score_all(session, world)
    show(world)
    for expert in (0, 1):
        stages.submit_second(world.actor(expert), tasks[expert].id, Filled([41, 61]), now=NOW)
    recount()
    assert len(session.scalars(select(Response)).all()) == 6
    assert len(counted(session)) == 4
    assert session.scalar(select(func.sum(Cell.n))) == 4
    assert freeze_input(session, world.round, parse_scheme(scheme_mapping())).cells["n"].tolist() == [4]
    found = ratings.read_panel_ratings(session, world.round)
    assert len({(rater, unit, indicator) for rater, unit, indicator, _ in found}) == len(found) == 7
    mine = ratings.pseudonym_of(world.round.id, world.experts[0].id)
    assert [row[2:] for row in found if row[0] == mine] == [("leadership", 41), ("results", 61)]


def test_an_excluded_score_is_no_rating_for_the_engine(world: World, session: Session) -> None:
    tasks = score_all(session, world)
    session.get_one(Response, tasks[0].response_id).status = 3
    session.commit()
    excluded = ratings.pseudonym_of(world.round.id, world.experts[0].id)
    found = ratings.read_panel_ratings(session, world.round)
    assert len(found) == 5
    assert excluded not in {rater for rater, *_ in found}


def test_the_spread_stays_that_of_the_first_scores(world: World, session: Session) -> None:
    tasks = score_all(session, world)
    show(world)
    before = stages.spreads_of(session, tasks[1])
    stages.submit_second(world.actor(0), tasks[0].id, Filled([61, 51]), now=NOW)
    assert stages.spreads_of(session, session.get_one(Assignment, tasks[1].id)) == before


def test_the_first_answers_cannot_be_written_over(world: World, session: Session) -> None:
    (task,) = score_all(session, world, 1)
    response = session.get_one(Response, task.response_id)
    response.answers = "00"
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()


def test_who_is_excluded_scores_no_second_time_and_nobody_scores_for_another(world: World, session: Session) -> None:
    tasks = score_all(session, world)
    show(world)
    session.get_one(Response, tasks[0].response_id).status = 2
    session.commit()
    with pytest.raises(Conflict, match="do not count"):
        stages.submit_second(world.actor(0), tasks[0].id, Filled([41, 61]), now=NOW)
    with pytest.raises(NotFound):
        stages.submit_second(world.actor(1), tasks[2].id, Filled([41, 61]), now=NOW)
    with pytest.raises(Invalid, match="changed no score"):
        stages.submit_second(world.actor(1), tasks[1].id, Filled([61, 53]), now=NOW)
    session.get_one(Round, world.round.id).state = RoundState.CLOSED
    session.commit()
    with pytest.raises(Conflict):
        stages.submit_second(world.actor(1), tasks[1].id, Filled([41, 61]), now=NOW)
    assert len(session.scalars(select(Response)).all()) == 4


def test_a_late_expert_scores_blind_before_the_spread_is_hers(world: World, session: Session) -> None:
    score_all(session, world)
    late = assign(session, world, 4, 0)
    show(world, "she travels")
    with pytest.raises(NotFound):
        stages.read_second(world.actor(4), late.id, "en")
    score(world, 4, late, (50, 50))
    assert stages.read_second(world.actor(4), late.id, "en").lines[0].spread is not None


def test_the_analyst_opens_the_second_round_on_the_page(world: World, client: FlaskClient, session: Session) -> None:
    score_all(session, world)
    assign(session, world, 5, 1)
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    page = get_page(client, "/en/oversight/rounds/2025/panels")
    data = page.fields(f"form[action='{SPREAD}']")
    check_page(client.post(SPREAD, data=data), 409)
    check_page(client.post(SPREAD, data={**data, "reason": "x" * 2001}), 422)
    assert client.post(SPREAD, data={**data, "reason": "she is ill"}).status_code == 302
    assert "The spread is shown" in get_page(client, "/en/oversight/rounds/2025/panels").text
