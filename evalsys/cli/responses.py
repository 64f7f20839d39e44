"""flask responses: answers that come from a file."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.services import imports
from evalsys.services.accounts import actor_named

commands = AppGroup("responses", help="Answers that come from a file.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class Rejections:
    """The lines of a CSV file that name what was not imported."""

    def __init__(self, file: TextIO) -> None:
        self.written = 0
        self._writer = csv.writer(file)
        self._writer.writerow(["line", "column", "value", "reason"])

    def add(self, rejection: imports.Rejection) -> None:
        """Write one line; a value that a spreadsheet would take for a formula gets a quote before it."""
        quote = "'" if rejection.value.startswith(FORMULA_SIGNS) else ""
        self._writer.writerow([rejection.line, rejection.column, quote + rejection.value, rejection.reason])
        self.written += 1


@contextmanager
def rejections_in(path: Path) -> Iterator[Rejections]:
    """A file for rejections, which is taken away again when there are none."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        found = Rejections(file)
        try:
            yield found
        finally:
            if not found.written:
                path.unlink()


@commands.command("import")
@click.argument("file", type=FILE)
@click.option("--map", "map_file", type=FILE, required=True, help="What the columns mean; see docs/import.md.")
@click.option("--as", "login", required=True, help="Login of the analyst who imports.")
@click.option(
    "--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Where to name what was not imported."
)
def import_(file: Path, map_file: Path, login: str, rejected: Path | None) -> None:
    """Import the survey answers in FILE (CSV); importing it again adds nothing."""
    size = file.stat().st_size
    path = rejected or Path(f"{file.stem}-rejected.csv")
    with refusals_shown(), rejections_in(path) as rejections:
        plan = imports.read_map(map_file)
        with click.progressbar(length=size, label=file.name) as bar:
            source = imports.Source(file, plan, rejections.add, lambda read: bar.update(read - bar.pos))
            report = imports.import_responses(actor_named(login), source, now=utc_now())
        _tell(report)
    if path.exists():
        click.echo(f"Each rejection with line and reason: {path}")


def _tell(report: imports.ImportReport) -> None:
    count = report.count
    for code, number in count.respondents.items():
        click.echo(f"Round {code}: {number} respondents")
    click.echo(f"Responses: {report.added} added, {report.already_there} there already")
    click.echo(f"Answers: {count.valid} valid, {count.dont_know} don't know, {count.not_applicable} not applicable")
    click.echo(f"Rejected: {count.rejected_rows} rows, {count.rejected_cells} single answers")
