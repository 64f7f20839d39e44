"""What the register takes: the facts of an office, and everything that can be wrong with them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.i18n import LOCALES, _l
from evalsys.models import Category, Place, Round, RoundState, RoundUnit, Service, Unit
from evalsys.services.transfers.cells import visible

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}")
MOST_CHARACTERS = 120
WRONG_CODE = _l("Use 1 to 30 Latin letters, digits and hyphens.")
UNSTORABLE = _l("This text holds a character that we cannot store. Type the text again instead of pasting it.")
NO_NAME = _l("Give a name of at most %(most)s characters in every language.")

Wrong = Iterator[tuple[str, EvalsysError]]


@dataclass(frozen=True)
class UnitFacts:
    """An office as it is entered: `category`, `parent` ("" for none) and `services` are codes, `names` by language."""

    code: str
    names: Mapping[str, str]
    category: str
    parent: str = ""
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What the register holds, by code."""

    units: Mapping[str, Unit]
    categories: Mapping[str, Category]
    services: Mapping[str, Service]
    places: frozenset[str]

    def above(self, code: str) -> list[str]:
        """The codes of the offices above one, the nearest first."""
        by_id = {unit.id: unit for unit in self.units.values()}
        found: list[str] = []
        unit = self.units.get(code)
        while unit is not None and unit.parent_id is not None and len(found) <= len(by_id):
            unit = by_id[unit.parent_id]
            found.append(unit.code)
        return found


def hold_register(session: Session) -> Known:
    """All that is known, with the rows of the units locked: two who change the tree come one after the other."""
    session.execute(select(Unit.id).order_by(Unit.id).with_for_update(key_share=True)).all()
    return read_register(session)


def read_register(session: Session) -> Known:
    """All that is known."""
    units = session.scalars(select(Unit).order_by(Unit.id)).all()
    return Known(
        units={unit.code: unit for unit in units},
        categories={one.code: one for one in session.scalars(select(Category))},
        services={one.code: one for one in session.scalars(select(Service))},
        places=frozenset(session.scalars(select(Place.code))),
    )


def refuse(wrong: Iterable[tuple[str, EvalsysError]]) -> None:
    """Raise the first refusal, if there is any."""
    for _field, refusal in wrong:
        raise refusal


def wrong_unit_code(known: Known, code: str) -> Wrong:
    """(Field, refusal) for a code that no new office may have; short links lead by it, so service points share them."""
    if not CODE.fullmatch(code):
        yield "code", Invalid(WRONG_CODE)
    elif code in known.units or code in known.places:
        yield "code", Conflict("This code belongs to another office or to a service point.")


def wrong_unit(known: Known, facts: UnitFacts, coming: frozenset[str] = frozenset()) -> Wrong:
    """(Field, refusal) for everything else; `coming` are codes of offices that the same list brings."""
    if facts.category not in known.categories:
        yield "category", Invalid("There is no category with this code.")
    parent = known.units.get(facts.parent)
    if facts.parent and facts.parent not in coming and (parent is None or not parent.is_active):
        yield "parent", Invalid("There is no office in use with this code.")
    elif facts.parent == facts.code or (parent is not None and facts.code in known.above(facts.parent)):
        yield "parent", Conflict("An office cannot stand below itself or below an office that it stands above.")
    missing = [code for code in facts.services if code not in known.services]
    if missing:
        yield "services", Invalid("There is no service with the code “%(code)s”.", {"code": visible(missing[0])})
    yield from wrong_names(facts.names)


def wrong_names(names: Mapping[str, str]) -> Wrong:
    """(Field, refusal) for names that are missing, too long or hold what cannot be stored."""
    for locale in LOCALES:
        name = names.get(locale, "")
        if visible(name) != name:
            yield f"name_{locale}", Invalid(UNSTORABLE)
        elif not 0 < len(name.strip()) <= MOST_CHARACTERS:
            yield f"name_{locale}", Invalid(NO_NAME, {"most": MOST_CHARACTERS})


def find_unit(known: Known, code: str) -> Unit:
    """One office, in use or not. Raises NotFound."""
    found = known.units.get(code)
    if found is None:
        raise NotFound("This office does not exist.")
    return found


def refuse_while_rated(session: Session, units: Iterable[Unit]) -> None:
    """Raise Conflict when one of the units is in a round that collects answers."""
    ids = [unit.id for unit in units]
    query = select(RoundUnit).join(Round, Round.id == RoundUnit.round_id).options(joinedload(RoundUnit.unit))
    busy = query.where(RoundUnit.unit_id.in_(ids), Round.state == RoundState.COLLECTING).order_by(RoundUnit.unit_id)
    found = session.scalars(busy.limit(1)).first()
    if found is not None:
        names = {"unit": found.unit.code, "round": found.round.code}
        raise Conflict("The office %(unit)s is being rated in round %(round)s. Close the round first.", names)
