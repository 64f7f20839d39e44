"""Scoring runs: score a round and keep everything, publish the newest run, repeat a run and compare byte by byte."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Round, RoundState, Run, RunTable, SchemeVersion
from evalsys.services import scorecards
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.calendar import add_working_days
from evalsys.services.imports.guard import refuse_while_importing
from evalsys.services.publication.gate import require_publishable
from evalsys.services.publication.planned import drop_release
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.run_input import RunInput, freeze_input
from evalsys.services.run_scoring import count_answers, score_input
from evalsys.services.versions import approved_version, opened_version
from evalsys.services.weights import scheme_of
from scoring.result import Result

__all__ = [
    "Comparison",
    "find_run",
    "latest_run",
    "publish_round",
    "repeat_run",
    "score_input",
    "score_round",
]


DAYS_FOR_A_NEW_DRAFT = 5
"""Working days in which offices may answer a draft that was scored again, however little was left of their time."""


@dataclass(frozen=True)
class Comparison:
    """What came out when a run was done again from its stored input; `engine_now` may be newer than the run's."""

    is_identical: bool
    digest_then: str
    digest_now: str
    engine_then: str
    engine_now: str


def score_round(actor: Actor, round_code: str, *, now: datetime, reason: str | None = None) -> int:
    """Score the round from its cells and keep input and result as its next run; returns the run's id.

    Where weights were changed after the opening, a companion with the weights of the opening is kept just before it.
    Results that offices or everybody have seen are scored again with a reason that everybody reads; offices then have
    some days at least to answer the new draft. Raises Forbidden,
    NotFound; Conflict in the wrong state, while another process counts answers, or when the answers do not fit the
    weights; Invalid for an empty reason.
    """
    act = Act(actor, "round.score", subject_of(round_code), now, reason=reason or "")
    with audited(act) as session:
        round_ = take_round(session, round_code, "score" if reason is None else "rescore")
        _require_reason(reason)
        run = _score_whole(session, round_, act)
        if round_.state == RoundState.RIGHT_OF_REPLY:
            until = add_working_days(session, now.date(), DAYS_FOR_A_NEW_DRAFT)
            round_.reply_until = max(round_.reply_until or until, until)
            act.detail["reply_until"] = round_.reply_until.isoformat()
        return run.id


def _score_whole(session: Session, round_: Round, act: Act) -> Run:
    """Score within the caller's transaction: companion first, where there is one, then the run. Raises Conflict."""
    refuse_while_importing(session, round_.id)
    version = approved_version(session, round_.id)
    if version is None:
        raise Conflict("The round has no approved weights.")
    count_answers(session)
    opened = opened_version(session, round_)
    companion = _score(session, opened, act, is_as_opened=True) if opened else None
    run = _score(session, version, act)
    act.detail = {"run": run.number, "result": run.result_digest, "input": run.input_digest}
    if companion is not None:
        act.detail["as_opened"] = {"run": companion.number, "result": companion.result_digest}
    return run


def publish_round(actor: Actor, round_code: str, *, now: datetime) -> str:
    """Make the newest run's scorecards public and queue their PDFs; returns the batch of work items.

    Raises Forbidden, NotFound; Conflict unless the results are adopted, with every reason why they may not be public.
    """
    act = Act(actor, "round.publish", subject_of(round_code), now)
    with audited(act) as session:
        round_ = take_round(session, round_code, "publish")
        run = latest_run(session, round_)
        if run is None:
            raise Conflict("The round has no run to publish.")
        require_publishable(session, round_, run)
        drop_release(session, round_)
        round_.published_at = now
        batch = scorecards.publish(session, round_, run, now)
        act.detail = {"run": run.number, "result": run.result_digest, "batch": batch}
        return batch


def repeat_run(actor: Actor, run_id: int, *, now: datetime) -> Comparison:
    """Do the run again from its stored input and compare the results byte by byte. Raises Forbidden, NotFound."""
    require(actor, "run.repeat")
    run = find_run(run_id)
    stored, digest, engine = run.result, run.result_digest, run.engine_version
    act = Act(actor, "run.repeat", subject_of(run.round.code), now)
    again = score_input(RunInput.from_bytes(run.input), scheme_of(run.scheme_version.body))
    found = Comparison(again.to_json() == stored, digest, again.digest, engine, again.engine_version)
    act.detail = {"run": run.number, "identical": found.is_identical, "result": found.digest_now}
    with audited(act):
        return found


def find_run(run_id: int) -> Run:
    """The run with this id. Raises NotFound."""
    run = db.session.get(Run, run_id)
    if run is None:
        raise NotFound("This run does not exist.")
    return run


def latest_run(session: Session, round_: Round) -> Run | None:
    """The newest run of the round, the one that is published; never a companion."""
    own = select(Run).where(Run.round_id == round_.id, Run.is_as_opened.is_(False))
    return session.scalar(own.order_by(Run.number.desc()).limit(1))


def _score(session: Session, version: SchemeVersion, act: Act, *, is_as_opened: bool = False) -> Run:
    """The next run of the version's round, with what the answers are now."""
    scheme, round_ = scheme_of(version.body), version.round
    frozen = freeze_input(session, round_, scheme)
    result = score_input(frozen, scheme)
    run = Run(
        round=round_,
        number=_next_number(session, round_),
        scheme_version=version,
        input=frozen.to_bytes(),
        reason=act.reason,
        is_as_opened=is_as_opened,
        actor_id=act.actor.account_id,
        created_at=act.now,
        **_facts(result),
    )
    run.tables = _tables(result)
    session.add(run)
    session.flush()
    return run


def _require_reason(reason: str | None) -> None:
    if reason is not None and not reason.strip():
        raise Invalid("Say why the round is scored again. Everybody reads it.")


def _facts(result: Result) -> dict[str, object]:
    return {
        "input_digest": result.input_digest,
        "result_digest": result.digest,
        "engine_version": result.engine_version,
        "seed": str(result.seed),
        "result": result.to_json(),
    }


def _tables(result: Result) -> list[RunTable]:
    return [
        RunTable(stage=stage, position=place, csv=table.to_csv(index=False, lineterminator="\n"))
        for place, (stage, table) in enumerate(result.stages.items())
    ]


def _next_number(session: Session, round_: Round) -> int:
    last = session.scalar(select(func.max(Run.number)).where(Run.round_id == round_.id))
    return (last or 0) + 1
