"""Inviting through a mail server: refused recipients, a server that goes away, a worker that dies between mails."""

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.errors import Invalid
from evalsys.models import AuditEntry, Credential, WorkItem
from evalsys.models.work import FAILED
from evalsys.services import roll, rounds, work
from evalsys.services.roll import retention, writing
from tests.factories import NOW
from tests.integration.governing import World
from tests.integration.inviting import (
    Post,
    claim,
    drain,
    drain_till_given_up,
    entries,
    load_people,
    mail_server,
    mail_settings,
    make_list_world,
    states,
)

DEAD = "smtp://127.0.0.1:1"


def invite(world: World) -> int:
    return roll.invite_people(world.actor(world.analyst), roll.Order("2025", "citizens", "smtp"), now=NOW)


def credentials_of(session: Session) -> int:
    session.expire_all()
    return len(session.scalars(select(Credential.digest)).all())


def failed_item(session: Session) -> int:
    session.expire_all()
    return session.scalars(select(WorkItem.id).where(WorkItem.state == FAILED)).one()


def test_everybody_gets_one_mail_and_refused_recipients_are_named(app: Flask, session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 5, "mail")
    post = Post(refuse=frozenset({"person3@example.org"}))
    with mail_server(post) as url, mail_settings(app, url):
        invite(world)
        assert drain() == []
    assert sorted(envelope.rcpt_tos[0] for envelope in post.taken) == [f"person{n}@example.org" for n in (0, 1, 2, 4)]
    assert states(session) == {"invited": 4, "failed": 1}
    assert credentials_of(session) == 4
    page = roll.roll_page(world.actor(world.analyst), "2025", "en")
    assert page.unreached == ("Person 3 person3@example.org",)


def test_a_dead_server_loses_nobody_and_nothing_is_about(app: Flask, session: Session) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    load_people(analyst, 3, "mail")
    with mail_settings(app, DEAD):
        invite(world)
        drain_till_given_up(session)
    item = failed_item(session)
    assert credentials_of(session) == 0
    assert states(session) == {"sending": 3}
    batch = roll.read_batch(analyst, "2025", item)
    assert batch.names == ("Person 0", "Person 1", "Person 2")
    assert "Connection refused" in batch.error
    assert batch.number == roll.roll_page(analyst, "2025", "en").failed[0].number == 3
    assert not batch.is_uncertain
    with pytest.raises(Invalid):
        roll.resolve_batch(analyst, roll.Decision("2025", item, " "), now=NOW)
    assert roll.resolve_batch(analyst, roll.Decision("2025", item, "the server was down"), now=NOW) == 0
    assert states(session) == {"new": 3}
    post = Post()
    with mail_server(post) as url, mail_settings(app, url):
        invite(world)
        assert drain() == []
    assert len(post.taken) == 3


def test_a_server_that_goes_away_in_between_gets_the_rest_later_and_nobody_twice(app: Flask, session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 5, "mail")
    post = Post(after=2)
    with mail_server(post) as url, mail_settings(app, url):
        invite(world)
        assert "does not take mail" in drain()[0]
        assert states(session) == {"sending": 3, "invited": 2}
        assert credentials_of(session) == 2
        (item,) = session.scalars(select(WorkItem).where(WorkItem.kind == "invitations"))
        assert "closing down" in item.error
        post.after = 100
        session.execute(update(WorkItem).values(lease_until=None).where(WorkItem.state == 0))
        session.commit()
        assert drain() == []
    assert len({envelope.rcpt_tos[0] for envelope in post.taken}) == len(post.taken) == 5
    assert states(session) == {"invited": 5}
    assert credentials_of(session) == 5


def test_after_a_crash_between_mails_an_analyst_decides_and_old_codes_are_void(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_list_world(session)
    analyst = world.actor(world.analyst)
    load_people(analyst, 4, "mail")
    post = Post()
    with mail_server(post) as url, mail_settings(app, url):
        invite(world)
        (item,) = claim()

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(writing, "_send", die)
        with pytest.raises(KeyboardInterrupt):
            writing.write_invitations(item)
        monkeypatch.undo()
        assert credentials_of(session) == 4
        session.execute(update(Credential).values(state=1).where(Credential.digest == _any_digest(session)))
        session.execute(update(WorkItem).values(lease_until=utc_now()))
        session.commit()
        drain_till_given_up(session)
        assert post.taken == []
        failed = failed_item(session)
        batch = roll.read_batch(analyst, "2025", failed)
        assert (batch.is_uncertain, len(batch.names)) == (True, 4)
        assert roll.resolve_batch(analyst, roll.Decision("2025", failed, "the power failed"), now=NOW) == 1
        assert credentials_of(session) == 1
        assert states(session) == {"new": 4}
        invite(world)
        assert drain() == []
    assert len(post.taken) == 4
    entry = session.scalars(select(AuditEntry).where(AuditEntry.reason == "the power failed")).one()
    assert (entry.detail["voided"], entry.detail["spent"]) == (3, 1)


def test_a_batch_that_nobody_decided_ties_no_codes_to_people_once_the_round_is_over(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2, "mail")
    with mail_server(Post()) as url, mail_settings(app, url):
        invite(world)
        (item,) = claim()

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(writing, "_send", die)
        with pytest.raises(KeyboardInterrupt):
            writing.write_invitations(item)
        session.execute(update(WorkItem).values(lease_until=utc_now()))
        session.commit()
        drain_till_given_up(session)
    failed_item(session)
    assert retention.forget_digests() == 0
    rounds.close_round(world.actor(world.analyst), "2025", now=NOW)
    assert retention.forget_digests() == 1
    assert _any_digest(session) not in str(session.scalars(select(WorkItem.payload)).all())


def test_a_busy_server_leaves_no_address_beside_the_work(app: Flask, session: Session) -> None:
    class Busy(Post):
        async def handle_RCPT(self, *given: object) -> str:  # noqa: N802  aiosmtpd's name
            return f"451 <{given[3]}>: try again later"

    world = make_list_world(session)
    load_people(world.actor(world.analyst), 2, "mail")
    with mail_server(Busy()) as url, mail_settings(app, url):
        invite(world)
        drain_till_given_up(session)
    errors = session.scalars(select(WorkItem.error).where(WorkItem.kind == "invitations")).all()
    assert errors
    assert all("451" in error for error in errors)
    assert "example.org" not in str(errors)


def test_reminders_by_mail_count_once_when_the_server_goes_away(app: Flask, session: Session) -> None:
    world = make_list_world(session)
    load_people(world.actor(world.analyst), 3, "mail")
    post = Post()
    with mail_server(post) as url, mail_settings(app, url):
        invite(world)
        drain()
        for entry in entries(session):
            entry.invited_on = NOW.date()
        session.commit()
        post.after = 4
        roll.remind_people(world.actor(world.analyst), roll.Order("2025", "citizens", "smtp"), now=utc_now())
        assert drain()
        assert sorted(entry.reminders for entry in entries(session)) == [0, 0, 1]
        post.after = 100
        session.execute(update(WorkItem).values(lease_until=None).where(WorkItem.state == 0))
        session.commit()
        assert drain() == []
    assert {entry.reminders for entry in entries(session)} == {1}
    assert len(post.taken) == 6
    assert work.failures("nothing") == []


def _any_digest(session: Session) -> str:
    return session.scalars(select(Credential.digest).limit(1)).one()
