"""Proposing and deciding that a published card is taken back, in all languages. It cannot be undone, only corrected."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import PublishedScorecard, Round, Run, Unit, Withdrawal
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.publication.gate import published_run
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.scorecards.files import print_again
from evalsys.services.scorecards.publishing import batch_of

PROPOSED, IN_FORCE, DECLINED = "proposed", "in_force", "declined"


@dataclass(frozen=True)
class Decision:
    """A second person's word on a withdrawal."""

    withdrawal_id: int
    is_confirmed: bool
    reason: str


def propose_withdrawal(actor: Actor, round_code: str, unit_code: str, reason: str, *, now: datetime) -> int:
    """Propose that the public card of an office is taken back; returns the number of the proposal.

    Raises Forbidden, NotFound (round, or no public card), Conflict (state of the round, proposed already), Invalid.
    """
    act = Act(actor, "withdrawal.propose", subject_of(round_code), now, reason=reason)
    with audited(act) as session:
        round_ = take_round(session, round_code, "withdraw_card")
        if not reason.strip():
            raise Invalid("Say why the scorecard is withdrawn. Everybody reads it in its place.")
        run, unit = _public_card(session, round_, unit_code)
        open_one = Withdrawal.run_id == run.id, Withdrawal.unit_id == unit.id, Withdrawal.state != DECLINED
        if session.scalar(select(Withdrawal.id).where(*open_one)) is not None:
            raise Conflict("The withdrawal of this scorecard is proposed or decided already.")
        made = Withdrawal(
            round_id=round_.id,
            run_id=run.id,
            unit_id=unit.id,
            reason=reason.strip(),
            proposer_id=actor.account_id,
            proposed_at=now,
        )
        session.add(made)
        session.flush()
        act.detail = {"withdrawal": made.id, "unit": unit.code, "run": run.number}
        return made.id


def decide_withdrawal(actor: Actor, round_code: str, decision: Decision, *, now: datetime) -> None:
    """Take the card back in all languages, or decline to; what is taken back is shown to nobody from now on.

    Raises Forbidden, NotFound; Conflict for one's own, one that is decided, and one of former results; Invalid (refusal
    without a reason).
    """
    act = Act(actor, "withdrawal.decide", subject_of(round_code), now, reason=decision.reason)
    with audited(act) as session:
        round_ = take_round(session, round_code, "settle_withdrawal")
        found = find_withdrawal(session, round_, decision.withdrawal_id)
        session.refresh(found, with_for_update=True)
        if found.state != PROPOSED:
            raise Conflict("Somebody has decided this already.")
        if found.proposer_id == actor.account_id:
            raise Conflict("You proposed this. Somebody else decides it.")
        if not decision.is_confirmed and not decision.reason.strip():
            raise Invalid("Say why you decline.")
        if decision.is_confirmed:
            _require_public(session, round_, found)
        found.state = IN_FORCE if decision.is_confirmed else DECLINED
        found.decider_id, found.decided_at, found.decision_reason = actor.account_id, now, decision.reason
        if decision.is_confirmed:
            cards = PublishedScorecard.run_id == found.run_id, PublishedScorecard.unit_id == found.unit_id
            taken = {"withdrawn_at": now, "withdrawn_reason": found.reason}
            session.execute(update(PublishedScorecard).where(*cards).values(**taken))
            batch = batch_of(round_.code, found.run.number)
            print_again(session, found.run, found.unit_id, batch, now)
        act.detail = {"withdrawal": found.id, "confirmed": decision.is_confirmed}


def find_withdrawal(session: Session, round_: Round, withdrawal_id: int) -> Withdrawal:
    """A withdrawal of this round. Raises NotFound."""
    query = select(Withdrawal).where(Withdrawal.id == withdrawal_id, Withdrawal.round_id == round_.id)
    found = session.scalar(query)
    if found is None:
        raise NotFound("This withdrawal does not exist.")
    return found


def _require_public(session: Session, round_: Round, found: Withdrawal) -> None:
    """What is taken back is what everybody reads: a correction may have come between. Raises Conflict."""
    public = published_run(session, round_)
    if public is None or public.id != found.run_id:
        raise Conflict("Newer results were published since. Decline this, and propose to withdraw the newer scorecard.")


def _public_card(session: Session, round_: Round, unit_code: str) -> tuple[Run, Unit]:
    """The run that is public now, and the office, if it has a card of it that is not taken back yet."""
    run = published_run(session, round_)
    query = select(Unit).join(PublishedScorecard, PublishedScorecard.unit_id == Unit.id)
    own = PublishedScorecard.run_id == (run.id if run else 0), PublishedScorecard.withdrawn_at.is_(None)
    unit = session.scalar(query.where(*own, Unit.code == unit_code).limit(1))
    if run is None or unit is None:
        raise NotFound("This office has no published result in this round.")
    return run, unit
