"""How the acts on findings are done, for the table of acts."""

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Finding
from evalsys.services.access import Actor
from evalsys.services.findings import deciding
from tests.factories import NOW
from tests.integration.governing import World


def propose(actor: Actor, _world: World, rule: str = "deduction:case", points: str = "2") -> int:
    given = Decimal(points) if points else None
    new = deciding.NewFinding("U01", rule, "external", given, "a proven case")
    return deciding.propose_finding(actor, "2025", new, now=NOW)


def add_finding(session: Session, world: World, **over: object) -> Finding:
    facts = {"round_id": world.round.id, "unit_id": world.units[0].id, "kind": "deduction:case", "points": "2"}
    facts |= {"source": "external", "reason": "a proven case", "proposer_id": world.analyst.id, "proposed_at": NOW}
    made = Finding(**{**facts, **over})
    session.add(made)
    session.commit()
    return made


def _settle(actor: Actor, world: World) -> None:
    session = Session.object_session(world.round)
    found = session.scalars(select(Finding.id)).first() if session else None
    deciding.decide_finding(actor, "2025", deciding.Decision(found or 1, is_confirmed=True, reason=""), now=NOW)


DO: dict[str, Callable[[Actor, World], object]] = {"find": propose, "settle": _settle}
PREPARE: dict[str, Callable[[Session, World], object]] = {"settle": add_finding}
