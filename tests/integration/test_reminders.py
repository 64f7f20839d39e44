"""Reminders: to whom, how often, what stands in them, and what they never know."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Account, Assignment, Role, RoundState, WorkItem
from evalsys.services import mail, pairs, work
from evalsys.services.access import actor_of
from evalsys.services.mail import Message
from evalsys.services.pairs.reminders import send_reminder
from evalsys.tasks import HANDLERS
from tests.factories import NOW, make_account, make_assignment, sign_in
from tests.integration.governing import World, make_world
from tests.pages import get_page

DAY = timedelta(days=1)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session, RoundState.COLLECTING)


@pytest.fixture
def rater(world: World, session: Session) -> Account:
    return make_account(session, Role.PEER, unit=world.units[1], login="rita@example.org", locale="ar", name="Rita")


@pytest.fixture
def task(world: World, rater: Account, session: Session) -> Assignment:
    return make_assignment(session, world.forms["peers"], rater, world.units[0])


def remind(world: World, later: timedelta = timedelta()) -> pairs.Reminded:
    return pairs.remind_raters(actor_of(world.analyst), "2025", "peers", now=NOW + later)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """The mails that were handed over."""
    mails: list[Message] = []
    monkeypatch.setattr(mail, "send", mails.append)
    return mails


def deliver() -> None:
    """Handle all queued reminders as a worker does."""
    for item in work.claim("tester", NOW + 30 * DAY, limit=100):
        send_reminder(item)
        work.finish(item, "tester", NOW)


def test_a_rater_gets_one_mail_in_her_language_with_offices_deadline_and_link(
    world: World, task: Assignment, sent: list[Message]
) -> None:
    assert remind(world).number == 1
    deliver()
    (letter,) = sent
    body = letter.text
    assert (letter.to, letter.locale) == ("rita@example.org", "ar")
    assert "U01 name (ar)" in body
    assert "2025 name (ar)" in body
    assert "٢٠٢٥" in body or "2025" in body
    assert "/ar/assignments" in body


def test_nobody_is_reminded_more_often_than_every_three_days(
    world: World, task: Assignment, session: Session, sent: list[Message]
) -> None:
    numbers = [remind(world, later).number for later in (0 * DAY, 0 * DAY, DAY, 2 * DAY, 3 * DAY)]
    assert numbers == [1, 0, 0, 0, 1]
    session.refresh(task)
    assert task.reminded_on == (NOW + 3 * DAY).date()
    deliver()
    assert len(sent) == 2


def test_only_open_tasks_lead_to_a_mail_and_what_is_sent_meanwhile_stops_it(
    world: World, task: Assignment, session: Session, sent: list[Message]
) -> None:
    for state in ("submitted", "waiting", "conflict"):
        other = make_assignment(session, world.forms["peers"], make_account(session, Role.PEER), world.units[0])
        other.state, other.conflict_reason = state, "link" if state == "conflict" else ""
    session.commit()
    assert remind(world).number == 1
    task.state = "submitted"
    session.commit()
    deliver()
    assert sent == []


def test_who_has_no_address_is_named_and_not_forgotten(
    world: World, task: Assignment, client: FlaskClient, session: Session
) -> None:
    lost = make_account(session, Role.PEER, unit=world.units[1], login="no-address", name="Lotte Lost")
    make_assignment(session, world.forms["peers"], lost, world.units[0])
    sign_in(client, session, world.analyst)
    url = "/en/oversight/rounds/2025/assignments/peers"
    form = f"form[action='{url}/reminders']"
    assert client.post(f"{url}/reminders", data=get_page(client, url).fields(form)).status_code == 302
    text = get_page(client, url).text
    assert "Mails on their way: 1." in text
    assert "tell them yourself: Lotte Lost" in text


def test_the_queue_and_the_log_hold_no_answers(world: World, task: Assignment, session: Session) -> None:
    task.draft = {"q_cooperation": "1", "comment": "secret"}
    session.commit()
    remind(world)
    item = session.scalars(select(WorkItem)).one()
    assert item.payload == {"round": world.round.id, "group": "peers", "account": task.account_id}
    assert HANDLERS[item.kind].endswith(":send_reminder")


def test_only_a_collecting_round_reminds(world: World, task: Assignment, session: Session) -> None:
    world.round.state = RoundState.APPROVED
    session.commit()
    with pytest.raises(Conflict):
        remind(world)
