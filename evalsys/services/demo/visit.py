"""What a newcomer needs to look round the demo city: accounts to sign in with, and one invitation to rate."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Account, Round, RoundState
from evalsys.services.accounts import actor_named
from evalsys.services.credentials import Batch, issue_credentials
from evalsys.services.demo.people import PASSWORD, login

SHOWN = ("analyst", "board1", "board2", "admin", "auditor", "head.u01", "peer.u01.1", "e01")
STRATUM = "users"


@dataclass(frozen=True)
class Visit:
    """Logins with their one password, and the token of an unspent invitation ("" while no round collects)."""

    logins: tuple[str, ...]
    password: str
    token: str


def prepare_visit(*, is_production: bool, now: datetime) -> Visit | None:
    """A fresh invitation and the accounts of the demo city; None where the city is not loaded, and in production."""
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
        return Visit(logins, PASSWORD, "")
    (token,) = issue_credentials(actor_named(login("analyst")), Batch(code, STRATUM, 1), now=now)
    return Visit(logins, PASSWORD, token)
