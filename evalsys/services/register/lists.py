"""Offices from a list: every row is looked at first, and nothing is stored unless somebody says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.i18n import LOCALES, _l
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.register.checking import (
    Known,
    UnitFacts,
    hold_register,
    read_register,
    wrong_unit,
    wrong_unit_code,
)
from evalsys.services.register.units import RIGHT, store_unit
from evalsys.services.rowlist import STANDS_ABOVE, Row, RowProblem, read_rows

COLUMNS = ("code", "category", "parent", "services", *(f"name_{locale}" for locale in LOCALES))
NO_PARENT = _l("The office above this one is left out, or the rows lead round in a circle.")


@dataclass(frozen=True)
class UnitRows:
    """The rows of a list: offices to add, each after the one it stands below, and the rows that do not fit.

    `there` is always 0: a code that exists does not fit.
    """

    fresh: tuple[UnitFacts, ...]
    problems: tuple[RowProblem, ...]
    there: int = 0


def preview_units(actor: Actor, text: str) -> UnitRows:
    """What importing this list would do. Raises Forbidden, Invalid."""
    require(actor, RIGHT)
    return _sort(read_register(db.session()), text)


def import_units(actor: Actor, text: str, *, now: datetime) -> UnitRows:
    """Add the offices of a list, without rows that do not fit. Raises Forbidden, Invalid."""
    act = Act(actor, RIGHT, "unit:list", now)
    with audited(act) as session:
        known = hold_register(session)
        rows = _sort(known, text)
        _store(session, known, rows)
        act.detail = {"added": [facts.code for facts in rows.fresh], "rejected": len(rows.problems)}
        return rows


def _store(session: Session, known: Known, rows: UnitRows) -> None:
    units = dict(known.units)
    for facts in rows.fresh:
        growing = Known(units, known.categories, known.services, known.places)
        units[facts.code] = store_unit(session, growing, facts)


def _sort(known: Known, text: str) -> UnitRows:
    rows, problems = read_rows(text, COLUMNS)
    first: dict[str, int] = {}
    read: list[tuple[Row, UnitFacts]] = []
    for row in rows:
        facts = _facts(row.cells)
        above = first.setdefault(facts.code, row.line)
        if above != row.line:
            problems.append(row.problem("code", STANDS_ABOVE, first=above))
        else:
            read.append((row, facts))
    coming, sound = frozenset(first), []
    for row, facts in read:
        wrong = [*wrong_unit_code(known, facts.code), *wrong_unit(known, facts, coming)]
        problems += [row.problem(field, refusal.message, None, **refusal.params) for field, refusal in wrong]
        if not wrong:
            sound.append((row, facts))
    placed, left = _in_order(known, sound)
    problems += [row.problem("parent", NO_PARENT) for row, _ in left]
    return UnitRows(tuple(placed), tuple(sorted(problems, key=lambda one: one.line)))


def _in_order(known: Known, rows: list[tuple[Row, UnitFacts]]) -> tuple[list[UnitFacts], list[tuple[Row, UnitFacts]]]:
    """The offices, each after the one above it, and the rows for which there is no such place."""
    placed, there, left = [], {"", *known.units}, rows
    while fitting := [facts for _, facts in left if facts.parent in there]:
        placed += fitting
        there |= {facts.code for facts in fitting}
        left = [(row, facts) for row, facts in left if facts.code not in there]
    return placed, left


def _facts(cells: Mapping[str, str]) -> UnitFacts:
    plain = {name: " ".join(cell.split()) for name, cell in cells.items()}
    names = {locale: plain[f"name_{locale}"] for locale in LOCALES}
    return UnitFacts(plain["code"], names, plain["category"], plain["parent"], tuple(plain["services"].split()))
