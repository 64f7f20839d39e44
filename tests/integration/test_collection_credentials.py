"""Invitations: spent once, by sending and not by looking, and never traceable."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid
from evalsys.models import AuditEntry, Credential, Inbox, Role, Round, RoundState, Submission
from evalsys.services import collection
from evalsys.services.access import actor_of
from evalsys.services.collection import Ballot
from evalsys.services.credentials import Batch, issue_credentials, token_digest
from tests.conftest import SECRET
from tests.factories import make_account
from tests.integration.collecting import ANSWERS, World, filled, make_tokens, make_world
from tests.pages import check_page, get_page, post_form

URL = "/en/units/U01/rating"
NOW = datetime(2025, 11, 3, 9, tzinfo=UTC)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def spent(session: Session) -> int:
    return int(session.scalar(select(func.sum(Credential.state))) or 0)


def accept(client: FlaskClient, token: str) -> None:
    answer = post_form(client, f"/en/invitations/{token}", {})
    assert answer.headers["Location"] == "/en/units"


def test_fifty_looks_at_an_invitation_spend_nothing(world: World, client: FlaskClient, session: Session) -> None:
    (token,) = make_tokens(session, world, 1)
    for _ in range(50):
        assert client.get(f"/en/invitations/{token}").status_code == 200
    accept(client, token)
    assert not spent(session)


def test_an_invited_rating_carries_the_stratum_and_spends_the_invitation(
    world: World, client: FlaskClient, session: Session
) -> None:
    (token,) = make_tokens(session, world, 1, "residents")
    accept(client, token)
    assert client.post(URL, data=filled(client)).status_code == 302
    assert session.scalars(select(Inbox.stratum)).all() == ["residents"]
    assert spent(session) == 1
    client.post(URL, data=filled(client))
    assert sorted(session.scalars(select(Inbox.stratum))) == ["open", "residents"]


def test_unknown_used_and_late_invitations_get_one_and_the_same_page(
    world: World, client: FlaskClient, session: Session
) -> None:
    used, late = make_tokens(session, world, 2)
    accept(client, used)
    client.post(URL, data=filled(client))
    pages = [get_page(client, "/en/invitations/never-given-out", 404).text]
    pages.append(get_page(client, f"/en/invitations/{used}", 404).text)
    session.execute(update(Round).values(state=RoundState.CLOSED))
    pages.append(get_page(client, f"/en/invitations/{late}", 404).text)
    assert len(set(pages)) == 1


def test_a_second_form_with_a_spent_invitation_is_refused_once_and_then_counts_as_open(
    world: World, app: Flask, client: FlaskClient, session: Session
) -> None:
    (token,) = make_tokens(session, world, 1)
    elsewhere = app.test_client()
    accept(client, token)
    accept(elsewhere, token)
    client.post(URL, data=filled(client))
    page = check_page(elsewhere.post(URL, data=filled(elsewhere, comment="kept")), 409)
    assert "Your invitation cannot be used again." in page.text
    again = {**page.fields(), **ANSWERS}
    assert again["comment"] == "kept"
    assert elsewhere.post(URL, data=again).status_code == 302
    assert sorted(session.scalars(select(Inbox.stratum))) == ["open", "users"]


def test_the_token_is_stored_nowhere(world: World, client: FlaskClient, session: Session) -> None:
    (token,) = make_tokens(session, world, 1)
    accept(client, token)
    client.post(URL, data=filled(client))
    row = session.scalars(select(Credential)).one()
    assert row.digest == token_digest(token) != token
    assert row.receipt_check
    columns = {column.name for column in Credential.__table__.columns}
    assert columns == {"digest", "round_id", "group_code", "stratum", "state", "receipt_check"}


def cast(app: Flask, world: World, token: str, nonces: list[str]) -> list[str]:
    """Send one ballot a nonce at the same time, each from a thread of its own; returns receipts or refusals."""
    with app.app_context():
        form = collection.find_form("U01")

    def send(nonce: str) -> str:
        with app.app_context():
            ballot = Ballot(form, [4, 7, 1], "", nonce, invitation=token)
            try:
                return collection.submit_rating(ballot, secret=SECRET, now=NOW)
            except Conflict:
                return "refused"

    with ThreadPoolExecutor(len(nonces)) as threads:
        return list(threads.map(send, nonces))


def test_a_hundred_invitations_sent_four_times_at_once_give_a_hundred_ratings(
    world: World, app: Flask, session: Session
) -> None:
    tokens = make_tokens(session, world, 100)
    form = collection.find_form("U01")
    session.rollback()
    for token in tokens:
        outcomes = cast(app, world, token, [collection.new_nonce(form, SECRET, NOW) for _ in range(4)])
        assert outcomes.count("refused") == 3
    assert session.scalar(select(func.count()).select_from(Inbox)) == 100
    assert session.scalar(select(func.count()).select_from(Submission)) == 100
    assert spent(session) == 100


def test_a_double_click_gives_one_rating_and_the_same_receipt_to_all(
    world: World, app: Flask, session: Session
) -> None:
    tokens = make_tokens(session, world, 20)
    form = collection.find_form("U01")
    session.rollback()
    for token in tokens:
        receipts = cast(app, world, token, [collection.new_nonce(form, SECRET, NOW)] * 4)
        assert len(set(receipts)) == 1
        assert "refused" not in receipts
    assert session.scalar(select(func.count()).select_from(Inbox)) == 20


def test_a_retry_finds_its_receipt_even_when_its_number_was_forgotten(
    world: World, app: Flask, session: Session
) -> None:
    (token,) = make_tokens(session, world, 1)
    nonce = collection.new_nonce(collection.find_form("U01"), SECRET, NOW)
    session.rollback()
    first = cast(app, world, token, [nonce])
    session.execute(delete(Submission))
    session.commit()
    assert cast(app, world, token, [nonce]) == first
    assert session.scalar(select(func.count()).select_from(Inbox)) == 1


def test_an_invitation_to_another_round_does_not_count(world: World, app: Flask, session: Session) -> None:
    (token,) = make_tokens(session, world, 1)
    other = Round(code="other", period_start=NOW.date(), period_end=NOW.date(), created_at=NOW)
    session.add(other)
    session.flush()
    session.execute(update(Credential).values(round_id=other.id))
    session.commit()
    nonce = collection.new_nonce(collection.find_form("U01"), SECRET, NOW)
    session.rollback()
    assert cast(app, world, token, [nonce]) == ["refused"]
    assert not session.scalar(select(func.count()).select_from(Submission))


def test_the_analyst_issues_invitations_and_the_log_knows_no_token(world: World, session: Session) -> None:
    analyst = actor_of(make_account(session, Role.ANALYST))
    tokens = issue_credentials(analyst, Batch("2025", "users", 3), now=NOW)
    assert len(set(tokens)) == 3
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.act, entry.outcome) == ("credential.issue", "done")
    assert not any(token in str(entry.detail) for token in tokens)
    with pytest.raises(Invalid):
        issue_credentials(analyst, Batch("2025", "users", 0), now=NOW)
    with pytest.raises(Forbidden):
        issue_credentials(actor_of(world.peer), Batch("2025", "users", 1), now=NOW)
    session.execute(update(Round).values(state=RoundState.PUBLISHED))
    session.commit()
    with pytest.raises(Conflict):
        issue_credentials(analyst, Batch("2025", "users", 1), now=NOW)
