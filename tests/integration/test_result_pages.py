"""The pages from draft results to public ones, in every language and in every state of what they are about."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import Objection, Role, Round, RoundState
from evalsys.services import objections, replies, rounds, runs
from evalsys.services.access import actor_of
from evalsys.services.publication.correcting import republish_round
from tests.factories import NOW, make_account, sign_in
from tests.integration import collecting
from tests.integration.acts_results import end_reply, make_objection
from tests.integration.governing import World, add_answers
from tests.integration.test_decisions import shared
from tests.pages import check_page, get_page

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

ROUND = "/en/oversight/rounds/2025"
LOCALES = ("en", "zh", "ar")
PAGES = ("", "/objections", "/objections/1", "/runs/compare?from=1&to=2", "/adoption", "/publication")


def a_dispute(session: Session) -> World:
    """An objection with two votes, a second run, a reply."""
    world = shared(session)
    make_objection(session, world, id=1, topic="trust")
    for member in (world.first, world.second):
        vote = objections.Judgement("partly", "half of it is right")
        objections.judge_objection(world.actor(member), "2025", 1, vote, now=NOW)
    add_answers(session, world.forms["peers"], world.units[0], [[1]])
    runs.score_round(world.actor(world.analyst), "2025", now=NOW, reason="an answer was found")
    end_reply(session, world, datetime.now(UTC).date() + timedelta(days=3))
    head = actor_of(make_account(session, Role.HEAD, unit=world.units[0], login="head@example.org"))
    replies.write_reply(head, "2025", replies.Words("我们会改进", "zh"), now=datetime.now(UTC))
    return world


@pytest.mark.walk
def test_every_page_is_sound_in_every_language(client: FlaskClient, session: Session) -> None:
    world = a_dispute(session)
    sign_in(client, session, world.first)
    owner = client.application.test_client()
    sign_in(owner, session, session.scalars(select(Objection)).one().account)
    for locale in LOCALES:
        for page in PAGES:
            get_page(client, f"{ROUND.replace('/en/', f'/{locale}/')}{page}")
        for page in ("/head", "/head/draft/2025"):
            get_page(owner, f"/{locale}{page}")


@pytest.mark.walk
def test_pages_need_few_statements(client: FlaskClient, session: Session) -> None:
    world = a_dispute(session)
    sign_in(client, session, world.first)
    counted: list[str] = []

    def note(*told: object) -> None:
        counted.append(str(told[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    most = {}
    for page in PAGES:
        counted.clear()
        client.get(f"{ROUND}{page}")
        most[page] = len(counted)
    event.remove(db.engine, "before_cursor_execute", note)
    assert all(number <= 32 for number in most.values()), most


def test_the_panel_votes_and_decides_on_the_page(client: FlaskClient, session: Session) -> None:
    world = shared(session)
    make_objection(session, world, id=1)
    browser = client
    for member in (world.first, world.second):
        browser = client.application.test_client()
        sign_in(browser, session, member)
        page = get_page(browser, f"{ROUND}/objections/1")
        assert not page.select("form[action$=decision]")
        sent = {**page.fields("form[action$=votes]"), "vote-outcome": "rejected", "vote-reason": "no proof"}
        assert browser.post(f"{ROUND}/objections/1/votes", data=sent).status_code == 302
    page = get_page(browser, f"{ROUND}/objections/1")
    wrong = {**page.fields("form[action$=decision]"), "decision-outcome": "upheld", "decision-reason": "kept words"}
    refused = check_page(browser.post(f"{ROUND}/objections/1/decision", data=wrong), 409)
    assert "kept words" in refused.text
    right = {**wrong, "decision-outcome": "rejected"}
    assert browser.post(f"{ROUND}/objections/1/decision", data=right).status_code == 302
    assert "Rejected" in get_page(browser, f"{ROUND}/objections").text


def test_the_pages_of_adoption_and_publication_list_what_is_missing(client: FlaskClient, session: Session) -> None:
    world = shared(session)
    make_objection(session, world)
    end_reply(session, world, datetime.now(UTC).date() + timedelta(days=3))
    sign_in(client, session, world.first)
    page = get_page(client, f"{ROUND}/adoption")
    assert "Objections that are still open: 1." in page.text
    refused = check_page(client.post(f"{ROUND}/adoption", data=page.fields("form[action$=adoption]")), 409)
    assert "The right of reply has not ended yet." in refused.text
    world.round.state = RoundState.FINAL
    session.commit()
    page = get_page(client, f"{ROUND}/publication")
    assert page.text.count("Not met") == 1
    sent = {**page.fields("form[action$=publication]"), "act": "publish"}
    assert "Objections that are still open: 1." in check_page(client.post(f"{ROUND}/publication", data=sent), 409).text


def test_a_head_is_not_told_what_one_newcomer_said_by_two_drafts(client: FlaskClient, session: Session) -> None:
    world = shared(session)
    heads = [make_account(session, Role.HEAD, unit=unit) for unit in world.units]
    browsers = [client, client.application.test_client()]
    for browser, head in zip(browsers, heads, strict=True):
        sign_in(browser, session, head)

    def read(number: int) -> tuple[str, list[str]]:
        page = get_page(browsers[number], "/en/head/draft/2025")
        return page.text, page.texts("article.sc")

    first = read(0)[1]
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]])
    runs.score_round(world.actor(world.analyst), "2025", now=NOW, reason="an answer was found")
    text, card = read(0)
    assert card == first
    assert "You still read the former draft" in text
    assert "Your score before" not in text
    assert "This draft is a new one" in read(1)[0]
    end_reply(session, world, datetime.now(UTC).date() + timedelta(days=3))
    objection = objections.NewObjection("trust", "not ours")
    objections.raise_objection(actor_of(heads[0]), "2025", objection, now=datetime.now(UTC))
    assert session.scalars(select(Objection)).one().run.number == 1
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    runs.score_round(world.actor(world.analyst), "2025", now=NOW, reason="six answers more were found")
    text, card = read(0)
    assert card != first
    assert "You still read the former draft" not in text
    assert "Your score before" in text


def test_the_board_suspends_a_round_and_takes_it_up_again_on_its_page(client: FlaskClient, session: Session) -> None:
    world = shared(session)
    sign_in(client, session, world.first)
    sent = {**get_page(client, ROUND).fields("form[action$=suspension]"), "reason": "a court has said so"}
    assert client.post(f"{ROUND}/suspension", data=sent).status_code == 302
    page = get_page(client, ROUND)
    assert "a court has said so" in page.text
    assert not page.select("a[href$=adoption].go")
    again = {**page.fields("form[action$=resumption]"), "reason": "the court is content"}
    assert client.post(f"{ROUND}/resumption", data=again).status_code == 302
    assert "a court has said so" not in get_page(client, ROUND).text


def test_the_board_takes_an_adoption_back_on_the_page_of_the_round(client: FlaskClient, session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    sign_in(client, session, world.first)
    sent = {**get_page(client, ROUND).fields("form[action$=reopening]"), "reason": "a figure is wrong"}
    assert client.post(f"{ROUND}/reopening", data=sent).status_code == 302
    assert not get_page(client, ROUND).select("form[action$=reopening]")
    assert get_page(client, f"{ROUND}/adoption").select("form[action$=votes]")


def test_what_was_corrected_says_so_in_public(client: FlaskClient, session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    runs.publish_round(world.actor(world.first), "2025", now=NOW)
    assert "Corrected" not in get_page(client, "/en/rounds/2025/units/U01").text
    sign_in(client, session, world.second)
    assert "Publish the scorecards" not in get_page(client, ROUND).text  # there is nothing to correct
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    runs.score_round(world.actor(world.analyst), "2025", now=NOW, reason="six answers were found")
    assert "Publish the scorecards" in get_page(client, ROUND).text
    page = get_page(client, f"{ROUND}/publication")
    assert "Votes of the board: 0 of the 1 that are needed." in page.text
    assert f"{ROUND}/adoption" in page.links
    sent = {**get_page(client, f"{ROUND}/adoption").fields("form[action$=votes]"), "choice": "for"}
    assert client.post(f"{ROUND}/adoption/votes", data=sent).status_code == 302
    republish_round(world.actor(world.first), "2025", now=NOW + timedelta(days=30))
    page = get_page(client, "/en/rounds/2025/units/U01")
    for words in ("Corrected on December 3, 2025", "six answers were found", "Former score:"):
        assert words in page.text
    assert "six answers were found" in get_page(client, "/en/rounds/2025").text
    former = get_page(client, "/en/rounds/2025/units/U01/runs/1")
    assert "Corrected since" in former.text
    check_page(client.get("/en/rounds/2025/units/U01/runs/2"), 404)


def test_a_suspended_round_takes_nothing_loses_nothing_and_says_so(client: FlaskClient, session: Session) -> None:
    collecting.make_world(session)
    board = make_account(session, Role.BOARD)
    code = session.scalars(select(Round.code)).one()
    rounds.suspend_round(actor_of(board), code, "a court has said so", now=NOW)
    for page in ("/en/", "/en/units/U01", "/en/units/U01/rating"):
        assert "a court has said so" in get_page(client, page).text
    filled = collecting.filled(client, comment="my own words")
    refused = check_page(client.post("/en/units/U01/rating", data=filled), 422)
    assert "suspended" in refused.text
    assert "my own words" in refused.text
    rounds.resume_round(actor_of(board), code, "the court is content", now=NOW)
    assert client.post("/en/units/U01/rating", data=filled).status_code == 302
    assert "a court has said so" not in get_page(client, "/en/").text
