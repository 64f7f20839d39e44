"""A list of pairs as CSV (columns rater, unit): what would be added, what is there, and why a row does not fit."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.i18n import _l
from evalsys.models import Account, Assignment, Unit
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.pairs.groups import AssignedGroup, find_group, rated_units, raters_of
from evalsys.services.rounds.states import find_round
from evalsys.services.rowlist import STANDS_ABOVE, Row, RowProblem, read_rows

COLUMNS = ("rater", "unit")


@dataclass(frozen=True)
class Sorted:
    """The rows of a list: pairs to add, how many are there already, and the rows that do not fit."""

    fresh: tuple[tuple[Account, Unit], ...]
    there: int
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True)
class Preview:
    """The same as a page shows it; `fresh` are (rater's name, rated unit)."""

    fresh: tuple[tuple[str, Text], ...]
    there: int
    problems: tuple[RowProblem, ...]


def preview_pairs(actor: Actor, round_code: str, group_code: str, text: str, locale: str) -> Preview:
    """What saving this list would do. Raises Forbidden, NotFound, Invalid."""
    require(actor, "assignment.draw")
    session = db.session()
    sorted_ = sort_pairs(session, find_group(session, find_round(session, round_code), group_code), text)
    names = content.names("unit", locale)
    fresh = tuple((rater.name, names.get(unit.code) or Text(unit.code, "")) for rater, unit in sorted_.fresh)
    return Preview(fresh, sorted_.there, sorted_.problems)


def sort_pairs(session: Session, group: AssignedGroup, text: str) -> Sorted:
    """Check every row of the list against the round. Raises Invalid when it is no list at all."""
    rows, problems = read_rows(text, COLUMNS)
    reader = _PairReader(session, group)
    fresh: list[tuple[Account, Unit]] = []
    there = 0
    for row in rows:
        found = reader.read(row)
        if isinstance(found, RowProblem):
            problems.append(found)
        elif (found[0].id, found[1].id) in reader.stored:
            there += 1
        else:
            fresh.append(found)
    return Sorted(tuple(fresh), there, tuple(sorted(problems, key=lambda one: one.line)))


class _PairReader:
    """Turns a row into a pair, or says why it is none."""

    def __init__(self, session: Session, group: AssignedGroup) -> None:
        raters = raters_of(session, group)
        self._by_login = {rater.login: rater for rater in raters}
        self._by_unit: dict[str, list[Account]] = defaultdict(list)
        for rater in raters:
            if rater.unit is not None:
                self._by_unit[rater.unit.code].append(rater)
        self._units = {unit.code: unit for unit in rated_units(session, group)}
        self._lines: dict[tuple[int, int], int] = {}
        forms = [form.id for form in group.forms]
        pairs = select(Assignment.account_id, Assignment.unit_id).where(Assignment.questionnaire_id.in_(forms))
        self.stored = {(account, unit) for account, unit in session.execute(pairs)}

    def read(self, row: Row) -> tuple[Account, Unit] | RowProblem:
        rater = self._rater(row)
        if isinstance(rater, RowProblem):
            return rater
        code = row.cells["unit"]
        unit = self._units.get(code)
        if unit is None:
            return row.problem("unit", _l("This group is not asked about such an office in this round."))
        if unit.id == rater.unit_id:
            return row.problem("unit", _l("Nobody rates her own office."))
        first = self._lines.setdefault((rater.id, unit.id), row.line)
        if first != row.line:
            return row.problem("", STANDS_ABOVE, f"{row.cells['rater']}, {code}", first=first)
        return rater, unit

    def _rater(self, row: Row) -> Account | RowProblem:
        said = row.cells["rater"]
        by_login = self._by_login.get(said.lower())
        if by_login is not None:
            return by_login
        of_unit = self._by_unit.get(said, [])
        if len(of_unit) == 1:
            return of_unit[0]
        if of_unit:
            reason = _l("This office has %(number)s raters. Name one of them by user name.")
            return row.problem("rater", reason, number=len(of_unit))
        reason = _l("No rater of this group has this user name, and no office with this code has a rater.")
        return row.problem("rater", reason)
