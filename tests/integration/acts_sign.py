"""How cards are withdrawn, for the table of acts."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import PublishedScorecard, Run, Withdrawal
from evalsys.services.access import Actor
from evalsys.services.scorecards import publish
from evalsys.services.withdrawals import deciding
from tests.factories import NOW
from tests.integration.governing import World


def _propose(actor: Actor, _world: World) -> int:
    return deciding.propose_withdrawal(actor, "2025", "U01", "it is of another office", now=NOW)


def _settle(actor: Actor, world: World) -> None:
    session = Session.object_session(world.round)
    found = session.scalars(select(Withdrawal.id)).first() if session else None
    deciding.decide_withdrawal(actor, "2025", deciding.Decision(found or 1, is_confirmed=True, reason=""), now=NOW)


def _make_cards(session: Session, world: World) -> Run:
    """The cards of the round, as if it had been published in its present state."""
    run = session.scalars(select(Run)).first()
    assert run is not None
    if session.scalar(select(PublishedScorecard.id).limit(1)) is None:
        publish(session, world.round, run, NOW)
    session.commit()
    return run


def _add_proposal(session: Session, world: World) -> None:
    run = _make_cards(session, world)
    facts = {"round_id": world.round.id, "run_id": run.id, "unit_id": world.units[0].id, "reason": "of another office"}
    session.add(Withdrawal(**facts, proposer_id=world.analyst.id, proposed_at=NOW))
    session.commit()


DO: dict[str, Callable[[Actor, World], object]] = {"withdraw_card": _propose, "settle_withdrawal": _settle}
PREPARE: dict[str, Callable[[Session, World], object]] = {
    "withdraw_card": _make_cards,
    "settle_withdrawal": _add_proposal,
}
