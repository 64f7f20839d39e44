"""The link with which an invited person sets the password: made once, mailed, and forgotten but for its digest."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.errors import NotFound, Unavailable
from evalsys.models import Account, AccountInvite, AuditEntry
from evalsys.services import mail
from evalsys.services.accounts import check_password, digest, hash_password
from evalsys.services.content import body_name
from evalsys.services.mail import isolated

VALID_DAYS = 7


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited. `link` is empty when the mail server took the mail: then only she gets to see it."""

    name: str
    login: str
    link: str


@dataclass(frozen=True)
class Invitation:
    """An invitation that can still be used."""

    name: str
    login: str


def make_link(session: Session, account: Account, made_by: int, now: datetime) -> str:
    """Give the account a new link and end every session and older link; returns the token, which is stored nowhere."""
    session.flush()
    account.password_hash, account.epoch = "", account.epoch + 1
    old = update(AccountInvite).where(AccountInvite.account_id == account.id, AccountInvite.used_at.is_(None))
    session.execute(old.values(used_at=now))
    token = secrets.token_urlsafe(32)
    invite = AccountInvite(digest=digest(token), account_id=account.id, created_by=made_by, created_at=now)
    invite.expires_at = now + timedelta(days=VALID_DAYS)
    session.add(invite)
    return token


def hand_over(name: str, login: str, locale: str, token: str) -> Invited:
    """Mail the link; without a mail server, or when it does not take the mail, whoever invited hands it over."""
    link = f"{current_app.config['EVALSYS'].public_url}/{locale}/account/invitations/{token}"
    if not mail.is_configured():
        return Invited(name, login, link)
    try:
        mail.send(_message(name, login, locale, link))
    except (mail.Refused, Unavailable):
        return Invited(name, login, link)
    return Invited(name, login, "")


def read_invitation(token: str, *, now: datetime) -> Invitation:
    """Whom this link is for. Raises NotFound when it is unknown, used or too old."""
    account = _usable(db.session(), token, now).account
    return Invitation(account.name, account.login)


def accept_invitation(token: str, password: str, *, now: datetime) -> None:
    """Set the password; the link is used up. Raises NotFound, Invalid (short password)."""
    check_password(password)
    with transaction() as session:
        invite = _usable(session, token, now)
        used = update(AccountInvite).where(AccountInvite.digest == invite.digest, AccountInvite.used_at.is_(None))
        if not session.execute(used.values(used_at=now).returning(AccountInvite.digest)).all():
            raise _unknown()
        account = invite.account
        account.password_hash, account.epoch = hash_password(password), account.epoch + 1
        about = {"act": "account.accept", "subject": f"account:{account.login}", "outcome": "done"}
        session.add(AuditEntry(at=now, actor=account.login, account_id=account.id, **about))


def _usable(session: Session, token: str, now: datetime) -> AccountInvite:
    query = select(AccountInvite).join(Account, AccountInvite.account_id == Account.id)
    still = query.where(AccountInvite.used_at.is_(None), AccountInvite.expires_at > now, Account.is_active)
    found = session.scalar(still.where(AccountInvite.digest == digest(token)))
    if found is None:
        raise _unknown()
    return found


def _unknown() -> NotFound:
    return NotFound("This link is not valid any more. Ask your administrator for a new one.")


def _message(name: str, login: str, locale: str, link: str) -> mail.Message:
    with force_locale(locale):
        body = body_name(locale, current_app.config["EVALSYS"].body_name)
        subject = gettext("Your account at %(body)s", body=isolated(body))
        text = gettext(
            "Dear %(name)s,\n\nyou have an account at %(body)s. Open this address within seven days and choose a "
            "password:\n\n%(link)s\n\nYour user name: %(login)s\n\nThe address works once. "
            "If you do not know what this is about, ignore this mail.\n",
            name=isolated(name),
            body=isolated(body),
            link=link,
            login=login,
        )
    return mail.Message(login, subject, text, locale)
