"""The board decides on a proposal: two people are needed, and what is decided stays as it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import Round
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.rounds.states import find_round, subject_of, take_round
from evalsys.services.versions import approved_version, version_numbered, versions_of


@dataclass(frozen=True)
class Decision:
    """A second person's word on a proposal."""

    round_code: str
    number: int
    is_approved: bool
    reason: str


def decide_proposal(actor: Actor, decision: Decision, *, now: datetime) -> None:
    """Approve a proposal, which puts it in force and makes the former one history, or decline it.

    Raises Forbidden, NotFound; Conflict for one's own proposal, for one decided before, and once the round is open;
    Invalid when a refusal has no reason.
    """
    act = Act(actor, "scheme.decide", subject_of(decision.round_code), now, reason=decision.reason)
    verb = "approve" if decision.is_approved else "decline"
    act.detail = {"version": decision.number, "decision": verb}
    with audited(act) as session:
        round_ = take_round(session, decision.round_code, verb)
        version = version_numbered(session, round_, decision.number)
        if version.proposer_id == actor.account_id:
            raise Conflict("You proposed these weights. Another member of the board decides on them.")
        if version.state != "proposed":
            raise Conflict("This proposal is decided already.")
        if not decision.is_approved and not decision.reason.strip():
            raise Invalid("Say why you decline.")
        if decision.is_approved:
            _retire(session, round_)
        version.state = "approved" if decision.is_approved else "rejected"
        version.approver_id, version.decided_at, version.decision_reason = actor.account_id, now, decision.reason
        act.detail = {**act.detail, "scheme": version.digest}


def newest_proposal(actor: Actor, round_code: str) -> int:
    """The number of the newest version that waits for a decision. Raises Forbidden, NotFound, Conflict."""
    require(actor, "oversight.read")
    waiting = (
        v.number for v in versions_of(db.session(), find_round(db.session(), round_code)) if v.state == "proposed"
    )
    number = next(waiting, None)
    if number is None:
        raise Conflict("No proposal waits for a decision.")
    return number


def _retire(session: Session, round_: Round) -> None:
    former = approved_version(session, round_.id)
    if former is not None:
        former.state = "superseded"
        session.flush()
