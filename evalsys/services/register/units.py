"""Offices: added, changed, taken out of use and back; never deleted, since results stand under their codes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.i18n import LOCALES
from evalsys.models import Lineage, Unit
from evalsys.services import content
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.register.checking import (
    Known,
    UnitFacts,
    find_unit,
    hold_register,
    refuse,
    refuse_while_rated,
    wrong_unit,
    wrong_unit_code,
)

RIGHT = "unit.manage"


def subject_of(code: str) -> str:
    """How the audit log names an office."""
    return f"unit:{code}"[:100]


def add_unit(actor: Actor, facts: UnitFacts, *, now: datetime) -> None:
    """Add an office. Raises Forbidden, Invalid, Conflict (the code is taken)."""
    act = Act(actor, RIGHT, subject_of(facts.code), now, detail={"added": 1, **_detail(facts)})
    with audited(act) as session:
        known = hold_register(session)
        refuse(wrong_unit_code(known, facts.code))
        refuse(wrong_unit(known, facts))
        store_unit(session, known, facts)


def edit_unit(actor: Actor, facts: UnitFacts, *, now: datetime) -> None:
    """Change everything but the code of an office. Raises Forbidden, NotFound, Invalid, Conflict (a circle)."""
    act = Act(actor, RIGHT, subject_of(facts.code), now, detail=_detail(facts))
    with audited(act) as session:
        known = hold_register(session)
        unit = find_unit(known, facts.code)
        before = next((one.code for one in known.units.values() if one.id == unit.parent_id), "")
        kept = frozenset({before} - {""})  # an office may stay below one that is out of use
        refuse(wrong_unit(known, facts, kept))
        act.detail["before"] = {"category": unit.category.code, "parent": before}
        store_unit(session, known, facts)


def switch_unit(actor: Actor, code: str, reason: str, *, is_active: bool, now: datetime) -> None:
    """Take an office out of use, or back into it.

    Raises Forbidden, NotFound; Invalid without a reason; Conflict when nothing would change, while the office is being
    rated, or when it was split, merged or succeeded.
    """
    act = Act(actor, RIGHT, subject_of(code), now, reason=reason, detail={"active": is_active})
    with audited(act) as session:
        unit = find_unit(hold_register(session), code)
        if not reason.strip():
            raise Invalid("Say why.")
        if unit.is_active == is_active:
            raise Conflict("The office is so already.")
        if is_active and session.scalar(select(Lineage.later_id).where(Lineage.former_id == unit.id).limit(1)):
            raise Conflict("This office was reorganised: others took its place. Add a new office instead.")
        if not is_active:
            refuse_while_rated(session, [unit])
        unit.is_active = is_active


def store_unit(session: Session, known: Known, facts: UnitFacts) -> Unit:
    """Keep what was found right."""
    unit = known.units.get(facts.code) or Unit(code=facts.code)
    with session.no_autoflush:
        unit.category = known.categories[facts.category]
        unit.parent_id = known.units[facts.parent].id if facts.parent else None
        unit.services = [known.services[code] for code in sorted(set(facts.services))]
    session.add(unit)
    session.flush()
    content.put_texts(session, "unit", unit.code, "name", {locale: facts.names[locale].strip() for locale in LOCALES})
    return unit


def _detail(facts: UnitFacts) -> dict[str, object]:
    return {
        "category": facts.category,
        "parent": facts.parent,
        "services": list(facts.services),
        "names": dict(facts.names),
    }
