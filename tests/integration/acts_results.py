"""From answers to results: how each act of the table is done, and what must be there before it can succeed."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Objection, ObjectionVote, Role, Run
from evalsys.services import objections, replies, runs
from evalsys.services.access import Actor
from evalsys.services.objections import Judgement, NewObjection
from evalsys.services.publication.correcting import republish_round
from tests.factories import NOW, make_account
from tests.integration.governing import World, add_answers

YESTERDAY, LATER = date(2025, 11, 2), date(2025, 11, 17)
UPHELD = Judgement("upheld", "the register says so")


def make_objection(session: Session, world: World, **over: object) -> Objection:
    """An open objection of U01 against the newest run, which the right of reply still covers."""
    end_reply(session, world, LATER)
    run = session.scalars(select(Run).where(Run.round_id == world.round.id).order_by(Run.number.desc())).first()
    head = make_account(session, Role.HEAD, unit=world.units[0])
    facts = {"round_id": world.round.id, "unit_id": world.units[0].id, "run_id": run.id if run else 0}
    made = Objection(**{**facts, "text": "two answers are not ours", "account_id": head.id, "at": NOW, **over})
    session.add(made)
    session.commit()
    return made


def end_reply(session: Session, world: World, day: date = YESTERDAY) -> None:
    """Let the right of reply end on this day."""
    world.round.reply_until = day
    session.commit()


def _judged(session: Session, world: World) -> None:
    made = make_objection(session, world, id=1)
    for member in (world.first, world.second):
        session.add(ObjectionVote(objection_id=made.id, account_id=member.id, choice="upheld", reason="so", at=NOW))
    session.commit()


def prepare_correction(session: Session, world: World) -> None:
    """A newer run than the first one, with another result, for which the board has voted."""
    add_answers(session, world.forms["peers"], world.units[0], [[5], [4]])
    runs.score_round(world.actor(world.analyst), "2025", now=NOW, reason="two answers were found")
    replies.cast_ballot(world.actor(world.first), "2025", replies.Ballot("for", ""), now=NOW)


def _object(actor: Actor, _world: World) -> int:
    return objections.raise_objection(actor, "2025", NewObjection("trust", "two answers are not ours"), now=NOW)


def _withdraw(actor: Actor, _world: World) -> None:
    objections.withdraw_objection(actor, "2025", 1, now=NOW)


def _withdrawable(session: Session, world: World) -> None:
    make_objection(session, world, id=1)


DO: dict[str, Callable[[Actor, World], object]] = {
    "rescore": lambda actor, _world: runs.score_round(actor, "2025", now=NOW, reason="a figure was corrected"),
    "reply": lambda actor, _world: replies.write_reply(actor, "2025", replies.Words("we do better now", "en"), now=NOW),
    "object": _object,
    "withdraw": _withdraw,
    "judge": lambda actor, _world: objections.judge_objection(actor, "2025", 1, UPHELD, now=NOW),
    "rule": lambda actor, _world: objections.rule_on_objection(actor, "2025", 1, UPHELD, now=NOW),
    "ballot": lambda actor, _world: replies.cast_ballot(actor, "2025", replies.Ballot("for", ""), now=NOW),
    "adopt": lambda actor, _world: replies.adopt_results(actor, "2025", now=NOW),
    "publish": lambda actor, _world: runs.publish_round(actor, "2025", now=NOW),
    "republish": lambda actor, _world: republish_round(actor, "2025", now=NOW),
}

PREPARE: dict[str, Callable[[Session, World], object]] = {
    "reply": lambda session, world: end_reply(session, world, LATER),
    "object": lambda session, world: end_reply(session, world, LATER),
    "withdraw": _withdrawable,
    "judge": _withdrawable,
    "rule": _judged,
    "adopt": end_reply,
    "republish": prepare_correction,
}
