"""What administrators and auditors read about accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Account, AccountRequest, AuditEntry, Role, Unit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.staff.changing import PROPOSED, Person

ENTRIES_SHOWN = 50


@dataclass(frozen=True)
class RequestLine:
    """A change that waits for a second administrator."""

    id: int
    act: str
    whom: str
    body: dict[str, Any]
    reason: str
    proposer: str
    proposed_at: datetime
    may_decide: bool


@dataclass(frozen=True)
class AccountLine:
    """An account as the list shows it; invited people have not set a password yet."""

    id: int
    login: str
    name: str
    role: Role
    unit: Text | None
    is_active: bool
    is_invited: bool


@dataclass(frozen=True)
class AccountsPage:
    """All accounts by role and login, and what waits."""

    lines: tuple[AccountLine, ...]
    requests: tuple[RequestLine, ...]
    may_manage: bool


@dataclass(frozen=True)
class AccountPage:
    """One account with what was done to it and by it; no answer is named there."""

    line: AccountLine
    person: Person
    history: tuple[AuditEntry, ...]
    may_manage: bool
    is_own: bool


def accounts_page(actor: Actor, locale: str) -> AccountsPage:
    """All accounts. Raises Forbidden."""
    require(actor, "account.read")
    names = content.names("unit", locale)
    rows = db.session.scalars(select(Account).options(joinedload(Account.unit)).order_by(Account.role, Account.login))
    is_manager = may(actor, "account.manage")
    return AccountsPage(tuple(_line(row, names) for row in rows), _requests(actor, is_manager), is_manager)


def account_page(actor: Actor, account_id: int, locale: str) -> AccountPage:
    """One account. Raises Forbidden, NotFound."""
    require(actor, "account.read")
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound("This account does not exist.")
    about = AuditEntry.subject == f"account:{account.login}"[:100]
    entries = select(AuditEntry).where(about).order_by(AuditEntry.id.desc()).limit(ENTRIES_SHOWN)
    unit = account.unit.code if account.unit else ""
    return AccountPage(
        line=_line(account, content.names("unit", locale)),
        person=Person(account.name, account.role, unit, account.locale, account.is_active),
        history=tuple(db.session.scalars(entries)),
        may_manage=may(actor, "account.manage"),
        is_own=account.id == actor.account_id,
    )


def offices(locale: str) -> list[tuple[str, Text]]:
    """The offices that somebody can belong to: code and name."""
    names = content.names("unit", locale)
    codes = db.session.scalars(select(Unit.code).where(Unit.is_active).order_by(Unit.code))
    return [(code, names.get(code) or Text(code, "")) for code in codes]


def _line(row: Account, names: dict[str, Text]) -> AccountLine:
    return AccountLine(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        unit=(names.get(row.unit.code) or Text(row.unit.code, "")) if row.unit else None,
        is_active=row.is_active,
        is_invited=not row.password_hash,
    )


def _requests(actor: Actor, is_manager: bool) -> tuple[RequestLine, ...]:
    query = select(AccountRequest).options(joinedload(AccountRequest.account), joinedload(AccountRequest.proposer))
    waiting = db.session.scalars(query.where(AccountRequest.state == PROPOSED).order_by(AccountRequest.id))
    return tuple(
        RequestLine(
            id=one.id,
            act=one.act,
            whom=one.account.login if one.account else one.body["login"],
            body=one.body,
            reason=one.reason,
            proposer=one.proposer.name,
            proposed_at=one.proposed_at,
            may_decide=is_manager and one.proposer_id != actor.account_id,
        )
        for one in waiting
    )
