"""What offices are sorted by: the peer categories they are compared in, and the services they offer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Category, Service
from evalsys.services import content
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.register.checking import (
    CODE,
    UNSTORABLE,
    WRONG_CODE,
    Known,
    hold_register,
    refuse,
    wrong_names,
)
from evalsys.services.register.units import RIGHT
from evalsys.services.transfers.cells import visible

NEW = "new"
"""No code: the page that adds one has this address."""


@dataclass(frozen=True)
class CategoryFacts:
    """A category as it is entered; lists show the one with the lowest `position` first."""

    code: str
    names: Mapping[str, str]
    position: int


@dataclass(frozen=True)
class ServiceFacts:
    """A service as it is entered: `keywords` are words by which people look for it, `units` codes of offices."""

    code: str
    names: Mapping[str, str]
    units: tuple[str, ...]
    keywords: Mapping[str, str] = field(default_factory=dict)


def save_category(actor: Actor, facts: CategoryFacts, *, is_new: bool, now: datetime) -> None:
    """Add a category, or rename or move one. Raises Forbidden, NotFound, Invalid, Conflict (the code is taken)."""
    detail = {"added": is_new, "position": facts.position, "names": dict(facts.names)}
    with audited(Act(actor, RIGHT, f"category:{facts.code}"[:100], now, detail=detail)) as session:
        known = hold_register(session)
        _require_code(known.categories, facts.code, is_new=is_new)
        refuse(wrong_names(facts.names))
        category = known.categories.get(facts.code) or Category(code=facts.code)
        category.position = facts.position
        session.add(category)
        _put_names(session, "category", facts.code, facts.names)


def save_service(actor: Actor, facts: ServiceFacts, *, is_new: bool, now: datetime) -> None:
    """Add a service, or change its words and who offers it. Raises Forbidden, NotFound, Invalid, Conflict."""
    detail = {"added": is_new, "units": list(facts.units), "names": dict(facts.names)}
    with audited(Act(actor, RIGHT, f"service:{facts.code}"[:100], now, detail=detail)) as session:
        known = hold_register(session)
        _require_code(known.services, facts.code, is_new=is_new)
        refuse(wrong_names(facts.names))
        if any(visible(words) != words for words in facts.keywords.values()):
            raise Invalid(UNSTORABLE)
        service = known.services.get(facts.code) or Service(code=facts.code)
        _offer(session, known, service, facts.units)
        _put_names(session, "service", facts.code, facts.names)
        content.put_texts(session, "service", facts.code, "keywords", facts.keywords)


def _offer(session: Session, known: Known, service: Service, units: tuple[str, ...]) -> None:
    if set(units) - known.units.keys():
        raise NotFound("This office does not exist.")
    with session.no_autoflush:
        service.units = [known.units[code] for code in sorted(set(units))]
    session.add(service)
    session.flush()


def _require_code(there: Mapping[str, object], code: str, *, is_new: bool) -> None:
    if not is_new and code not in there:
        raise NotFound("This page does not exist.")
    if is_new and not CODE.fullmatch(code):
        raise Invalid(WRONG_CODE)
    if is_new and (code in there or code == NEW):
        raise Conflict("This code is taken already.")


def _put_names(session: Session, entity: str, code: str, names: Mapping[str, str]) -> None:
    content.put_texts(session, entity, code, "name", {locale: names[locale].strip() for locale in LOCALES})
