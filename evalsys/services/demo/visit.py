"""What a newcomer needs to look round the demo city: accounts to sign in with, one invitation to rate, one kiosk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from evalsys.db import db
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import Account, Round, RoundState
from evalsys.services import kiosks
from evalsys.services.accounts import actor_named
from evalsys.services.credentials import Batch, issue_credentials
from evalsys.services.demo.collecting import KIOSK
from evalsys.services.demo.people import PASSWORD, login

OVERSIGHT = ("analyst", "board1", "board2", "admin", "admin2", "auditor")
SHOWN = (*OVERSIGHT, "head.u01", "peer.u01.1", "e01", "operator1", "operator2", "supervisor1")
STRATUM = "users"


@dataclass(frozen=True)
class Visit:
    """Logins with their one password, the token of an unspent invitation, and the secret of a kiosk's address.

    Token and secret are "" while no round collects; the secret also when the kiosk was turned off.
    """

    logins: tuple[str, ...]
    password: str
    token: str
    kiosk: str


def prepare_visit(*, is_production: bool, now: datetime) -> Visit | None:
    """The accounts of the demo city, a fresh invitation, and a fresh address of its kiosk.

    None where the city is not loaded, and in production.
    """
    if is_production:
        return None
    there = set(db.session.scalars(select(Account.login).where(Account.is_active)))
    logins = tuple(login(name) for name in SHOWN if login(name) in there)
    if login("analyst") not in logins:
        return None
    code = db.session.scalar(
        select(Round.code).where(Round.state == RoundState.COLLECTING).order_by(Round.id.desc()).limit(1)
    )
    if code is None:
        return Visit(logins, PASSWORD, "", "")
    analyst = actor_named(login("analyst"))
    (token,) = issue_credentials(analyst, Batch(code, STRATUM, 1), now=now)
    is_on = any(line.code == KIOSK and line.is_on for line in kiosks.list_kiosks(analyst, DEFAULT_LOCALE))
    db.session.rollback()
    return Visit(logins, PASSWORD, token, kiosks.turn_on(analyst, KIOSK, now=now) if is_on else "")
