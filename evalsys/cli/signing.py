"""flask signing: the key that signs what is published."""

import click
from flask import current_app
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.config import Config
from evalsys.services import signing

commands = AppGroup("signing", help="The key that signs what is published.")


@commands.command("show")
def show() -> None:
    """Every certificate that signed here, with its fingerprints; the first key is made when there is none."""
    config: Config = current_app.config["EVALSYS"]
    with refusals_shown():
        signing.current_seal(config, utc_now())
    for one in signing.known_certificates(config):
        click.echo(f"{one.name}, valid {one.first_day} to {one.last_day}{', signs now' if one.is_current else ''}")
        click.echo(f"  certificate  SHA-256 {one.digest}")
        click.echo(f"  root         SHA-256 {one.root_digest}  ({one.root_name})")


@commands.command("rotate")
@click.option("--new-root", is_flag=True, help="Make a new root certificate as well: everybody has to be told it.")
def rotate(new_root: bool) -> None:
    """Make a new key of our own; files that are signed already stay valid, and former certificates stay published."""
    with refusals_shown():
        signing.rotate_key(current_app.config["EVALSYS"], with_new_root=new_root, now=utc_now())
    click.echo("From now on files are signed with the new key: flask --app wsgi signing show")
