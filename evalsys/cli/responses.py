"""flask responses: answers that come from a file."""

import shutil
from pathlib import Path

import click
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.services import imports
from evalsys.services.accounts import actor_named

commands = AppGroup("responses", help="Answers that come from a file.")
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


def _tell(report: imports.ImportReport) -> None:
    count = report.count
    for code, number in count.respondents.items():
        click.echo(f"Round {code}: {number} respondents")
    click.echo(f"Responses: {report.added} added, {report.already_there} there already")
    click.echo(f"Answers: {count.valid} valid, {count.dont_know} don't know, {count.not_applicable} not applicable")
    click.echo(f"Rejected: {count.rejected_rows} rows, {count.rejected_cells} single answers")
