"""Pages of a consultation: everybody reads, comments and weighs without account or script; the desk answers."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.i18n import LOCALES
from evalsys.models import Consultation, ConsultationComment, PollAnswer, Throttle
from evalsys.services.consultations import acts, sending
from evalsys.services.guard import Limits, make_puzzle, puzzle
from tests.conftest import SECRET
from tests.factories import sign_in
from tests.integration.acts_asking import add_consultation
from tests.integration.governing import World, make_world
from tests.integration.guarding import solve
from tests.integration.test_collection import counting
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

PUBLIC = "/en/consultations/2025"
DESK = "/en/oversight/rounds/2025/consultation"
POLL = {
    **{f"i-n-{part}": "5" for part in ("experience", "cooperation", "leadership")},
    **{f"i-g-{group}": "7" for group in ("citizens", "peers", "experts")},
}


@pytest.fixture
def world(session: Session) -> World:
    """A draft that lies open today."""
    made = make_world(session)
    made.round.state = "consulted"
    add_consultation(session, made, utc_now().date())
    return made


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The true limits; puzzles are short, since how long they take is not the matter."""
    monkeypatch.setitem(app.config, "GUARD", Limits())
    monkeypatch.setattr(puzzle, "NUMBERS", 20)


def number_of(session: Session) -> int:
    return session.scalars(select(Consultation.id)).one()


def end(session: Session) -> None:
    """The last day was yesterday."""
    session.get_one(Consultation, number_of(session)).ends_on = utc_now().date() - timedelta(days=1)
    session.commit()


def old_nonce(session: Session) -> str:
    return sending.new_form_number(number_of(session), SECRET, utc_now() - timedelta(minutes=1))


def comments(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(ConsultationComment.text)))


def test_somebody_without_account_comments_on_a_part(client: FlaskClient, session: Session, world: World) -> None:
    page = get_page(client, PUBLIC)
    assert "trust question (en)" in page.text
    form = f"{PUBLIC}/comment?topic=trust"
    assert form in page.links
    assert get_page(client, form).fields()["topic"] == "trust"
    answer = post_form(client, form, {"text": "Ask about fairness instead"})
    assert answer.location == PUBLIC
    after = get_page(client, PUBLIC)
    assert "It has arrived" in after.text
    assert "Ask about fairness instead" not in after.text
    assert session.execute(select(ConsultationComment.topic, ConsultationComment.text)).all() == [
        ("trust", "Ask about fairness instead")
    ]


def test_a_mistake_keeps_what_was_typed(client: FlaskClient, session: Session, world: World) -> None:
    form = f"{PUBLIC}/comment"
    page = check_page(post_form(client, form, {"text": "y" * 2001, "topic": "peers"}), 422)
    assert "Use 2000 characters or fewer. You have 2001." in page.texts(".error-summary")[0]
    assert (page.fields()["text"], page.fields()["topic"]) == ("y" * 2001, "peers")
    page = check_page(post_form(client, form, {"text": "fine", "topic": "unknown"}), 422)
    assert page.texts(".error-summary")
    page = check_page(post_form(client, form, {"text": "fine", "nonce": "n" * 43}), 422)
    assert page.fields()["text"] == "fine"
    assert comments(session) == []


def test_somebody_says_how_she_would_weigh(client: FlaskClient, session: Session, world: World) -> None:
    form = f"{PUBLIC}/poll"
    half = check_page(post_form(client, form, {**POLL, "i-n-experience": ""}), 422)
    assert "Say how important “Experience” is." in half.texts(".error-summary")[0]
    assert half.fields()["i-g-peers"] == "7"
    assert post_form(client, form, POLL).location == PUBLIC
    assert set(session.scalars(select(PollAnswer.body)).one().values()) == {5, 7}


def test_a_flood_of_posts_is_throttled_and_keeps_no_address(
    guarded: None, client: FlaskClient, session: Session, world: World
) -> None:
    fields = get_page(client, f"{PUBLIC}/comment").fields()
    answers = [
        client.post(f"{PUBLIC}/comment", data={**fields, "text": f"spam {one}", "nonce": old_nonce(session)})
        for one in range(100)
    ]
    assert {answer.status_code for answer in answers} == {302, 429}
    assert 5 <= len(comments(session)) <= 10
    last = answers[-1]
    assert 0 < int(last.headers["Retry-After"]) <= 3600
    page = check_page(last, 429)
    assert page.fields()["text"] == "spam 99"
    assert "send it again later" in page.text
    stored = [*session.scalars(select(Throttle.key)), *session.scalars(select(ConsultationComment.id))]
    assert not [text for text in stored if "127.0.0" in text]


def test_a_solved_puzzle_passes_where_programs_are_stopped(
    guarded: None, client: FlaskClient, session: Session, world: World
) -> None:
    fields = get_page(client, f"{PUBLIC}/comment").fields()
    for one in range(6):
        client.post(f"{PUBLIC}/comment", data={**fields, "text": f"spam {one}", "nonce": old_nonce(session)})
    nonce = old_nonce(session)
    solved = solve(make_puzzle(nonce, SECRET, utc_now() - timedelta(minutes=1)))
    sent = {**fields, "text": "from a person", "nonce": nonce, "puzzle": solved}
    assert [client.post(f"{PUBLIC}/comment", data=sent).status_code for _ in range(2)] == [302, 302]
    assert comments(session).count("from a person") == 1


@pytest.mark.parametrize("extra", [{"homepage": "https://spam.example"}, {"nonce": ""}])
def test_programs_that_fill_in_everything_or_are_too_quick_are_refused(
    guarded: None, client: FlaskClient, session: Session, world: World, extra: Mapping[str, str]
) -> None:
    fields = get_page(client, f"{PUBLIC}/comment").fields()
    sent = {**fields, "text": "words", **({"nonce": old_nonce(session)} if "homepage" in extra else {}), **extra}
    page = check_page(client.post(f"{PUBLIC}/comment", data=sent), 422)
    assert page.fields()["text"] == "words"
    quick = check_page(client.post(f"{PUBLIC}/comment", data={**fields, "text": "words"}), 422)
    assert "That was very quick." in quick.text
    assert comments(session) == []


def test_a_form_from_another_site_is_refused(client: FlaskClient, session: Session, world: World) -> None:
    fields = get_page(client, f"{PUBLIC}/comment").fields()
    sent = {**fields, "text": "words"}
    assert client.post(f"{PUBLIC}/comment", data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_consultation_that_is_over_shows_its_draft_but_no_form(
    client: FlaskClient, session: Session, world: World
) -> None:
    fields = get_page(client, f"{PUBLIC}/comment").fields()
    end(session)
    assert client.get(f"{PUBLIC}/comment").location == PUBLIC
    assert client.get(f"{PUBLIC}/poll").location == PUBLIC
    check_page(client.post(f"{PUBLIC}/comment", data={**fields, "text": "late"}), 409)
    page = get_page(client, PUBLIC)
    assert not [link for link in page.links if "/comment" in link]
    assert "Ended on" in get_page(client, "/en/consultations").text
    assert PUBLIC not in get_page(client, "/en/").links


def test_the_front_page_leads_to_an_open_consultation(client: FlaskClient, world: World) -> None:
    assert PUBLIC in get_page(client, "/en/").links
    assert PUBLIC in get_page(client, "/en/consultations").links


def test_the_desk_publishes_answers_and_concludes(client: FlaskClient, session: Session, world: World) -> None:
    post_form(client, f"{PUBLIC}/comment", {"text": "Ask about <b>fairness</b>"})
    sign_in(client, session, world.analyst)
    desk = get_page(client, DESK)
    (link,) = [link for link in desk.links if "/comments/" in link]
    assert "Waits for a decision" in desk.text
    assert client.post(link, data={**get_page(client, link).fields(), "decision": ""}).status_code == 422
    assert post_form(client, link, {"decision": "publish"}, "#judge").location == link
    refused = check_page(post_form(client, link, {"answer": ""}, "#form"), 422)
    assert "Write an answer." in refused.text
    assert post_form(client, link, {"answer": "We do, in item 7"}, "#form").location == DESK
    public = get_page(client, PUBLIC)
    assert "Ask about <b>fairness</b>" in public.text
    assert "We do, in item 7" in public.text
    assert world.analyst.name not in " ".join(public.texts("main"))
    assert not get_page(client, DESK).select("form[action$=end]")
    judging = get_page(client, link).fields("#judge")
    end(session)
    assert post_form(client, DESK, {}, "form[action$=end]").location == DESK
    assert "Concluded" in get_page(client, DESK).text
    settled = get_page(client, link)
    assert not settled.select("form#form")
    assert [one.get("value") for one in settled.select("#judge input[name=decision]")] == ["personal"]
    check_page(client.post(link, data={**judging, "decision": "abuse"}), 409)
    assert post_form(client, link, {"decision": "personal"}, "#judge").location == DESK
    assert "Ask about <b>fairness</b>" not in get_page(client, PUBLIC).text


def test_an_analyst_opens_a_consultation_for_twenty_days(client: FlaskClient, session: Session) -> None:
    world = make_world(session)
    sign_in(client, session, world.analyst)
    page = get_page(client, DESK)
    assert page.fields("#form")["ends_on"] == (utc_now().date() + timedelta(days=20)).isoformat()
    assert page.fields("#form")["has_poll"] == "yes"
    wrong = check_page(post_form(client, DESK, {"ends_on": "2001-01-01"}, "#form"), 422)
    assert wrong.fields("#form")["ends_on"] == "2001-01-01"
    assert post_form(client, DESK, {}, "#form").location == DESK
    assert get_page(client, "/en/").links.count(PUBLIC) == 1


def test_the_poll_stands_beside_the_weights_and_every_proposal(
    client: FlaskClient, session: Session, world: World
) -> None:
    for _ in range(2):
        post_form(client, f"{PUBLIC}/poll", {**POLL, "i-n-experience": "10"})
    paths = [f"/en/oversight/rounds/2025/{path}" for path in ("weights", "proposals/1")]
    sign_in(client, session, world.first)
    for path in (*paths, PUBLIC, DESK):
        page = get_page(client, path)
        assert "Answers so far: fewer than ten." in page.text, path
        assert not page.select("#poll-parts"), path
    end(session)
    for path in paths:
        page = get_page(client, path)
        assert page.texts("#poll-parts tbody tr")[0].split() == ["Experience", "50.0", "50.0"], path
        assert "(n = 2)" in page.text
    few = get_page(client, PUBLIC)
    assert "Fewer than 10 people answered, so no result is shown." in few.text
    assert not few.select("#poll-parts")


def test_ten_answers_are_told_once_the_consultation_is_over(
    client: FlaskClient, session: Session, world: World
) -> None:
    for _ in range(10):
        post_form(client, f"{PUBLIC}/poll", POLL)
    page = get_page(client, PUBLIC)
    assert "Answers so far: at least 10." in page.text
    assert not page.select("#poll-parts")
    end(session)
    assert get_page(client, PUBLIC).select("#poll-parts")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_is_sound_in_every_language(
    client: FlaskClient, session: Session, world: World, locale: str
) -> None:
    for _ in range(10):
        post_form(client, f"{PUBLIC}/poll", POLL)
    for _ in range(2):
        post_form(client, f"{PUBLIC}/comment", {"text": "نص\nسطر"})
    first, second = session.scalars(select(ConsultationComment.id))
    who = world.actor(world.analyst)
    acts.judge_comment(who, "2025", acts.Verdict(first), now=utc_now())
    acts.answer_comment(who, "2025", first, "好的", now=utc_now())
    acts.judge_comment(who, "2025", acts.Verdict(second, "abuse"), now=utc_now())
    end(session)
    get_page(client, f"/{locale}/consultations/2025")
    session.get_one(Consultation, number_of(session)).ends_on = utc_now().date()
    session.commit()
    for path in (
        "/consultations",
        "/consultations/2025",
        "/consultations/2025/comment",
        "/consultations/2025/poll",
        "/",
    ):
        get_page(client, f"/{locale}{path}")
    sign_in(client, session, world.analyst)
    for path in ("", f"/comments/{first}", f"/comments/{second}"):
        get_page(client, DESK.replace("/en/", f"/{locale}/") + path)


def test_pages_take_few_statements_however_many_comments_there_are(
    app: Flask, client: FlaskClient, session: Session, world: World
) -> None:
    sign_in(client, session, world.analyst)
    taken: dict[str, list[int]] = {PUBLIC: [], DESK: [], "/en/oversight/rounds/2025/weights": []}
    for more in (1, 5):
        for _ in range(more):
            post_form(client, f"{PUBLIC}/comment", {"text": "x"})
        session.execute(update(ConsultationComment).values(state="published"))
        session.commit()
        for path, numbers in taken.items():
            with counting(app) as sent:
                get_page(client, path)
            numbers.append(len(sent))
    assert len(comments(session)) == 6
    assert {path: numbers for path, numbers in taken.items() if numbers[0] != numbers[1] or numbers[0] > 25} == {}
