"""flask responses: answers that come from a file and go into one."""

import shutil
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from evalsys import tasks
from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.i18n import LOCALES
from evalsys.services import imports
from evalsys.services.accounts import actor_named
from evalsys.services.transfers import exporting

commands = AppGroup("responses", help="Answers that come from a file and go into one.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@commands.command("import")
@click.argument("file", type=FILE)
@click.option("--map", "map_file", type=FILE, required=True, help="What the columns mean; see docs/import.md.")
@click.option("--as", "login", required=True, help="Login of the analyst who imports.")
@click.option(
    "--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Where to name what was not imported."
)
def import_(file: Path, map_file: Path, login: str, rejected: Path | None) -> None:
    """Import the survey answers in FILE (CSV); importing it again adds nothing."""
    with refusals_shown():
        plan = imports.read_map(map_file)
        with click.progressbar(length=file.stat().st_size, label=file.name) as bar:
            source = imports.Source(file, plan, lambda read: bar.update(read - bar.pos))
            report = imports.import_responses(actor_named(login), source, now=utc_now())
    _tell(report)
    if report.rejected is not None:
        path = rejected or Path(f"{file.stem}-rejected.csv")
        shutil.copyfile(report.rejected, path)
        click.echo(f"Each rejection with line and reason: {path}")


@commands.command("export")
@click.argument("round_code")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The ZIP archive.")
@click.option("--group", default="", help="Code of one group of raters; all without it.")
@click.option("--format", "format_", type=click.Choice(exporting.FORMATS), default="csv", show_default=True)
@click.option("--labels", type=click.Choice(LOCALES), default=None, help="Words in this language instead of codes.")
@click.option("--everything", is_flag=True, help="Also responses that do not count.")
@click.option("--pace", is_flag=True, help="Also how fast each form was filled in, in steps.")
@click.option("--comments", is_flag=True, help="Also comments, in a file of their own.")
@click.option("--as", "login", required=True, help="Login of the analyst or auditor who exports.")
def export(round_code: str, target: Path, login: str, labels: str | None, **options: Any) -> None:
    """Export the answers of round ROUND_CODE with a code book."""
    wish = exporting.Wish(
        group=options["group"],
        format=options["format_"],
        labels=labels or "",
        only_counted=not options["everything"],
        pace=options["pace"],
        comments=options["comments"],
    )
    with refusals_shown():
        actor = actor_named(login)
        number = exporting.request_export(actor, round_code, wish, now=utc_now())
        _drain(f"transfer-{number}")
        path, _, digest = exporting.take_export(actor, round_code, number, now=utc_now())
    shutil.copyfile(path, target)
    click.echo(f"{target} ({target.stat().st_size} bytes), SHA-256 {digest}")


def _drain(batch: str) -> None:
    """Do the batch here, unless a worker has taken it, and wait for its end."""
    plan = tasks.Plan(current_app.config["EVALSYS"], batch=batch)
    tasks.Worker(plan).drain()


def _tell(report: imports.ImportReport) -> None:
    count = report.count
    for code, number in count.respondents.items():
        click.echo(f"Round {code}: {number} respondents")
    click.echo(f"Responses: {report.added} added, {report.already_there} there already")
    click.echo(f"Answers: {count.valid} valid, {count.dont_know} don't know, {count.not_applicable} not applicable")
    click.echo(f"Rejected: {count.rejected_rows} rows, {count.rejected_cells} single answers")
