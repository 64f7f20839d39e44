"""Publishing results again: a newer run becomes public as a correction, and the former cards stay readable."""

from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Round, Run
from evalsys.services import scorecards
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.publication.gate import REFUSED, published_run, require_publishable
from evalsys.services.publication.planned import drop_release
from evalsys.services.replies.adoption import vote_problems, votes_on
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.runs import latest_run


def republish_round(actor: Actor, code: str, *, now: datetime) -> str:
    """Make the newest run public in place of the one that is; returns the batch of work items of the PDFs.

    The board has voted for the run as it does for the first one. Raises Forbidden, NotFound; Conflict when there is
    nothing to correct, and with every reason when it may not be public.
    """
    act = Act(actor, "round.publish", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "republish")
        run, former = correcting_run(session, round_)
        drop_release(session, round_)
        batch = scorecards.publish(session, round_, run, now)
        act.reason = run.reason
        act.detail = {
            "run": run.number,
            "result": run.result_digest,
            "batch": batch,
            "corrects": former.number if former else None,
        }
        return batch


def correcting_run(session: Session, round_: Round) -> tuple[Run, Run | None]:
    """The run that may replace what is public now, and that one.

    Raises Conflict when there is nothing to correct, and with every reason when it may not be public.
    """
    run, former = latest_run(session, round_), published_run(session, round_)
    if run is None or (former is not None and run.id == former.id):
        raise Conflict("There is no newer run to publish. Score the round again first.")
    if former is not None and run.result_digest == former.result_digest:
        raise Conflict("The newest run has the result that is public already: there is nothing to correct.")
    lacking = vote_problems(round_, votes_on(session, run))
    if lacking:
        raise Conflict(REFUSED, problems=lacking)
    require_publishable(session, round_, run)
    return run, former
