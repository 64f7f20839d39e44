"""Inviting people and changing their accounts: at once, or as a request that a second administrator confirms."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Account, AccountRequest, Role, Unit
from evalsys.services.access import Actor
from evalsys.services.accounts import NewAccount, add_account
from evalsys.services.audit import Act, audited
from evalsys.services.mail import is_address
from evalsys.services.staff.critical import CHANGE, CRITICAL_ROLES, INVITE, RENEW, is_critical, other_administrators
from evalsys.services.staff.links import Invited, hand_over, make_link

NAME_CHARACTERS = 200
PROPOSED, DONE, DECLINED = "proposed", "done", "declined"
OF_UNITS = frozenset({Role.PEER, Role.HEAD})
NOT_OF_PERSON = frozenset({"login", "standing"})


@dataclass(frozen=True)
class Person:
    """What an account says about somebody; `unit` is a code, needed for liaisons and heads and empty for others."""

    name: str
    role: str
    unit: str = ""
    locale: str = "en"
    is_active: bool = True


@dataclass(frozen=True)
class Decision:
    """A second administrator's word on a request."""

    request_id: int
    is_confirmed: bool
    reason: str


def invite_person(actor: Actor, login: str, person: Person, reason: str, *, now: datetime) -> Invited | None:
    """Make an account whose owner sets the password; None when a second administrator has to confirm first.

    Raises Forbidden, Invalid, NotFound (office), Conflict (the login is taken).
    """
    login = login.strip().lower()
    act = _act(actor, login, reason, now)
    with audited(act) as session:
        require_fit(session, login, person)
        if _is_taken(session, login):
            raise _taken()
        body = {"login": login, **asdict(person)}
        if is_critical(session, INVITE, None, Role(person.role), actor.account_id):
            _request(session, act, INVITE, None, body)
            return None
        token = _apply(session, INVITE, None, body, act)
    return hand_over(person.name, login, person.locale, token)


def change_person(actor: Actor, account_id: int, person: Person, reason: str, *, now: datetime) -> bool:
    """Change name, role, office, language, or switch the account on or off; she is signed out where it matters.

    Returns False when a second administrator has to confirm first. Raises Forbidden, NotFound, Invalid, Conflict.
    """
    act = _act(actor, str(account_id), reason, now)
    with audited(act) as session:
        account = _take(session, account_id)
        act.subject = f"account:{account.login}"[:100]
        require_fit(session, account.login, person)
        is_harmless = _standing(account) == (person.role, person.unit, person.is_active)
        if account.id == actor.account_id and not is_harmless:
            raise Conflict("Another administrator changes your own account.")
        _keep_an_administrator(session, account, person)
        if not is_harmless and is_critical(session, CHANGE, account, Role(person.role), actor.account_id):
            _request(session, act, CHANGE, account, asdict(person))
            return False
        _apply(session, CHANGE, account, asdict(person), act)
        return True


def renew_link(actor: Actor, account_id: int, reason: str, *, now: datetime) -> Invited | None:
    """Take the password away and give a new link, as after a lost one; None when a second administrator must confirm.

    Raises Forbidden, NotFound, Conflict (switched off, or one's own), Invalid (no reason).
    """
    act = _act(actor, str(account_id), reason, now)
    with audited(act) as session:
        account = _take(session, account_id)
        act.subject = f"account:{account.login}"[:100]
        if not reason.strip():
            raise Invalid("Say why a new link is needed.")
        if not account.is_active or account.id == actor.account_id:
            raise Conflict("A new link is not for an account that is switched off, nor for your own.")
        person = account.name, account.login, account.locale
        if is_critical(session, RENEW, account, Role(account.role), actor.account_id):
            _request(session, act, RENEW, account, {})
            return None
        token = _apply(session, RENEW, account, {}, act)
    return hand_over(*person, token)


def decide_request(actor: Actor, decision: Decision, *, now: datetime) -> Invited | None:
    """Confirm or decline what another administrator asked for; the new link, when there is one.

    Raises Forbidden, NotFound; Conflict for one's own, for one that is decided, and for an account that has changed
    since; Invalid (refusal without a reason).
    """
    act = _act(actor, "request", decision.reason, now)
    with audited(act) as session:
        found = session.scalar(select(AccountRequest).where(AccountRequest.id == decision.request_id).with_for_update())
        if found is None:
            raise NotFound("This request does not exist.")
        account = _take(session, found.account_id) if found.account_id else None
        act.subject = f"account:{account.login if account else found.body['login']}"[:100]
        if found.state != PROPOSED:
            raise Conflict("Somebody has decided this already.")
        if found.proposer_id == actor.account_id:
            raise Conflict("You proposed this. Somebody else decides it.")
        if not decision.is_confirmed and not decision.reason.strip():
            raise Invalid("Say why you decline.")
        found.state = DONE if decision.is_confirmed else DECLINED
        found.decider_id, found.decided_at, found.decision_reason = actor.account_id, now, decision.reason
        act.detail = {"request": found.id, "act": found.act, "confirmed": decision.is_confirmed}
        if not decision.is_confirmed:
            return None
        token, whom = _confirmed(session, found, account, act)
    return hand_over(*whom, token) if token else None


def require_fit(session: Session, login: str, person: Person) -> None:
    """Raise Invalid or NotFound for what no account may be."""
    if not is_address(login):
        raise Invalid("Enter a mail address such as name@city.example.")
    if not 0 < len(person.name.strip()) <= NAME_CHARACTERS:
        raise Invalid("Enter a name of at most %(most)s characters.", {"most": NAME_CHARACTERS})
    if person.role not in tuple(Role):
        raise Invalid("Choose a role.")
    if person.locale not in LOCALES:
        raise Invalid("Choose a language.")
    if (person.role in OF_UNITS) != bool(person.unit):
        raise Invalid("Liaisons and heads belong to an office, and nobody else does.")
    if person.unit and session.scalar(select(Unit.id).where(Unit.code == person.unit)) is None:
        raise NotFound("There is no office with this code.")


def add_invited(session: Session, login: str, person: Person, actor: Actor, now: datetime) -> str:
    """Add an account without a password within the caller's transaction; returns the token of its link."""
    new = NewAccount(login, person.name.strip(), Role(person.role), _unit_id(session, person.unit), person.locale)
    account = add_account(session, new, "", now)
    try:
        session.flush()
    except IntegrityError as taken:
        raise _taken() from taken
    return make_link(session, account, actor.account_id, now)


def _apply(session: Session, what: str, account: Account | None, body: dict[str, Any], act: Act) -> str:
    """Do it; returns the token of a new link, or ""."""
    act.detail = {**act.detail, "act": what, **{key: body[key] for key in body if key not in NOT_OF_PERSON}}
    if what == INVITE:
        return add_invited(session, body["login"], _person_in(body), act.actor, act.now)
    assert account is not None  # noqa: S101 - only an invitation is about nobody yet
    if what == RENEW:
        return make_link(session, account, act.actor.account_id, act.now)
    person = _person_in(body)
    gets_power = person.role in CRITICAL_ROLES and person.role != account.role
    if _standing(account) != (person.role, person.unit, person.is_active):
        account.epoch += 1
    account.name, account.locale, account.is_active = person.name.strip(), person.locale, person.is_active
    account.role, account.unit_id = Role(person.role), _unit_id(session, person.unit)
    if not gets_power:
        return ""
    token = make_link(session, account, act.actor.account_id, act.now)
    return token if person.is_active else ""


def _confirmed(
    session: Session, found: AccountRequest, account: Account | None, act: Act
) -> tuple[str, tuple[str, str, str]]:
    """Check once more what may have changed since, then do it."""
    if account is not None and found.body.get("standing") != list(_standing(account)):
        raise Conflict("This account was changed after this had been asked for. Decline it and ask anew.")
    if found.act == INVITE:
        require_fit(session, found.body["login"], _person_in(found.body))
        if _is_taken(session, found.body["login"]):
            raise _taken()
    elif found.act == CHANGE and account is not None:
        require_fit(session, account.login, _person_in(found.body))
        _keep_an_administrator(session, account, _person_in(found.body))
    token = _apply(session, found.act, account, found.body, act)
    session.flush()
    account = account or session.scalars(select(Account).where(Account.login == found.body["login"])).one()
    return token, (account.name, account.login, account.locale)


def _act(actor: Actor, login: str, reason: str, now: datetime) -> Act:
    return Act(actor, "account.manage", f"account:{login}"[:100], now, reason=reason)


def _request(session: Session, act: Act, what: str, account: Account | None, body: dict[str, Any]) -> None:
    if not act.reason.strip():
        raise Invalid("Say why, for the administrator who has to confirm it.")
    open_ = select(AccountRequest.id).where(AccountRequest.state == PROPOSED, AccountRequest.act == what)
    same = (
        AccountRequest.account_id == account.id
        if account
        else AccountRequest.body["login"].as_string() == body["login"]
    )
    if session.scalar(open_.where(same)) is not None:
        raise Conflict("The same waits for a second administrator already.")
    body = {**body, "standing": list(_standing(account))} if account else body
    asked = AccountRequest(act=what, account_id=account.id if account else None, body=body, reason=act.reason)
    asked.proposer_id, asked.proposed_at = act.actor.account_id, act.now
    session.add(asked)
    act.detail = {"act": what, "waits": True}


def _take(session: Session, account_id: int) -> Account:
    query = select(Account).where(Account.id == account_id).with_for_update()
    account = session.scalar(query.execution_options(populate_existing=True))
    if account is None:
        raise NotFound("This account does not exist.")
    return account


def _keep_an_administrator(session: Session, account: Account, person: Person) -> None:
    stays = person.is_active and person.role == Role.ADMINISTRATOR
    if account.role == Role.ADMINISTRATOR and not stays and not other_administrators(session, account.id):
        raise Conflict("This is the last administrator. Invite another one first.")


def _person_in(body: dict[str, Any]) -> Person:
    return Person(**{key: value for key, value in body.items() if key not in NOT_OF_PERSON})


def _standing(account: Account) -> tuple[str, str, bool]:
    return account.role, account.unit.code if account.unit else "", account.is_active


def _taken() -> Conflict:
    return Conflict("There is an account with this mail address already.")


def _is_taken(session: Session, login: str) -> bool:
    return session.scalar(select(Account.id).where(Account.login == login)) is not None


def _unit_id(session: Session, code: str) -> int | None:
    return session.scalar(select(Unit.id).where(Unit.code == code)) if code else None
