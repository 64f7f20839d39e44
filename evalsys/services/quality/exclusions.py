"""Answers left out of the count: by a rule fixed before the round opened, or by an analyst and a member of the board.

Nothing is deleted: a response changes its status, its unit is counted anew, and every exclusion can be taken back.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import (
    IN_REVIEW,
    PUBLIC,
    AuditEntry,
    ExcludedResponse,
    Exclusion,
    Flag,
    Questionnaire,
    Response,
    Round,
    RoundState,
    Run,
    Unit,
)
from evalsys.models.response import COUNTED, EXCLUDED_BY_PERSONS, EXCLUDED_BY_RULE
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.mixing import mark_dirty
from evalsys.services.quality.check import find_flags, replace_flags
from evalsys.services.quality.rules import settings_of
from evalsys.services.rounds.states import subject_of

PROPOSED, IN_FORCE, DECLINED, LIFTED = "proposed", "in_force", "declined", "lifted"
OPEN_TO_CHANGE = (RoundState.COLLECTING, *IN_REVIEW)


@dataclass(frozen=True)
class Selection:
    """Which flagged answers are meant; empty fields stand for all. Days are both included."""

    rule: str = ""
    grade: int = 1
    unit: str = ""
    channel: str = ""
    first: date | None = None
    last: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, as the row keeps them."""
        days = {name: day.isoformat() if day else "" for name, day in (("first", self.first), ("last", self.last))}
        return {**asdict(self), **days}


@dataclass(frozen=True)
class Note:
    """An exclusion in public words: how many answers, by which rule ("" for two people), why, and when decided.

    `after_results` says that scores of the round were known when it was proposed.
    """

    rule: str
    number: int
    reason: str
    decided_at: datetime
    after_results: bool


@dataclass(frozen=True)
class Decision:
    """The word of a member of the board on an exclusion."""

    exclusion_id: int
    is_confirmed: bool
    reason: str


def propose_exclusion(actor: Actor, round_code: str, selection: Selection, reason: str, *, now: datetime) -> int:
    """Ask to leave the counted answers of a selection out; returns the id. What is in it is fixed from now on.

    Raises Forbidden, NotFound, Conflict (state of the round), Invalid (no reason, or nothing fits).
    """
    act = Act(actor, "exclusion.propose", subject_of(round_code), now, reason=reason)
    with audited(act) as session:
        round_ = _take_round(session, round_code, OPEN_TO_CHANGE)
        if not reason.strip():
            raise Invalid("Say why these answers should be left out.")
        words = {**selection.to_json(), "after_results": results_known(session, round_)}
        made = Exclusion(
            round_id=round_.id, selection=words, reason=reason, proposer_id=actor.account_id, proposed_at=now
        )
        session.add(made)
        session.flush()
        made.number = _fill(session, made, _chosen(round_.id, selection))
        if not made.number:
            raise Invalid("No counted answer fits this choice. Choose a lower grade or fewer conditions.")
        act.detail = {"exclusion": made.id, "number": made.number, "selection": words}
        return made.id


def decide_exclusion(actor: Actor, round_code: str, decision: Decision, *, now: datetime) -> None:
    """Confirm or decline what an analyst proposed. Raises Forbidden, NotFound, Conflict, Invalid (no reason)."""
    act = Act(actor, "exclusion.decide", subject_of(round_code), now, reason=decision.reason)
    with audited(act) as session:
        round_ = _take_round(session, round_code, OPEN_TO_CHANGE)
        found = _take(session, round_, decision.exclusion_id)
        if found.state != PROPOSED:
            raise Conflict("Somebody has decided this already.")
        if found.proposer_id == actor.account_id:
            raise Conflict("You proposed this. Somebody else decides it.")
        if not decision.is_confirmed and not decision.reason.strip():
            raise Invalid("Say why you decline.")
        found.state = IN_FORCE if decision.is_confirmed else DECLINED
        found.decider_id, found.decided_at, found.decision_reason = actor.account_id, now, decision.reason
        session.flush()
        if decision.is_confirmed:
            _settle(session, found.id)
        act.detail = {"exclusion": found.id, "confirmed": decision.is_confirmed, "number": found.number}


def apply_rules(actor: Actor, round_code: str, *, now: datetime) -> int:
    """Leave out what the excluding rules find in the closed round; returns how many answers. Doing it again adds none.

    A rule whose exclusion was lifted is not applied again. Raises Forbidden, NotFound, Conflict.
    """
    act = Act(actor, "exclusion.propose", subject_of(round_code), now)
    with audited(act) as session:
        round_ = _take_round(session, round_code, IN_REVIEW)
        rules = [one.code for one in settings_of(session, round_.id) if one.is_on and one.excludes]
        if not rules:
            raise Conflict("No rule of this round leaves answers out: none was set so before it opened.")
        replace_flags(session, round_.id, find_flags(session, round_))
        lifted = select(Exclusion.rule).where(Exclusion.round_id == round_.id, Exclusion.state == LIFTED)
        gone = set(session.scalars(lifted))
        numbers = {rule: _apply(session, round_.id, rule, act) for rule in rules if rule not in gone}
        act.detail = {"rules": numbers, "lifted_before": sorted(gone & set(rules))}
        return sum(numbers.values())


def lift_exclusion(actor: Actor, round_code: str, exclusion_id: int, reason: str, *, now: datetime) -> None:
    """Count the answers again: a member of the board with a reason, but not whoever had them left out.

    Raises Forbidden, NotFound, Conflict, Invalid (no reason).
    """
    act = Act(actor, "exclusion.lift", subject_of(round_code), now, reason=reason)
    with audited(act) as session:
        round_ = _take_round(session, round_code, OPEN_TO_CHANGE)
        found = _take(session, round_, exclusion_id)
        if found.state != IN_FORCE:
            raise Conflict("This exclusion is not in force.")
        if found.proposer_id == actor.account_id:
            raise Conflict("You had these answers left out. Somebody else lets them count again.")
        if not reason.strip():
            raise Invalid("Say why these answers count again.")
        found.state, found.lifted_by, found.lifted_at, found.lifted_reason = LIFTED, actor.account_id, now, reason
        session.flush()
        _settle(session, found.id)
        act.detail = {"exclusion": found.id, "number": found.number}


def exclusions_of(session: Session, round_id: int, at: datetime | None = None) -> tuple[Note, ...]:
    """What is left out of a round now, or was at a moment, such as that of a run; the oldest first."""
    query = select(Exclusion).where(Exclusion.round_id == round_id, Exclusion.state.in_((IN_FORCE, LIFTED)))
    found = []
    for one in session.scalars(query.order_by(Exclusion.id)):
        since = one.decided_at or one.proposed_at
        is_there = (
            one.state == IN_FORCE if at is None else since <= at and (one.lifted_at is None or one.lifted_at > at)
        )
        if is_there:
            known = bool(one.selection.get("after_results"))
            found.append(Note(one.rule, one.number, "" if one.rule else one.reason, since, known))
    return tuple(found)


def results_known(session: Session, round_: Round) -> bool:
    """True once the round has a run, or somebody looked at the effect of an exclusion."""
    seen = AuditEntry.act == "quality.read", AuditEntry.subject == subject_of(round_.code), AuditEntry.outcome == "done"
    return bool(
        session.scalar(select(exists().where(Run.round_id == round_.id)))
        or session.scalar(select(exists().where(*seen)))
    )


def find_exclusion(session: Session, round_: Round, exclusion_id: int) -> Exclusion:
    """An exclusion of this round. Raises NotFound."""
    found = session.scalar(select(Exclusion).where(Exclusion.id == exclusion_id, Exclusion.round_id == round_.id))
    if found is None:
        raise NotFound("This exclusion does not exist.")
    return found


def _take_round(session: Session, code: str, states: tuple[RoundState, ...]) -> Round:
    round_ = session.scalar(select(Round).where(Round.code == code).with_for_update())
    if round_ is None:
        raise NotFound("This round does not exist.")
    if round_.state in PUBLIC:
        raise Conflict("The round is published. What counts in it can no longer be changed.")
    if round_.state not in states:
        raise Conflict("Answers can be left out only while the round collects, or after it is closed.")
    return round_


def _take(session: Session, round_: Round, exclusion_id: int) -> Exclusion:
    """Two people who decide at once come one after the other: the lock on the round is held."""
    found = find_exclusion(session, round_, exclusion_id)
    session.refresh(found, with_for_update=True)
    return found


def _chosen(round_id: int, selection: Selection) -> Select[Any]:
    """The ids of the counted answers that are meant."""
    query = (
        select(Response.id)
        .join(Flag, Flag.response_id == Response.id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .join(Unit, Unit.id == Response.unit_id)
        .where(Questionnaire.round_id == round_id, Response.status == COUNTED, Flag.grade >= selection.grade)
        .distinct()
    )
    for column, value in (
        (Flag.rule, selection.rule),
        (Unit.code, selection.unit),
        (Response.channel, selection.channel),
    ):
        query = query.where(column == value) if value else query
    query = query.where(Response.day >= selection.first) if selection.first else query
    return query.where(Response.day <= selection.last) if selection.last else query


def _fill(session: Session, made: Exclusion, chosen: Select[Any]) -> int:
    ids = chosen.subquery()
    rows = select(literal(made.id), ids.c.id)
    session.execute(insert(ExcludedResponse).from_select(["exclusion_id", "response_id"], rows))
    return session.scalar(select(func.count()).where(ExcludedResponse.exclusion_id == made.id)) or 0


def _apply(session: Session, round_id: int, rule: str, act: Act) -> int:
    chosen = _chosen(round_id, Selection(rule=rule))
    if session.execute(chosen.limit(1)).first() is None:
        return 0
    made = Exclusion(round_id=round_id, rule=rule, selection=Selection(rule=rule).to_json(), state=IN_FORCE)
    made.reason, made.proposer_id, made.proposed_at = "rule", act.actor.account_id, act.now
    session.add(made)
    session.flush()
    made.number = _fill(session, made, chosen)
    _settle(session, made.id)
    return made.number


def _settle(session: Session, exclusion_id: int) -> None:
    """Give each response of an exclusion the status that all exclusions in force leave it, and have its unit recounted.

    A response that was replaced stays so.
    """
    mine = select(ExcludedResponse.response_id).where(ExcludedResponse.exclusion_id == exclusion_id)
    rules = {EXCLUDED_BY_PERSONS: Exclusion.rule == "", EXCLUDED_BY_RULE: Exclusion.rule != ""}
    which = Response.id.in_(mine), Response.status.in_((COUNTED, EXCLUDED_BY_RULE, EXCLUDED_BY_PERSONS))
    session.execute(update(Response).where(*which).values(status=COUNTED).execution_options(synchronize_session=False))
    for status, kind in rules.items():
        held = select(ExcludedResponse.response_id).join(Exclusion).where(Exclusion.state == IN_FORCE, kind)
        change = update(Response).where(*which, Response.id.in_(held)).values(status=status)
        session.execute(change.execution_options(synchronize_session=False))
    pairs = select(Response.questionnaire_id, Response.unit_id).where(Response.id.in_(mine)).distinct()
    for questionnaire_id, unit_id in session.execute(pairs).all():
        mark_dirty(session, questionnaire_id, [unit_id])
