"""Visits of supervisors: when and where they may be, stored once, counted in their own share; conflicts."""

from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import (
    Assignment,
    Cell,
    Response,
    Role,
    RoundState,
    Run,
    Term,
    Visit,
)
from evalsys.services import rounds, runs, visits
from evalsys.services.access import actor_of
from evalsys.services.cells import find_wrong_cells, recount
from evalsys.services.visits import NewTerm
from scoring.result import Result
from tests.factories import make_account, make_unit, sign_in
from tests.integration.governing import add_answers, audit_of
from tests.integration.inspecting import (
    DAY,
    NOON,
    TODAY,
    World,
    count,
    filled,
    give,
    make_visited_world,
    send,
    set_scheme,
)
from tests.pages import get_page


@pytest.fixture
def world(session: Session) -> World:
    return make_visited_world(session)


def test_a_visit_is_a_response_of_its_own_channel_and_stratum_and_named_to_oversight(
    world: World, session: Session
) -> None:
    send(world)
    response, visit = session.scalars(select(Response)).one(), session.scalars(select(Visit)).one()
    assert (response.channel, response.stratum, response.answers, response.day) == ("visit", "supervisors", "4", TODAY)
    assert (visit.account_id, visit.response_id, visit.place) == (world.supervisor.id, response.id, "Counter 3")
    recount()
    cell = session.scalars(select(Cell)).one()
    assert (cell.questionnaire_id, cell.stratum, cell.n) == (world.form.id, "supervisors", 1)
    assert find_wrong_cells() == []


def test_a_visit_moves_the_score_only_through_its_own_share(world: World, session: Session) -> None:
    forms, unit = world.governed.forms, world.units[0]
    add_answers(session, forms["citizens"], unit, [[5, 4]] * 4)
    add_answers(session, forms["peers"], unit, [[5]] * 2)
    add_answers(session, forms["experts"], unit, [[51]])
    send(world, codes=[1])
    recount()
    rounds.close_round(world.analyst, "2025", now=NOON)
    rounds.move_round(world.analyst, "2025", "check", now=NOON)
    run = session.get_one(Run, runs.score_round(world.analyst, "2025", now=NOON))
    nodes = Result.from_json(run.result).stages["nodes"]
    # Peers say 5 of 5 (100 points), the visit 1 of 5 (0 points); each counts half of the indicator.
    (score,) = nodes[(nodes["unit"] == "U01") & (nodes["node"] == "cooperation")]["score"]
    assert score == pytest.approx(50.0)


def test_without_a_stratum_of_their_own_visits_count_in_the_common_one_and_nowhere_else(
    world: World, session: Session
) -> None:
    set_scheme(session, world.governed, {"all": 100})
    send(world)
    assert session.scalars(select(Response.stratum)).all() == ["all"]
    set_scheme(session, world.governed, {"users": 100})
    with pytest.raises(Conflict, match="no place for visits"):
        send(world, nonce="m" * 20)


def test_the_same_form_sent_twice_is_one_visit(world: World, client: FlaskClient, session: Session) -> None:
    send(world)
    send(world)
    assert (count(session, Visit), count(session, Response)) == (1, 1)
    sign_in(client, session, world.supervisor)
    answer = client.post(
        "/en/visits/units/U01",
        data={"csrf_token": get_page(client, "/en/account/password").fields()["csrf_token"], "nonce": "n" * 20},
    )
    assert answer.status_code == 302, "a retry after the term is over still says that the visit is stored"
    assert count(session, Visit) == 1
    send(world, nonce="m" * 20)
    assert count(session, Visit) == 2


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (datetime(2025, 5, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2025, 6, 1, 0, 0, 0, tzinfo=UTC), True),
        (datetime(2025, 6, 30, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2025, 7, 1, 0, 0, 0, tzinfo=UTC), False),
    ],
)
def test_a_term_begins_and_ends_with_its_days(world: World, session: Session, now: datetime, is_open: bool) -> None:
    area = visits.area_of(world.actor, "en", now.date())
    assert [unit.code for unit in area.units] == (["U01", "U02"] if is_open else [])
    if is_open:
        send(world, now=now, visited_on=now.date())
        assert count(session, Visit) == 1
    else:
        with pytest.raises(Conflict):
            visits.read_visit(world.actor, "U01", "en", now=now)
        with pytest.raises(Conflict):
            send(world, now=now, visited_on=now.date())
        assert count(session, Visit) == 0
        assert audit_of(session, "visit.send") == [("visit.send", "refused")]


def test_a_unit_outside_the_area_or_the_round_is_refused(world: World, session: Session) -> None:
    session.query(Term).delete()
    session.commit()
    give(world, date(2025, 6, 1), date(2025, 6, 30), "U02")
    make_unit(session, code="U03")
    assert [unit.code for unit in visits.area_of(world.actor, "en", TODAY).units] == ["U02"]
    for unit in ("U01", "U03"):
        with pytest.raises(Conflict):
            send(world, unit)
    with pytest.raises(NotFound):
        send(world, "U99")
    send(world, "U02")
    assert count(session, Visit) == 1


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (TODAY + DAY, "lies in the future"),
        (date(2025, 5, 31), "must lie in your term"),
        (date(2024, 12, 31), "must lie in your term"),
    ],
)
def test_the_day_of_a_visit_lies_in_term_and_round_and_not_in_the_future(
    world: World, session: Session, day: date, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        send(world, visited_on=day)
    assert count(session, Response) == 0


def test_a_visit_before_the_first_day_of_the_round_is_refused_also_within_the_term(
    world: World, session: Session
) -> None:
    world.round.period_start = date(2025, 6, 10)
    session.commit()
    with pytest.raises(Invalid):
        send(world, visited_on=date(2025, 6, 9))
    send(world, visited_on=date(2025, 6, 10))


@pytest.mark.parametrize("state", [state for state in RoundState if state != RoundState.COLLECTING])
def test_visits_are_taken_only_while_the_round_collects(world: World, session: Session, state: RoundState) -> None:
    world.round.state = state
    session.commit()
    with pytest.raises(Conflict):
        send(world)


def test_a_visit_needs_at_least_one_level(world: World, session: Session) -> None:
    with pytest.raises(Invalid):
        send(world, codes=[6])
    assert count(session, Response) == 0


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SUPERVISOR])
def test_nobody_but_a_supervisor_sends_visits(world: World, session: Session, role: Role) -> None:
    person = actor_of(make_account(session, role))
    for act in (
        lambda: visits.area_of(person, "en", TODAY),
        lambda: visits.send_visit(person, "U01", filled(), now=NOON),
        lambda: visits.read_visit(person, "U01", "en", now=NOON),
    ):
        with pytest.raises(Forbidden):
            act()
    assert count(session, Visit) == 0


def test_a_declared_conflict_is_kept_and_takes_the_unit_out_of_her_area(world: World, session: Session) -> None:
    with pytest.raises(Invalid):
        visits.declare_conflict(world.actor, "U01", " ", now=NOON)
    visits.declare_conflict(world.actor, "U01", "My brother works there.", now=NOON)
    kept = session.scalars(select(Assignment)).one()
    assert (kept.state, kept.conflict_reason, kept.account_id) == (
        "conflict",
        "My brother works there.",
        world.supervisor.id,
    )
    area = visits.area_of(world.actor, "en", TODAY)
    assert [unit.code for unit in area.units] == ["U02"]
    assert [str(name) for name in area.conflicts] == ["U01 name (en)"]
    with pytest.raises(Conflict):
        send(world)
    other = actor_of(make_account(session, Role.SUPERVISOR))
    visits.give_term(world.analyst, NewTerm(other.login, TODAY, TODAY), now=NOON)
    visits.send_visit(other, "U01", filled(), now=NOON)


def test_a_round_made_from_this_one_copies_no_conflict_as_a_task(world: World, session: Session) -> None:
    visits.declare_conflict(world.actor, "U01", "A link.", now=NOON)
    new = rounds.NewRound("2026", "round:2025", date(2026, 1, 1), date(2026, 12, 31), {"en": "Next"})
    rounds.create_round(world.analyst, new, now=NOON)
    assert count(session, Assignment) == 1
