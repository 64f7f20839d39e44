"""flask credentials: invitations to rate."""

import click
from flask import current_app
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.services import credentials
from evalsys.services.accounts import actor_named

commands = AppGroup("credentials", help="Invitations to rate.")


@commands.command("issue")
@click.argument("code")
@click.option("--stratum", required=True, help="Stratum of the people who are invited, such as users.")
@click.option("--count", type=click.IntRange(min=1), required=True, help="How many invitations.")
@click.option("--locale", type=click.Choice(LOCALES), default=DEFAULT_LOCALE, show_default=True)
@click.option("--as", "login", required=True, help="Login of the analyst who invites.")
def issue(code: str, stratum: str, count: int, locale: str, login: str) -> None:
    """Print invitation links for round CODE. They are shown this once: only their digests are stored."""
    with refusals_shown():
        batch = credentials.Batch(code, stratum, count)
        tokens = credentials.issue_credentials(actor_named(login), batch, now=utc_now())
    for token in tokens:
        click.echo(f"{current_app.config['EVALSYS'].public_url}/{locale}/invitations/{token}")
