"""The city's units, services and texts, as they stand in the data files."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Category, Service, Unit, UnitService
from evalsys.services.content import NewText, add_texts, in_languages

FOLDER = Path(__file__).parent / "data"


@cache
def read(name: str) -> dict[str, Any]:
    """One data file of the city, by its name without ending."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def unit_codes() -> list[str]:
    """The codes of the 20 units, U01 first."""
    return list(read("units")["units"])


def add_city(session: Session) -> None:
    """Add categories, units and services with their names and search words; nothing of them may exist yet."""
    units, services = read("units"), read("services")
    categories = {code: Category(code=code, position=place) for place, code in enumerate(units["categories"])}
    session.add_all(categories.values())
    rows = {code: Unit(code=code, category=categories[facts["category"]]) for code, facts in units["units"].items()}
    session.add_all(rows.values())
    offers = {code: Service(code=code) for code in services}
    session.add_all(offers.values())
    session.flush()
    for code, facts in services.items():
        session.add_all(UnitService(unit_id=rows[unit].id, service_id=offers[code].id) for unit in facts["units"])
    add_texts(session, _texts(units, services))


def unit_ids(session: Session) -> dict[str, int]:
    """The row id of each unit, by code."""
    return dict(session.execute(select(Unit.code, Unit.id).order_by(Unit.code)).all())


def _texts(units: dict[str, Any], services: dict[str, Any]) -> list[NewText]:
    found = in_languages("body", "body", "name", units["body"]["body"])
    for code, said in units["categories"].items():
        found += in_languages("category", code, "name", said)
    for code, facts in units["units"].items():
        found += in_languages("unit", code, "name", facts["name"])
    for code, facts in services.items():
        found += in_languages("service", code, "name", facts["name"])
        found += in_languages("service", code, "keywords", facts["keywords"])
    return found
