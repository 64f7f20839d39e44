"""The page before publishing: every check with its state, and what has been published so far."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import AuditEntry, Round, RoundState, Run
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.publication.gate import Check, gate_checks, published_run
from evalsys.services.publication.planned import release_of
from evalsys.services.publication.release_page import may_act
from evalsys.services.replies.adoption import vote_problems, votes_on
from evalsys.services.rounds.states import CORRECTABLE, find_round, subject_of
from evalsys.services.runs import latest_run

REPETITIONS_READ = 50


@dataclass(frozen=True)
class Repetition:
    """When the run was last repeated from its stored input, and whether the bytes were the same."""

    at: datetime
    is_identical: bool


@dataclass(frozen=True)
class PublicationPage:
    """What stands between the newest run and the public; `published` is the number of the run that is public."""

    round_code: str
    round_name: Text
    state: RoundState
    run_id: int | None
    run_number: int
    reason: str
    published: int | None
    checks: tuple[Check, ...]
    repetition: Repetition | None
    is_correction: bool
    is_current: bool
    may_publish: bool
    may_rescore: bool
    may_plan: bool
    is_planned: bool
    is_held: bool


def publication_page(actor: Actor, code: str, locale: str) -> PublicationPage:
    """The checks of the gate for the newest run. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, code)
    run, public = latest_run(session, round_), published_run(session, round_)
    is_current = run is not None and public is not None and run.id == public.id
    is_correction, planned = round_.state in CORRECTABLE, release_of(session, round_)
    act = "republish" if is_correction else "publish"
    return PublicationPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        state=RoundState(round_.state),
        run_id=run.id if run else None,
        run_number=run.number if run else 0,
        reason=run.reason if run else "",
        published=public.number if public else None,
        checks=_checks(session, round_, run) if run else (),
        repetition=_repetition(session, round_, run) if run else None,
        is_correction=is_correction,
        is_current=is_current,
        may_publish=run is not None and not is_current and may_act(actor, round_, act),
        may_rescore=may_act(actor, round_, "rescore"),
        may_plan=run is not None and not is_current and may_act(actor, round_, "plan"),
        is_planned=planned is not None,
        is_held=planned is not None and planned.held_at is not None,
    )


def _checks(session: Session, round_: Round, run: Run) -> tuple[Check, ...]:
    """The checks of the gate; a correction needs the votes as well that the first run got when it was adopted."""
    found = gate_checks(session, round_, run)
    if round_.state not in CORRECTABLE:
        return found
    return (Check("votes", tuple(vote_problems(round_, votes_on(session, run)))), *found)


def _repetition(session: Session, round_: Round, run: Run) -> Repetition | None:
    done = AuditEntry.act == "run.repeat", AuditEntry.outcome == "done", AuditEntry.subject == subject_of(round_.code)
    query = select(AuditEntry).where(*done).order_by(AuditEntry.id.desc()).limit(REPETITIONS_READ)
    entries = session.scalars(query)
    found = next((entry for entry in entries if entry.detail.get("run") == run.number), None)
    return Repetition(found.at, bool(found.detail.get("identical"))) if found else None
