"""flask roll: the list of people who are invited, for operators without a browser."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from evalsys import tasks
from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.services import roll
from evalsys.services.accounts import actor_named

commands = AppGroup("roll", help="The list of people who are invited to a round.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@commands.command("load")
@click.argument("file", type=FILE)
@click.option("--round", "code", required=True, help="Code of the round.")
@click.option("--group", default="citizens", show_default=True)
@click.option("--channel", type=click.Choice(["letter", "mail"]), required=True, help="How they are written to.")
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Where to name what was not taken.")
@click.option("--as", "login", required=True, help="Login of the analyst who loads the list.")
def load(file: Path, code: str, group: str, channel: str, rejected: Path | None, login: str) -> None:  # noqa: PLR0913, PLR0917  options
    """Load the people in FILE (CSV); see docs/invitations.md for its columns."""
    with refusals_shown(), open(file, "rb") as content:
        actor = actor_named(login)
        transfer_id = roll.load_roll(actor, roll.Upload(code, group, channel, file.name, content), now=utc_now())
        _drain(transfer_id)
        found = roll.read_load(actor, code, transfer_id)
        click.echo(f"{found.added} people added, {found.corrected} corrected, {found.rejected} rows rejected")
        if found.has_rejections:
            path = rejected or Path(f"{file.stem}-rejected.csv")
            path.write_bytes(roll.read_rejections(actor, code, transfer_id))
            click.echo(f"Each rejection with line and reason: {path}")
    if found.error:
        raise click.ClickException(found.error % found.params if found.params else found.error)


@commands.command("letters")
@click.argument("code")
@click.option("--group", default="citizens", show_default=True)
@click.option("--way", type=click.Choice(["letters", "eml", "smtp"]), default="letters", show_default=True)
@click.option("--reminder", is_flag=True, help="Remind those who were invited, instead of inviting those who are new.")
@click.option("--to", "folder", type=FOLDER, default=Path(), help="Folder for the finished files.")
@click.option("--as", "login", required=True, help="Login of the analyst who writes.")
def letters(code: str, group: str, way: str, reminder: bool, folder: Path, login: str) -> None:  # noqa: PLR0913, PLR0917  options
    """Invite everybody new on the list of round CODE; the finished files are copied to a folder."""
    with refusals_shown():
        actor, order = actor_named(login), roll.Order(code, group, way)
        act = roll.remind_people if reminder else roll.invite_people
        transfer_id = act(actor, order, now=utc_now())
        failed = _drain(transfer_id)
        folder.mkdir(parents=True, exist_ok=True)
        for item_id in roll.finished_items(transfer_id):
            name, content = roll.read_file(actor, code, item_id, now=utc_now())
            (folder / name).touch(mode=0o600)
            (folder / name).write_bytes(content)
            click.echo(folder / name)
    if failed:
        raise click.ClickException(f"{failed} batches failed; the page of the list says which and why.")


def _drain(transfer_id: int) -> int:
    """Work off one transfer here and now; returns how many of its items failed."""
    plan = tasks.Plan(current_app.config["EVALSYS"], batch=f"transfer-{transfer_id}")
    return tasks.drain_with_pool(plan, 1).failed
