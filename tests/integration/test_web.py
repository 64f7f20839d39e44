"""What all pages share: links to other languages, and what is shown when something fails."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import AuditEntry, Role
from tests.factories import make_account, make_unit, sign_in
from tests.pages import check_page, get_page

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL


@pytest.fixture
def lose_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """From the call on, every statement fails as it does when the database is gone."""

    def refuse(*_statement: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    with app.app_context():
        engine = db.engine
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    yield lambda: event.listen(engine, "before_cursor_execute", refuse)
    if event.contains(engine, "before_cursor_execute", refuse):
        event.remove(engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("path", ["/en/units", "/ar/privacy", "/zh/no-such-page", "/en/oversight"])
def test_without_a_database_every_page_says_so_politely(
    client: FlaskClient, session: Session, lose_database: Callable[[], None], path: str
) -> None:
    sign_in(client, session, make_account(session, Role.ANALYST))
    lose_database()
    response = client.get(path)
    assert response.headers["Retry-After"] == "5"
    page = check_page(response, 503)
    assert page.select(".languages a")
    assert "the server closed the connection" not in page.text


@pytest.mark.parametrize(
    ("role", "path", "act"),
    [
        (Role.PEER, "/en/oversight/rounds/2026/acts", "oversight.read"),
        (Role.HEAD, "/en/assignments/1", "assignment.answer"),
        (Role.BOARD, "/en/oversight/rounds/new", "round.create"),
    ],
)
def test_who_is_turned_away_leaves_one_entry(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, role: Role, path: str, act: str
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    person = make_account(session, role)
    client = app.test_client()
    sign_in(client, session, person)
    assert client.post(path, data={"act": "close"}).status_code == 403
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.actor, entry.act, entry.outcome) == (person.login, act, "refused")


@pytest.mark.parametrize(
    "query", ["endpoint=x", "_scheme=javascript&_external=1", "_method=PATCH", "locale=xx", "code=X9"]
)
def test_no_query_bends_the_links_to_other_languages(client: FlaskClient, session: Session, query: str) -> None:
    unit = make_unit(session, code="U01")
    page = get_page(client, f"/en/units/{unit.code}?{query}")
    assert [link.get("href") for link in page.select(".languages a")] == [
        f"/{locale}/units/U01?{query}" for locale in ("en", "zh", "ar")
    ]
