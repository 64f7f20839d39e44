"""How a publication is planned and called off, how offices promise and report: parts of the table test of states."""

from collections.abc import Callable
from datetime import date, time

from sqlalchemy.orm import Session

from evalsys.models import Commitment, RoundState
from evalsys.services.access import Actor, Role
from evalsys.services.commitments.making import NewCommitment, write_commitments
from evalsys.services.commitments.reporting import NewReport, report_commitment
from evalsys.services.publication.planning import Plan, call_off_release, plan_release
from tests.factories import NOW, make_account
from tests.integration.acts_results import LATER, end_reply, prepare_correction
from tests.integration.governing import World

NEXT_DAY = Plan(date(2025, 11, 4), time(10, 0), "as the board wishes")
DUE = date(2026, 6, 30)
PROMISED = NewCommitment("two more counters open at noon", "trust", "Head of the counters", DUE)


def make_commitment(session: Session, world: World, **over: object) -> Commitment:
    """One thing that U01 promises in the world's round."""
    head = make_account(session, Role.HEAD, unit=world.units[0])
    facts = {"round_id": world.round.id, "unit_id": world.units[0].id, "number": 1, "account_id": head.id, "at": NOW}
    words = {"text": PROMISED.text, "locale": "en", "topic": "trust", "owner": PROMISED.owner, "due": DUE}
    made = Commitment(**{**facts, **words, **over})
    session.add(made)
    session.commit()
    return made


def _correctable(session: Session, world: World) -> None:
    """In a published round there is a newer run, for which the board has voted."""
    if world.round.state != RoundState.FINAL:
        prepare_correction(session, world)


def _planned(session: Session, world: World) -> None:
    _correctable(session, world)
    plan_release(world.actor(world.first), "2025", NEXT_DAY, now=NOW)


def _report(actor: Actor, _world: World) -> None:
    report_commitment(actor, "2025", 1, NewReport("in_work", "the counters are ordered", "en"), now=NOW)


DO: dict[str, Callable[[Actor, World], object]] = {
    "plan": lambda actor, _world: plan_release(actor, "2025", NEXT_DAY, now=NOW),
    "call_off": lambda actor, _world: call_off_release(actor, "2025", "not yet", now=NOW),
    "commit": lambda actor, _world: write_commitments(actor, "2025", [PROMISED], "en", now=NOW),
    "report": _report,
}
PREPARE: dict[str, Callable[[Session, World], object]] = {
    "plan": _correctable,
    "call_off": _planned,
    "commit": lambda session, world: end_reply(session, world, LATER),
    "report": make_commitment,
}
