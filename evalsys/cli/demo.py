"""flask demo: the invented city to try everything with."""

import click
from flask import current_app
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.services.demo import load_city, load_staff

commands = AppGroup("demo", help="The invented city of Rivergate.")


@commands.command("load")
def load() -> None:
    """Load the city once, in development; what exists is left as it is."""
    with refusals_shown():
        report = load_city(is_production=_is_production(), now=utc_now(), progress=_tell)
    if not report.is_new:
        click.echo("Demo city: nothing to load, data exists.")


@commands.command("staff")
def staff() -> None:
    """Add the demo accounts of the oversight body alone, in development: to try an import without the city."""
    with refusals_shown():
        load_staff(is_production=_is_production(), now=utc_now())
    click.echo("analyst@, board1@, board2@, admin@ and auditor@rivergate.example can sign in.")


def _is_production() -> bool:
    return bool(current_app.config["EVALSYS"].is_production)


def _tell(step: str) -> None:
    click.echo(f"Demo city: {step}")
