"""The whole table act x state x role: only its cells succeed, every other is refused and leaves one refused entry."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden
from evalsys.models import Role, Round, RoundState
from evalsys.services import rounds, runs, schemes
from evalsys.services.access import RIGHTS, Actor, actor_of
from evalsys.services.rounds import ACTS
from tests.factories import NOW, make_account
from tests.integration.governing import World, add_proposal, audit_of, make_world


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


DO: dict[str, Callable[[Actor, World], object]] = {
    "propose": _propose,
    "approve": _approve,
    "decline": _decline,
    "open": lambda actor, _world: rounds.open_round(actor, "2025", now=NOW),
    "close": lambda actor, _world: rounds.close_round(actor, "2025", now=NOW),
    "score": lambda actor, _world: runs.score_round(actor, "2025", now=NOW),
    "publish": lambda actor, _world: runs.publish_round(actor, "2025", now=NOW),
}


def test_every_act_of_the_table_is_tested() -> None:
    assert set(DO) == set(ACTS)


@pytest.mark.parametrize("state", list(RoundState))
@pytest.mark.parametrize("act", list(DO))
def test_an_act_succeeds_only_in_its_states_and_for_its_roles(session: Session, act: str, state: RoundState) -> None:
    world = make_world(session, state)
    if act in ("approve", "decline"):
        add_proposal(session, world, number=2)
    transition = ACTS[act]
    allowed = RIGHTS[transition.right] if state in transition.sources else frozenset()
    for role in sorted(Role, key=lambda one: one in allowed):  # refusals first: they leave everything as it was
        actor = actor_of(make_account(session, role))
        before = len(audit_of(session))
        if role in allowed:
            DO[act](actor, world)
        else:
            with pytest.raises(Conflict if role in RIGHTS[transition.right] else Forbidden):
                DO[act](actor, world)
        assert audit_of(session)[before:] == [(transition.right, "done" if role in allowed else "refused")]
        assert session.get_one(Round, world.round.id).state == (
            transition.target or state if role in allowed else state
        )
