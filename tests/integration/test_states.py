"""The whole table act x state x role: only its cells succeed, every other is refused and leaves one refused entry."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden
from evalsys.models import AuditEntry, Role, Round, RoundState
from evalsys.services import replies, rounds, runs, schemes
from evalsys.services.access import RIGHTS, Actor, actor_of
from evalsys.services.rounds import ACTS
from tests.factories import NOW, make_account
from tests.integration import (
    acts_adopt,
    acts_asking,
    acts_design,
    acts_findings,
    acts_plan,
    acts_results,
    acts_sign,
    acts_weights,
)
from tests.integration.governing import World, add_proposal, audit_of, make_world

pytestmark = [pytest.mark.database("sqlite"), pytest.mark.walk]  # each act alone has tests of its own


def _propose(actor: Actor, _world: World) -> None:
    parts = {
        "experience": Decimal(40),
        "cooperation": Decimal(20 + len(actor.role)),
        "leadership": Decimal(40 - len(actor.role)),
    }
    schemes.propose_weights(actor, "2025", {"n-score": parts}, "peers know best", now=NOW)


def _approve(actor: Actor, _world: World) -> None:
    schemes.decide_proposal(actor, schemes.Decision("2025", 2, is_approved=True, reason=""), now=NOW)


def _decline(actor: Actor, _world: World) -> None:
    schemes.decide_proposal(actor, schemes.Decision("2025", 2, is_approved=False, reason="no"), now=NOW)


def _suspend(session: Session, world: World) -> None:
    world.round.suspended_at, world.round.suspended_reason = NOW, "a court has said so"
    session.commit()


def _move(move: str, actor: Actor, _world: World) -> None:
    rounds.move_round(actor, "2025", move, now=NOW)


DO: dict[str, Callable[[Actor, World], object]] = {
    "propose": _propose,
    "approve": _approve,
    "decline": _decline,
    "open": lambda actor, _world: rounds.open_round(actor, "2025", now=NOW),
    "close": lambda actor, _world: rounds.close_round(actor, "2025", now=NOW),
    "score": lambda actor, _world: runs.score_round(actor, "2025", now=NOW),
    "share": lambda actor, _world: replies.share_results(actor, "2025", now=NOW),
    "reopen": lambda actor, _world: rounds.reopen_round(actor, "2025", "a figure is wrong", now=NOW),
    "suspend": lambda actor, _world: rounds.suspend_round(actor, "2025", "a court has said so", now=NOW),
    "resume": lambda actor, _world: rounds.resume_round(actor, "2025", "the court is content", now=NOW),
    **{move: partial(_move, move) for move in rounds.MOVES},
    **acts_adopt.DO,
    **acts_asking.DO,
    **acts_design.DO,
    **acts_findings.DO,
    **acts_plan.DO,
    **acts_results.DO,
    **acts_sign.DO,
    **acts_weights.DO,
}


PREPARE: dict[str, Callable[[Session, World], object]] = {
    "approve": lambda session, world: add_proposal(session, world, number=2),
    "decline": lambda session, world: add_proposal(session, world, number=2),
    "resume": _suspend,
    **acts_adopt.PREPARE,
    **acts_asking.PREPARE,
    **acts_design.PREPARE,
    **acts_findings.PREPARE,
    **acts_plan.PREPARE,
    **acts_results.PREPARE,
    **acts_sign.PREPARE,
    **acts_weights.PREPARE,
}
"""What an act needs before it can succeed."""


def test_every_act_of_the_table_is_tested() -> None:
    assert set(DO) == set(ACTS)


@pytest.mark.parametrize("act", list(DO))
def test_an_act_is_refused_in_every_other_state_and_to_every_other_role(session: Session, act: str) -> None:
    world = make_world(session, RoundState.DRAFT)
    people = {role: actor_of(make_account(session, role)) for role in Role}
    transition = ACTS[act]
    for state in RoundState:
        world.round.state = state
        session.commit()
        may = RIGHTS[transition.right]
        for role in set(Role) - may if state in transition.sources else Role:
            with pytest.raises(Conflict if role in may else Forbidden):
                DO[act](people[role], world)
            entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
            assert (entry.act, entry.outcome, entry.account_id) == (
                transition.right,
                "refused",
                people[role].account_id,
            )
            assert session.get_one(Round, world.round.id).state == state


@pytest.mark.parametrize(
    ("act", "state", "role"),
    [
        (act, state, role)
        for act in DO
        for state in sorted(ACTS[act].sources, key=list(RoundState).index)
        for role in sorted(RIGHTS[ACTS[act].right])
    ],
)
def test_an_act_succeeds_in_its_states_for_its_roles(session: Session, act: str, state: RoundState, role: Role) -> None:
    world = make_world(session, state)
    if act in PREPARE:
        PREPARE[act](session, world)
    own = {"unit": world.units[0]} if role == Role.HEAD else {}
    actor = actor_of(make_account(session, role, **own))
    before = len(audit_of(session))
    DO[act](actor, world)
    transition = ACTS[act]
    assert audit_of(session)[before:] == [(transition.right, "done")]
    assert session.get_one(Round, world.round.id).state == (transition.target or state)


def test_nothing_but_its_resumption_is_possible_in_a_suspended_round(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    rounds.suspend_round(world.actor(world.first), "2025", "a court has said so", now=NOW)
    with pytest.raises(Conflict, match="suspended"):
        rounds.close_round(world.actor(world.analyst), "2025", now=NOW)
    rounds.resume_round(world.actor(world.second), "2025", "the court is content", now=NOW)
    with pytest.raises(Conflict, match="not suspended"):
        rounds.resume_round(world.actor(world.second), "2025", "twice", now=NOW)
    rounds.close_round(world.actor(world.analyst), "2025", now=NOW)
