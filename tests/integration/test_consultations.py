"""A draft lies open: what is kept of whom, who publishes and answers, and when weights may be approved."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Consultation, ConsultationComment, PollAnswer, Round
from evalsys.services import schemes
from evalsys.services.consultations import acts, desk, pages, sending
from evalsys.services.consultations.acts import Plan, Verdict
from evalsys.services.consultations.sending import Comment, Posted
from tests.conftest import SECRET
from tests.factories import NOW, make_round
from tests.integration.acts_asking import add_consultation
from tests.integration.governing import World, audit_of, make_world
from tests.integration.test_collection import counting

TODAY = NOW.date()
EQUAL = {"n-experience": 5, "n-cooperation": 5, "n-leadership": 5, "g-citizens": 5, "g-peers": 5, "g-experts": 5}


def nobody_asks(_session: Session) -> None:
    """A guard that lets everything in."""


def posted(number: int, nonce: str = "") -> Posted:
    made = sending.new_form_number(number, SECRET, NOW - timedelta(minutes=1))
    return Posted(number, nonce or made, nobody_asks)


def send(number: int, text: str = "Ask the users", topic: str = "", sent: Posted | None = None) -> None:
    sending.send_comment(sent or posted(number), Comment(topic, text), secret=SECRET, now=NOW)


def comment_id(session: Session) -> str:
    session.expire_all()
    return session.scalars(select(ConsultationComment.id)).one()


def judge(world: World, comment: str, hide_for: str = "") -> None:
    acts.judge_comment(world.actor(world.analyst), "2025", Verdict(comment, hide_for), now=NOW)


def test_a_consultation_lays_the_newest_version_open_until_a_later_day(session: Session) -> None:
    world = make_world(session)
    who = world.actor(world.analyst)
    for day in (TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=366)):
        with pytest.raises(Invalid):
            acts.open_consultation(who, "2025", Plan(day), now=NOW)
    acts.open_consultation(who, "2025", Plan(TODAY + timedelta(days=20), has_poll=False), now=NOW)
    kept = session.scalars(select(Consultation)).one()
    assert (kept.version.number, kept.ends_on, kept.has_poll, kept.closed_at) == (1, date(2025, 11, 23), False, None)
    assert session.scalars(select(Round.state)).one() == "consulted"
    assert audit_of(session, "round.consult")[-1] == ("round.consult", "done")


def test_a_row_holds_nothing_but_what_is_said_and_its_day(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    send(number, "Weigh the users more", "citizens")
    sending.send_poll(posted(number), EQUAL, secret=SECRET, now=NOW)
    before = audit_of(session)
    row = session.execute(select(ConsultationComment.__table__)).mappings().one()
    assert {name: value for name, value in row.items() if name != "id"} == {
        "consultation_id": number,
        "topic": "citizens",
        "text": "Weigh the users more",
        "day": TODAY,
        "state": "received",
        "hidden_reason": "",
        "answer": "",
        "answered_by": None,
        "answered_at": None,
    }
    answer = session.execute(select(PollAnswer.__table__)).mappings().one()
    assert {name: value for name, value in answer.items() if name != "id"} == {
        "consultation_id": number,
        "body": EQUAL,
        "day": TODAY,
    }
    assert before == []
    assert len({row["id"], answer["id"]}) == 2
    assert {column["name"] for column in inspect(session.get_bind()).get_columns("poll_answer")} == set(answer)


def test_one_form_of_each_kind_is_taken_once_and_its_two_keys_have_nothing_in_common(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    sent = posted(number)
    for text in ("first", "second"):
        send(number, text, sent=sent)
        sending.send_poll(sent, EQUAL, secret=SECRET, now=NOW)
    comment, poll = session.scalars(select(ConsultationComment)).one(), session.scalars(select(PollAnswer)).one()
    assert comment.text == "first"
    assert comment.id != poll.id
    assert sent.nonce not in (comment.id, poll.id)


def test_what_the_guard_refuses_leaves_nothing(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)

    def refuse(_session: Session) -> None:
        raise Conflict("no")

    with pytest.raises(Conflict):
        send(number, sent=Posted(number, posted(number).nonce, refuse))
    assert session.scalars(select(ConsultationComment)).all() == []


def test_a_comment_needs_words_and_a_topic_of_the_draft(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    for text, topic in (("", ""), (" \n ", ""), ("x" * 2001, ""), ("fine", "nothing"), ("fine", "score")):
        with pytest.raises(Invalid):
            send(number, text, topic)
    send(number, "x" * 2000, "trust")


def test_a_poll_answer_gives_every_part_a_number_from_0_to_10(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    wrong = {**EQUAL, "n-experience": 11}, {**EQUAL, "g-peers": -1}, {**EQUAL, "n-other": 3}, {"n-experience": 5}
    for body in ({}, *wrong):
        with pytest.raises(Invalid):
            sending.send_poll(posted(number), body, secret=SECRET, now=NOW)


def test_a_form_of_another_consultation_or_server_is_refused(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    for nonce in (sending.new_form_number(number + 1, SECRET, NOW), "n" * 43):
        with pytest.raises(Invalid):
            send(number, sent=posted(number, nonce))
    with pytest.raises(Invalid):
        sending.send_comment(posted(number), Comment("", "x"), secret="another secret", now=NOW)


def test_nothing_is_taken_after_the_last_day_or_without_a_poll(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, has_poll=False)
    with pytest.raises(Conflict, match="over"):
        send(number)
    session.get_one(Consultation, number).ends_on = TODAY
    session.commit()
    send(number)
    with pytest.raises(Conflict, match="no poll"):
        sending.send_poll(posted(number), EQUAL, secret=SECRET, now=NOW)


def test_a_comment_is_published_as_it_is_or_hidden_for_two_reasons_only(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    send(number, "My name is Ann")
    comment = comment_id(session)
    with pytest.raises(Invalid):
        judge(world, comment, "we do not like it")
    judge(world, comment, "personal")
    page = pages.read_consultation("2025", "en", TODAY)
    assert (page.comments, page.hidden) == ((), 1)
    judge(world, comment)
    page = pages.read_consultation("2025", "en", TODAY)
    assert [one.text for one in page.comments] == ["My name is Ann"]
    assert page.hidden == 0


def test_only_a_published_comment_is_answered_and_the_answer_stands_beside_it(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    send(number, topic="peers")
    comment, who = comment_id(session), world.actor(world.analyst)
    with pytest.raises(Conflict, match="Publish"):
        acts.answer_comment(who, "2025", comment, "We do", now=NOW)
    judge(world, comment)
    with pytest.raises(Invalid):
        acts.answer_comment(who, "2025", comment, " ", now=NOW)
    acts.answer_comment(who, "2025", comment, "We do", now=NOW)
    (shown,) = pages.read_consultation("2025", "en", TODAY).comments
    assert (str(shown.topic), shown.answer, shown.answered_on) == ("Peers", "We do", TODAY)


def test_a_comment_of_another_round_is_not_found(session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    send(number)
    make_round(session, code="2026")
    for call in (
        lambda: desk.comment_page(world.actor(world.analyst), "2026", comment_id(session), "en"),
        lambda: pages.read_consultation("2026", "en", TODAY),
    ):
        with pytest.raises(NotFound):
            call()


def conclude(world: World, days: int) -> None:
    acts.conclude_consultation(world.actor(world.analyst), "2025", now=NOW + timedelta(days=days))


def test_a_consultation_is_concluded_after_its_last_day_when_every_comment_is_settled(session: Session) -> None:
    world = make_world(session)
    world.round.state = "consulted"
    number = add_consultation(session, world, TODAY)
    send(number)
    comment = comment_id(session)
    with pytest.raises(Conflict, match="until 2025-11-03"):
        conclude(world, 0)
    with pytest.raises(Conflict, match="neither hidden nor published with an answer: 1"):
        conclude(world, 1)
    judge(world, comment)
    with pytest.raises(Conflict, match="neither"):
        conclude(world, 1)
    acts.answer_comment(world.actor(world.analyst), "2025", comment, "We do", now=NOW)
    conclude(world, 1)
    assert session.scalars(select(Consultation.closed_at)).one() == NOW + timedelta(days=1)
    with pytest.raises(Conflict, match="No consultation"):
        conclude(world, 1)
    with pytest.raises(Conflict, match="concluded"):
        acts.answer_comment(world.actor(world.analyst), "2025", comment, "We do not", now=NOW)
    for hide_for in ("", "abuse"):
        with pytest.raises(Conflict, match="concluded"):
            judge(world, comment, hide_for)
    judge(world, comment, "personal")
    assert session.scalars(select(ConsultationComment.state)).one() == "hidden"


@pytest.mark.database("postgresql")  # the other one lets one transaction write at a time
def test_a_comment_is_judged_and_answered_with_the_consultation_locked(app: Flask, session: Session) -> None:
    world = make_world(session)
    number = add_consultation(session, world, TODAY)
    send(number)
    comment = comment_id(session)
    with counting(app) as sent:
        judge(world, comment)
        acts.answer_comment(world.actor(world.analyst), "2025", comment, "We do", now=NOW)
    assert sum("FROM consultation " in one.replace("\n", " ") and "FOR UPDATE" in one for one in sent) == 2


def test_weights_are_approved_only_after_the_consultation_is_concluded(session: Session) -> None:
    world = make_world(session)
    world.round.state = "consulted"
    add_consultation(session, world)
    approve = schemes.Decision("2025", 1, is_approved=True, reason="")
    with pytest.raises(Conflict, match="not concluded"):
        schemes.decide_proposal(world.actor(world.first), approve, now=NOW)
    assert session.scalars(select(Round.state)).one() == "consulted"
    conclude(world, 0)
    schemes.decide_proposal(world.actor(world.first), approve, now=NOW)
    assert session.scalars(select(Round.state)).one() == "approved"
