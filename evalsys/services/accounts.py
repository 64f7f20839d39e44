"""Signing in and out, passwords, and the first administrator."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.errors import Conflict, Invalid, NotFound, TooMany
from evalsys.models import Account, AuditEntry, LoginSession, Role, SignInThrottle
from evalsys.services.access import Actor, actor_of

IDLE_MINUTES = 30
SESSION_HOURS = 8
SEEN_EVERY_MINUTES = 2
PASSWORD_LENGTH = 12
THROTTLE_SECONDS = 300
THROTTLE_FAILURES = 10

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _hasher.hash("no account has this password")


@dataclass(frozen=True)
class NewAccount:
    """What is needed to make an account; peers and heads need a unit."""

    login: str
    name: str
    role: Role
    unit_id: int | None = None
    locale: str = "en"


def digest(text: str) -> str:
    """SHA-256 in hex: what is stored instead of a secret."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_password(password: str) -> str:
    """An argon2id hash at the floor that OWASP ASVS 5.0 names (19 MiB, two passes)."""
    return _hasher.hash(password)


def add_account(session: Session, new: NewAccount, password_hash: str, now: datetime) -> Account:
    """Add an account within the caller's transaction."""
    account = Account(
        login=new.login.strip().lower(),
        name=new.name,
        role=new.role,
        unit_id=new.unit_id,
        locale=new.locale,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(account)
    return account


def create_first_administrator(login: str, name: str, password: str, *, now: datetime) -> None:
    """Make the first administrator; refused as soon as one exists. Raises Invalid, Conflict."""
    check_password(password)
    with transaction() as session:
        if session.scalar(select(Account.id).where(Account.role == Role.ADMINISTRATOR).limit(1)):
            raise Conflict("There is an administrator already.")
        account = add_account(session, NewAccount(login, name, Role.ADMINISTRATOR), hash_password(password), now)
        session.add(
            AuditEntry(at=now, actor="system", act="account.first", subject=f"account:{account.login}", outcome="done")
        )


def check_password(password: str) -> None:
    """Raise Invalid when the password is short or one of the usual ones."""
    if len(password) < PASSWORD_LENGTH:
        raise Invalid("The password needs at least %(length)s characters.", {"length": PASSWORD_LENGTH})
    if len(set(password)) < 4 or password.lower() in {"passwordpassword", "administrator", "123456789012"}:
        raise Invalid("This password is too easy to guess. Choose another one.")


def sign_in(login: str, password: str, network: str, *, now: datetime) -> tuple[str, Actor]:
    """Check the password and open a session; returns (token for the cookie, actor).

    An unknown login takes the same time and gives the same answer as a wrong password.
    Raises TooMany after ten failures in five minutes for a login or a network, Invalid otherwise.
    """
    login = login.strip().lower()
    keys = [digest(f"login {login}"), digest(f"network {network}")]
    _refuse_when_throttled(keys, now)
    account = db.session.scalar(select(Account).where(Account.login == login))
    stored = account.password_hash if account and account.is_active else ""
    fits = _password_fits(stored or _NOBODY, password)
    if not (account and stored and fits):
        _record_failure("account.sign_in", keys, login, now)
        raise Invalid("The user name or the password is not right.")
    token = secrets.token_urlsafe(32)
    actor, epoch = actor_of(account), account.epoch
    with transaction() as session:
        row = LoginSession(digest=digest(token), account_id=actor.account_id, epoch=epoch)
        row.created_at = row.seen_at = now
        session.add(row)
        session.add(_entry("account.sign_in", actor, now))
    return token, actor


def sign_out(token: str, *, now: datetime) -> None:
    """End the session for good; its cookie is refused from now on."""
    with transaction() as session:
        row = session.get(LoginSession, digest(token))
        if row is not None and row.revoked_at is None:
            row.revoked_at = now
            session.add(_entry("account.sign_out", actor_of(row.account), now))


def find_actor(token: str, *, now: datetime) -> Actor | None:
    """Who holds this token; nobody when it is unknown, revoked, idle, too old, or the account has changed since."""
    row = db.session.get(LoginSession, digest(token))
    if row is None or row.revoked_at is not None or row.epoch != row.account.epoch or not row.account.is_active:
        return None
    if now - row.seen_at > timedelta(minutes=IDLE_MINUTES) or now - row.created_at > timedelta(hours=SESSION_HOURS):
        return None
    actor = actor_of(row.account)
    if now - row.seen_at > timedelta(minutes=SEEN_EVERY_MINUTES):
        with transaction() as session:
            session.execute(update(LoginSession).where(LoginSession.digest == digest(token)).values(seen_at=now))
    return actor


def actor_named(login: str) -> Actor:
    """Who acts under this login, for commands on the machine itself. Raises NotFound."""
    account = db.session.scalar(select(Account).where(Account.login == login.strip().lower(), Account.is_active))
    if account is None:
        raise NotFound("This account does not exist.")
    return actor_of(account)


def change_password(actor: Actor, old: str, new: str, *, now: datetime) -> None:
    """Replace the password and end every session of the account.

    Wrong old passwords count like failed sign-ins. Raises Invalid, TooMany.
    """
    check_password(new)
    keys = [digest(f"login {actor.login}")]
    _refuse_when_throttled(keys, now)
    if not _password_fits(db.session.get_one(Account, actor.account_id).password_hash, old):
        _record_failure("account.password", keys, actor.login, now)
        raise Invalid("The old password is not right.")
    with transaction() as session:
        account = session.get_one(Account, actor.account_id)
        account.password_hash = hash_password(new)
        account.epoch += 1
        session.add(_entry("account.password", actor, now))


def _entry(act: str, actor: Actor, now: datetime) -> AuditEntry:
    subject = f"account:{actor.login}"
    return AuditEntry(at=now, actor=actor.login, account_id=actor.account_id, act=act, subject=subject, outcome="done")


def _password_fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except VerificationError:
        return False


def _window(now: datetime) -> int:
    return int(now.timestamp()) // THROTTLE_SECONDS


def _refuse_when_throttled(keys: list[str], now: datetime) -> None:
    worst = db.session.scalar(
        select(func.max(SignInThrottle.failures)).where(
            SignInThrottle.key.in_(keys), SignInThrottle.window == _window(now)
        )
    )
    if worst is not None and worst >= THROTTLE_FAILURES:
        seconds = THROTTLE_SECONDS - int(now.timestamp()) % THROTTLE_SECONDS
        raise TooMany("Too many attempts. Try again in %(seconds)s seconds.", seconds)


def _record_failure(act: str, keys: list[str], login: str, now: datetime) -> None:
    with transaction() as session:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        for key in keys:
            statement = insert(SignInThrottle).values(key=key, window=_window(now), failures=1)
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["key", "window"], set_={"failures": SignInThrottle.failures + 1}
                )
            )
        shown = login[:100] or "-"
        session.add(AuditEntry(at=now, actor=shown, act=act, subject="account:-", outcome="refused"))
