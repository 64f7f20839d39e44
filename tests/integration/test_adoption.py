"""The board adopts weights: votes against the rule of the round, reasons that everybody is told, dissent that stays."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Account, Role, Round, RoundState, SchemeRemark, SchemeVersion, SchemeVote
from evalsys.services import method, rounds, schemes
from evalsys.services.access import actor_of
from evalsys.services.schemes import Decision, Reasons, Vote
from evalsys.services.schemes.moves import far_moves
from evalsys.services.versions import replaced_by, versions_of
from evalsys.services.weights import Weights, read_scheme
from tests.factories import NOW, make_account
from tests.integration.governing import World, add_proposal, audit_of, make_world, scheme_mapping

LATER = NOW + timedelta(hours=1)


def parts(experience: str, cooperation: str, leadership: str) -> Weights:
    numbers = {"experience": experience, "cooperation": cooperation, "leadership": leadership}
    return {"n-score": {code: Decimal(number) for code, number in numbers.items()}}


def board_of(session: Session, quorum: int, majority: str = "half") -> tuple[World, Account]:
    """A round with approved weights and a rule; besides the world's two board members a third one."""
    world = make_world(session, RoundState.APPROVED)
    world.round.quorum, world.round.majority = quorum, majority
    session.commit()
    return world, make_account(session, Role.BOARD)


def propose(world: World, weights: Weights, public: str = "", by: Account | None = None) -> int:
    who = world.actor(by or world.analyst)
    return schemes.propose_weights(who, "2025", weights, Reasons("peers know best", public, "en"), now=LATER)


def vote(world: World, who: Account, number: int, choice: str, reason: str = "") -> None:
    schemes.cast_vote(world.actor(who), Vote("2025", number, choice, reason), now=LATER)


def decide(world: World, who: Account, number: int, is_approved: bool = True, **more: object) -> None:
    decision = Decision("2025", number, is_approved, "" if is_approved else "too much", **more)  # type: ignore[arg-type]
    schemes.decide_proposal(world.actor(who), decision, now=LATER)


def states(session: Session) -> dict[int, str]:
    session.expire_all()
    return dict(session.execute(select(SchemeVersion.number, SchemeVersion.state)).all())


def test_a_weight_quarrel_is_settled_by_vote_and_the_dissent_stays_readable(session: Session) -> None:
    world, third = board_of(session, quorum=2)
    number = propose(world, parts("44", "26", "30"))
    schemes.add_remark(world.actor(world.analyst), "2025", number, "Peers see what citizens cannot.", now=LATER)
    vote(world, third, number, "for", "I trusted the draft")
    vote(world, third, number, "against", "Citizens lose their say.")
    with pytest.raises(Conflict, match="More than half .* For: 1, against: 1"):
        decide(world, world.second, number)
    vote(world, world.first, number, "for")
    with pytest.raises(Invalid, match="more than 5 points"):
        decide(world, world.second, number)
    decide(world, world.second, number, public_reason="同行更了解协作。", public_locale="zh")
    assert states(session) == {1: "superseded", 2: "approved"}
    page = schemes.history_page(world.actor(world.first), "2025", "en")
    newest = page.chapters[0]
    said = {(line.name, line.choice, line.reason) for line in newest.debate.votes}
    assert said == {
        (third.name, "against", "Citizens lose their say."),
        (world.first.name, "for", ""),
        (world.second.name, "for", ""),
    }
    assert [remark.text for remark in newest.debate.remarks] == ["Peers see what citizens cannot."]
    assert (str(newest.changes[0].name), newest.changes[0].points) == ("Experience", Decimal(-6))
    rounds.open_round(world.actor(world.analyst), "2025", now=LATER)
    public = method.read_history("en").chapters
    assert [(one.number, one.is_in_force, one.was_in_force) for one in public] == [(2, True, False), (1, False, True)]
    assert public[0].dissent == ("Citizens lose their say.",)
    assert (public[0].tally.supports, public[0].tally.opposes, public[0].tally.abstains) == (2, 1, 0)
    assert (public[0].public_reason.text, public[0].public_reason.locale) == ("同行更了解协作。", "zh")
    assert third.name not in repr(public)


def test_while_the_quorum_is_missing_nothing_is_decided_and_the_vote_of_the_decision_is_not_kept(
    session: Session,
) -> None:
    world, third = board_of(session, quorum=3)
    number = propose(world, parts("45", "25", "30"))
    vote(world, third, number, "abstain")
    with pytest.raises(Conflict, match="Votes needed: 3, votes cast: 2"):
        decide(world, world.second, number)
    with pytest.raises(Conflict, match="Votes needed: 3, votes cast: 2"):
        decide(world, world.second, number, is_approved=False)
    assert [found.choice for found in session.scalars(select(SchemeVote))] == ["abstain"]
    vote(world, world.first, number, "abstain")
    decide(world, world.second, number)
    assert states(session)[number] == "approved"


def test_two_thirds_and_all_are_rules_of_the_round(session: Session) -> None:
    world, third = board_of(session, quorum=2, majority="all")
    number = propose(world, parts("45", "25", "30"))
    vote(world, third, number, "against", "no")
    vote(world, world.first, number, "for")
    with pytest.raises(Conflict, match="Nobody may be against it"):
        decide(world, world.second, number)
    world.round.majority = "two_thirds"
    session.commit()
    decide(world, world.second, number)
    assert states(session)[number] == "approved"


def test_what_has_the_majority_cannot_be_declined(session: Session) -> None:
    world, third = board_of(session, quorum=1)
    number = propose(world, parts("45", "25", "30"))
    vote(world, third, number, "for")
    vote(world, world.first, number, "for")
    with pytest.raises(Conflict, match="cannot be declined. For: 2, against: 1"):
        decide(world, world.second, number, is_approved=False)
    vote(world, third, number, "against", "I have read it again")
    decide(world, world.second, number, is_approved=False)
    assert states(session) == {1: "approved", 2: "rejected"}


def test_the_proposer_votes_but_somebody_else_decides_even_against_her_own_vote(session: Session) -> None:
    world, third = board_of(session, quorum=2)
    number = propose(world, parts("45", "25", "30"), by=world.first)
    vote(world, world.first, number, "for")
    vote(world, third, number, "for")
    with pytest.raises(Conflict, match="You proposed these weights"):
        decide(world, world.first, number)
    vote(world, world.second, number, "against", "but the others want it")
    decide(world, world.second, number)
    version = session.scalars(select(SchemeVersion).where(SchemeVersion.number == number)).one()
    session.refresh(version)
    assert (version.state, version.approver_id) == ("approved", world.second.id)
    entry = audit_of(session, "scheme.decide")
    assert entry == [("scheme.decide", "refused"), ("scheme.decide", "done")]


def test_a_vote_may_change_until_the_proposal_is_decided_and_each_one_is_on_record(session: Session) -> None:
    world, third = board_of(session, quorum=1)
    number = propose(world, parts("45", "25", "30"))
    with pytest.raises(Invalid, match="Say why you vote against"):
        vote(world, third, number, "against", " ")
    with pytest.raises(Invalid, match="Choose"):
        vote(world, third, number, "perhaps")
    vote(world, third, number, "against", "first thought")
    vote(world, third, number, "for", "second thought")
    assert [(one.choice, one.reason) for one in session.scalars(select(SchemeVote))] == [("for", "second thought")]
    decide(world, world.second, number)
    with pytest.raises(Conflict, match="decided already"):
        vote(world, third, number, "against", "third thought")
    outcomes = [outcome for _act, outcome in audit_of(session, "scheme.vote")]
    assert outcomes == ["refused", "refused", "done", "done", "refused"]


def test_only_the_board_votes_and_only_analysts_and_the_board_discuss(session: Session) -> None:
    world, _third = board_of(session, quorum=1)
    number = propose(world, parts("45", "25", "30"))
    with pytest.raises(Forbidden):
        vote(world, world.analyst, number, "for")
    auditor = actor_of(make_account(session, Role.AUDITOR))
    with pytest.raises(Forbidden):
        schemes.add_remark(auditor, "2025", number, "I only watch.", now=LATER)
    with pytest.raises(Invalid):
        schemes.add_remark(world.actor(world.analyst), "2025", number, " ", now=LATER)
    with pytest.raises(NotFound):
        vote(world, world.first, 9, "for")
    schemes.add_remark(world.actor(world.first), "2025", number, "I wonder.", now=LATER)
    assert [(one.account_id, one.text) for one in session.scalars(select(SchemeRemark))] == [
        (world.first.id, "I wonder.")
    ]
    assert audit_of(session, "scheme.remark") == [("scheme.remark", end) for end in ("refused", "refused", "done")]


def test_weights_that_came_into_force_in_the_meantime_send_the_decider_back_to_look(session: Session) -> None:
    world, third = board_of(session, quorum=1)
    one, other = propose(world, parts("45", "25", "30")), propose(world, parts("50", "25", "25"))
    decide(world, world.second, one, in_force=1)
    with pytest.raises(Conflict, match="in the meantime"):
        decide(world, third, other, in_force=1)
    decide(world, third, other, in_force=one)
    assert states(session) == {1: "superseded", one: "superseded", other: "approved"}


@pytest.mark.parametrize(("weights", "is_far"), [(("45", "25", "30"), False), (("44.999999", "25.000001", "30"), True)])
def test_five_points_need_no_public_reason_and_the_smallest_bit_more_does(
    session: Session, weights: tuple[str, str, str], is_far: bool
) -> None:
    world, _third = board_of(session, quorum=1)
    number = propose(world, parts(*weights))
    page = schemes.proposal_page(world.actor(world.first), "2025", number, "en")
    assert page.needs_reason is is_far
    if is_far:
        with pytest.raises(Invalid):
            decide(world, world.second, number)
        propose(world, parts(*weights), public="So that both count alike.")
        decide(world, world.second, number + 1)
    else:
        decide(world, world.second, number)


def test_many_small_steps_away_from_the_former_round_need_a_public_reason_too(session: Session) -> None:
    former = make_world(session, RoundState.APPROVED, code="2024")
    new = rounds.NewRound("2025", "round:2024", former.round.period_start, former.round.period_end, {"en": "New"})
    rounds.create_round(former.actor(former.analyst), new, now=NOW)
    decide(former, former.first, 1)
    decide(former, former.first, propose(former, parts("46", "24", "30")))
    number = propose(former, parts("43", "27", "30"))
    with pytest.raises(Invalid, match="more than 5 points"):
        decide(former, former.first, number)
    found = session.scalars(select(Round).where(Round.code == "2025")).one()
    assert found.previous_id == former.round.id


def test_what_is_new_or_gone_moves_from_or_to_nothing_and_its_own_parts_do_not_count_again() -> None:
    former, mapping = read_scheme(scheme_mapping()), scheme_mapping(46, 20, 30)
    asked = [{"code": code, "weight": 50, "points": 5, "groups": {"citizens": 100}} for code in ("staff", "speed")]
    mapping["tree"]["children"].append({"code": "counter", "weight": 4, "children": asked})
    assert far_moves(former, read_scheme(mapping)) == frozenset()
    mapping["tree"]["children"][0]["weight"], mapping["tree"]["children"][-1]["weight"] = 44, 6
    assert far_moves(former, read_scheme(mapping)) == {("n-score", "experience"), ("n-score", "counter")}


def test_the_history_compares_every_version_as_its_own_page_does(session: Session) -> None:
    world, third = board_of(session, quorum=1)
    for weights in (("45", "25", "30"), ("40", "30", "30"), ("44", "26", "30")):
        number = propose(world, parts(*weights), public="Peers know best.")
        if number != 3:
            decide(world, third, number, in_force=None)
    page = schemes.history_page(world.actor(world.first), "2025", "en")
    found = session.scalars(select(Round).where(Round.code == "2025")).one()
    expected = {}
    for version in versions_of(session, found):
        against = replaced_by(session, found, version)
        expected[version.number] = against.number if against else None
    assert {chapter.version.number: chapter.against for chapter in page.chapters} == expected


def test_proposals_stand_side_by_side_with_what_each_would_change(session: Session) -> None:
    world, third = board_of(session, quorum=2)
    for weights in (("45", "25", "30"), ("50", "25", "25"), ("48", "22", "30")):
        propose(world, parts(*weights))
    vote(world, third, 3, "against", "no")
    page = schemes.proposals_page(world.actor(third), "2025", "en")
    assert [column.version.number for column in page.columns] == [4, 3, 2]
    assert page.basis is not None
    assert page.basis.number == 1
    figures = {row.first.key[1]: [cell.after if cell else None for cell in row.cells] for row in page.rows}
    assert figures == {
        "experience": [Decimal(48), None, Decimal(45)],
        "cooperation": [Decimal(22), Decimal(25), Decimal(25)],
        "leadership": [None, Decimal(25), None],
    }
    assert [column.debate.own.choice if column.debate.own else "" for column in page.columns] == ["", "against", ""]
    for number in range(5, 7):
        add_proposal(session, world, number=number)
    assert schemes.proposals_page(world.actor(third), "2025", "en").more == (2,)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE scheme_vote SET choice = 'for'",
        "DELETE FROM scheme_vote",
        "INSERT INTO scheme_vote SELECT version_id, approver_id, 'for', '', at FROM scheme_vote JOIN scheme_version "
        "ON scheme_version.id = version_id WHERE account_id <> approver_id",
        "UPDATE scheme_remark SET text = 'another'",
        "DELETE FROM scheme_remark",
        "UPDATE scheme_version SET public_reason = 'another'",
    ],
)
def test_the_database_refuses_to_rewrite_a_debate_that_is_over(session: Session, change: str) -> None:
    world, third = board_of(session, quorum=1)
    number = propose(world, parts("45", "25", "30"), public="Peers know best.")
    vote(world, third, number, "against", "no")
    vote(world, world.first, number, "for")
    schemes.add_remark(world.actor(world.analyst), "2025", number, "One remark.", now=LATER)
    decide(world, world.second, number)
    with pytest.raises(DBAPIError, match="scheme_vote_keeps_|scheme_remark_refuses_|scheme_version_keeps_"):
        session.execute(text(change))
    session.rollback()


def test_the_start_page_says_what_waits_for_ones_vote(session: Session) -> None:
    world, third = board_of(session, quorum=2)
    number = propose(world, parts("45", "25", "30"))
    waiting = rounds.dashboard(world.actor(third), "en").waiting
    assert [(one.number, one.may_vote, one.own_vote) for one in waiting] == [(number, True, "")]
    vote(world, third, number, "abstain")
    assert [one.own_vote for one in rounds.dashboard(world.actor(third), "en").waiting] == ["abstain"]
    assert [one.own_vote for one in rounds.dashboard(world.actor(world.first), "en").waiting] == [""]
    assert not rounds.dashboard(world.actor(world.analyst), "en").waiting[0].may_vote
