"""Where an auditor begins: every round with its runs, and what can be checked there."""

from dataclasses import dataclass

from sqlalchemy import func, select

from evalsys.db import db
from evalsys.models import OVER, Exclusion, PublishedScorecard, Round, RoundState, Run
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text


@dataclass(frozen=True)
class RunLine:
    """A run that can be done again; `is_public` when its scorecards were published."""

    id: int
    number: int
    is_public: bool


@dataclass(frozen=True)
class RoundLine:
    """A round with its runs, newest first, and the number of its exclusions."""

    code: str
    name: Text
    state: RoundState
    is_over: bool
    exclusions: int
    runs: tuple[RunLine, ...]


def auditing_page(actor: Actor, locale: str) -> tuple[RoundLine, ...]:
    """All rounds, the newest first. Raises Forbidden."""
    require(actor, "sample.draw")
    names, runs = content.names("round", locale), _runs()
    left_out = dict(db.session.execute(select(Exclusion.round_id, func.count()).group_by(Exclusion.round_id)).all())
    query = select(Round).order_by(Round.period_end.desc(), Round.id.desc())
    return tuple(
        RoundLine(
            code=one.code,
            name=names.get(one.code) or Text(one.code, ""),
            state=RoundState(one.state),
            is_over=one.state in OVER,
            exclusions=left_out.get(one.id, 0),
            runs=tuple(runs.get(one.id, ())),
        )
        for one in db.session.scalars(query)
    )


def _runs() -> dict[int, list[RunLine]]:
    public = set(db.session.scalars(select(PublishedScorecard.run_id).distinct()))
    found: dict[int, list[RunLine]] = {}
    query = select(Run.id, Run.round_id, Run.number).order_by(Run.number.desc())
    for id_, round_id, number in db.session.execute(query):
        found.setdefault(round_id, []).append(RunLine(id_, number, id_ in public))
    return found
