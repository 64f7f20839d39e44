"""Operators and questionnaires with every kind of question: entered together, on paper, asked again, printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.models import PaperEntry, Question, Round, RoundState
from evalsys.services.questionnaires.document import canonical, columns
from scoring.collect import unpack
from tests.factories import make_indicator
from tests.integration.collecting import World, in_box, make_world
from tests.integration.entering import ASSISTED, PAPER, Desk, make_desk
from tests.pages import check_page, get_page, post_form
from tests.questionnaires import whole

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL


@contextmanager
def drafting(session: Session) -> Iterator[None]:
    """While a round collects the database lets nobody change its form."""
    session.execute(update(Round).values(state=RoundState.DRAFT))
    yield
    session.flush()
    session.execute(update(Round).values(state=RoundState.COLLECTING))
    session.commit()


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return make_desk(app, session)


@pytest.fixture
def every_kind(world: World, session: Session) -> World:
    """The form asks one question of every kind: nine of them in ten columns, an open one, reasons."""
    known = {question.indicator.code: question.indicator for question in world.citizens.questions}
    asked = [known.get(code) or make_indicator(session, code=code, points=points) for code, points in columns(whole())]
    with drafting(session):
        world.citizens.questions = []
        session.flush()
        world.citizens.questions = [Question(position=place, indicator=one) for place, one in enumerate(asked)]
        world.citizens.body, world.citizens.digest = canonical(whole()), whole().digest
    return world


WHOLE = {
    "q_satisfaction": "5",
    "q_trust": "1",
    "reason_trust": "They lied.",
    "q_clean": "dk",
    "q_again": "2",
    "q_overall": "50",
    "q_saw_queue": "yes",
    "q_district": "3",
    "t_better": "Open on Saturdays",
}


def codes_of(session: Session) -> tuple[int, ...]:
    """The one rating in the box, a code a column."""
    (lies,) = in_box(session)
    return tuple(unpack(lies.answers, [points for _, points in columns(whole())]))


def test_every_kind_of_question_is_entered_together(every_kind: World, desk: Desk, session: Session) -> None:
    missing = check_page(post_form(desk.first, ASSISTED, {**WHOLE, "reason_trust": "", "q_overall": "101"}), 422)
    targets = [link.get("href") for link in missing.select(".error-summary a")]
    assert targets == ["#reason_trust", "#q_overall"]
    assert missing.fields()["t_better"] == "Open on Saturdays"
    assert post_form(desk.first, ASSISTED, WHOLE).status_code == 302
    assert codes_of(session) == (5, 1, 6, 2, 51, 2, 1, 0, 3)
    assert in_box(session)[0].texts == {"better": "Open on Saturdays", "trust": "They lied."}


def test_every_kind_of_question_is_the_same_on_paper_whatever_digits_were_typed(
    every_kind: World, desk: Desk, session: Session
) -> None:
    for client, typed in ((desk.first, {"q_overall": "٠٥٠"}), (desk.second, {"t_better": " Open on  Saturdays"})):
        assert post_form(client, PAPER, {**WHOLE, "number": "7", **typed}).headers["Location"] == PAPER
    assert codes_of(session) == (5, 1, 6, 2, 51, 2, 1, 0, 3)
    assert in_box(session)[0].texts == {"better": "Open on  Saturdays", "trust": "They lied."}


def test_ticks_numbers_boxes_reasons_and_words_that_differ_are_asked_again_question_by_question(
    every_kind: World, desk: Desk, session: Session
) -> None:
    post_form(desk.first, PAPER, {**WHOLE, "number": "7"})
    second = {**WHOLE, "number": "7", "q_overall": "", "none_overall": "yes", "q_saw_help": "yes", "t_better": "Open"}
    second["reason_trust"] = "They tried."
    place = post_form(desk.second, PAPER, second).headers["Location"]
    page = get_page(desk.second, place)
    assert page.texts(".entry-both") == [
        "Reason First entry: They lied. Second entry: They tried.",
        "First entry: 50 Second entry: nothing",
        "I do not know First entry: not ticked Second entry: ticked",
        "help First entry: not ticked Second entry: ticked",
        "First entry: Open on Saturdays Second entry: Open",
    ]
    shown = page.fields()
    assert {"q_saw_queue", "q_trust"} <= set(shown)
    assert not {"none_overall", "q_saw_help", "q_satisfaction"} & set(shown)
    assert "reason_overall" in shown
    both = {**shown, "q_overall": "50", "none_overall": "yes"}
    twice = check_page(desk.second.post(place, data=both), 422)
    assert [link.get("href") for link in twice.select(".error-summary a")] == ["#q_overall"]
    told = {**shown, "q_overall": "49", "reason_trust": "They lied.", "t_better": "Open on Saturdays"}
    assert desk.second.post(place, data=told).status_code == 302
    assert codes_of(session) == (5, 1, 6, 2, 50, 2, 1, 0, 3)
    assert in_box(session)[0].texts == {"better": "Open on Saturdays", "trust": "They lied."}


def test_two_boxes_beside_a_score_are_named_and_a_blank_block_of_boxes_is_no_answer(
    every_kind: World, desk: Desk, session: Session
) -> None:
    wrong = {"number": "8", "none_overall": "yes", "na_overall": "yes"}
    page = check_page(post_form(desk.first, PAPER, wrong), 422)
    assert [link.get("href") for link in page.select(".error-summary a")] == ["#q_overall"]
    assert "Answer at least one question." in check_page(post_form(desk.first, PAPER, {"number": "8"}), 422).text
    assert post_form(desk.first, PAPER, {"number": "8", "q_saw_help": "yes"}).status_code == 302
    assert session.scalars(select(PaperEntry.number)).all() == ["8"]


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_printed_form_draws_every_kind(every_kind: World, desk: Desk, locale: str) -> None:
    page = get_page(desk.first, f"/{locale}/entry/units/U01/print")
    boxes = [len(list(item.iterfind(".//*[@class='paper__box']"))) for item in page.select(".paper__questions > li")]
    assert boxes == [6, 5, 6, 2, 2, 2, 5, 3, 0]
    assert len(page.select(".paper__score")) == 1
    assert len(page.select(".paper__ranges tr")) == 6
    assert len(page.select(".paper__questions .paper__lines")) == 3
    assert [row.get("start") for row in page.select(".paper__questions")] == ["1", "6"]


def test_the_promise_on_the_forms_is_that_of_the_questionnaire(every_kind: World, desk: Desk, session: Session) -> None:
    document = replace(whole(), promise="confidential")
    for path in (ASSISTED, "/en/entry/units/U01/print"):
        assert "Nobody can see who you are." in get_page(desk.first, path).text
    with drafting(session):
        every_kind.citizens.body, every_kind.citizens.digest = canonical(document), document.digest
    for path in (ASSISTED, "/en/entry/units/U01/print"):
        assert "sees only the combined result" in get_page(desk.first, path).text
