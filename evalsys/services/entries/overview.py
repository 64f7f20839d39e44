"""What operators see of their work: numbers, never answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func, select

from evalsys.db import db
from evalsys.models import AuditEntry, PaperEntry, Round, RoundState, Unit
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.entries.assisted import ASSISTED, PAPER
from evalsys.services.entries.paper import ONCE, list_differences
from evalsys.services.units import UnitGroup, list_units


@dataclass(frozen=True)
class WaitingForm:
    """A paper form that waits for its second entry; `is_own` when this operator typed it in first."""

    number: str
    unit_code: str
    unit_name: Text
    is_own: bool


@dataclass(frozen=True)
class EntryHome:
    """The start page of an operator; `today` maps channels to how many entries she made since midnight, UTC."""

    waiting: tuple[WaitingForm, ...]
    differing: tuple[tuple[int, str], ...]
    today: Mapping[str, int]
    groups: tuple[UnitGroup, ...]


def read_home(actor: Actor, locale: str, *, now: datetime) -> EntryHome:
    """What waits, what was entered today, and the offices that can be rated now. Raises Forbidden."""
    require(actor, "entry.answer")
    names = content.names("unit", locale)
    query = (
        select(PaperEntry.number, Unit.code, PaperEntry.first_by)
        .join(Unit, Unit.id == PaperEntry.unit_id)
        .join(Round, Round.id == PaperEntry.round_id)
        .where(PaperEntry.state == ONCE, Round.state == RoundState.COLLECTING)
        .order_by(PaperEntry.number)
    )
    waiting = (
        WaitingForm(number, code, names.get(code, Text(code, "")), by == actor.account_id)
        for number, code, by in db.session.execute(query)
    )
    return EntryHome(tuple(waiting), tuple(list_differences(actor)), _today(actor, now), tuple(list_units(locale)))


def _today(actor: Actor, now: datetime) -> dict[str, int]:
    midnight = datetime.combine(now.date(), time(), tzinfo=now.tzinfo)
    mine = AuditEntry.account_id == actor.account_id, AuditEntry.act == "entry.send", AuditEntry.outcome == "done"
    kind = func.substr(AuditEntry.subject, 1, 5)
    query = select(kind, func.count()).where(*mine, AuditEntry.at >= midnight).group_by(kind)
    found: dict[str, int] = dict(db.session.execute(query).all())
    return {ASSISTED: found.get("round", 0), PAPER: found.get("paper", 0)}
