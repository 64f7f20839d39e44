"""Laying draft results before the offices."""

from datetime import datetime

from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.calendar import add_working_days
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.zone import local_day


def share_results(actor: Actor, code: str, *, now: datetime) -> None:
    """Let every office read its draft result and answer it until the right of reply ends.

    Raises Forbidden, NotFound, Conflict.
    """
    act = Act(actor, "round.share", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "share")
        round_.reply_until = add_working_days(session, local_day(now), round_.reply_days)
        act.detail = {"reply_until": round_.reply_until.isoformat()}
