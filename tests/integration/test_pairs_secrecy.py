"""Who may look at who rates whom: no rated office, no other rater, and nobody at answers."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, Role, RoundState
from tests.factories import make_account, make_assignment, sign_in
from tests.integration.governing import World, make_world
from tests.integration.pairing import URL, draw, make_raters
from tests.pages import get_page


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session, RoundState.COLLECTING)


@pytest.fixture
def raters(world: World, session: Session) -> list[Account]:
    return make_raters(session, world)


@pytest.mark.parametrize("role", [Role.PEER, Role.EXPERT, Role.HEAD, Role.OPERATOR, Role.SUPERVISOR])
def test_a_rated_office_never_learns_who_rates_it(
    world: World, raters: list[Account], client: FlaskClient, session: Session, role: Role
) -> None:
    """All pages that a person of the rated unit can open are searched for the names of those who rate it."""
    draw(world, 3)
    rated = world.units[0]
    person = make_account(session, role, unit=rated, name="Somebody")
    of_rated = {rater.name for rater in raters if rater.unit_id != rated.id}
    sign_in(client, session, person)
    get_page(client, URL, 403)
    for path in ("/en/assignments", "/en/head", "/en/head/release", "/en/visits"):
        answer = client.get(path)
        assert not [name for name in of_rated if name in answer.text], path


def test_raters_see_no_other_raters_task_or_answers(
    world: World, raters: list[Account], client: FlaskClient, session: Session
) -> None:
    draw(world, 3)
    mine = make_assignment(session, world.forms["peers"], make_account(session, Role.PEER), world.units[1])
    others = session.scalars(select(Assignment).where(Assignment.account_id != mine.account_id)).all()
    for task in others:
        task.draft = {"q_cooperation": "2", "comment": "only for me"}
    session.commit()
    sign_in(client, session, mine.account)
    assert get_page(client, "/en/assignments").links.count(f"/en/assignments/{mine.id}") == 1
    assert "only for me" not in get_page(client, f"/en/assignments/{mine.id}").text
    for task in others:
        get_page(client, f"/en/assignments/{task.id}", 404)


def test_the_page_says_how_far_raters_are_but_not_what_they_say(
    world: World, raters: list[Account], client: FlaskClient, session: Session
) -> None:
    draw(world, 2)
    task = session.scalars(select(Assignment)).first()
    assert task is not None
    task.draft = {"comment": "secret words"}
    session.commit()
    for role in (Role.AUDITOR, Role.BOARD):
        sign_in(client, session, make_account(session, role))
        page = get_page(client, URL)
        assert "Begun" in page.text
        assert "secret words" not in page.text
        assert not page.select("main form")
