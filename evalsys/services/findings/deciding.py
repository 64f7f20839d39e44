"""Proposing, deciding and lifting a finding. Two people are needed, and everybody can read why."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Finding, Round, RoundUnit, Unit
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.findings.rules import FindingRule, rules_of
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of

PROPOSED, IN_FORCE, DECLINED, LIFTED = "proposed", "in_force", "declined", "lifted"
SOURCES = ("external", "self")
MOST_POINTS = Decimal(100)


@dataclass(frozen=True)
class NewFinding:
    """What somebody found about an office; `rule` is a value of services.findings.rules, `source` one of SOURCES."""

    unit_code: str
    rule: str
    source: str
    points: Decimal | None
    reason: str


@dataclass(frozen=True)
class Decision:
    """A second person's word on a finding."""

    finding_id: int
    is_confirmed: bool
    reason: str


def propose_finding(actor: Actor, round_code: str, new: NewFinding, *, now: datetime) -> int:
    """Write down a finding that a member of the board has to confirm; returns its id.

    Raises Forbidden, NotFound (round or office), Conflict (state of the round), Invalid.
    """
    act = Act(actor, "finding.propose", subject_of(round_code), now, reason=new.reason)
    with audited(act) as session:
        round_ = take_round(session, round_code, "find")
        rule = _rule(session, round_, new.rule)
        made = Finding(
            round_id=round_.id,
            unit_id=_unit_id(session, round_, new.unit_code),
            kind=rule.value,
            source=_checked(new, rule).source,
            points=f"{new.points:f}" if rule.has_points and new.points is not None else "",
            reason=new.reason.strip(),
            proposer_id=actor.account_id,
            proposed_at=now,
        )
        session.add(made)
        session.flush()
        act.detail = {"finding": made.id, "unit": new.unit_code, "kind": made.kind, "points": made.points}
        return made.id


def decide_finding(actor: Actor, round_code: str, decision: Decision, *, now: datetime) -> None:
    """Put a finding in force or decline it; the next run counts it.

    Raises Forbidden, NotFound; Conflict for one's own and for one that is decided; Invalid (refusal without a reason).
    """
    act = Act(actor, "finding.decide", subject_of(round_code), now, reason=decision.reason)
    with audited(act) as session:
        found = _take(session, take_round(session, round_code, "settle"), decision.finding_id)
        if found.state != PROPOSED:
            raise Conflict("Somebody has decided this already.")
        if found.proposer_id == actor.account_id:
            raise Conflict("You proposed this. Somebody else decides it.")
        if not decision.is_confirmed and not decision.reason.strip():
            raise Invalid("Say why you decline.")
        found.state = IN_FORCE if decision.is_confirmed else DECLINED
        found.decider_id, found.decided_at, found.decision_reason = actor.account_id, now, decision.reason
        act.detail = {"finding": found.id, "confirmed": decision.is_confirmed}


def lift_finding(actor: Actor, round_code: str, finding_id: int, reason: str, *, now: datetime) -> None:
    """Take a finding back; runs from now on do not count it. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = Act(actor, "finding.decide", subject_of(round_code), now, reason=reason)
    with audited(act) as session:
        found = _take(session, take_round(session, round_code, "settle"), finding_id)
        if found.state != IN_FORCE:
            raise Conflict("This finding is not in force.")
        if not reason.strip():
            raise Invalid("Say why the finding is taken back.")
        found.state, found.lifted_by, found.lifted_at, found.lifted_reason = LIFTED, actor.account_id, now, reason
        act.detail = {"finding": found.id, "lifted": True}


def find_finding(session: Session, round_: Round, finding_id: int) -> Finding:
    """A finding of this round. Raises NotFound."""
    found = session.scalar(select(Finding).where(Finding.id == finding_id, Finding.round_id == round_.id))
    if found is None:
        raise NotFound("This finding does not exist.")
    return found


def _take(session: Session, round_: Round, finding_id: int) -> Finding:
    found = find_finding(session, round_, finding_id)
    session.refresh(found, with_for_update=True)
    return found


def _rule(session: Session, round_: Round, value: str) -> FindingRule:
    known = {rule.value: rule for rule in rules_of(scheme_of(current_version(session, round_).body))}
    if value not in known:
        raise Invalid("The weights of this round know no such finding.")
    return known[value]


def _unit_id(session: Session, round_: Round, code: str) -> int:
    query = select(Unit.id).join(RoundUnit, RoundUnit.unit_id == Unit.id)
    found = session.scalar(query.where(RoundUnit.round_id == round_.id, Unit.code == code))
    if found is None:
        raise NotFound("This office is not in the round.")
    return found


def _checked(new: NewFinding, rule: FindingRule) -> NewFinding:
    if not new.reason.strip():
        raise Invalid("Say what happened. Everybody reads it beside the score.")
    if new.source not in SOURCES:
        raise Invalid("Say whether the office reported it itself.")
    if rule.has_points and (new.points is None or not 0 < new.points <= MOST_POINTS):
        raise Invalid("Enter the points, more than 0 and at most 100.")
    return new
