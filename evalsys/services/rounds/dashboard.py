"""The start page of the oversight body: all rounds, and what waits for somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.models import Round, RoundState, RoundUnit, SchemeVersion, SchemeVote
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.rounds.states import ACTS


@dataclass(frozen=True)
class RoundLine:
    """One round in the list."""

    code: str
    name: Text
    state: RoundState
    period_start: date
    period_end: date
    units: int
    is_pilot: bool


@dataclass(frozen=True)
class Waiting:
    """A proposal of weights that nobody has decided yet; `own_vote` is empty while the reader has not voted."""

    round_code: str
    round_name: Text
    number: int
    proposer: str
    proposed_at: datetime
    is_own: bool
    is_amendment: bool
    may_vote: bool
    own_vote: str


@dataclass(frozen=True)
class Dashboard:
    """The start page of the oversight body."""

    rounds: tuple[RoundLine, ...]
    waiting: tuple[Waiting, ...]


def dashboard(actor: Actor, locale: str) -> Dashboard:
    """All rounds, the newest first, and the proposals that wait for a decision. Raises Forbidden."""
    require(actor, "oversight.read")
    names = content.names("round", locale)
    places = select(func.count()).where(RoundUnit.round_id == Round.id).scalar_subquery()
    rows = db.session.execute(select(Round, places).order_by(Round.period_end.desc(), Round.id.desc())).all()
    lines = tuple(_line(round_, names.get(round_.code) or Text(round_.code, ""), count) for round_, count in rows)
    waiting = tuple(_waiting(actor, version, vote, names) for version, vote in _open_proposals(actor))
    return Dashboard(lines, waiting)


def _open_proposals(actor: Actor) -> list[tuple[SchemeVersion, str | None]]:
    """What can still come into force, the oldest first, each with the reader's own vote."""
    own = (SchemeVote.version_id == SchemeVersion.id) & (SchemeVote.account_id == actor.account_id)
    query = select(SchemeVersion, SchemeVote.choice).join(Round).outerjoin(SchemeVote, own)
    query = query.options(joinedload(SchemeVersion.round), joinedload(SchemeVersion.proposer))
    before, after = (Round.state.in_(ACTS[act].sources) for act in ("approve", "approve_amendment"))
    can_come = (SchemeVersion.is_amendment.is_(False) & before) | (SchemeVersion.is_amendment.is_(True) & after)
    found = query.where(SchemeVersion.state == "proposed", can_come).order_by(SchemeVersion.proposed_at)
    return [(version, choice) for version, choice in db.session.execute(found)]


def _waiting(actor: Actor, version: SchemeVersion, own_vote: str | None, names: Mapping[str, Text]) -> Waiting:
    return Waiting(
        round_code=version.round.code,
        round_name=names.get(version.round.code) or Text(version.round.code, ""),
        number=version.number,
        proposer=version.proposer.name,
        proposed_at=version.proposed_at,
        is_own=version.proposer_id == actor.account_id,
        is_amendment=version.is_amendment,
        may_vote=may(actor, ACTS["vote"].right),
        own_vote=own_vote or "",
    )


def sources(locale: str) -> list[tuple[str, Text]]:
    """Former rounds that a new one can be made from: code and name, the newest first."""
    names = content.names("round", locale)
    codes = db.session.scalars(select(Round.code).order_by(Round.period_end.desc(), Round.id.desc()))
    return [(code, names.get(code) or Text(code, "")) for code in codes]


def _line(round_: Round, name: Text, units: int) -> RoundLine:
    return RoundLine(
        round_.code, name, RoundState(round_.state), round_.period_start, round_.period_end, units, round_.is_pilot
    )
