"""Weights asked of the board: what may be asked and answered, and what the answers say together."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import AuditEntry, ElicitationAnswer, Role, RoundState
from evalsys.services import elicitations
from evalsys.services.access import actor_of
from evalsys.services.elicitations import Asked, QuestionPage
from tests.factories import NOW, make_account, make_round
from tests.integration.acts_asking import FAMILY, POINTS, add_question
from tests.integration.governing import World, audit_of, make_world

PARTS = ("experience", "cooperation", "leadership")


def points(*numbers: int) -> dict[str, Any]:
    return {"points": {part: str(number) for part, number in zip(PARTS, numbers, strict=True)}}


def places(*numbers: int) -> dict[str, Any]:
    return {"places": dict(zip(PARTS, numbers, strict=True))}


def pairs(first: str, second: str, third: str) -> dict[str, Any]:
    """Experience against cooperation, against leadership; cooperation against leadership."""
    a, b, c = PARTS
    return {"pairs": [[a, b, first], [a, c, second], [b, c, third]]}


def answer(session: Session, number: int, *bodies: Mapping[str, Any]) -> None:
    """Every body is the answer of one more board member."""
    for body in bodies:
        who = actor_of(make_account(session, Role.BOARD))
        elicitations.answer_elicitation(who, "2025", number, body, now=NOW)


def closed(session: Session, world: World, number: int) -> QuestionPage:
    elicitations.close_elicitation(world.actor(world.first), "2025", number, now=NOW)
    return elicitations.question_page(world.actor(world.analyst), "2025", number, "en")


def test_a_question_is_asked_once_at_a_time_and_again_after_it_is_closed(session: Session) -> None:
    world = make_world(session)
    who = world.actor(world.first)
    number = elicitations.open_elicitation(who, "2025", Asked(FAMILY, "rank"), now=NOW)
    with pytest.raises(Conflict, match="already"):
        elicitations.open_elicitation(who, "2025", Asked(FAMILY, "swing"), now=NOW)
    elicitations.close_elicitation(world.actor(world.analyst), "2025", number, now=NOW)
    with pytest.raises(Conflict, match="closed"):
        elicitations.close_elicitation(who, "2025", number, now=NOW)
    assert elicitations.open_elicitation(who, "2025", Asked(FAMILY, "swing"), now=NOW) != number
    assert audit_of(session, "elicitation.open").count(("elicitation.open", "done")) == 3


@pytest.mark.parametrize(("family", "method"), [("n-leadership", "budget"), (FAMILY, "guess"), ("", "ahp")])
def test_only_a_family_of_two_and_more_is_asked_in_a_known_way(session: Session, family: str, method: str) -> None:
    world = make_world(session)
    with pytest.raises(Invalid):
        elicitations.open_elicitation(world.actor(world.first), "2025", Asked(family, method), now=NOW)


def test_half_an_answer_is_refused_and_leaves_nothing(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world)
    with pytest.raises(Invalid):
        elicitations.answer_elicitation(world.actor(world.first), "2025", number, points(50, 20, 29), now=NOW)
    assert session.scalars(select(ElicitationAnswer)).all() == []
    assert audit_of(session) == [("elicitation.answer", "refused")]


def test_an_answer_can_be_changed_until_the_question_is_closed(session: Session) -> None:
    world = make_world(session)
    number, who = add_question(session, world), world.actor(world.first)
    elicitations.answer_elicitation(who, "2025", number, points(50, 20, 30), now=NOW)
    elicitations.answer_elicitation(who, "2025", number, points(40, 30, 30), now=NOW + timedelta(minutes=1))
    assert [row.body for row in session.scalars(select(ElicitationAnswer))] == [points(40, 30, 30)]
    assert elicitations.sheet_page(who, "2025", number, "en").kept == points(40, 30, 30)
    elicitations.close_elicitation(who, "2025", number, now=NOW)
    with pytest.raises(Conflict, match="closed"):
        elicitations.answer_elicitation(who, "2025", number, POINTS, now=NOW)
    with pytest.raises(Conflict, match="closed"):
        elicitations.sheet_page(who, "2025", number, "en")


def test_the_audit_log_says_that_one_answered_but_not_what(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world)
    answer(session, number, points(41, 29, 30))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "elicitation.answer")).one()
    assert (entry.outcome, entry.detail) == ("done", {"elicitation": number, "again": False})


def test_answers_of_others_stay_unseen_until_no_answer_can_be_changed(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world)
    answer(session, number, points(60, 20, 20))
    member, analyst = world.actor(world.second), world.actor(world.analyst)
    for answers in (1, 2):
        for who in (member, analyst):
            page = elicitations.question_page(who, "2025", number, "en")
            assert (page.result, page.is_secret, page.question.answers) == (None, True, answers)
        elicitations.answer_elicitation(member, "2025", number, points(40, 30, 30), now=NOW)
    seen = closed(session, world, number).result
    assert seen is not None
    assert [set(line.each) for line in seen.lines] == [{Decimal(60), Decimal(40)}, *[{Decimal(20), Decimal(30)}] * 2]


def test_a_question_left_open_is_shown_once_the_round_collects(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    number = add_question(session, world)
    session.add(ElicitationAnswer(elicitation_id=number, account_id=world.first.id, body=POINTS, at=NOW))
    session.commit()
    page = elicitations.question_page(world.actor(world.second), "2025", number, "en")
    assert (page.is_secret, page.result is None) == (False, False)


def test_a_question_of_another_round_or_role_is_not_found_or_forbidden(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world)
    other = make_round(session, code="2026").code
    with pytest.raises(NotFound):
        elicitations.question_page(world.actor(world.first), other, number, "en")
    with pytest.raises(Forbidden):
        elicitations.answer_elicitation(world.actor(world.analyst), "2025", number, POINTS, now=NOW)
    with pytest.raises(Forbidden):
        elicitations.sheet_page(world.actor(world.analyst), "2025", number, "en")


def test_budgets_give_the_mean_the_trimmed_mean_the_spread_and_kendalls_w(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world)
    budgets = (50, 20, 30), (60, 10, 30), (40, 30, 30), (50, 25, 25), (0, 0, 100)
    answer(session, number, *(points(*one) for one in budgets))
    result = closed(session, world, number).result
    assert result is not None
    first = result.lines[0]
    assert (first.group, first.sd) == (Decimal("40.00"), Decimal("23.45"))
    # Without the ends the means are 140/3, 55/3 and 30: together 95.
    assert first.trimmed == Decimal("49.12")
    assert [line.proposed for line in result.lines] == [Decimal(40), Decimal(17), Decimal(43)]
    # Rank sums 13.5, 6.5 and 10, three pairs of ties: W = 12 * 24.5 / (25 * 24 - 5 * 18).
    assert result.agreement == Decimal("0.58")


def test_fewer_than_five_answers_have_no_trimmed_mean_and_one_has_no_spread(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world, "swing")
    answer(session, number, points(100, 60, 40))
    result = closed(session, world, number).result
    assert result is not None
    assert [(line.group, line.trimmed, line.sd) for line in result.lines] == [
        (Decimal(50), None, None),
        (Decimal(30), None, None),
        (Decimal(20), None, None),
    ]
    assert result.agreement is None


def test_an_order_gives_rank_order_centroids_that_add_up_to_exactly_100(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world, "rank")
    answer(session, number, places(1, 3, 2), places(1, 3, 2))
    result = closed(session, world, number).result
    assert result is not None
    assert [line.proposed for line in result.lines] == [Decimal("61.11"), Decimal("11.11"), Decimal("27.78")]
    assert sum(line.proposed for line in result.lines) == 100
    assert result.agreement == 1


def test_comparisons_are_joined_by_their_geometric_mean_and_a_contradiction_is_named(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world, "ahp")
    answer(session, number, pairs("8", "4", "1/2"), pairs("2", "4", "2"), pairs("9", "1/9", "9"))
    page = closed(session, world, number)
    result = page.result
    assert result is not None
    ratios = [one.ratio for one in result.consistencies if one is not None]
    assert ratios[:2] == [Decimal(0), Decimal(0)]
    assert ratios[2] > 1
    doubtful = result.consistencies[2]
    assert doubtful is not None
    assert doubtful.is_doubtful
    assert doubtful.worst is not None
    assert (str(doubtful.worst.implied.more), doubtful.worst.implied.times) == ("Experience", "81")
    assert (str(doubtful.worst.said.more), doubtful.worst.said.times) == ("leadership name (en)", "9")
    assert result.merged is not None
    assert sum(line.proposed for line in result.lines) == 100


def test_an_answer_about_other_parts_than_now_is_told_and_not_counted(session: Session) -> None:
    world = make_world(session)
    number = add_question(session, world)
    answer(session, number, points(50, 20, 30))
    old = session.scalars(select(ElicitationAnswer)).one()
    old.body = {"points": {"experience": "70", "abolished": "30"}}
    session.commit()
    answer(session, number, points(40, 30, 30))
    page = closed(session, world, number)
    assert [one.is_fit for one in page.answered] == [False, True]
    assert page.result is not None
    assert [line.each for line in page.result.lines] == [(Decimal(40),), (Decimal(30),), (Decimal(30),)]


def test_nothing_is_asked_once_the_round_collects(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    page = elicitations.questions_page(world.actor(world.first), "2025", "en")
    assert (page.may_open, page.may_weigh) == (False, False)
