"""What the board sees, types and is told when it adopts weights."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.i18n import LOCALES
from evalsys.models import Role, SchemeVersion, SchemeVote
from evalsys.services import rounds, schemes
from evalsys.services.schemes import Reasons, Vote
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import World
from tests.integration.test_adoption import board_of, parts, propose, vote
from tests.integration.test_run_pages import scored
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

LATER = NOW + timedelta(days=30)
URL = "/en/oversight/rounds/2025/proposals/2"
STATEMENTS = 28  # with the public poll that stands beside every proposal


def scored_and_next(session: Session) -> World:
    """A scored round 2025, and a draft 2026 made from it, with three more proposals."""
    world, _run_id = scored(session)
    analyst = world.actor(world.analyst)
    new = rounds.NewRound("2026", "round:2025", world.round.period_start, world.round.period_end, {"en": "Next"})
    rounds.create_round(analyst, new, now=LATER)
    for weights in (("45", "25", "30"), ("30", "40", "30"), ("50", "25", "25")):
        reasons = Reasons("peers know best", "Peers see more.", "en")
        schemes.propose_weights(analyst, "2026", parts(*weights), reasons, now=LATER)
    return world


@pytest.mark.parametrize("locale", LOCALES)
def test_the_pages_of_adoption_are_sound(client: FlaskClient, session: Session, locale: str) -> None:
    world, third = board_of(session, quorum=2)
    number = propose(world, parts("40", "30", "30"), public="Peers know best.")
    vote(world, third, number, "against", "<b>Citizens</b> lose their say.")
    vote(world, world.first, number, "for")
    schemes.add_remark(world.actor(world.analyst), "2025", number, "One remark.", now=NOW)
    sign_in(client, session, third)
    pages = [get_page(client, f"/{locale}/oversight/rounds/2025{end}") for end in ("/proposals", "/proposals/2")]
    assert get_page(client, f"/{locale}/oversight/rounds/2025/weights/history").select("#version-2")
    assert "One remark." in pages[1].text
    assert pages[1].fields("#vote-form")["vote"] == "against"
    get_page(client, f"/{locale}/oversight")
    get_page(client, f"/{locale}/oversight/rounds/2025/weights/amendment")
    decision = schemes.Decision("2025", number, True, "settled")
    schemes.decide_proposal(world.actor(world.second), decision, now=NOW)
    rounds.open_round(world.actor(world.analyst), "2025", now=NOW)
    sign_in(client, session, make_account(session, Role.AUDITOR))
    public = get_page(client, f"/{locale}/method/history")
    assert "<b>Citizens</b> lose their say." in public.texts(".dissent")[0]
    assert third.name not in public.text
    assert get_page(client, f"/{locale}/method").select("a[href$='/method/history']")


def test_the_public_history_is_empty_before_anything_was_opened(client: FlaskClient, session: Session) -> None:
    board_of(session, quorum=1)
    assert "Nothing has been decided yet" in get_page(client, "/en/method/history").text


def test_differences_are_told_in_words(client: FlaskClient, session: Session) -> None:
    world, third = board_of(session, quorum=1)
    propose(world, parts("45", "25", "30"))
    sign_in(client, session, third)
    for page in (get_page(client, URL), get_page(client, "/en/oversight/rounds/2025/proposals")):
        assert page.texts(".changes li") == [
            "Experience: from 50 to 45 percent, 5 points less",
            "cooperation name (en): from 20 to 25 percent, 5 points more",
        ]


def test_a_vote_is_cast_and_changed_on_the_page(client: FlaskClient, session: Session) -> None:
    world, third = board_of(session, quorum=2)
    propose(world, parts("45", "25", "30"))
    sign_in(client, session, third)
    empty = check_page(post_form(client, URL, {}, form="#vote-form"), 422)
    assert empty.texts(".error-summary li") == ["Choose “For”, “Against” or “Abstain”."]
    unsaid = check_page(post_form(client, URL, {"vote": "against"}, form="#vote-form"), 422)
    assert unsaid.texts(".error-summary li") == ["Say why you vote against it."]
    assert unsaid.title.startswith("Error:")
    sent = {"vote": "against", "vote_reason": "Citizens lose."}
    assert post_form(client, URL, sent, form="#vote-form").status_code == 302
    page = get_page(client, URL)
    assert page.fields("#vote-form")["vote_reason"] == "Citizens lose."
    assert "1 vote is still missing." in page.text
    assert post_form(client, URL, {"vote": "abstain", "vote_reason": ""}, form="#vote-form").status_code == 302
    assert [one.choice for one in session.query(SchemeVote)] == ["abstain"]


def test_a_remark_is_added_on_the_page(client: FlaskClient, session: Session) -> None:
    world, _third = board_of(session, quorum=1)
    propose(world, parts("45", "25", "30"))
    sign_in(client, session, world.analyst)
    empty = check_page(post_form(client, URL, {"remark": " "}, form="#remark-form"), 422)
    assert empty.texts(".error-summary li") == ["Write your remark."]
    assert post_form(client, URL, {"remark": "I wonder."}, form="#remark-form").status_code == 302
    assert "I wonder." in get_page(client, URL).text


def test_a_decision_that_the_rule_does_not_allow_keeps_what_was_typed(client: FlaskClient, session: Session) -> None:
    world, _third = board_of(session, quorum=2)
    propose(world, parts("40", "30", "30"))
    sign_in(client, session, world.second)
    assert "has no public reason" in get_page(client, URL).text
    sent = {"decision": "approve", "reason": "It is fair.", "public_reason": "同行更了解协作。", "public_locale": "zh"}
    page = check_page(post_form(client, URL, sent, form="#form"), 409)
    assert "Votes needed: 2, votes cast: 1." in page.texts(".error-summary p")[0]
    kept = page.fields("#form")
    assert {name: kept[name] for name in sent} == sent
    vote(world, world.first, 2, "for")
    assert post_form(client, URL, sent, form="#form").status_code == 302
    version = session.query(SchemeVersion).filter_by(number=2).one()
    assert (version.public_reason, version.public_reason_locale) == ("同行更了解协作。", "zh")


def test_who_looked_at_other_weights_in_force_is_sent_back(client: FlaskClient, session: Session) -> None:
    world, _third = board_of(session, quorum=1)
    for weights in (("45", "25", "30"), ("50", "25", "25")):
        propose(world, parts(*weights))
    sign_in(client, session, world.second)
    seen = get_page(client, "/en/oversight/rounds/2025/proposals/3").fields("#form")
    schemes.decide_proposal(world.actor(world.first), schemes.Decision("2025", 2, True, ""), now=NOW)
    answer = client.post(f"{URL[:-1]}3/decision", data={**seen, "decision": "approve"})
    assert "in the meantime" in check_page(answer, 409).text


def test_nobody_without_a_vote_is_offered_one(client: FlaskClient, session: Session) -> None:
    world, _third = board_of(session, quorum=1)
    propose(world, parts("45", "25", "30"))
    sign_in(client, session, make_account(session, Role.AUDITOR))
    page = get_page(client, URL)
    assert page.select("main form") == []
    sign_in(client, session, world.analyst)
    assert [form.get("id") for form in get_page(client, URL).select("main form")] == ["remark-form"]


def test_four_versions_ask_the_database_no_more_than_a_page_may(client: FlaskClient, session: Session) -> None:
    world = scored_and_next(session)
    schemes.cast_vote(world.actor(world.first), Vote("2026", 2, "for", ""), now=LATER)
    sign_in(client, session, world.second)
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, text, *_rest: said.append(text))
    for path in ("/proposals", "/weights/history", "/proposals/2"):
        get_page(client, f"/en/oversight/rounds/2026{path}")
        said.clear()
        page = get_page(client, f"/en/oversight/rounds/2026{path}")
        assert len([text for text in said if text.startswith("SELECT")]) <= STATEMENTS, path
        assert len(page.select(".proposal")) == (4 if path == "/proposals" else 0)
        assert len(page.select(".chapter")) == (4 if path == "/weights/history" else 0)


def test_a_form_that_is_no_longer_offered_is_answered_with_a_word(client: FlaskClient, session: Session) -> None:
    world, third = board_of(session, quorum=1)
    propose(world, parts("45", "25", "30"))
    sign_in(client, session, third)
    seen = get_page(client, URL).fields("#vote-form")
    schemes.decide_proposal(world.actor(world.first), schemes.Decision("2025", 2, True, ""), now=NOW)
    answer = client.post(f"{URL}/votes", data={**seen, "vote": "against", "vote_reason": ""})
    assert check_page(answer, 422).texts(".error-summary p") == ["This has changed in the meantime. Look at it again."]
