"""Adopting, publishing, correcting: what keeps them back, all of it at once, and two people who decide at once."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.models import (
    Objection,
    ObjectionVote,
    PublishedScorecard,
    ResultVote,
    Round,
    RoundState,
    Run,
    SchemeVersion,
)
from evalsys.services import objections, replies, rounds, runs
from evalsys.services.publication import gate
from evalsys.services.run_tables import Tables, shown_tables
from evalsys.services.weights import read_scheme
from scoring.result import Result
from scoring.scheme import Scheme
from tests.factories import NOW
from tests.integration.acts_results import UPHELD, end_reply, make_objection
from tests.integration.governing import World, add_answers, add_proposal, audit_of, make_world, scheme_mapping
from tests.integration.test_twice_at_once import TIMES, at_once

AFTER = NOW + timedelta(days=30)


def shared(session: Session, state: RoundState = RoundState.RIGHT_OF_REPLY) -> World:
    """A scored round of two offices of which everything may be shown."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    for unit, codes in zip(world.units, (5, 3), strict=True):
        add_answers(session, world.forms["citizens"], unit, [[codes, 4]] * 3 + [[2, 2]] * 3)
        add_answers(session, world.forms["peers"], unit, [[codes]] * 3 + [[4]])
        add_answers(session, world.forms["experts"], unit, [[61], [71], [81]])
    runs.score_round(world.actor(world.analyst), "2025", now=NOW)
    world.round.state = state
    session.commit()
    end_reply(session, world)
    return world


def problems_of(refusal: pytest.ExceptionInfo[EvalsysError]) -> list[str]:
    assert isinstance(refusal.value, Conflict)
    return [text % values for text, values in refusal.value.problems]


def adopt(world: World) -> None:
    replies.adopt_results(world.actor(world.first), "2025", now=NOW)


def vote_for(world: World) -> None:
    replies.cast_ballot(world.actor(world.second), "2025", replies.Ballot("for", ""), now=NOW)


def publish(world: World) -> str:
    return runs.publish_round(world.actor(world.first), "2025", now=NOW)


def rescore(world: World, reason: str = "answers were found") -> None:
    runs.score_round(world.actor(world.analyst), "2025", now=NOW, reason=reason)


def add_few(session: Session, world: World) -> int:
    """A run in which one person of the peers asked says something of U01, which hides it; returns its number."""
    scheme = scheme_mapping()
    scheme["groups"][1]["minimum"] = [6, 6, 6]
    body = read_scheme(scheme)
    session.execute(update(SchemeVersion).values(state="superseded"))
    decided = {"state": "approved", "approver": world.first, "decided_at": NOW}
    add_proposal(session, world, number=2, digest=body.digest, body=body.canonical(), **decided)
    add_answers(session, world.forms["peers"], world.units[1], [[4]] * 6)
    rescore(world)
    return 2


def careless(result: Result, scheme: Scheme, audience: str) -> Tables:
    """A view that hides a figure and shows the whole score beside all the others: one subtraction tells it."""
    view = dict(shown_tables(result, scheme, audience))
    is_whole = view["nodes"]["node"] == "score"
    view["nodes"] = view["nodes"].assign(withheld=view["nodes"]["withheld"].mask(is_whole, ""))
    return view


def test_everything_that_keeps_results_from_being_adopted_is_said_at_once(session: Session) -> None:
    world = shared(session)
    world.round.quorum, world.round.majority = 2, "all"
    make_objection(session, world)
    add_answers(session, world.forms["peers"], world.units[0], [[1]])
    replies.cast_ballot(world.actor(world.second), "2025", replies.Ballot("against", "too early"), now=NOW)
    world.round.quorum = 3
    session.commit()
    with pytest.raises(Conflict) as refusal:
        adopt(world)
    assert problems_of(refusal) == [
        "The right of reply has not ended yet.",
        "Objections that are still open: 1.",
        "Answers, figures or findings have changed since run 1. Score again first.",
        "Votes of the board: 2 of the 3 that are needed.",
        "No majority for these results: 1 for, 1 against.",
    ]
    assert session.get_one(Round, world.round.id).state == RoundState.RIGHT_OF_REPLY


def test_votes_count_for_the_run_they_were_cast_on_and_for_no_other(session: Session) -> None:
    world = shared(session)
    world.round.quorum = 2
    session.commit()
    replies.cast_ballot(world.actor(world.second), "2025", replies.Ballot("for", ""), now=NOW)
    add_answers(session, world.forms["peers"], world.units[0], [[1]])
    rescore(world)
    end_reply(session, world)
    with pytest.raises(Conflict) as refusal:
        adopt(world)
    assert problems_of(refusal) == ["Votes of the board: 1 of the 2 that are needed."]
    replies.cast_ballot(world.actor(world.second), "2025", replies.Ballot("abstain", ""), now=NOW)
    adopt(world)
    votes = select(ResultVote.choice).join(Run, Run.id == ResultVote.run_id).where(Run.number == 2)
    assert sorted(session.scalars(votes)) == ["abstain", "for"]


def test_a_vote_against_needs_a_reason_and_a_new_run_needs_one_as_well(session: Session) -> None:
    world = shared(session)
    with pytest.raises(Invalid):
        replies.cast_ballot(world.actor(world.first), "2025", replies.Ballot("against", " "), now=NOW)
    with pytest.raises(Invalid):
        rescore(world, " ")
    assert audit_of(session)[-2:] == [("result.vote", "refused"), ("round.score", "refused")]


def test_every_reason_against_publishing_is_said_at_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world = shared(session, RoundState.FINAL)
    lower = scheme_mapping()
    opened = read_scheme({**lower, "groups": [{**lower["groups"][0], "minimum": [3, 4, 5]}, *lower["groups"][1:]]})
    decided = {"state": "superseded", "approver": world.first, "decided_at": NOW}
    add_proposal(session, world, number=2, digest=opened.digest, body=opened.canonical(), **decided)
    make_objection(session, world)
    world.round.opened_scheme = opened.digest
    session.commit()
    add_answers(session, world.forms["peers"], world.units[0], [[1]])
    monkeypatch.setattr(gate, "differs_safely", lambda *_releases: {"U01": True, "U02": False})
    monkeypatch.setattr(gate, "score_input", lambda _input, _scheme: Other())
    gate._told.cache_clear()
    with pytest.raises(Conflict, match="cannot be published yet") as refusal:
        publish(world)
    gate._told.cache_clear()
    assert problems_of(refusal) == [
        "Objections that are still open: 1.",
        "Answers, figures or findings have changed since run 1. Score again first.",
        "The least numbers of answers are lower than when the round opened: citizens.",
        "Hidden figures of these offices could be worked out: U02.",
        "Run 1 cannot be repeated: its stored input gives another result.",
    ]
    assert not session.scalars(select(PublishedScorecard)).all()


def test_what_could_not_be_published_is_not_adopted_either(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world = shared(session)
    monkeypatch.setattr(gate, "differs_safely", lambda *_releases: {"U01": True, "U02": False})
    monkeypatch.setattr(gate, "score_input", lambda _input, _scheme: Other())
    gate._told.cache_clear()
    with pytest.raises(Conflict, match="cannot be adopted yet") as refusal:
        adopt(world)
    gate._told.cache_clear()
    assert problems_of(refusal) == [
        "Hidden figures of these offices could be worked out: U02.",
        "Run 1 cannot be repeated: its stored input gives another result.",
    ]


def test_an_adoption_is_taken_back_so_that_what_changed_since_can_be_scored(session: Session) -> None:
    world = shared(session)
    adopt(world)
    add_answers(session, world.forms["peers"], world.units[0], [[1]])
    with pytest.raises(Conflict, match="cannot be published yet"):
        publish(world)
    with pytest.raises(Invalid):
        rounds.reopen_round(world.actor(world.second), "2025", " ", now=NOW)
    rounds.reopen_round(world.actor(world.second), "2025", "an answer was found", now=NOW)
    found = session.get_one(Round, world.round.id)
    assert (found.state, found.adopted_at) == (RoundState.RIGHT_OF_REPLY, None)
    rescore(world)
    end_reply(session, world)
    adopt(world)
    publish(world)


class Other:
    """A result of other bytes."""

    def to_json(self) -> bytes:
        return b"{}"


def test_a_hidden_figure_that_a_view_shows_by_mistake_is_found(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shared(session)
    few = add_few(session, world)
    run = session.scalars(select(Run).where(Run.number == few)).one()
    gate._told.cache_clear()
    assert gate._told(run.result, run.result, run.scheme_version.body) == ()
    monkeypatch.setattr(gate, "shown_tables", careless)
    gate._told.cache_clear()
    assert gate._told(run.result, run.result, run.scheme_version.body) == ("U01",)
    gate._told.cache_clear()


def test_a_fresh_adopted_run_is_published_and_repeated_first(session: Session) -> None:
    world = shared(session)
    adopt(world)
    assert publish(world) == "cards-2025-1"
    assert len(session.scalars(select(PublishedScorecard)).all()) == 6


def test_a_new_draft_leaves_the_offices_five_working_days_and_never_takes_any(session: Session) -> None:
    world = shared(session)
    rescore(world)
    assert session.get_one(Round, world.round.id).reply_until == date(2025, 11, 10)
    end_reply(session, world, date(2025, 11, 20))
    rescore(world)
    assert session.get_one(Round, world.round.id).reply_until == date(2025, 11, 20)
    with pytest.raises(Conflict) as refusal:
        adopt(world)
    assert problems_of(refusal) == ["The right of reply has not ended yet."]


def test_results_are_adopted_once_by_many_at_once(app: Flask, session: Session) -> None:
    world = shared(session)
    people = iter([world.first, world.second] * TIMES)
    actors = [world.actor(next(people)) for _ in range(TIMES)]
    done = at_once(app, lambda: replies.adopt_results(actors.pop(), "2025", now=NOW))
    assert done == (1, TIMES - 1)
    session.rollback()
    assert len(session.scalars(select(ResultVote)).all()) == 1


def test_an_objection_is_decided_once_by_many_at_once(app: Flask, session: Session) -> None:
    world = shared(session)
    number = make_objection(session, world).id
    for member in (world.first, world.second):
        vote = objections.Judgement("upheld", "so it is")
        objections.judge_objection(world.actor(member), "2025", number, vote, now=NOW)
    actors = [world.actor(member) for member in (world.first, world.second) * (TIMES // 2)]
    done = at_once(app, lambda: objections.rule_on_objection(actors.pop(), "2025", number, UPHELD, now=NOW))
    assert done == (1, TIMES - 1)
    session.rollback()
    assert session.get_one(Objection, number).state == "upheld"
    assert len(session.scalars(select(ObjectionVote)).all()) == 2


@pytest.mark.parametrize(
    ("last", "resumed", "later"),
    [
        (date(2025, 11, 6), 14, date(2025, 11, 20)),
        (date(2025, 11, 6), 0, date(2025, 11, 6)),
        (date(2025, 11, 3), 14, date(2025, 11, 18)),
        (date(2025, 10, 31), 14, date(2025, 10, 31)),
    ],
)
def test_a_suspension_takes_nothing_of_the_right_of_reply(
    session: Session, last: date, resumed: int, later: date
) -> None:
    world = shared(session)
    end_reply(session, world, last)
    rounds.suspend_round(world.actor(world.first), "2025", "a court has said so", now=NOW)
    rounds.resume_round(world.actor(world.second), "2025", "it is content", now=NOW + timedelta(days=resumed))
    assert session.get_one(Round, world.round.id).reply_until == later


def test_a_suspended_round_lets_nobody_decide(session: Session) -> None:
    world = shared(session)
    rounds.suspend_round(world.actor(world.first), "2025", "a court has said so", now=NOW)
    for act in (adopt, rescore):
        with pytest.raises(Conflict, match="suspended"):
            act(world)
    rounds.resume_round(world.actor(world.second), "2025", "the court is content", now=NOW)
    adopt(world)
