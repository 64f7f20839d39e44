"""Two operators at their screens, for the tests of entering ratings."""

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role
from tests.factories import make_account, sign_in

ASSISTED, PAPER = "/en/entry/units/U01/assisted", "/en/entry/units/U01/paper"


@dataclass(frozen=True)
class Desk:
    """Two operators at their screens."""

    first: FlaskClient
    second: FlaskClient


def make_desk(app: Flask, session: Session) -> Desk:
    """Both have signed in."""
    found = Desk(app.test_client(), app.test_client())
    for client in (found.first, found.second):
        sign_in(client, session, make_account(session, Role.OPERATOR))
    return found
