"""What a head sees before results are public: the draft of the own office, its reply, its objections."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import PUBLIC, Objection, Round, RoundState, RoundUnit, Run, Unit
from evalsys.reports.commitments import CommitmentLine
from evalsys.reports.scorecard import Scorecard
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.commitments.lines import own_lines
from evalsys.services.content import Text
from evalsys.services.evidence.reading import DocumentLine, documents_of
from evalsys.services.objections.lines import ObjectionLine, objection_line
from evalsys.services.objections.raising import topics_of
from evalsys.services.replies.differences import Movement, movements_of
from evalsys.services.replies.laid import laid_runs
from evalsys.services.replies.places import SHARED, is_open, own_unit
from evalsys.services.replies.reply import reply_of
from evalsys.services.rounds.states import find_round
from evalsys.services.runs import latest_run
from evalsys.services.scorecards.drafting import draft_card
from evalsys.services.weights import Labels
from evalsys.services.zone import local_day


@dataclass(frozen=True)
class DraftLine:
    """A round whose draft result lies before the office."""

    code: str
    name: Text
    last_day: date | None
    is_open: bool


@dataclass(frozen=True)
class Rescoring:
    """That the round was scored again: why, the draft before, and how the own score moved.

    A new draft that `is_held_back` is not shown: beside the former one it would tell what a few people answered.
    """

    reason: str
    number: int
    before: int
    at: datetime
    movement: Movement | None
    is_held_back: bool = False


@dataclass(frozen=True)
class DraftPage:
    """One office's draft result; `card` is None once the result is public."""

    round_code: str
    round_name: Text
    unit: str
    state: RoundState
    card: Scorecard | None
    last_day: date | None
    is_open: bool
    suspended: str
    reply: str
    reply_locale: str
    reply_at: datetime | None
    rescoring: Rescoring | None
    topics: tuple[tuple[str, Text], ...]
    objections: tuple[ObjectionLine, ...]
    documents: tuple[DocumentLine, ...]
    promised: tuple[CommitmentLine, ...]


def draft_rounds(actor: Actor, locale: str, *, now: datetime) -> tuple[DraftLine, ...]:
    """The rounds whose results lie before the actor's office and are not public yet. Raises Forbidden."""
    require(actor, "result.read")
    shared = [state for state in SHARED if state not in PUBLIC]
    query = select(Round).join(RoundUnit, RoundUnit.round_id == Round.id).order_by(Round.id.desc())
    rows = db.session.scalars(query.where(RoundUnit.unit_id == actor.unit_id, Round.state.in_(shared))).all()
    names = content.names("round", locale) if rows else {}
    return tuple(
        DraftLine(row.code, names.get(row.code) or Text(row.code, ""), row.reply_until, is_open(row, local_day(now)))
        for row in rows
    )


def draft_page(actor: Actor, code: str, locale: str, *, now: datetime) -> DraftPage:
    """The draft result of the actor's own office, from the newest run that it may read.

    Raises Forbidden; NotFound for an office that is not in the round, and before the results are shared.
    """
    require(actor, "result.read")
    session = db.session()
    round_ = find_round(session, code)
    unit = own_unit(session, actor, round_)
    newest = latest_run(session, round_)
    if round_.state not in SHARED or round_.reply_until is None or newest is None:
        raise NotFound("There is no draft result of this round.")
    laid = laid_runs(session, round_, unit)
    run = laid[-1]
    is_public, reply, labels = round_.state in PUBLIC, reply_of(session, round_.id, unit.id), Labels(locale)
    return DraftPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        unit=str(content.text_of("unit", unit.code, "name", locale)),
        state=RoundState(round_.state),
        card=None if is_public else draft_card(session, run, unit, locale, now),
        last_day=round_.reply_until,
        is_open=is_open(round_, local_day(now)),
        suspended=round_.suspended_reason if round_.suspended_at else "",
        reply=reply.text if reply else "",
        reply_locale=reply.locale if reply else locale,
        reply_at=reply.at if reply else None,
        rescoring=None if is_public else _rescoring(laid, newest, unit, locale),
        topics=tuple((topic, labels.node(topic)) for topic in topics_of(run)),
        objections=_objections(session, round_, unit, labels),
        documents=documents_of(session, round_.id, unit.id),
        promised=own_lines(session, round_).get(unit.id, ()),
    )


def _rescoring(laid: list[Run], newest: Run, unit: Unit, locale: str) -> Rescoring | None:
    run = laid[-1]
    if newest.id != run.id:
        return Rescoring(newest.reason, newest.number, run.number, newest.created_at, None, is_held_back=True)
    if len(laid) == 1:
        return None
    former = laid[-2]
    own = next((one for one in movements_of((former, run), "public", locale) if one.code == unit.code), None)
    return Rescoring(run.reason, run.number, former.number, run.created_at, own)


def _objections(session: Session, round_: Round, unit: Unit, labels: Labels) -> tuple[ObjectionLine, ...]:
    query = select(Objection).where(Objection.round_id == round_.id, Objection.unit_id == unit.id)
    found = session.scalars(query.order_by(Objection.id.desc())).all()
    return tuple(objection_line(session, one, labels) for one in found)
