"""A citizen's rating: in the box once, whatever happens on the way."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import AuditEntry, Inbox, Response, Round, RoundState, RoundUnit, Submission
from evalsys.services import sealing
from tests.factories import make_indicator, make_questionnaire, make_unit
from tests.integration.collecting import ANSWERS, PACKED, World, filled, in_box, make_world
from tests.integration.guarding import solved_form
from tests.pages import check_page, get_page

URL = "/en/units/U01/rating"


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@contextmanager
def counting(app: Flask) -> Iterator[list[str]]:
    """The SQL statements sent while the block runs."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement not in ("BEGIN", "BEGIN IMMEDIATE"):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def count(session: Session, table: type) -> int:
    return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_a_rating_lies_in_the_box_and_the_receipt_says_so(world: World, client: FlaskClient, session: Session) -> None:
    sent = client.post(URL, data=filled(client, comment="  شكرا\u202e  "))
    assert sent.status_code == 302
    receipt = sent.headers["Location"].rsplit("/", 1)[1]
    assert re.fullmatch(r"([0-9A-Z]{3}-){6}[0-9A-Z]{3}", receipt)
    page = get_page(client, sent.headers["Location"])
    assert receipt in page.text
    assert session.scalars(select(Inbox.stratum)).all() == ["open"]
    (lies,) = in_box(session)
    assert (lies.channel, lies.answers, lies.comment) == ("web", PACKED, "شكرا")
    assert isinstance(lies.day, date)
    assert lies.unit_id == world.unit.id


def test_the_receipt_tells_nothing_of_the_answers(world: World, client: FlaskClient, session: Session) -> None:
    sent = client.post(URL, data=filled(client, comment="my own words"))
    page = get_page(client, sent.headers["Location"])
    assert "my own words" not in page.text
    stored = session.scalars(select(Submission)).one()
    assert {column.name for column in Submission.__table__.columns} == {"digest", "round_id", "receipt"}
    assert stored.receipt in page.text


def test_a_receipt_is_found_however_it_is_typed(world: World, client: FlaskClient) -> None:
    receipt = client.post(URL, data=filled(client)).headers["Location"].rsplit("/", 1)[1]
    typed = receipt.lower().replace("-", "").replace("0", "o").replace("1", "l")
    assert receipt in get_page(client, f"/ar/receipts/{typed}").text
    get_page(client, "/en/receipts/AAA-AAA-AAA-AAA-AAA-AAA-AAA", 404)


def test_sending_the_same_form_again_gives_the_same_receipt_and_one_rating(
    world: World, client: FlaskClient, session: Session
) -> None:
    form = filled(client)
    receipts = {client.post(URL, data=form).headers["Location"] for _ in range(3)}
    assert len(receipts) == 1
    assert (count(session, Inbox), count(session, Submission)) == (1, 1)


def test_a_retry_after_the_round_was_closed_still_finds_the_receipt(
    world: World, client: FlaskClient, session: Session
) -> None:
    form = filled(client)
    first = client.post(URL, data=form).headers["Location"]
    session.execute(update(Round).values(state=RoundState.CLOSED))
    assert client.post(URL, data=form).headers["Location"] == first


def test_opening_the_form_writes_nothing(world: World, client: FlaskClient, app: Flask, session: Session) -> None:
    with counting(app) as sent:
        for locale in ("en", "zh", "ar"):
            get_page(client, f"/{locale}/units/U01/rating")
    assert not [statement for statement in sent if statement.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not count(session, Submission) + count(session, Inbox)


def test_one_rating_from_form_to_receipt_needs_at_most_twelve_statements(
    world: World, client: FlaskClient, app: Flask
) -> None:
    with app.app_context():
        sealing.key_of(world.round.id)
    with counting(app) as sent:
        form = filled(client)
        answer = client.post(URL, data=form)
        client.get(answer.headers["Location"])
    assert answer.status_code == 302
    assert len(sent) <= 12, sent


def test_an_open_rating_with_a_solved_puzzle_and_a_draft_needs_at_most_twelve_statements_as_well(
    world: World, client: FlaskClient, app: Flask
) -> None:
    with app.app_context():
        sealing.key_of(world.round.id)
    saved = client.post(URL, data={**filled(client), "act": "save"}).headers["Location"]
    ready = solved_form(app, filled(client, saved.removesuffix("/saved")))
    with counting(app) as sent:
        client.get(URL)
        answer = client.post(URL, data=ready)
        client.get(answer.headers["Location"])
    assert answer.status_code == 302
    assert any("used_puzzle" in statement for statement in map(str, sent))
    assert any("DELETE FROM draft" in statement for statement in map(str, sent))
    assert len(sent) <= 12, sent


def test_a_change_of_language_keeps_answers_comment_and_number_and_saves_nothing(
    world: World, client: FlaskClient, session: Session
) -> None:
    form = filled(client, comment="half a thought", switch="ar")
    del form["q_speed"]
    page = check_page(client.post("/ar/units/U01/rating", data=form))
    assert page.root.get("dir") == "rtl"
    kept = page.fields()
    assert kept["nonce"] == form["nonce"]
    assert kept["comment"] == "half a thought"
    assert (kept["q_satisfaction"], kept["q_trust"]) == ("4", "na")
    assert "q_speed" not in kept
    assert not page.select(".error-summary")
    assert page.one("#form").get("action") == "/ar/units/U01/rating"
    assert not count(session, Inbox)
    client.post("/ar/units/U01/rating", data={**kept, "q_speed": "2"})
    assert [lies.answers for lies in in_box(session)] == ["472"]


def test_a_gap_is_named_and_everything_else_is_kept(world: World, client: FlaskClient, session: Session) -> None:
    form = filled(client, comment="stays")
    del form["q_trust"]
    page = check_page(client.post(URL, data=form), 422)
    assert page.title.startswith("Error:")
    assert [link.get("href") for link in page.select(".error-summary a")] == ["#q_trust-1"]
    kept = page.fields()
    assert (kept["q_satisfaction"], kept["comment"], kept["nonce"]) == ("4", "stays", form["nonce"])
    assert not count(session, Inbox)


@pytest.mark.parametrize("value", ["0", "6", "99", "-1", "3.5"])
def test_an_answer_that_was_not_offered_is_refused(
    world: World, client: FlaskClient, session: Session, value: str
) -> None:
    check_page(client.post(URL, data=filled(client, q_speed=value)), 422)
    assert not count(session, Inbox)


def test_a_form_without_one_answer_is_refused_in_plain_words(
    world: World, client: FlaskClient, session: Session
) -> None:
    page = check_page(client.post(URL, data=filled(client, **dict.fromkeys(ANSWERS, "na"))), 422)
    assert "Answer at least one question." in page.text
    assert not count(session, Submission)


def test_a_number_of_another_unit_or_made_up_is_refused_and_replaced(
    world: World, client: FlaskClient, session: Session
) -> None:
    foreign = filled(client, "/en/units/U02/rating")["nonce"]
    for nonce in (foreign, "A" * 43, ""):
        page = check_page(client.post(URL, data=filled(client, nonce=nonce)), 422)
        assert page.fields()["nonce"] != nonce
        assert page.fields()["q_satisfaction"] == "4"
    assert not count(session, Inbox)


def test_a_closed_round_sends_visitors_to_the_page_of_the_unit_and_refuses_ratings(
    world: World, client: FlaskClient, session: Session
) -> None:
    form = filled(client)
    session.execute(update(Round).values(state=RoundState.CLOSED))
    assert client.get(URL).headers["Location"] == "/en/units/U01"
    check_page(client.post(URL, data=form), 409)
    assert not count(session, Inbox)


def test_a_unit_outside_the_round_cannot_be_rated(world: World, client: FlaskClient, session: Session) -> None:
    make_unit(session, code="U09")
    assert client.get("/en/units/U09/rating").status_code == 302
    get_page(client, "/en/units/U77/rating", 404)


def test_a_unit_that_offers_no_service_is_not_rated_by_citizens(
    world: World, client: FlaskClient, session: Session
) -> None:
    inner = make_unit(session, code="U18")
    session.add(RoundUnit(round=world.round, unit=inner, category=inner.category))
    session.commit()
    assert client.get("/en/units/U18/rating").headers["Location"] == "/en/units/U18"
    assert "/en/units/U18/rating" not in get_page(client, "/en/units").links


def test_a_unit_with_a_form_of_its_own_gets_that_form(world: World, client: FlaskClient, session: Session) -> None:
    own = make_questionnaire(session, world.round, "citizens", [make_indicator(session, code="lighting")], world.unit)
    page = get_page(client, URL)
    assert len(page.select("fieldset")) == 1
    client.post(URL, data={**page.fields(), "q_lighting": "5"})
    assert session.scalars(select(Inbox.questionnaire_id)).all() == [own.id]
    assert len(get_page(client, "/en/units/U02/rating").select("fieldset")) == 3


def test_nothing_of_a_rating_reaches_the_audit_log_or_the_responses(
    world: World, client: FlaskClient, session: Session
) -> None:
    client.post(URL, data=filled(client))
    assert not count(session, AuditEntry) + count(session, Response)


def test_the_short_link_of_the_poster_leads_to_the_form_and_is_counted_as_such(
    world: World, client: FlaskClient, session: Session
) -> None:
    link = client.get("/r/U01", headers={"Accept-Language": "zh-CN"})
    assert link.headers["Location"] == "/zh/units/U01/rating?via=qr"
    assert "Accept-Language" in link.headers["Vary"]
    page = get_page(client, link.headers["Location"])
    client.post(page.one("#form").get("action") or "", data={**page.fields(), **ANSWERS})
    assert [lies.channel for lies in in_box(session)] == ["qr"]


def test_an_unknown_channel_counts_as_the_web(world: World, client: FlaskClient, session: Session) -> None:
    client.post(f"{URL}?via=bribe", data=filled(client))
    assert [lies.channel for lies in in_box(session)] == ["web"]


def test_the_poster_picture_is_an_svg_without_style(world: World, client: FlaskClient) -> None:
    picture = client.get("/en/units/U01/qr.svg")
    assert picture.content_type == "image/svg+xml; charset=utf-8"
    assert b"style" not in picture.data
    assert b"/r/U01" in picture.data
    assert client.get("/en/units/U77/qr.svg").status_code == 404


def test_a_control_character_in_the_comment_is_refused_on_both_databases(
    world: World, client: FlaskClient, session: Session
) -> None:
    check_page(client.post(URL, data=filled(client, comment="a\x00b")), 422)
    assert not count(session, Inbox)
