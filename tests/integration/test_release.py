"""The head's release: answers wait, are released into the box or given back, and never count unreleased."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Account, Assignment, AuditEntry, Inbox, RaterGroup, Response, Role, RoundState
from evalsys.services import assignments, pairs, rounds
from evalsys.services.access import actor_of
from evalsys.services.assignments import Filled
from evalsys.services.task_drafts import open_draft
from tests.factories import NOW, make_account, make_assignment, sign_in
from tests.integration.collecting import in_box
from tests.integration.governing import World, audit_of, make_world
from tests.pages import check_page, get_page

LIST = "/en/oversight/rounds/2025/assignments/peers"


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session, RoundState.COLLECTING)
    session.add(RaterGroup(round_id=made.round.id, code="peers", mode="assigned", needs_release=True))
    session.commit()
    return made


@pytest.fixture
def rater(world: World, session: Session) -> Account:
    return make_account(session, Role.PEER, unit=world.units[1], name="Rita Rater")


@pytest.fixture
def head(world: World, session: Session) -> Account:
    return make_account(session, Role.HEAD, unit=world.units[1])


@pytest.fixture
def task(world: World, rater: Account, session: Session) -> Assignment:
    return make_assignment(session, world.forms["peers"], rater, world.units[0])


def send(client: FlaskClient, task: Assignment, **answers: str) -> None:
    url = f"/en/assignments/{task.id}"
    data = {**get_page(client, url).fields("#form"), "act": "submit", **answers}
    assert client.post(url, data=data).status_code == 302


def in_inbox(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Inbox)) or 0


def test_answers_wait_until_the_head_releases_them_and_go_into_the_box_as_ever(
    world: World, task: Assignment, rater: Account, head: Account, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, rater)
    assert "The head of your own office reads your answers" in get_page(client, f"/en/assignments/{task.id}").text
    assert "The head of your own office reads your answers" in get_page(client, "/en/assignments").text
    send(client, task, q_cooperation="4", comment="They answer fast.")
    assert in_inbox(session) == 0
    assert "Waits for your head" in get_page(client, "/en/assignments").text
    page = get_page(client, f"/en/assignments/{task.id}")
    assert "wait for the head of your office" in page.text
    assert not page.select("#form")
    sign_in(client, session, head)
    assert f"/en/head/release/{task.id}" in get_page(client, "/en/head/release").links
    shown = get_page(client, f"/en/head/release/{task.id}")
    assert "Rita Rater" in shown.text
    assert "They answer fast." in shown.text
    assert any(text.startswith("4") for text in shown.texts("main dd"))
    data = {**shown.fields("#form"), "act": "release"}
    assert client.post(f"/en/head/release/{task.id}", data=data).status_code == 302
    (lies,) = in_box(session)
    assert (lies.answers, lies.comment, lies.unit_id) == ("4", "They answer fast.", world.units[0].id)
    assert lies.day == world.round.period_start
    session.refresh(task)
    assert (task.state, task.draft, task.response_id) == ("submitted", {}, None)
    check_page(client.post(f"/en/head/release/{task.id}", data=data), 409)
    assert in_inbox(session) == 1
    assert not any("fast" in str(entry.detail) + entry.reason for entry in session.scalars(select(AuditEntry)))


def test_given_back_answers_are_open_again_with_all_that_was_typed_and_the_note(
    world: World, task: Assignment, rater: Account, head: Account, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, rater)
    send(client, task, q_cooperation="1", comment="Rude words")
    sign_in(client, session, head)
    url = f"/en/head/release/{task.id}"
    page = check_page(client.post(url, data={**get_page(client, url).fields("#form"), "act": "return"}), 422)
    assert page.select(".error-summary a")[0].get("href") == "#note"
    client.post(url, data={**page.fields("#form"), "act": "return", "note": "Please stay polite."})
    get_page(client, url, 404)
    sign_in(client, session, rater)
    assert "Given back to you" in get_page(client, "/en/assignments").text
    form = get_page(client, f"/en/assignments/{task.id}")
    assert "Please stay polite." in form.text
    assert (form.fields("#form")["q_cooperation"], form.fields("#form")["comment"]) == ("1", "Rude words")
    send(client, task, comment="Polite words")
    session.refresh(task)
    assert (task.state, task.returned_note, open_draft(task)["comment"]) == ("waiting", "", "Polite words")
    assert in_inbox(session) == 0


def test_a_head_sees_neither_other_units_raters_nor_what_is_said_about_her_own(
    world: World, task: Assignment, head: Account, session: Session
) -> None:
    assignments.submit_assignment(actor_of(task.account), task.id, Filled([3]), now=NOW)
    rated_head = actor_of(make_account(session, Role.HEAD, unit=world.units[0]))
    for act in (
        lambda: pairs.read_waiting(rated_head, task.id, "en"),
        lambda: pairs.release_answers(rated_head, task.id, now=NOW),
        lambda: pairs.return_answers(rated_head, task.id, "note", now=NOW),
    ):
        with pytest.raises(NotFound):
            act()
    assert pairs.list_waiting(rated_head, "en") == []
    about_own = make_assignment(
        session, world.forms["peers"], make_account(session, Role.PEER, unit=world.units[1]), world.units[1]
    )
    about_own.state, about_own.draft = "waiting", {"packed": {"answers": "5", "comment": "", "texts": {}}}
    session.commit()
    assert [one.id for one in pairs.list_waiting(actor_of(head), "en")] == [task.id]
    with pytest.raises(NotFound):
        pairs.read_waiting(actor_of(head), about_own.id, "en")


def test_answers_that_do_not_wait_are_never_shown_to_the_head(
    task: Assignment, head: Account, session: Session
) -> None:
    task.draft = {"q_cooperation": "2"}
    session.commit()
    with pytest.raises(NotFound):
        pairs.read_waiting(actor_of(head), task.id, "en")
    with pytest.raises(Conflict):
        pairs.release_answers(actor_of(head), task.id, now=NOW)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.HEAD])
def test_nobody_but_a_head_releases(world: World, task: Assignment, session: Session, role: Role) -> None:
    assignments.submit_assignment(actor_of(task.account), task.id, Filled([3]), now=NOW)
    person = actor_of(make_account(session, role, unit=world.units[1]))
    with pytest.raises(Forbidden):
        pairs.list_waiting(person, "en")
    with pytest.raises(Forbidden):
        pairs.release_answers(person, task.id, now=NOW)
    assert in_inbox(session) == 0


def test_the_round_page_names_what_waits_and_it_is_not_counted_after_the_close(
    world: World, task: Assignment, head: Account, client: FlaskClient, session: Session
) -> None:
    assignments.submit_assignment(actor_of(task.account), task.id, Filled([3]), now=NOW)
    sign_in(client, session, world.analyst)
    assert "1 answer waits for a head's release." in get_page(client, "/en/oversight/rounds/2025").text
    assert "Answers that no head has released yet" in get_page(client, LIST).text
    rounds.close_round(actor_of(world.analyst), "2025", now=NOW)
    assert "1 answer was never released by a head" in get_page(client, "/en/oversight/rounds/2025").text
    assert session.scalar(select(func.count()).select_from(Response)) == 0
    session.refresh(task)
    assert (task.state, task.draft) == ("waiting", {})
    closing = session.scalars(select(AuditEntry).where(AuditEntry.act == "round.close")).one()
    assert closing.detail == {"unreleased": 1}
    with pytest.raises(Conflict):
        pairs.release_answers(actor_of(head), task.id, now=NOW)
    assert pairs.list_waiting(actor_of(head), "en") == []


def test_the_option_is_fixed_once_the_round_is_open(world: World, session: Session) -> None:
    analyst = actor_of(world.analyst)
    with pytest.raises(Conflict):
        pairs.set_release(analyst, "2025", "peers", False, now=NOW)
    world.round.state = RoundState.APPROVED
    session.commit()
    pairs.set_release(analyst, "2025", "peers", False, now=NOW)
    row = session.get_one(RaterGroup, (world.round.id, "peers"))
    assert (row.mode, row.needs_release) == ("assigned", False)
    assert audit_of(session, "group.edit") == [("group.edit", "refused"), ("group.edit", "done")]


def test_the_option_makes_the_group_a_row_of_its_own(session: Session, client: FlaskClient) -> None:
    world = make_world(session, RoundState.DRAFT)
    sign_in(client, session, world.analyst)
    fields = get_page(client, LIST).fields(f"form[action='{LIST}/release']")
    client.post(f"{LIST}/release", data={**fields, "needs_release": "yes"})
    row = session.get_one(RaterGroup, (world.round.id, "peers"))
    assert (row.mode, row.needs_release) == ("assigned", True)
    assert get_page(client, LIST).one("#needs_release").get("checked") is not None


def test_a_group_with_names_has_no_release(world: World, session: Session) -> None:
    world.round.state = RoundState.APPROVED
    session.add(RaterGroup(round_id=world.round.id, code="experts", mode="assigned"))
    session.commit()
    with pytest.raises(Conflict):
        pairs.set_release(actor_of(world.analyst), "2025", "experts", True, now=NOW)


def test_giving_back_needs_a_note(task: Assignment, head: Account, session: Session) -> None:
    assignments.submit_assignment(actor_of(task.account), task.id, Filled([3]), now=NOW)
    with pytest.raises(Invalid):
        pairs.return_answers(actor_of(head), task.id, "  ", now=NOW)
