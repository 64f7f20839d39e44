"""What the board allows each weight to be: stored bounds of a round, and the check of a scheme against them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.i18n import _l, current_locale
from evalsys.models import Account, AuditEntry, Round, WeightBound
from evalsys.services.weights import Labels, families_of
from scoring.scheme import Scheme

WHOLE = Decimal(100)
OUTSIDE = _l("%(part)s, in “%(family)s”, has %(weight)s %%. The board allows %(low)s %% to %(high)s %%.")


@dataclass(frozen=True)
class Bound:
    """The least and the most that a weight may be, in percent of its family."""

    low: Decimal = Decimal(0)
    high: Decimal = WHOLE


@dataclass(frozen=True)
class BoundsSetter:
    """Who set the bounds of a round last, on which day and why."""

    name: str
    day: date
    reason: str


FREE = Bound()
Bounds = Mapping[str, Mapping[str, Bound]]
"""By family code and member code, as `services.weights` names them; what is not there is free."""


def bounds_of(session: Session, round_id: int | None) -> Bounds:
    """The bounds that the board has set for the weights of a round."""
    found: dict[str, dict[str, Bound]] = {}
    for row in session.scalars(select(WeightBound).where(WeightBound.round_id == round_id)):
        found.setdefault(row.family, {})[row.member] = Bound(Decimal(row.low), Decimal(row.high))
    return found


def setter_of(session: Session, subject: str) -> BoundsSetter | None:
    """Who set the bounds of a round last, which the audit log calls `subject`; None while nobody has."""
    done = AuditEntry.act == "bound.set", AuditEntry.outcome == "done", AuditEntry.subject == subject
    query = select(Account.name, AuditEntry.at, AuditEntry.reason).join(Account, Account.id == AuditEntry.account_id)
    found = session.execute(query.where(*done).order_by(AuditEntry.id.desc()).limit(1)).first()
    return BoundsSetter(found.name, found.at.date(), found.reason) if found else None


def refuse_outside(session: Session, round_: Round, scheme: Scheme, subject: str) -> None:
    """Raise Invalid with every weight of the scheme that is outside its bounds, and who set them for `subject`."""
    bounds = bounds_of(session, round_.id)
    if not bounds:
        return
    problems = []
    for family in families_of(scheme, Labels(current_locale())):
        for member in family.members:
            bound = bounds.get(family.code, {}).get(member.code, FREE)
            if not bound.low <= member.percent <= bound.high:
                said = {"part": str(member.name), "family": str(family.name), "weight": f"{member.percent:f}"}
                problems.append((OUTSIDE, {**said, "low": f"{bound.low:f}", "high": f"{bound.high:f}"}))
    setter = setter_of(session, subject) if problems else None
    if setter is not None:
        said = {"name": setter.name, "day": setter.day.isoformat()}
        raise Invalid("Some weights are outside the bounds that %(name)s set on %(day)s.", said, problems)
    if problems:
        raise Invalid("Some weights are outside what the board allows.", problems=problems)
