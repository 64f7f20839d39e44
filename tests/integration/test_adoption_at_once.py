"""Two board members at the same moment: they come one after the other, and both cannot win."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict
from evalsys.models import RoundState, SchemeVersion, SchemeVote
from evalsys.services import schemes
from evalsys.services.schemes import Decision, Vote
from tests.factories import NOW
from tests.integration.governing import World, add_proposal, audit_of, make_world


def together(app: Flask, acts: Sequence[Callable[[], object]]) -> list[str]:
    """What came of these acts, begun at the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        with app.app_context():
            start.wait()
            try:
                act()
            except Conflict:
                return "refused"
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def two_proposals(session: Session) -> World:
    world = make_world(session, RoundState.APPROVED)
    for number in (2, 3):
        add_proposal(session, world, number=number)
    return world


def states(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(SchemeVersion.state).order_by(SchemeVersion.number)))


def test_of_two_different_proposals_only_one_is_approved(app: Flask, session: Session) -> None:
    world = two_proposals(session)
    actors = [world.actor(world.first), world.actor(world.second)]
    decisions = [Decision("2025", number, True, "now", in_force=1) for number in (2, 3)]
    session.rollback()
    acts = [
        lambda: schemes.decide_proposal(actors[0], decisions[0], now=NOW),
        lambda: schemes.decide_proposal(actors[1], decisions[1], now=NOW),
    ]
    assert together(app, acts) == ["done", "refused"]
    assert sorted(states(session)) == ["approved", "proposed", "superseded"]
    assert sorted(audit_of(session, "scheme.decide")) == [("scheme.decide", "done"), ("scheme.decide", "refused")]
    winner = session.scalars(select(SchemeVersion).where(SchemeVersion.state == "approved")).one()
    kept = [(vote.version_id, vote.account_id, vote.choice) for vote in session.scalars(select(SchemeVote))]
    assert kept == [(winner.id, winner.approver_id, "for")]


def test_one_proposal_is_not_approved_and_declined(app: Flask, session: Session) -> None:
    world = two_proposals(session)
    one, other = world.actor(world.first), world.actor(world.second)
    session.rollback()
    acts = [
        lambda: schemes.decide_proposal(one, Decision("2025", 2, True, "yes"), now=NOW),
        lambda: schemes.decide_proposal(other, Decision("2025", 2, False, "no"), now=NOW),
    ]
    assert together(app, acts) == ["done", "refused"]
    assert states(session)[1] in ("approved", "rejected")
    assert len(session.scalars(select(SchemeVote)).all()) == 1


def test_a_change_of_locked_weights_is_approved_once(app: Flask, session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_proposal(session, world, number=2, is_amendment=True, public_reason="An error was found.")
    one, other = world.actor(world.first), world.actor(world.second)
    session.rollback()
    decision = Decision("2025", 2, True, "now")
    acts = [
        lambda: schemes.decide_amendment(one, decision, now=NOW),
        lambda: schemes.decide_amendment(other, decision, now=NOW),
    ]
    assert together(app, acts) == ["done", "refused"]
    assert states(session) == ["superseded", "approved"]


def test_a_vote_sent_several_times_is_one_vote(app: Flask, session: Session) -> None:
    world = two_proposals(session)
    actor = world.actor(world.first)
    session.rollback()
    choices = ("for", "against", "abstain", "for")
    acts = [
        lambda choice=choice: schemes.cast_vote(actor, Vote("2025", 2, choice, "because"), now=NOW)
        for choice in choices
    ]
    assert together(app, acts) == ["done"] * len(choices)
    assert [vote.account_id for vote in session.scalars(select(SchemeVote))] == [world.first.id]
    assert len(audit_of(session, "scheme.vote")) == len(choices)


def test_a_vote_and_a_decision_do_not_miss_each_other(app: Flask, session: Session) -> None:
    world = two_proposals(session)
    voter, decider = world.actor(world.first), world.actor(world.second)
    session.rollback()
    acts = [
        lambda: schemes.cast_vote(voter, Vote("2025", 2, "against", "stop"), now=NOW),
        lambda: schemes.decide_proposal(decider, Decision("2025", 2, True, "now"), now=NOW),
    ]
    assert together(app, acts) == ["done", "refused"]
    votes = {vote.choice for vote in session.scalars(select(SchemeVote))}
    assert (states(session)[1], votes) in (("approved", {"for"}), ("proposed", {"against"}))
