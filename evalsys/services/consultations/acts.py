"""Laying a draft open, judging and answering comments, concluding. The public's part is in `sending`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.models import Consultation, ConsultationComment
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.consultations.standing import consultation_of, find_comment
from evalsys.services.rounds.states import find_round, subject_of, take_round
from evalsys.services.versions import newest_version

DAYS, MOST_DAYS = 20, 365
RECEIVED, PUBLISHED, HIDDEN = "received", "published", "hidden"
PERSONAL = "personal"
HIDING = (PERSONAL, "abuse")
"""The only reasons to hide a comment: it holds personal data, or it is abuse."""


@dataclass(frozen=True)
class Plan:
    """How long a draft lies open (the last day counts), and whether people may say how they would weigh."""

    ends_on: date
    has_poll: bool = True


@dataclass(frozen=True)
class Verdict:
    """What becomes of a comment: `hide_for` is one of HIDING, or empty to publish it as it is."""

    comment_id: str
    hide_for: str = ""


def last_day(today: date) -> date:
    """The last day of a consultation that begins today, unless somebody chooses another."""
    return today + timedelta(days=DAYS)


def open_consultation(actor: Actor, round_code: str, plan: Plan, *, now: datetime) -> None:
    """Lay the newest version of the draft open for comments.

    Raises Forbidden, NotFound; Conflict unless the round is a draft; Invalid for a last day that is not after today,
    or more than a year away.
    """
    act = Act(actor, "round.consult", subject_of(round_code), now)
    with audited(act) as session:
        round_ = take_round(session, round_code, "consult")
        if not timedelta(0) < plan.ends_on - now.date() <= timedelta(days=MOST_DAYS):
            raise Invalid("Choose a last day after today and within a year.")
        version = newest_version(session, round_)
        made = Consultation(round_id=round_.id, version_id=version.id, has_poll=plan.has_poll)
        made.opened_at, made.ends_on = now, plan.ends_on
        session.add(made)
        act.detail = {"version": version.number, "ends_on": plan.ends_on.isoformat(), "poll": plan.has_poll}


def conclude_consultation(actor: Actor, round_code: str, *, now: datetime) -> None:
    """End the consultation, so that weights may be approved.

    Raises Forbidden, NotFound; Conflict before the last day has passed, while a comment waits for a decision or a
    published one for an answer, and when there is nothing to conclude.
    """
    act = Act(actor, "round.conclude", subject_of(round_code), now)
    with audited(act) as session:
        found = consultation_of(session, take_round(session, round_code, "conclude"))
        if found is None or found.closed_at is not None:
            raise Conflict("No consultation of this round is open.")
        session.refresh(found, with_for_update=True)  # a comment of the last minute comes in before, or not at all
        if now.date() <= found.ends_on:
            raise Conflict("People may comment until %(day)s. Conclude afterwards.", {"day": found.ends_on.isoformat()})
        left = unsettled(session, found)
        if left:
            raise Conflict(
                "Comments are left that are neither hidden nor published with an answer: %(number)s.", {"number": left}
            )
        found.closed_at = now


def judge_comment(actor: Actor, round_code: str, verdict: Verdict, *, now: datetime) -> None:
    """Publish a comment as it is, or hide it; either may be taken back until all is concluded.

    Personal data are hidden at any time: who finds her own name there need not wait for the next consultation.
    Raises Forbidden, NotFound; Conflict for all else once it is concluded; Invalid for another reason than the two.
    """
    act = Act(actor, "consultation.answer", subject_of(round_code), now)
    with audited(act) as session:
        comment = _take_comment(session, round_code, verdict.comment_id, ever=verdict.hide_for == PERSONAL)
        if verdict.hide_for and verdict.hide_for not in HIDING:
            raise Invalid("A comment is hidden only for personal data or abuse.")
        comment.state, comment.hidden_reason = HIDDEN if verdict.hide_for else PUBLISHED, verdict.hide_for
        act.detail = {"comment": comment.id, "state": comment.state, "hidden_for": verdict.hide_for}


def answer_comment(actor: Actor, round_code: str, comment_id: str, text: str, *, now: datetime) -> None:
    """Answer a published comment in words that everybody reads beside it.

    Raises Forbidden, NotFound; Conflict for a comment that is not public, and once all is concluded; Invalid for none.
    """
    act = Act(actor, "consultation.answer", subject_of(round_code), now)
    with audited(act) as session:
        comment = _take_comment(session, round_code, comment_id)
        if comment.state != PUBLISHED:
            raise Conflict("Publish the comment first. Only published comments get answers.")
        if not text.strip():
            raise Invalid("Write an answer.")
        comment.answer, comment.answered_by, comment.answered_at = text, actor.account_id, now
        act.detail = {"comment": comment.id, "answered": True}


def _take_comment(session: Session, round_code: str, comment_id: str, *, ever: bool = False) -> ConsultationComment:
    """A comment that may change: concluding waits for the lock, and what comes after it is refused unless `ever`."""
    round_ = find_round(session, round_code)
    found = session.scalar(select(Consultation).where(Consultation.round_id == round_.id).with_for_update())
    if found is not None and found.closed_at is not None and not ever:
        raise Conflict("The consultation is concluded: comments and answers stay as they are.")
    return find_comment(session, round_, comment_id)


def unsettled(session: Session, consultation: Consultation) -> int:
    """How many comments are neither hidden nor published with an answer."""
    waits = ConsultationComment.state == RECEIVED
    lacks = (ConsultationComment.state == PUBLISHED) & (ConsultationComment.answer == "")
    mine = ConsultationComment.consultation_id == consultation.id
    query = select(func.count()).select_from(ConsultationComment)
    return session.scalar(query.where(mine, or_(waits, lacks))) or 0
