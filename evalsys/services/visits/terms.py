"""Terms of supervisors: from when to when, and in which area; given one by one or by a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from evalsys.db import db
from evalsys.errors import Invalid, NotFound
from evalsys.i18n import _l
from evalsys.models import Account, Role, Term, TermUnit, Unit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.rowlist import STANDS_ABOVE, Row, RowProblem, read_rows

COLUMNS = ("supervisor", "from", "to", "units")
ENDS_EARLY = _l("The last day is before the first day.")


@dataclass(frozen=True)
class NewTerm:
    """A term to be given: both days count. `units` are codes; without any, her area are all units."""

    login: str
    starts_on: date
    ends_on: date
    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class TermLine:
    """A term as the list shows it; `state` is coming, running or over, `units` are empty for all units."""

    id: int
    supervisor: str
    login: str
    starts_on: date
    ends_on: date
    units: tuple[Text, ...]
    state: str


@dataclass(frozen=True)
class TermsPage:
    """All terms, the newest first, and what a new one can name: (login, name) and (code, name)."""

    terms: tuple[TermLine, ...]
    supervisors: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, Text], ...]
    may_give: bool


@dataclass(frozen=True)
class TermRows:
    """The rows of a list: terms to add, how many are there already, and the rows that do not fit."""

    fresh: tuple[NewTerm, ...]
    there: int
    problems: tuple[RowProblem, ...]


def terms_page(actor: Actor, locale: str, today: date) -> TermsPage:
    """All terms. Raises Forbidden."""
    require(actor, "oversight.read")
    names = content.names("unit", locale)
    query = (
        select(Term)
        .options(joinedload(Term.account), selectinload(Term.units).joinedload(TermUnit.unit))
        .order_by(Term.starts_on.desc(), Term.id.desc())
    )
    units = db.session.scalars(select(Unit.code).where(Unit.is_active).order_by(Unit.code)).all()
    return TermsPage(
        terms=tuple(_line(term, names, today) for term in db.session.scalars(query)),
        supervisors=tuple((one.login, one.name) for one in _supervisors(db.session())),
        units=tuple((code, names.get(code) or Text(code, "")) for code in units),
        may_give=may(actor, "term.manage"),
    )


def give_term(actor: Actor, new: NewTerm, *, now: datetime) -> None:
    """Give a supervisor a term. Raises Forbidden, NotFound for an unknown supervisor or unit, Invalid."""
    act = Act(actor, "term.manage", f"account:{new.login}"[:100], now, detail=_detail(new))
    with audited(act) as session:
        _one_by_one(session)
        accounts = {one.login: one for one in _supervisors(session)}
        units = {unit.code: unit for unit in session.scalars(select(Unit).where(Unit.is_active))}
        if new.login not in accounts:
            raise NotFound("There is no supervisor with this user name.")
        if set(new.units) - units.keys():
            raise NotFound("This office does not exist.")
        if new.ends_on < new.starts_on:
            raise Invalid(ENDS_EARLY)
        if new in _stored(session):
            raise Invalid("She has this very term already.")
        _add(session, accounts[new.login], new, units)


def preview_terms(actor: Actor, text: str) -> TermRows:
    """What importing this list would do. Raises Forbidden, Invalid."""
    require(actor, "term.manage")
    return _sort(db.session(), text)


def import_terms(actor: Actor, text: str, *, now: datetime) -> TermRows:
    """Store the terms of a list that are not there yet, without rows that do not fit. Raises Forbidden, Invalid."""
    act = Act(actor, "term.manage", "term:list", now)
    with audited(act) as session:
        _one_by_one(session)
        rows = _sort(session, text)
        accounts = {one.login: one for one in _supervisors(session)}
        units = {unit.code: unit for unit in session.scalars(select(Unit).where(Unit.is_active))}
        for new in rows.fresh:
            _add(session, accounts[new.login], new, units)
        act.detail = {"added": len(rows.fresh), "there": rows.there, "rejected": len(rows.problems)}
        return rows


def _one_by_one(session: Session) -> None:
    """The rows of all supervisors are held, so that of two who give the same term at once the second finds it there."""
    supervisors = select(Account.id).where(Account.role == Role.SUPERVISOR).order_by(Account.id)
    session.execute(supervisors.with_for_update(key_share=True))


def _sort(session: Session, text: str) -> TermRows:
    rows, problems = read_rows(text, COLUMNS)
    logins = {one.login for one in _supervisors(session)}
    units = set(session.scalars(select(Unit.code).where(Unit.is_active)))
    stored = _stored(session)
    met: dict[NewTerm, int] = {}
    fresh = []
    for row in rows:
        found = _read(row, logins, units)
        if isinstance(found, RowProblem):
            problems.append(found)
        elif found in met:
            problems.append(row.problem("", STANDS_ABOVE, row.cells["supervisor"], first=met[found]))
        else:
            met[found] = row.line
            fresh += [] if found in stored else [found]
    return TermRows(tuple(fresh), len(met) - len(fresh), tuple(sorted(problems, key=lambda one: one.line)))


def _read(row: Row, logins: set[str], units: set[str]) -> NewTerm | RowProblem:
    """Units are separated by spaces; an empty cell or "all" stands for all of them."""
    login = row.cells["supervisor"].lower()
    if login not in logins:
        return row.problem("supervisor", _l("There is no supervisor with this user name."))
    days = {name: _day(row.cells[name]) for name in ("from", "to")}
    for name, day in days.items():
        if day is None:
            return row.problem(name, _l("Enter a real date, for example 2025-09-30."))
    starts_on, ends_on = days["from"] or date.min, days["to"] or date.max
    if ends_on < starts_on:
        return row.problem("to", ENDS_EARLY)
    codes = () if row.cells["units"].lower() == "all" else tuple(sorted(set(row.cells["units"].split())))
    unknown = [code for code in codes if code not in units]
    if unknown:
        return row.problem("units", _l("There is no office with this code."), unknown[0])
    return NewTerm(login, starts_on, ends_on, codes)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _stored(session: Session) -> set[NewTerm]:
    query = select(Term).options(joinedload(Term.account), selectinload(Term.units).joinedload(TermUnit.unit))
    return {
        NewTerm(term.account.login, term.starts_on, term.ends_on, tuple(sorted(part.unit.code for part in term.units)))
        for term in session.scalars(query)
    }


def _add(session: Session, account: Account, new: NewTerm, units: dict[str, Unit]) -> None:
    parts = [TermUnit(unit_id=units[code].id) for code in new.units]
    session.add(Term(account_id=account.id, starts_on=new.starts_on, ends_on=new.ends_on, units=parts))


def _supervisors(session: Session) -> Sequence[Account]:
    query = select(Account).where(Account.role == Role.SUPERVISOR, Account.is_active).order_by(Account.name)
    return session.scalars(query).all()


def _line(term: Term, names: dict[str, Text], today: date) -> TermLine:
    state = "over" if term.ends_on < today else "coming" if term.starts_on > today else "running"
    return TermLine(
        id=term.id,
        supervisor=term.account.name,
        login=term.account.login,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        units=tuple(_named(sorted(part.unit.code for part in term.units), names)),
        state=state,
    )


def _named(codes: Iterable[str], names: dict[str, Text]) -> list[Text]:
    return [names.get(code) or Text(code, "") for code in codes]


def _detail(new: NewTerm) -> dict[str, object]:
    return {"from": new.starts_on.isoformat(), "to": new.ends_on.isoformat(), "units": list(new.units)}
