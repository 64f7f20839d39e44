"""The objections desk: the list of a round, and each objection with the draft figures and the panel's votes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from evalsys.db import db
from evalsys.models import Objection, ObjectionVote, Round, RoundState, Run, Unit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.objections.judging import carried, votes_needed, votes_on
from evalsys.services.objections.lines import ObjectionLine, objection_line
from evalsys.services.objections.raising import OPEN, find_objection
from evalsys.services.rounds.states import ACTS, find_round
from evalsys.services.run_pages import figure, optional_rows
from evalsys.services.run_tables import Row, overseen_tables, rows_of
from evalsys.services.runs import latest_run
from evalsys.services.weights import Labels
from evalsys.services.zone import local_day

PART_TABLES = {"nodes": "node", "means": "indicator"}


@dataclass(frozen=True)
class DeskLine:
    """An objection in the list."""

    number: int
    unit: Text
    topic: Text | None
    state: str
    at: datetime
    votes: int


@dataclass(frozen=True)
class DeskPage:
    """All objections of a round, open ones first; `days_left` counts the last day, None when it has passed."""

    round_code: str
    round_name: Text
    last_day: date | None
    days_left: int | None
    lines: tuple[DeskLine, ...]
    open_ones: int


@dataclass(frozen=True)
class PartLine:
    """A figure that the objection is about, in the run it was raised against; None where it is hidden."""

    name: Text
    group: Text | None
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    n: int | None


@dataclass(frozen=True)
class Concerned:
    """The draft figures of the office in one run: its score, its band, and the part that the objection names."""

    run_id: int
    run_number: int
    score: Decimal | None
    band: str
    level: str
    parts: tuple[PartLine, ...]


@dataclass(frozen=True)
class VoteLine:
    """What a member of the panel thinks."""

    name: str
    choice: str
    reason: str
    at: datetime
    is_own: bool


@dataclass(frozen=True)
class ObjectionPage:
    """One objection whole. `carried` are the outcomes that the votes allow; `figures` those of its run first."""

    round_code: str
    round_name: Text
    unit: Text
    line: ObjectionLine
    decider: str
    figures: tuple[Concerned, ...]
    votes: tuple[VoteLine, ...]
    votes_needed: int
    carried: tuple[str, ...]
    may_judge: bool
    may_rule: bool


def desk_page(actor: Actor, code: str, locale: str, *, now: datetime) -> DeskPage:
    """The objections of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_, labels, units = find_round(db.session(), code), Labels(locale), content.names("unit", locale)
    cast = select(func.count()).where(ObjectionVote.objection_id == Objection.id).scalar_subquery()
    query = select(Objection, Unit.code, cast).join(Unit, Unit.id == Objection.unit_id)
    rows = db.session.execute(query.where(Objection.round_id == round_.id).order_by(Objection.id)).all()
    lines = [
        DeskLine(
            number=one.id,
            unit=units.get(unit) or Text(unit, ""),
            topic=labels.node(one.topic) if one.topic else None,
            state=one.state,
            at=one.at,
            votes=votes,
        )
        for one, unit, votes in rows
    ]
    left = (round_.reply_until - local_day(now)).days + 1 if round_.reply_until else 0
    return DeskPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        last_day=round_.reply_until,
        days_left=left if left > 0 and round_.state == RoundState.RIGHT_OF_REPLY else None,
        lines=tuple(sorted(lines, key=lambda line: line.state != OPEN)),
        open_ones=sum(line.state == OPEN for line in lines),
    )


def objection_page(actor: Actor, code: str, number: int, locale: str) -> ObjectionPage:
    """One objection: text, evidence, figures, votes, decision. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, code)
    found, labels = find_objection(session, round_, number), Labels(locale)
    votes = votes_on(session, found)
    needed, allowed = votes_needed(round_), carried(round_, votes)
    can_judge = _may(actor, round_, "judge", found)
    return ObjectionPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        unit=content.text_of("unit", found.unit.code, "name", locale),
        line=objection_line(session, found, labels),
        decider=found.decider.name if found.decider else "",
        figures=_figures(session, round_, found, labels),
        votes=tuple(
            VoteLine(vote.account.name, vote.choice, vote.reason, vote.at, vote.account_id == actor.account_id)
            for vote in votes
        ),
        votes_needed=needed,
        carried=allowed if len(votes) >= needed else (),
        may_judge=can_judge,
        may_rule=_may(actor, round_, "rule", found),
    )


def _may(actor: Actor, round_: Round, act: str, objection: Objection) -> bool:
    rule, is_own = ACTS[act], objection.account_id == actor.account_id
    is_time = round_.state in rule.sources and round_.suspended_at is None and objection.state == OPEN
    return is_time and not is_own and may(actor, rule.right)


def _figures(session: Session, round_: Round, objection: Objection, labels: Labels) -> tuple[Concerned, ...]:
    """The figures of the run that the office read, and of the newest one where there is another."""
    facts = joinedload(Run.scheme_version)
    first = session.scalars(select(Run).where(Run.id == objection.run_id).options(facts)).one()
    newest = latest_run(session, round_)
    runs = [first] if newest is None or newest.id == first.id else [first, newest]
    return tuple(_concerned(run, objection, labels) for run in runs)


def _concerned(run: Run, objection: Objection, labels: Labels) -> Concerned:
    tables = overseen_tables(run)
    unit = objection.unit.code
    score = next((row for row in rows_of(tables["scores"]) if row["unit"] == unit), {})
    parts = [
        _part(row, labels)
        for table, column in PART_TABLES.items()
        for row in optional_rows(tables, table)
        if objection.topic and row["unit"] == unit and row[column] == objection.topic
    ]
    return Concerned(
        run_id=run.id,
        run_number=run.number,
        score=figure(score.get("score")),
        band=score.get("band", ""),
        level=score.get("level", "absent"),
        parts=tuple(parts),
    )


def _part(row: Row, labels: Labels) -> PartLine:
    return PartLine(
        name=labels.node(row.get("node") or row["indicator"]),
        group=labels.of("group", row["group"]) if row.get("group") else None,
        score=figure(row["score"] if "score" in row else row["mean"]),
        low=figure(row.get("low")),
        high=figure(row.get("high")),
        n=row.get("n"),
    )
