"""Where a series of results breaks: another method, a trial round, or an office that was reorganised in between.

Where it breaks no change is claimed: not on pages of the oversight body, not on public scorecards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from evalsys.models import Lineage, Round, Unit

METHOD, PILOT = "method", "pilot"


@dataclass(frozen=True)
class Reorganisation:
    """What happened to a unit ("split", "merge", "succeed"), and when."""

    kind: str
    day: date


def round_break(before: Round, after: Round) -> str:
    """Why no unit's results of these rounds may be compared: "method", "pilot", or "" when they may."""
    if before.method != after.method:
        return METHOD
    return PILOT if before.is_pilot or after.is_pilot else ""


def reorganised(session: Session) -> dict[str, tuple[Reorganisation, ...]]:
    """Every reorganisation of each unit, former and later ones alike, by its code, oldest first. One query."""
    former, later = aliased(Unit), aliased(Unit)
    query = (
        select(former.code, later.code, Lineage.kind, Lineage.day)
        .join(former, former.id == Lineage.former_id)
        .join(later, later.id == Lineage.later_id)
        .order_by(Lineage.day, former.code, later.code)
    )
    found: dict[str, list[Reorganisation]] = {}
    for old, new, kind, day in session.execute(query):
        for unit in (old, new):
            found.setdefault(unit, []).append(Reorganisation(kind, day))
    return {unit: tuple(changes) for unit, changes in found.items()}


def between(changes: Iterable[Reorganisation], before: Round, after: Round) -> Reorganisation | None:
    """The first of a unit's reorganisations since the earlier round began, up to the end of the later one."""
    return next((one for one in changes if before.period_start < one.day <= after.period_end), None)
