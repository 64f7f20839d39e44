"""Whoever has left the board: no vote on what is still open, and in the history for ever."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Account, Role
from evalsys.services import objections, replies, schemes
from evalsys.services.objections.desk import objection_page
from evalsys.services.replies.board import board_page
from tests.factories import NOW, make_account
from tests.integration.acts_results import UPHELD, make_objection
from tests.integration.test_adoption import board_of, decide, parts, propose, vote
from tests.integration.test_decisions import adopt, problems_of, shared


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.AUDITOR}])
def test_who_has_left_the_board_has_no_vote_on_what_is_open_and_stays_in_the_history(
    session: Session, change: dict[str, object]
) -> None:
    world, third = board_of(session, quorum=3)
    number = propose(world, parts("45", "25", "30"))
    for member in (third, world.first):
        vote(world, member, number, "for")
    session.execute(update(Account).where(Account.id == third.id).values(**change))
    session.commit()
    with pytest.raises(Conflict, match="Votes needed: 3, votes cast: 2"):
        decide(world, world.second, number)
    newest = schemes.history_page(world.actor(world.first), "2025", "en").chapters[0]
    assert [line.name for line in newest.debate.votes] == [world.first.name]
    world.round.quorum = 2
    session.commit()
    decide(world, world.second, number)
    newest = schemes.history_page(world.actor(world.first), "2025", "en").chapters[0]
    assert {line.name for line in newest.debate.votes} == {third.name, world.first.name, world.second.name}


def test_ballots_of_who_has_left_the_board_count_no_more_but_stay_with_what_was_adopted(session: Session) -> None:
    world = shared(session)
    world.round.quorum = 2
    session.commit()
    replies.cast_ballot(world.actor(world.second), "2025", replies.Ballot("for", ""), now=NOW)
    world.second.is_active = False
    session.commit()
    with pytest.raises(Conflict) as refusal:
        adopt(world)
    assert problems_of(refusal) == ["Votes of the board: 1 of the 2 that are needed."]
    world.round.quorum = 1
    session.commit()
    adopt(world)
    page = board_page(world.actor(world.first), "2025", "en", now=NOW)
    assert {line.name for line in page.votes} == {world.first.name, world.second.name}


def test_votes_on_an_objection_count_while_their_givers_sit_on_the_board(session: Session) -> None:
    world = shared(session)
    number = make_objection(session, world).id
    for member in (world.first, world.second):
        objections.judge_objection(world.actor(member), "2025", number, UPHELD, now=NOW)
    session.execute(update(Account).where(Account.id == world.second.id).values(role=Role.AUDITOR))
    session.commit()
    with pytest.raises(Conflict, match="1 of the 2 votes"):
        objections.rule_on_objection(world.actor(world.first), "2025", number, UPHELD, now=NOW)
    third = make_account(session, Role.BOARD)
    objections.judge_objection(world.actor(third), "2025", number, UPHELD, now=NOW)
    objections.rule_on_objection(world.actor(world.first), "2025", number, UPHELD, now=NOW)
    page = objection_page(world.actor(world.first), "2025", number, "en")
    assert len(page.votes) == 3
