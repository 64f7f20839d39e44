"""Reorganisation: what became of offices. The former ones go out of use, and trends break on that day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Lineage, Round, Unit
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.register.checking import Known, hold_register, refuse_while_rated
from evalsys.services.register.units import RIGHT

SPLIT, MERGE, SUCCEED = KINDS = ("split", "merge", "succeed")


@dataclass(frozen=True)
class Reorganisation:
    """What became of the offices `formers` on `day`, and why; both are codes, and the reason is public."""

    kind: str
    formers: tuple[str, ...]
    laters: tuple[str, ...]
    day: date
    reason: str


@dataclass(frozen=True)
class Descent:
    """What reorganisations say about a set of units, by the unit's id.

    `days` are those on which its trend breaks, `formers` the ids of the units that it came from, `laters` the ids of
    those that took its place.
    """

    days: Mapping[int, Sequence[date]]
    formers: Mapping[int, Sequence[int]]
    laters: Mapping[int, Sequence[int]]

    def breaks(self, unit_id: int, before: Round, now: Round) -> bool:
        """Whether the unit was reorganised since the earlier round began and until the later one ended."""
        return any(before.period_start < day <= now.period_end for day in self.days.get(unit_id, ()))

    def ancestors(self, unit_id: int) -> list[int]:
        """The ids of all units that it came from, those that came first first."""
        return _followed(unit_id, self.formers)[::-1]

    def heirs(self, unit_id: int) -> list[int]:
        """The ids of all units that took its place, and of those that took theirs."""
        return _followed(unit_id, self.laters)


def reorganise(actor: Actor, new: Reorganisation, *, now: datetime) -> None:
    """Record a split, a merger or a succession, and take the former offices out of use.

    Raises Forbidden, NotFound; Invalid for numbers that do not fit the kind, a day that has not come, no reason;
    Conflict while a former office is being rated, or when one of the offices is out of use.
    """
    detail = {"kind": new.kind, "former": list(new.formers), "later": list(new.laters), "day": new.day.isoformat()}
    with audited(Act(actor, RIGHT, "unit:reorganisation", now, reason=new.reason, detail=detail)) as session:
        known = hold_register(session)
        _require_shape(new, now.date())
        formers, laters = _in_use(known, new.formers), _in_use(known, new.laters)
        refuse_while_rated(session, formers)
        for former in formers:
            former.is_active = False
            for later in laters:
                facts = {"kind": new.kind, "day": new.day, "reason": new.reason.strip()}
                session.add(Lineage(former_id=former.id, later_id=later.id, **facts))


def read_descent(session: Session) -> Descent:
    """All reorganisations there were, in one statement."""
    days: dict[int, list[date]] = defaultdict(list)
    formers: dict[int, list[int]] = defaultdict(list)
    laters: dict[int, list[int]] = defaultdict(list)
    for row in session.scalars(select(Lineage).order_by(Lineage.day, Lineage.former_id, Lineage.later_id)):
        days[row.former_id].append(row.day)
        days[row.later_id].append(row.day)
        formers[row.later_id].append(row.former_id)
        laters[row.former_id].append(row.later_id)
    return Descent(days, formers, laters)


def lineages_of(session: Session, unit_id: int) -> tuple[list[Lineage], list[Lineage]]:
    """(What became of the unit, what it came from), each with both offices, by code."""
    both = select(Lineage).options(joinedload(Lineage.former), joinedload(Lineage.later))
    rows = session.scalars(both.where((Lineage.former_id == unit_id) | (Lineage.later_id == unit_id))).all()
    became = sorted((row for row in rows if row.former_id == unit_id), key=lambda row: row.later.code)
    came = sorted((row for row in rows if row.later_id == unit_id), key=lambda row: row.former.code)
    return became, came


def _followed(start: int, steps: Mapping[int, Sequence[int]]) -> list[int]:
    """All that one gets to from `start`, the nearest first."""
    found: list[int] = []
    left = [start]
    while left:
        fresh = [one for one in steps.get(left.pop(0), ()) if one not in found]
        found += fresh
        left += fresh
    return found


def _require_shape(new: Reorganisation, today: date) -> None:
    formers, laters = len(set(new.formers)), len(set(new.laters))
    fits = {SPLIT: formers == 1 and laters > 1, MERGE: formers > 1 and laters == 1, SUCCEED: formers == laters == 1}
    if new.kind not in fits:
        raise Invalid("Choose what happened.")
    if not fits[new.kind]:
        raise Invalid(
            "A split leads from one office to several, a merger from several to one, a succession from one to one."
        )
    if set(new.formers) & set(new.laters):
        raise Invalid("An office cannot be former and new at once. Give the office that goes on a code of its own.")
    if new.day > today:
        raise Invalid("The day has not come yet. Record what has happened.")
    if not new.reason.strip():
        raise Invalid("Say why. Everybody can read the reason.")


def _in_use(known: Known, codes: tuple[str, ...]) -> list[Unit]:
    found = []
    for code in dict.fromkeys(codes):
        unit = known.units.get(code)
        if unit is None:
            raise NotFound("This office does not exist.")
        if not unit.is_active:
            raise Conflict("The office %(code)s is not in use.", {"code": code})
        found.append(unit)
    return found
