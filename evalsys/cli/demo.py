"""flask demo: the invented city to try everything with."""

import click
from flask import current_app
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.services.demo import load_city

commands = AppGroup("demo", help="The invented city of Rivergate.")


@commands.command("load")
def load() -> None:
    """Load the city once, in development; what exists is left as it is."""
    is_production = current_app.config["EVALSYS"].is_production
    with refusals_shown():
        report = load_city(
            is_production=is_production, now=utc_now(), progress=lambda step: click.echo(f"Demo city: {step}")
        )
    if not report.is_new:
        click.echo("Demo city: nothing to load, data exists.")
