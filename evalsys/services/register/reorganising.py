"""Reorganisation: what became of offices. The former ones go out of use, and trends break on that day."""

from collections.abc import Mapping
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

    `days` are those on which its trend breaks, `formers` the ids and days of the units that it came from.
    """

    days: Mapping[int, tuple[date, ...]]
    formers: Mapping[int, tuple[tuple[int, date], ...]]

    def breaks(self, unit_id: int, before: Round, now: Round) -> bool:
        """Whether the unit was reorganised since the earlier round began and until the later one ended."""
        return any(before.period_start < day <= now.period_end for day in self.days.get(unit_id, ()))

    def ancestors(self, unit_id: int) -> list[int]:
        """The ids of all units that it came from, those that came first first."""
        found: list[int] = []
        left = [unit_id]
        while left:
            before = [former for former, _ in self.formers.get(left.pop(), ()) if former not in found]
            found += before
            left += before
        return found[::-1]


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
    days: dict[int, list[date]] = {}
    formers: dict[int, list[tuple[int, date]]] = {}
    for row in session.scalars(select(Lineage).order_by(Lineage.day, Lineage.former_id)):
        days.setdefault(row.former_id, []).append(row.day)
        days.setdefault(row.later_id, []).append(row.day)
        formers.setdefault(row.later_id, []).append((row.former_id, row.day))
    return Descent(
        days={unit: tuple(found) for unit, found in days.items()},
        formers={unit: tuple(found) for unit, found in formers.items()},
    )


def lineages_of(session: Session, unit_id: int) -> tuple[list[Lineage], list[Lineage]]:
    """(What became of the unit, what it came from), each with both offices, by code."""
    both = select(Lineage).options(joinedload(Lineage.former), joinedload(Lineage.later))
    rows = session.scalars(both.where((Lineage.former_id == unit_id) | (Lineage.later_id == unit_id))).all()
    became = sorted((row for row in rows if row.former_id == unit_id), key=lambda row: row.later.code)
    came = sorted((row for row in rows if row.later_id == unit_id), key=lambda row: row.former.code)
    return became, came


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
