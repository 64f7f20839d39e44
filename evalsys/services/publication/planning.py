"""Planning a publication: the board sets the moment, moves it with a reason, or calls it off."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.i18n import _l
from evalsys.models import Release, Round, RoundState, Run
from evalsys.services import work
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.publication.correcting import correcting_run
from evalsys.services.publication.gate import require_publishable
from evalsys.services.publication.planned import drop_release, planned_batch, prepared_cards, release_of
from evalsys.services.publication.preparing import prepare_cards
from evalsys.services.publication.releasing import keys_without_file
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.runs import latest_run
from evalsys.services.zone import local_day, moment_of

LONGEST = timedelta(days=366)
NOTHING = _l("No publication of this round is planned.")


@dataclass(frozen=True)
class Plan:
    """When the cards become public, as the body's clocks tell it; a plan that replaces another needs a reason."""

    day: date
    clock: time
    reason: str = ""


def plan_release(actor: Actor, code: str, plan: Plan, *, now: datetime) -> None:
    """Write and print the cards of the newest run now, and have them public at that moment and not before.

    Raises Forbidden, NotFound; Invalid for a moment that has passed or is too far off, and for a plan that is moved
    without a reason; Conflict with every reason why the cards may not be public.
    """
    act = Act(actor, "release.plan", subject_of(code), now, reason=plan.reason)
    with audited(act) as session:
        round_ = take_round(session, code, "plan")
        at = moment_of(plan.day, plan.clock)
        if at <= now:
            raise Invalid("Choose a moment that lies ahead.")
        if at > now + LONGEST:
            raise Invalid("Choose a moment within one year.")
        former = release_of(session, round_)
        if former is not None and not plan.reason.strip():
            raise Invalid("Say why the publication is moved.")
        run, moved_from = _run_to_publish(session, round_), former.at if former else None
        drop_release(session, round_)
        made = Release(round=round_, run=run, at=at, day=local_day(at), account_id=actor.account_id, created_at=now)
        session.add(made)
        session.flush()
        cards = prepare_cards(session, made, at, now)
        act.detail = {"run": run.number, "result": run.result_digest, "at": at.isoformat(), "cards": cards}
        act.detail |= {"moved_from": moved_from.isoformat()} if moved_from else {}


def call_off_release(actor: Actor, code: str, reason: str, *, now: datetime) -> None:
    """Forget the plan and its cards; nothing becomes public. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = Act(actor, "release.call_off", subject_of(code), now, reason=reason)
    with audited(act) as session:
        round_ = take_round(session, code, "call_off")
        release = _planned(session, round_)
        if not reason.strip():
            raise Invalid("Say why the publication is called off.")
        act.detail = {"run": release.run.number, "at": release.at.isoformat()}
        drop_release(session, round_)


def print_again(actor: Actor, code: str, *, now: datetime) -> int:
    """Have the PDFs that the prepared cards lack made again; returns how many. Raises Forbidden, NotFound, Conflict."""
    act = Act(actor, "release.plan", subject_of(code), now)
    with audited(act) as session:
        release = _planned(session, take_round(session, code, "plan"))
        lacking = keys_without_file(prepared_cards(session, release))
        work.reopen(session, planned_batch(release), lacking)
        act.detail = {"run": release.run.number, "printed_again": len(lacking)}
        return len(lacking)


def _planned(session: Session, round_: Round) -> Release:
    release = release_of(session, round_)
    if release is None:
        raise Conflict(NOTHING)
    return release


def _run_to_publish(session: Session, round_: Round) -> Run:
    """The newest run, which could be made public this very moment. Raises Conflict."""
    if round_.state != RoundState.FINAL:
        return correcting_run(session, round_)[0]
    run = latest_run(session, round_)
    if run is None:
        raise Conflict("The round has no run to publish.")
    require_publishable(session, round_, run)
    return run
