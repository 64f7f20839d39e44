"""People from a list: every row is looked at first, those that fit are invited, and each of the others is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import EvalsysError
from evalsys.i18n import DEFAULT_LOCALE, _l
from evalsys.models import Account
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.rowlist import STANDS_ABOVE, Row, RowProblem, read_rows
from evalsys.services.staff.changing import Person, add_invited, require_fit
from evalsys.services.staff.critical import CRITICAL_ROLES
from evalsys.services.staff.links import Invited, hand_over

COLUMNS = ("login", "name", "role", "unit", "locale")
MOST_ROWS = 500


@dataclass(frozen=True)
class PeopleList:
    """The rows of a list: people to invite (login and facts), how many have an account, and rows that do not fit."""

    fresh: tuple[tuple[str, Person], ...]
    there: int
    problems: tuple[RowProblem, ...]


def preview_people(actor: Actor, text: str) -> PeopleList:
    """What inviting this list would do. Raises Forbidden, Invalid."""
    require(actor, "account.manage")
    return _sorted(db.session(), text)


def invite_people(actor: Actor, text: str, *, now: datetime) -> tuple[Invited, ...]:
    """Invite everybody of the list who fits; roles that need two administrators do not. Raises Forbidden, Invalid."""
    act = Act(actor, "account.manage", "accounts", now)
    with audited(act) as session:
        found = _sorted(session, text)
        made = [(person, login, add_invited(session, login, person, actor, now)) for login, person in found.fresh]
        act.detail = {"act": "list", "invited": len(made), "there": found.there, "refused": len(found.problems)}
    return tuple(hand_over(person.name, login, person.locale, token) for person, login, token in made)


def _sorted(session: Session, text: str) -> PeopleList:
    rows, problems = read_rows(text, COLUMNS, MOST_ROWS)
    known, lines, fresh, there = set(session.scalars(select(Account.login))), dict[str, int](), [], 0
    for row in rows:
        login = row.cells["login"].lower()
        first = lines.setdefault(login, row.line)
        wrong = list(_problems(session, row, login, first))
        if wrong:
            problems += wrong
        elif login in known:
            there += 1
        else:
            fresh.append((login, _person(row)))
    return PeopleList(tuple(fresh), there, tuple(sorted(problems, key=lambda one: one.line)))


def _problems(session: Session, row: Row, login: str, first: int) -> Iterable[RowProblem]:
    if first != row.line:
        yield row.problem("login", STANDS_ABOVE, first=first)
        return
    if row.cells["role"] in CRITICAL_ROLES:
        yield row.problem("role", _l("This role needs two administrators. Invite this person alone."))
        return
    try:
        require_fit(session, login, _person(row))
    except EvalsysError as refusal:
        yield row.problem("", refusal.message, login, **refusal.params)


def _person(row: Row) -> Person:
    cells = row.cells
    return Person(cells["name"], cells["role"].lower(), cells["unit"], cells["locale"] or DEFAULT_LOCALE)
