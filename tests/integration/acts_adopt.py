"""How the acts of adopting weights are done, and what must be there first: parts of the table test of states."""

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy.orm import Session

from evalsys.services import schemes
from evalsys.services.access import Actor
from tests.factories import NOW
from tests.integration.governing import World, add_proposal


def _vote(actor: Actor, _world: World) -> None:
    schemes.cast_vote(actor, schemes.Vote("2025", 2, "against", "peers know less"), now=NOW)


def _amend(actor: Actor, _world: World) -> None:
    parts = {
        "experience": Decimal(50),
        "cooperation": Decimal(20 + len(actor.role)),
        "leadership": Decimal(30 - len(actor.role)),
    }
    reasons = schemes.Reasons("an error was found", "An error was found in the weights.", "en")
    schemes.propose_amendment(actor, "2025", {"n-score": parts}, reasons, now=NOW)


def _approve_amendment(actor: Actor, _world: World) -> None:
    schemes.decide_amendment(actor, schemes.Decision("2025", 2, is_approved=True, reason=""), now=NOW)


def _add_amendment(session: Session, world: World) -> None:
    add_proposal(session, world, number=2, is_amendment=True, public_reason="An error was found.")


DO: dict[str, Callable[[Actor, World], object]] = {
    "vote": _vote,
    "amend": _amend,
    "approve_amendment": _approve_amendment,
}
PREPARE: dict[str, Callable[[Session, World], object]] = {
    "vote": lambda session, world: add_proposal(session, world, number=2),
    "approve_amendment": _add_amendment,
}
