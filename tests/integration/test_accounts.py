"""Signing in: sessions that end, limits that hold, the first administrator."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, TooMany
from evalsys.models import Account, AuditEntry, LoginSession, Role
from evalsys.services import accounts
from evalsys.services.accounts import NewAccount
from tests.pages import check_page, get_page, post_form

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
PASSWORD = "four words are plenty"


@pytest.fixture
def analyst(session: Session) -> Account:
    new = NewAccount("analyst@city.example", "Ana Lyst", Role.ANALYST)
    account = accounts.add_account(session, new, accounts.hash_password(PASSWORD), NOW)
    session.commit()
    return account


def sign_in(client: FlaskClient, login: str = "analyst@city.example", password: str = PASSWORD) -> str:
    response = post_form(client, "/en/account/sign-in", {"login": login, "password": password})
    assert response.status_code == 302, response.text
    return str(response.headers["Location"])


@pytest.mark.usefixtures("analyst")
def test_a_cookie_replayed_after_sign_out_is_refused(client: FlaskClient) -> None:
    assert sign_in(client) == "/en/oversight"
    cookie = client.get_cookie("evalsys")
    assert cookie is not None
    assert client.get("/en/account/password").status_code == 200
    post_form(client, "/en/account/password", {}, form="form[action$=sign-out]")
    client.set_cookie("evalsys", cookie.value)
    assert client.get("/en/account/password").status_code == 302


@pytest.mark.usefixtures("analyst")
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(client: FlaskClient) -> None:
    url = "/en/account/sign-in"
    wrong = post_form(client, url, {"login": "analyst@city.example", "password": "not this one"})
    unknown = post_form(client, url, {"login": "nobody@city.example", "password": "not this one"})
    assert wrong.status_code == unknown.status_code == 422
    assert "The user name or the password is not right." in wrong.text
    assert "The user name or the password is not right." in unknown.text


def test_ten_failures_close_the_door_for_a_while(analyst: Account) -> None:
    for _ in range(10):
        with pytest.raises(Invalid):
            accounts.sign_in(analyst.login, "wrong", "192.0.2.1", now=NOW)
    with pytest.raises(TooMany) as refused:
        accounts.sign_in(analyst.login, PASSWORD, "192.0.2.9", now=NOW)
    assert 0 < refused.value.seconds <= 300
    later = NOW + timedelta(minutes=6)
    assert accounts.sign_in(analyst.login, PASSWORD, "192.0.2.9", now=later)[1].login == "analyst@city.example"


def test_a_stolen_session_cannot_try_passwords_for_ever(analyst: Account, session: Session) -> None:
    _, actor = accounts.sign_in(analyst.login, PASSWORD, "192.0.2.1", now=NOW)
    for _ in range(10):
        with pytest.raises(Invalid):
            accounts.change_password(actor, "wrong", "another long sentence", now=NOW)
    with pytest.raises(TooMany):
        accounts.change_password(actor, PASSWORD, "another long sentence", now=NOW)
    refused = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "account.password")
    assert session.scalar(refused.where(AuditEntry.outcome == "refused")) == 10


@pytest.mark.usefixtures("analyst")
def test_who_tries_too_often_is_told_when_to_come_back(client: FlaskClient) -> None:
    for _ in range(10):
        post_form(client, "/en/account/sign-in", {"login": "analyst@city.example", "password": "not this one"})
    response = post_form(client, "/en/account/sign-in", {"login": "analyst@city.example", "password": PASSWORD})
    check_page(response, 429)
    assert 0 < int(response.headers["Retry-After"]) <= 300


def test_signing_in_and_out_leave_one_entry_each(analyst: Account, session: Session) -> None:
    token, _ = accounts.sign_in(analyst.login, PASSWORD, "192.0.2.1", now=NOW)
    accounts.sign_out(token, now=NOW)
    accounts.sign_out(token, now=NOW)
    found = session.execute(select(AuditEntry.act, AuditEntry.actor).order_by(AuditEntry.id)).all()
    assert found == [("account.sign_in", analyst.login), ("account.sign_out", analyst.login)]


def test_a_session_ends_by_idling_by_age_and_by_a_changed_password(analyst: Account, session: Session) -> None:
    token, actor = accounts.sign_in(analyst.login, PASSWORD, "192.0.2.1", now=NOW)
    assert accounts.find_actor(token, now=NOW + timedelta(minutes=29)) == actor
    assert accounts.find_actor(token, now=NOW + timedelta(minutes=29 + 31)) is None
    for step in range(1, 40):
        accounts.find_actor(token, now=NOW + timedelta(minutes=29 + 15 * step))
    assert accounts.find_actor(token, now=NOW + timedelta(hours=8, minutes=1)) is None
    fresh, _ = accounts.sign_in(analyst.login, PASSWORD, "192.0.2.1", now=NOW)
    accounts.change_password(actor, PASSWORD, "another long sentence", now=NOW)
    assert accounts.find_actor(fresh, now=NOW) is None
    assert session.scalar(select(func.count()).select_from(LoginSession)) == 2


def test_a_deactivated_or_moved_account_is_out_at_the_next_click(analyst: Account, session: Session) -> None:
    token, _ = accounts.sign_in(analyst.login, PASSWORD, "192.0.2.1", now=NOW)
    account = session.get_one(Account, analyst.id)
    account.is_active = False
    session.commit()
    assert accounts.find_actor(token, now=NOW) is None


def test_the_password_is_stored_as_argon2id_at_the_recommended_cost(analyst: Account) -> None:
    assert analyst.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_session_row_does_not_hold_the_token(analyst: Account, session: Session) -> None:
    token, _ = accounts.sign_in(analyst.login, PASSWORD, "192.0.2.1", now=NOW)
    assert session.scalars(select(LoginSession.digest)).all() == [accounts.digest(token)]


def test_the_first_administrator_is_made_once(session: Session) -> None:
    accounts.create_first_administrator("Root@City.example", "Root", PASSWORD, now=NOW)
    account = session.scalars(select(Account)).one()
    assert (account.login, account.role) == ("root@city.example", "administrator")
    with pytest.raises(Conflict):
        accounts.create_first_administrator("second@city.example", "Second", PASSWORD, now=NOW)
    assert session.scalars(select(AuditEntry.act)).all() == ["account.first"]


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "passwordpassword"])
def test_a_weak_password_is_refused(session: Session, password: str) -> None:
    with pytest.raises(Invalid):
        accounts.create_first_administrator("root@city.example", "Root", password, now=NOW)


def test_sign_in_leads_only_to_own_pages(analyst: Account, client: FlaskClient) -> None:
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        response = post_form(
            client, f"/en/account/sign-in?next={target}", {"login": analyst.login, "password": PASSWORD}
        )
        assert response.headers["Location"] == "/en/oversight"
    response = post_form(
        client, "/en/account/sign-in?next=/ar/oversight", {"login": analyst.login, "password": PASSWORD}
    )
    assert response.headers["Location"] == "/ar/oversight"


def test_a_post_without_token_changes_nothing(analyst: Account, client: FlaskClient, session: Session) -> None:
    response = client.post("/en/account/sign-in", data={"login": analyst.login, "password": PASSWORD})
    assert response.status_code == 400
    assert session.scalar(select(func.count()).select_from(LoginSession)) == 0


@pytest.mark.parametrize(("locale", "title"), [("en", "Sign in"), ("zh", "登录"), ("ar", "تسجيل الدخول")])
def test_the_sign_in_page_speaks_three_languages(client: FlaskClient, locale: str, title: str) -> None:
    assert title in get_page(client, f"/{locale}/account/sign-in").text
