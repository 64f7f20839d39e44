"""flask accounts: accounts of staff."""

import click
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.services import accounts

commands = AppGroup("accounts", help="Accounts of staff.")


@commands.command("first")
@click.argument("login")
@click.argument("name")
@click.password_option()
def first_administrator(login: str, name: str, password: str) -> None:
    """Make the first administrator; works once."""
    with refusals_shown():
        accounts.create_first_administrator(login, name, password, now=utc_now())
    click.echo(f"Administrator {login} can sign in now.")
