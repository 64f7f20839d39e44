"""Steps of the year that only move a round on, and stopping one for a while."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.models import Round, RoundState
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.calendar import add_working_days, working_days_between
from evalsys.services.publication.planned import drop_release
from evalsys.services.rounds.states import ACTS, subject_of, take_round

MOVES = ("check", "improve", "follow_up", "archive")


def move_round(actor: Actor, code: str, move: str, *, now: datetime) -> None:
    """Take the round one step on: `move` is one of MOVES. Raises Forbidden, NotFound, Conflict."""
    with audited(Act(actor, ACTS[move].right, subject_of(code), now)) as session:
        take_round(session, code, move)


def reopen_round(actor: Actor, code: str, reason: str, *, now: datetime) -> None:
    """Take the adoption of the results back, so that they can be corrected; a publication that was planned is off.

    Raises Forbidden, NotFound, Conflict; Invalid without a reason.
    """
    with audited(Act(actor, ACTS["reopen"].right, subject_of(code), now, reason=reason)) as session:
        round_ = take_round(session, code, "reopen")
        if not reason.strip():
            raise Invalid("Say why the adoption is taken back.")
        round_.adopted_at = None
        drop_release(session, round_)


def suspend_round(actor: Actor, code: str, reason: str, *, now: datetime) -> None:
    """Stop everything in the round until it is resumed; the reason is public.

    Raises Forbidden, NotFound, Conflict; Invalid without a reason.
    """
    with audited(Act(actor, ACTS["suspend"].right, subject_of(code), now, reason=reason)) as session:
        round_ = take_round(session, code, "suspend")
        if not reason.strip():
            raise Invalid("Say why the round is suspended.")
        round_.suspended_at, round_.suspended_reason = now, reason


def resume_round(actor: Actor, code: str, reason: str, *, now: datetime) -> None:
    """Take a suspended round up again where it stood; offices get the time back in which they could not reply.

    Raises Forbidden, NotFound, Conflict; Invalid without a reason.
    """
    with audited(Act(actor, ACTS["resume"].right, subject_of(code), now, reason=reason)) as session:
        round_ = take_round(session, code, "resume")
        if round_.suspended_at is None:
            raise Conflict("The round is not suspended.")
        if not reason.strip():
            raise Invalid("Say why the round goes on.")
        _give_back(session, round_, round_.suspended_at.date(), now.date())
        round_.suspended_at, round_.suspended_reason = None, ""


def _give_back(session: Session, round_: Round, stopped: date, today: date) -> None:
    """The right of reply lasts as many working days more as were left when it was stopped, and at least one."""
    last = round_.reply_until
    if round_.state != RoundState.RIGHT_OF_REPLY or last is None or last < stopped:
        return
    left = max(1, working_days_between(session, stopped, last))
    round_.reply_until = max(last, add_working_days(session, today, left))
