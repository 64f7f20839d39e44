"""The start page of the oversight body: all rounds, and what waits for somebody."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.models import Round, RoundState, RoundUnit, SchemeVersion
from evalsys.services import content
from evalsys.services.access import Actor, require
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
    """A proposal of weights that nobody has decided yet."""

    round_code: str
    round_name: Text
    number: int
    proposer: str
    proposed_at: datetime
    is_own: bool


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
    open_ = (
        select(SchemeVersion).join(Round).options(joinedload(SchemeVersion.round), joinedload(SchemeVersion.proposer))
    )
    open_ = open_.where(SchemeVersion.state == "proposed", Round.state.in_(ACTS["approve"].sources))
    waiting = tuple(
        Waiting(
            round_code=version.round.code,
            round_name=names.get(version.round.code) or Text(version.round.code, ""),
            number=version.number,
            proposer=version.proposer.name,
            proposed_at=version.proposed_at,
            is_own=version.proposer_id == actor.account_id,
        )
        for version in db.session.scalars(open_.order_by(SchemeVersion.proposed_at))
    )
    return Dashboard(lines, waiting)


def sources(locale: str) -> list[tuple[str, Text]]:
    """Former rounds that a new one can be made from: code and name, the newest first."""
    names = content.names("round", locale)
    codes = db.session.scalars(select(Round.code).order_by(Round.period_end.desc(), Round.id.desc()))
    return [(code, names.get(code) or Text(code, "")) for code in codes]


def _line(round_: Round, name: Text, units: int) -> RoundLine:
    return RoundLine(
        round_.code, name, RoundState(round_.state), round_.period_start, round_.period_end, units, round_.is_pilot
    )
