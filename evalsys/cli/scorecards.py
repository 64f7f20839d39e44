"""flask scorecards: publishing a round's cards and making their PDFs."""

import os

import click
from flask import current_app
from flask.cli import AppGroup

from evalsys import tasks
from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.services import runs, scorecards, work
from evalsys.services.accounts import actor_named

commands = AppGroup("scorecards", help="Published scorecards.")


@commands.command("publish")
@click.argument("code")
@click.option("--as", "login", required=True, help="Login of the board member who publishes.")
@click.option("--processes", default=os.cpu_count() or 1, show_default=True, type=click.IntRange(1, 64))
def publish(code: str, login: str, processes: int) -> None:
    """Publish round CODE: every unit in every language, as page and PDF, its poster, and a booklet.

    For a round that is published already, only PDFs that are missing are made.
    """
    with refusals_shown():
        actor = actor_named(login)
        if scorecards.is_published(code):
            batch = scorecards.reprint(actor, code, now=utc_now())
        else:
            batch = runs.publish_round(actor, code, now=utc_now())
    end = _print_all(batch, processes)
    for failure in work.failures(batch):
        click.echo(f"{failure.key}: {failure.error}", err=True)
    if end.failed:
        raise click.ClickException(f"{end.failed} of {end.total} PDFs could not be made.")
    click.echo(f"Round {code} is published: {end.done} PDFs.")


def _print_all(batch: str, processes: int) -> work.Progress:
    plan = tasks.Plan(current_app.config["EVALSYS"], batch=batch)
    before = work.progress(batch)
    with click.progressbar(length=before.total, label="PDFs") as bar:
        bar.update(before.settled)
        return tasks.drain_with_pool(plan, processes, lambda now: bar.update(now.settled - bar.pos))
