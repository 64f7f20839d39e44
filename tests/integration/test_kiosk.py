"""Kiosks: one unit's form, one person after the other, nothing left behind."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.models import AuditEntry, Place, Role, Round, RoundState
from evalsys.services import kiosks
from evalsys.services.access import actor_of
from evalsys.services.guard import Limits
from tests.factories import NOW, PASSWORD, make_account, name_it, sign_in
from tests.integration.collecting import ANSWERS, World, filled, in_box, make_world
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

URL = "/ar/units/U01/rating"


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def secret(world: World, session: Session) -> str:
    session.add(Place(code="P01", unit_id=world.unit.id))
    name_it(session, "place", "P01", en="Main counter")
    return kiosks.turn_on(actor_of(make_account(session, Role.ANALYST)), "P01", now=NOW)


def test_a_kiosk_leads_from_the_language_to_the_form_to_the_thanks(
    world: World, secret: str, client: FlaskClient, session: Session
) -> None:
    assert client.get(f"/k/{secret}").headers["Location"] == "/kiosk"
    welcome = get_page(client, "/kiosk")
    assert [link for link in welcome.links if "rating" in link] == [
        f"/{locale}/units/U01/rating" for locale in ("en", "zh", "ar")
    ]
    page = get_page(client, URL)
    assert page.one("#form").get("autocomplete") == "off"
    assert not page.select("#puzzle, [name=act]")
    assert page.select("#kiosk-warning[hidden], noscript meta")
    sent = client.post(URL, data={**page.fields(), **ANSWERS})
    thanks = get_page(client, sent.headers["Location"])
    assert thanks.one("meta[http-equiv=refresh][content^='20;']").get("content") == "20;url=/kiosk"
    assert [(lies.channel, lies.network) for lies in in_box(session)] == [("kiosk", 0)]


def test_a_kiosk_shows_nothing_else_and_only_staff_leave_it(
    world: World, secret: str, client: FlaskClient, session: Session
) -> None:
    client.get(f"/k/{secret}")
    for path in ("/", "/en/", "/en/units", "/en/units/U02/rating", "/en/drafts", "/en/privacy", "/nothing", "/r/U02"):
        assert client.get(path).headers["Location"] == "/kiosk", path
    assert get_page(client, "/en/account/sign-in").select("#kiosk-warning")
    post_form(
        client, "/en/account/sign-in", {"login": make_account(session, Role.OPERATOR).login, "password": PASSWORD}
    )
    assert client.get("/en/units").status_code == 200


def test_nothing_of_a_person_is_left_for_the_next(world: World, secret: str, client: FlaskClient) -> None:
    client.get(f"/k/{secret}")
    token = filled(client, URL)["csrf_token"]
    answer = client.get("/kiosk")
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("evalsys_locale=;") for cookie in cookies)
    assert answer.headers["Cache-Control"] == "no-store"
    assert filled(client, URL)["csrf_token"] != token


def test_a_kiosk_keeps_no_drafts(world: World, secret: str, client: FlaskClient, session: Session) -> None:
    client.get(f"/k/{secret}")
    assert client.post(URL, data={**filled(client, URL), "act": "save"}).headers["Location"].startswith("/ar/receipts/")


def test_a_device_has_a_cap_of_its_own(
    world: World, secret: str, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "GUARD", Limits(kiosk_an_hour=2, place_an_hour=3, unsolved_an_hour=0))
    statuses = []
    for _ in range(2):
        device = app.test_client()
        device.get(f"/k/{secret}")
        statuses += [device.post(URL, data=filled(device, URL)).status_code for _ in range(3)]
    assert statuses == [302, 302, 429, 302, 429, 429]


def test_turning_a_kiosk_off_or_on_anew_ends_its_devices(
    world: World, secret: str, client: FlaskClient, session: Session
) -> None:
    analyst = make_account(session, Role.ANALYST)
    client.get(f"/k/{secret}")
    boss = client.application.test_client()
    sign_in(boss, session, analyst)
    page = check_page(post_form(boss, "/en/oversight/kiosks", {"act": "on"}))
    (address,) = page.texts("main code")
    assert "Main counter" in page.text
    assert client.get("/kiosk").headers["Location"] == "/"
    assert client.get(f"/k/{secret}").status_code == 404
    assert client.get(address[address.index("/k/") :]).status_code == 302
    assert address not in get_page(boss, "/en/oversight/kiosks").text
    assert boss.post("/en/oversight/kiosks/P01", data={**page.fields(), "act": "off"}).status_code == 302
    assert client.get("/kiosk").headers["Location"] == "/"
    assert session.scalars(select(Place.kiosk_digest)).all() == [""]
    acts = session.scalars(select(AuditEntry).where(AuditEntry.act == "place.manage")).all()
    assert [entry.detail for entry in acts] == [{"kiosk": "on"}, {"kiosk": "on"}, {"kiosk": "off"}]
    assert boss.post("/en/oversight/kiosks/P01", data={**page.fields(), "act": "off"}).status_code == 409


def test_a_kiosk_of_a_closed_round_says_so_in_every_language(
    world: World, secret: str, client: FlaskClient, session: Session
) -> None:
    client.get(f"/k/{secret}")
    session.execute(update(Round).values(state=RoundState.CLOSED))
    page = get_page(client, "/kiosk")
    assert len(page.texts(".kiosk-languages li")) == 3
    assert not [link for link in page.links if "rating" in link]
    assert "not being collected" in page.text


def test_without_service_points_the_page_says_where_they_come_from(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_account(session, Role.ANALYST))
    assert "There is no service point yet" in get_page(client, "/en/oversight/kiosks").text
