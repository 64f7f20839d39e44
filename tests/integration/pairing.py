"""Raters of two rated units and what the tests of who rates whom do with them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, AuditEntry, Role, Unit
from evalsys.services import pairs
from evalsys.services.access import actor_of
from evalsys.services.pairs import DrawOrder
from tests.factories import NOW, make_account, make_unit
from tests.integration.governing import World

URL = "/en/oversight/rounds/2025/assignments"


def make_raters(session: Session, world: World) -> list[Account]:
    """Two raters in each of the two rated units, one in a unit that is not rated."""
    units = [*world.units, make_unit(session, code="U03")]
    facts = [("a1", 0), ("a2", 0), ("b1", 1), ("b2", 1), ("c1", 2)]
    return [make_account(session, Role.PEER, login=f"{name}@example.org", unit=units[place]) for name, place in facts]


def stored(session: Session) -> set[tuple[str, str, str]]:
    query = select(Account.login, Unit.code, Assignment.origin).select_from(Assignment)
    query = query.join(Account, Account.id == Assignment.account_id).join(Unit, Unit.id == Assignment.unit_id)
    return {(login.split("@")[0], unit, origin) for login, unit, origin in session.execute(query)}


def draw(world: World, each: int, seed: str = "s1") -> pairs.Drawn:
    return pairs.draw_pairs(actor_of(world.analyst), DrawOrder("2025", "peers", each, seed), now=NOW)


def last_entry(session: Session, act: str) -> AuditEntry:
    return session.scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id.desc())).first()  # type: ignore[return-value]
