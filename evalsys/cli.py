"""Commands: flask --app wsgi …"""

import click
from flask import Flask
from flask.cli import AppGroup

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.migrations.upgrade import upgrade_database
from evalsys.services import accounts

account_commands = AppGroup("accounts", help="Accounts of staff.")


def register(app: Flask) -> None:
    """Attach all commands to the application."""
    app.cli.add_command(migrate)
    app.cli.add_command(account_commands)


@click.command("migrate")
def migrate() -> None:
    """Bring the database to the newest schema."""
    upgrade_database()


@account_commands.command("first")
@click.argument("login")
@click.argument("name")
@click.password_option()
def first_administrator(login: str, name: str, password: str) -> None:
    """Make the first administrator; works once."""
    try:
        accounts.create_first_administrator(login, name, password, now=utc_now())
    except EvalsysError as refusal:
        raise click.ClickException(refusal.message % refusal.params) from refusal
    click.echo(f"Administrator {login} can sign in now.")
