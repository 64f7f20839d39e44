"""The panel votes on an objection, and a member of the board decides it as the votes say, with a reason."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.models import Objection, ObjectionVote, Round
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.objections.raising import OPEN, find_objection
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.tally import has_majority, sits_now

OUTCOMES = ("upheld", "partly", "rejected")
FEWEST_VOTES = 2


@dataclass(frozen=True)
class Judgement:
    """What somebody thinks of an objection, or decides on it, and why."""

    outcome: str
    reason: str


def judge_objection(actor: Actor, code: str, number: int, judgement: Judgement, *, now: datetime) -> None:
    """Vote on an open objection, in place of one's former vote. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = Act(actor, "objection.vote", subject_of(code), now, reason=judgement.reason, detail={"objection": number})
    with audited(act) as session:
        round_ = take_round(session, code, "judge")
        found = _open_objection(session, round_, number, actor)
        _check(judgement)
        vote = ObjectionVote(objection_id=found.id, account_id=actor.account_id, choice=judgement.outcome, at=now)
        vote.reason = judgement.reason.strip()
        session.merge(vote)
        act.detail["choice"] = judgement.outcome


def rule_on_objection(actor: Actor, code: str, number: int, judgement: Judgement, *, now: datetime) -> None:
    """Decide an objection as the panel's votes say; the office and the public read the reason.

    Raises Forbidden, NotFound; Conflict while too few have voted or no majority is for this outcome; Invalid.
    """
    act = Act(actor, "objection.decide", subject_of(code), now, reason=judgement.reason, detail={"objection": number})
    with audited(act) as session:
        round_ = take_round(session, code, "rule")
        found = _open_objection(session, round_, number, actor)
        _check(judgement)
        votes = votes_on(session, found)
        needed = votes_needed(round_)
        if len(votes) < needed:
            few = {"there": len(votes), "needed": needed}
            raise Conflict("The panel has cast %(there)s of the %(needed)s votes that a decision needs.", few)
        if judgement.outcome not in carried(round_, votes):
            raise Conflict("The votes of the panel have no majority for this decision.")
        found.state, found.decision = judgement.outcome, judgement.reason.strip()
        found.decided_by, found.decided_at = actor.account_id, now
        act.detail |= {"outcome": judgement.outcome, "votes": dict(Counter(vote.choice for vote in votes))}


def votes_on(session: Session, objection: Objection) -> list[ObjectionVote]:
    """The panel's votes, the oldest first; while it is open, whoever has left the board has none."""
    query = select(ObjectionVote).where(ObjectionVote.objection_id == objection.id)
    if objection.state == OPEN:
        query = query.join(ObjectionVote.account).where(sits_now())
    return list(session.scalars(query.order_by(ObjectionVote.at, ObjectionVote.account_id)))


def votes_needed(round_: Round) -> int:
    """How many votes a decision needs: two, or the quorum of the round where that is more."""
    return max(FEWEST_VOTES, round_.quorum)


def carried(round_: Round, votes: list[ObjectionVote]) -> tuple[str, ...]:
    """The outcomes for which there is a majority: one or none."""
    counts = Counter(vote.choice for vote in votes)
    return tuple(one for one in OUTCOMES if has_majority(round_.majority, counts[one], len(votes) - counts[one]))


def _open_objection(session: Session, round_: Round, number: int, actor: Actor) -> Objection:
    found = find_objection(session, round_, number)
    if found.state != OPEN:
        raise Conflict("This objection is decided or withdrawn already.")
    if found.account_id == actor.account_id:
        raise Conflict("You raised this objection. Others judge it.")
    return found


def _check(judgement: Judgement) -> None:
    if judgement.outcome not in OUTCOMES:
        raise Invalid("Choose upheld, partly upheld or rejected.")
    if not judgement.reason.strip():
        raise Invalid("Say why. The office reads the reason.")
