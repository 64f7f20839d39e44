"""The board decides on a proposal: two people and the rule of the round are needed, and what is decided stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.i18n import _l
from evalsys.models import Round, SchemeVersion
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.consultations.standing import refuse_while_consulting
from evalsys.services.rounds.states import find_round, subject_of, take_round
from evalsys.services.schemes.moves import moves_far
from evalsys.services.schemes.votes import put_vote, require_open, votes_on
from evalsys.services.tally import Tally, count
from evalsys.services.versions import approved_version, version_numbered, versions_of

SHORT_OF = {
    "half": _l("More than half of the votes for and against must be for it. For: %(supports)s, against: %(opposes)s."),
    "two_thirds": _l(
        "At least two thirds of the votes for and against must be for it. For: %(supports)s, against: %(opposes)s."
    ),
    "all": _l("Nobody may be against it. For: %(supports)s, against: %(opposes)s."),
}


@dataclass(frozen=True)
class Decision:
    """A second person's word on a proposal, with the public reason (and its language) if the proposal has none.

    `in_force` is the number of the version in force that the decider saw, 0 for none; None when it does not matter.
    """

    round_code: str
    number: int
    is_approved: bool
    reason: str
    public_reason: str = ""
    public_locale: str = ""
    in_force: int | None = None


def decide_proposal(actor: Actor, decision: Decision, *, now: datetime) -> None:
    """Approve a proposal, which puts it in force and makes the former one history, or decline it.

    Who has not voted yet votes with the decision. Raises Forbidden, NotFound; Conflict for one's own proposal, for one
    decided before, once the round is open, while the draft lies open for consultation, while votes or the majority are
    missing, and when other weights came into force since; Invalid when a refusal has no reason, or weights move far
    without a public one.
    """
    _decide(actor, decision, "approve", now)


def decide_amendment(actor: Actor, decision: Decision, *, now: datetime) -> None:
    """Decide on weights that were proposed after the opening. Raises as `decide_proposal`."""
    _decide(actor, decision, "approve_amendment", now)


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


def in_force_now(actor: Actor, round_code: str) -> int:
    """The number of the version in force, 0 while there is none. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    version = approved_version(db.session(), find_round(db.session(), round_code).id)
    return version.number if version else 0


def _decide(actor: Actor, decision: Decision, approval: str, now: datetime) -> None:
    act = Act(actor, "scheme.decide", subject_of(decision.round_code), now, reason=decision.reason)
    verb = approval if decision.is_approved else "decline"
    act.detail = {"version": decision.number, "decision": verb}
    with audited(act) as session:
        round_ = take_round(session, decision.round_code, verb)
        version = version_numbered(session, round_, decision.number)
        _require_decidable(version, act, decision, approval)
        _require_fresh(session, round_, decision)
        tally = _with_own_vote(session, round_, version, act, decision)
        _require_votes(tally, decision)
        if decision.is_approved:
            refuse_while_consulting(session, round_)
            _require_reason(session, round_, version, decision)
            _retire(session, round_)
        version.state = "approved" if decision.is_approved else "rejected"
        version.approver_id, version.decided_at, version.decision_reason = actor.account_id, now, decision.reason
        votes = {"for": tally.supports, "against": tally.opposes, "abstain": tally.abstains}
        act.detail = {**act.detail, "scheme": version.digest, "votes": votes}


def _require_decidable(version: SchemeVersion, act: Act, decision: Decision, approval: str) -> None:
    if version.proposer_id == act.actor.account_id:
        raise Conflict("You proposed these weights. Another member of the board decides on them.")
    require_open(version)
    if decision.is_approved and version.is_amendment != (approval == "approve_amendment"):
        raise Conflict("These weights were proposed before the round opened. They cannot come into force any more.")
    if not decision.is_approved and not decision.reason.strip():
        raise Invalid("Say why you decline.")


def _require_fresh(session: Session, round_: Round, decision: Decision) -> None:
    """Of two who approve different proposals at the same moment, the second one looks again."""
    if decision.in_force is None or not decision.is_approved:
        return
    present = approved_version(session, round_.id)
    if decision.in_force != (present.number if present else 0):
        raise Conflict("Other weights came into force in the meantime. Look at the differences again, then decide.")


def _with_own_vote(session: Session, round_: Round, version: SchemeVersion, act: Act, decision: Decision) -> Tally:
    """The votes with the decider's own, which is cast now unless it was before."""
    votes = votes_on(session, [version])[version.id]
    if act.actor.account_id not in [vote.account_id for vote in votes]:
        put_vote(session, version, act, "for" if decision.is_approved else "against")
        votes = votes_on(session, [version])[version.id]
    return count((vote.choice for vote in votes), round_.quorum, round_.majority)


def _require_votes(tally: Tally, decision: Decision) -> None:
    if tally.missing:
        numbers = {"cast": tally.cast, "quorum": tally.quorum}
        raise Conflict("The board cannot decide yet. Votes needed: %(quorum)s, votes cast: %(cast)s.", numbers)
    numbers = {"supports": tally.supports, "opposes": tally.opposes}
    if decision.is_approved and not tally.is_carried:
        raise Conflict(SHORT_OF[tally.majority], numbers)
    if not decision.is_approved and tally.is_carried:
        raise Conflict(
            "The proposal has the majority, so it cannot be declined. For: %(supports)s, against: %(opposes)s.", numbers
        )


def _require_reason(session: Session, round_: Round, version: SchemeVersion, decision: Decision) -> None:
    if not version.public_reason and decision.public_reason.strip():
        version.public_reason, version.public_reason_locale = decision.public_reason.strip(), decision.public_locale
    if not version.public_reason and moves_far(session, round_, version):
        raise Invalid("A weight moves by more than 5 points. Write the public reason: everybody must be told why.")


def _retire(session: Session, round_: Round) -> None:
    former = approved_version(session, round_.id)
    if former is not None:
        former.state = "superseded"
        session.flush()
