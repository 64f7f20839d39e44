"""Operators: ratings entered together with people, and paper forms typed in twice."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Account, AuditEntry, Credential, Inbox, PaperEntry, Role, Round, RoundState
from evalsys.services import collection, entries, rounds
from evalsys.services.access import Actor, actor_of
from evalsys.services.entries import Entry
from tests.conftest import SECRET
from tests.factories import NOW, make_account, make_questionnaire, make_round
from tests.integration.collecting import ANSWERS, PACKED, World, in_box, make_tokens, make_world
from tests.integration.entering import ASSISTED, PAPER, Desk, make_desk
from tests.integration.hostile import FORBIDDEN
from tests.pages import Page, check_page, get_page, post_form


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return make_desk(app, session)


def rows(session: Session) -> list[tuple[str, str, bytes, bytes]]:
    session.expire_all()
    found = session.execute(select(PaperEntry.number, PaperEntry.state, PaperEntry.first, PaperEntry.second))
    return [(number, state, first, second) for number, state, first, second in found]


def test_an_assisted_rating_is_marked_and_counts_as_open(world: World, desk: Desk, session: Session) -> None:
    answer = post_form(desk.first, ASSISTED, {**ANSWERS, "comment": "words"})
    assert answer.headers["Location"] == "/en/entry"
    (lies,) = in_box(session)
    assert (lies.channel, lies.answers, lies.comment, lies.network, lies.pace) == ("assisted", PACKED, "words", 0, 0)
    assert session.scalars(select(Inbox.stratum)).all() == ["open"]
    assert "1" in get_page(desk.first, "/en/entry").texts(".stat__value")


def test_the_log_names_operator_and_channel_and_neither_unit_nor_answer(
    world: World, desk: Desk, session: Session
) -> None:
    (token,) = make_tokens(session, world, 1)
    post_form(desk.first, ASSISTED, {**ANSWERS, "comment": "secret words", "invitation": token})
    (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.act, entry.subject, entry.outcome) == ("entry.send", "round:2025", "done")
    assert entry.detail == {"channel": "assisted"}


def test_an_invitation_is_spent_once_and_a_wrong_one_is_named(world: World, desk: Desk, session: Session) -> None:
    (token,) = make_tokens(session, world, 1, "residents")
    assert post_form(desk.first, ASSISTED, {**ANSWERS, "invitation": token}).status_code == 302
    assert session.scalars(select(Inbox.stratum)).all() == ["residents"]
    assert session.scalars(select(Credential.state)).all() == [1]
    for code in (token, "never-given-out", "not a code!"):
        page = check_page(post_form(desk.first, ASSISTED, {**ANSWERS, "invitation": code, "comment": "kept"}), 422)
        assert [link.get("href") for link in page.select(".error-summary a")] == ["#invitation"]
        assert page.fields()["comment"] == "kept"
    assert len(in_box(session)) == 1


def test_sending_an_assisted_form_twice_is_one_rating(world: World, desk: Desk, session: Session) -> None:
    form = {**get_page(desk.first, ASSISTED).fields(), **ANSWERS}
    for _ in range(2):
        assert desk.first.post(ASSISTED, data=form).status_code == 302
    assert len(in_box(session)) == 1


def test_a_gap_in_an_assisted_form_is_named(world: World, desk: Desk) -> None:
    page = check_page(post_form(desk.first, ASSISTED, {"q_trust": "3"}), 422)
    assert [link.get("href") for link in page.select(".error-summary a")] == ["#q_satisfaction-1", "#q_speed-1"]


def type_in(client: FlaskClient, **over: str) -> str:
    answer = post_form(client, PAPER, {**ANSWERS, "number": "000017", **over})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def test_paper_counts_when_two_operators_agree_and_only_its_number_stays(
    world: World, desk: Desk, session: Session
) -> None:
    assert "Enter the number that is printed" not in get_page(desk.first, PAPER).text
    assert type_in(desk.first, comment="the same   words") == PAPER
    ((number, state, first, _second),) = rows(session)
    assert (number, state) == ("000017", "once")
    assert b"words" not in first
    assert not in_box(session)
    assert "000017" in get_page(desk.second, "/en/entry").text
    type_in(desk.second, comment="the same words\n")
    assert rows(session) == [("000017", "done", b"", b"")]
    (lies,) = in_box(session)
    assert (lies.channel, lies.answers, lies.pace) == ("paper", PACKED, 0)


def test_the_second_entry_is_somebody_elses_and_a_number_counts_once(
    world: World, desk: Desk, session: Session
) -> None:
    type_in(desk.first)
    page = check_page(post_form(desk.first, PAPER, {**ANSWERS, "number": "٠٠٠٠١٧", "comment": "kept"}), 409)
    assert "You have typed in this form yourself." in page.text
    assert page.fields()["comment"] == "kept"
    type_in(desk.second)
    for client in (desk.first, desk.second):
        check_page(post_form(client, PAPER, {**ANSWERS, "number": "000017"}), 409)
    assert len(in_box(session)) == 1


def test_differences_go_back_to_the_paper_and_both_entries_are_erased(
    world: World, desk: Desk, session: Session
) -> None:
    type_in(desk.first, comment="read wrongly")
    place = type_in(desk.second, q_speed="5", comment="read rightly")
    assert rows(session)[0][1] == "differs"
    assert not in_box(session)
    page = get_page(desk.second, place)
    assert page.texts(".entry-both") == [
        "First entry: 1 Second entry: 5",
        "First entry: read wrongly Second entry: read rightly",
    ]
    assert len(page.select("fieldset")) == 1
    get_page(desk.first, place, 404)
    assert place in get_page(desk.second, "/en/entry").links
    check_page(post_form(desk.second, place, {"q_speed": "9", "comment": "x"}), 422)
    assert post_form(desk.second, place, {"q_speed": "2", "comment": "read rightly"}).status_code == 302
    assert rows(session) == [("000017", "done", b"", b"")]
    assert [(lies.answers, lies.comment) for lies in in_box(session)] == [("472", "read rightly")]
    get_page(desk.second, place, 404)
    details = session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id)).all()
    assert [detail["entry"] for detail in details if "entry" in detail] == ["once", "differs", "done"]
    assert "read" not in str(details)


def test_a_paper_form_does_not_count_in_another_round_than_its_own(world: World, desk: Desk, session: Session) -> None:
    type_in(desk.first, comment="a\u202eb")
    place = type_in(desk.second, q_speed="5", comment="c")
    form = {**get_page(desk.second, place).fields(), "q_speed": "5", "comment": "c"}
    assert not FORBIDDEN.search(get_page(desk.second, place).text)
    rounds.close_round(actor_of(make_account(session, Role.ANALYST)), "2025", now=NOW)
    assert rows(session) == [("000017", "differs", b"", b"")]
    later = make_round(session, [world.unit], code="2026", state=RoundState.COLLECTING, opened_at=NOW)
    make_questionnaire(session, later, "citizens", [one.indicator for one in world.citizens.questions])
    assert desk.second.post(place, data=form).status_code == 404
    assert place not in get_page(desk.second, "/en/entry").links
    assert not in_box(session)
    with pytest.raises(Conflict):
        entries.resolve_paper(*_as_sent(session), secret=SECRET, now=NOW)
    assert not in_box(session)


def _as_sent(session: Session) -> tuple[Actor, int, Entry]:
    """What a browser that had asked before the close would have brought about."""
    row = session.scalars(select(PaperEntry)).one()
    operator = session.get_one(Account, row.second_by)
    return actor_of(operator), row.id, Entry(collection.find_form("U01"), [4, 7, 1], "", "")


def test_what_stays_of_a_paper_form_names_no_office(world: World, desk: Desk, session: Session) -> None:
    for client in (desk.first, desk.second):
        type_in(client)
    row = session.scalars(select(PaperEntry)).one()
    assert (row.state, row.unit_id, row.questionnaire_id) == ("done", None, None)
    assert "U01" not in str(session.execute(select(AuditEntry.subject, AuditEntry.detail)).all())


def test_what_was_left_out_on_paper_stays_without_an_answer(world: World, desk: Desk, session: Session) -> None:
    for client in (desk.first, desk.second):
        type_in(client, q_trust="")
    assert [lies.answers for lies in in_box(session)] == ["401"]


def test_an_empty_paper_or_one_without_a_number_is_refused(world: World, desk: Desk, session: Session) -> None:
    assert "Answer at least one question." in check_page(post_form(desk.first, PAPER, {"number": "5"}), 422).text
    for number in ("", "a b/c", "x" * 30):
        page = check_page(post_form(desk.first, PAPER, {**ANSWERS, "number": number}), 422)
        assert [link.get("href") for link in page.select(".error-summary a")] == ["#number"]
    assert not rows(session)


def test_a_number_of_another_office_is_named(world: World, desk: Desk, session: Session) -> None:
    type_in(desk.first)
    other = "/en/entry/units/U02/paper"
    page = check_page(post_form(desk.second, other, {**ANSWERS, "number": "000017"}), 409)
    assert "first entered for another office" in page.text


def test_a_printed_invitation_is_spent_by_the_second_entry(world: World, desk: Desk, session: Session) -> None:
    (token,) = make_tokens(session, world, 1)
    type_in(desk.first, invitation=token)
    assert session.scalars(select(Credential.state)).all() == [0]
    type_in(desk.second, invitation=token)
    session.expire_all()
    assert session.scalars(select(Credential.state)).all() == [1]
    assert session.scalars(select(Inbox.stratum)).all() == ["users"]


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_paper_form_has_a_number_field_and_boxes_in_every_language(world: World, desk: Desk, locale: str) -> None:
    page: Page = get_page(desk.first, f"/{locale}/entry/units/U01/print")
    assert len(page.select(".paper__box")) == 3 * 6
    assert len(page.select("article.paper .paper__number")) == 2
    copies = get_page(desk.first, f"/{locale}/entry/units/U01/print?first=41&copies=3")
    assert [text[-6:] for text in copies.texts(".paper__head .paper__number")] == ["000041", "000042", "000043"]
    get_page(desk.first, f"/{locale}/entry/units/U01/print?first=x&copies=900", 422)


def test_after_the_round_nothing_is_entered(world: World, desk: Desk, session: Session) -> None:
    form = {**get_page(desk.first, ASSISTED).fields(), **ANSWERS}
    session.execute(update(Round).values(state=RoundState.CLOSED))
    assert desk.first.post(ASSISTED, data=form).status_code == 409
    assert "No ratings are being collected" in get_page(desk.first, "/en/entry").text
