"""Commands: flask --app wsgi …; one file a group."""

import click
from flask import Flask

from evalsys.cli import accounts, credentials, demo, responses, roll, rounds, scorecards, serve, signing
from evalsys.migrations.upgrade import upgrade_database


def register(app: Flask) -> None:
    """Attach all commands to the application."""
    for command in (migrate, serve.serve, serve.worker):
        app.cli.add_command(command)
    for group in (
        accounts.commands,
        rounds.commands,
        scorecards.commands,
        demo.commands,
        credentials.commands,
        responses.commands,
        roll.commands,
        signing.commands,
    ):
        app.cli.add_command(group)


@click.command("migrate")
def migrate() -> None:
    """Bring the database to the newest schema."""
    upgrade_database()
