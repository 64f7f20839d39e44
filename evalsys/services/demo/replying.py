"""What offices say about their draft results: an objection that is upheld, the second run, and replies."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from evalsys.db import db
from evalsys.models import Exclusion, Objection, ObjectionVote, ResultReply, Round, Run, Unit
from evalsys.services import objections, replies, runs
from evalsys.services.access import Actor
from evalsys.services.demo.city import FOLDER, read
from evalsys.services.demo.steps import Step, actor_called, is_there
from evalsys.services.evidence.keeping import Sent
from evalsys.services.quality import exclusions


def replying_steps(code: str, now: datetime) -> Iterator[Step]:
    """The acts that are left to do while the offices of the round read their draft results."""
    facts = read("replies")
    if code != facts["round"]:
        return
    said, left_out = facts["objection"], facts["exclusion"]
    round_id = select(Round.id).where(Round.code == code).scalar_subquery()
    raised = select(Objection.id).where(Objection.round_id == round_id)
    gone = select(Exclusion.id).where(Exclusion.round_id == round_id, Exclusion.reason == left_out["reason"])
    todo: tuple[tuple[str, Select[Any], Callable[[], None]], ...] = (
        ("an objection", raised, lambda: _object(code, said, now)),
        (
            "votes on it",
            select(ObjectionVote).where(ObjectionVote.objection_id.in_(raised)),
            lambda: _judge(code, said, now),
        ),
        ("decision on it", raised.where(Objection.state == "upheld"), lambda: _decide(code, said, now)),
        ("answers left out", gone, lambda: _leave_out(code, said["head"], left_out, now)),
        (
            "second run",
            select(Run.id).where(Run.round_id == round_id, Run.reason != ""),
            lambda: _rescore(code, left_out, now),
        ),
    )
    for name, found, act in todo:
        if not is_there(found):
            yield Step(f"round {code}: {name}", act)
    for unit, words in facts["replies"].items():
        there = select(ResultReply.id).join(Unit, Unit.id == ResultReply.unit_id)
        if not is_there(there.where(ResultReply.round_id == round_id, Unit.code == unit)):
            yield Step(f"round {code}: reply of {unit}", partial(_reply, code, unit, words, now))


def _object(code: str, said: dict[str, Any], now: datetime) -> None:
    sent = Sent("", said["file"], (FOLDER / "evidence" / said["file"]).read_bytes())
    new = objections.NewObjection(said["topic"], said["text"], files=(sent,))
    objections.raise_objection(_head(said["head"]), code, new, now=min(said["at"], now))


def _judge(code: str, said: dict[str, Any], now: datetime) -> None:
    for name, reason in said["votes"].items():
        vote = objections.Judgement("upheld", reason)
        objections.judge_objection(actor_called(name), code, _number(code), vote, now=min(said["judged"], now))


def _decide(code: str, said: dict[str, Any], now: datetime) -> None:
    decision = objections.Judgement("upheld", said["decision"])
    when = min(said["decided"], now)
    objections.rule_on_objection(actor_called("board2"), code, _number(code), decision, now=when)


def _leave_out(code: str, unit: str, facts: dict[str, Any], now: datetime) -> None:
    when = min(facts["at"], now)
    selection = exclusions.Selection("straight", 1, unit, facts["channel"], facts["first"], facts["last"])
    made = exclusions.propose_exclusion(actor_called("analyst"), code, selection, facts["reason"], now=when)
    decision = exclusions.Decision(made, is_confirmed=True, reason=facts["decision"])
    exclusions.decide_exclusion(actor_called("board1"), code, decision, now=when)


def _rescore(code: str, facts: dict[str, Any], now: datetime) -> None:
    runs.score_round(actor_called("analyst"), code, now=min(facts["rescored"], now), reason=facts["public_reason"])


def _reply(code: str, unit: str, facts: dict[str, Any], now: datetime) -> None:
    words = replies.Words(facts["text"], facts["locale"])
    replies.write_reply(_head(unit), code, words, now=min(facts["at"], now))


def _number(code: str) -> int:
    found = db.session.scalars(select(Objection.id).join(Round).where(Round.code == code)).one()
    db.session.rollback()
    return found


def _head(unit: str) -> Actor:
    return actor_called(f"head.{unit.lower()}")
