"""flask rounds: the acts that move a round on, for documented sequences without a browser."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from evalsys.cli.refusals import refusals_shown
from evalsys.clock import utc_now
from evalsys.i18n import LOCALES
from evalsys.services import replies, rounds, runs, schemes
from evalsys.services.access import Actor
from evalsys.services.accounts import actor_named
from evalsys.services.design import rulebook

commands = AppGroup("rounds", help="Acts that move a round on.")
DAY = click.DateTime(formats=["%Y-%m-%d"])
acting = click.option("--as", "login", required=True, help="Login of the account that acts.")


@commands.command("create")
@click.argument("code")
@click.option("--from", "source", required=True, help="preset:CODE, round:CODE or empty.")
@click.option("--start", type=DAY, required=True, help="First day of collecting.")
@click.option("--end", type=DAY, required=True, help="Last day of collecting.")
@click.option("--pilot", "is_pilot", is_flag=True, help="Only to try it out: never ranked, published or in a trend.")
@acting
def create(code: str, login: str, **given: Any) -> None:
    """Make a draft round CODE; its weights are a proposal of the account that acts."""
    titles, period = dict.fromkeys(LOCALES, code), (_day(given["start"]), _day(given["end"]))
    new = rounds.NewRound(code, given["source"], *period, titles, is_pilot=given["is_pilot"])
    with refusals_shown():
        rounds.create_round(actor_named(login), new, now=utc_now())
    click.echo(f"Round {code} is a draft. Another account approves its weights: flask rounds approve {code} --as LOGIN")


@commands.command("approve")
@click.argument("code")
@click.option("--reason", default="", help="Why these weights.")
@click.option("--public-reason", default="", help="Why, for everybody, when a weight moves by more than 5 points.")
@click.option("--language", type=click.Choice(LOCALES), default="en", help="The language of the public reason.")
@acting
def approve(code: str, reason: str, public_reason: str, language: str, login: str) -> None:
    """Approve the newest proposal of weights of round CODE; who has not voted yet votes for it."""
    with refusals_shown():
        actor = actor_named(login)
        present = schemes.in_force_now(actor, code)
        number = schemes.newest_proposal(actor, code)
        decision = schemes.Decision(code, number, True, reason, public_reason, language, present)
        schemes.decide_proposal(actor, decision, now=utc_now())
    click.echo(f"Round {code}: version {number} of the weights is in force.")


@commands.command("rules")
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", default="", help="As everybody reads it; otherwise the name of the file.")
@acting
def rules(code: str, file: Path, title: str, login: str) -> None:
    """Attach FILE as the rule document of round CODE: no round opens without one."""
    with refusals_shown():
        upload = rulebook.Upload(title, file.name, file.read_bytes())
        digest = rulebook.attach_rules(actor_named(login), code, upload, now=utc_now())
    click.echo(f"Round {code} rests on the document {digest}.")


@commands.command("open")
@click.argument("code")
@acting
def open_(code: str, login: str) -> None:
    """Let answers into round CODE."""
    with refusals_shown():
        rounds.open_round(actor_named(login), code, now=utc_now())
    click.echo(f"Round {code} collects answers.")


@commands.command("close")
@click.argument("code")
@acting
def close(code: str, login: str) -> None:
    """Take no more answers in round CODE."""
    with refusals_shown():
        rounds.close_round(actor_named(login), code, now=utc_now())
    click.echo(f"Round {code} is closed.")


def _move(move: str, actor: Actor, code: str, now: datetime) -> None:
    rounds.move_round(actor, code, move, now=now)


MOVES: dict[str, Callable[[Actor, str, datetime], None]] = {
    **{move: partial(_move, move) for move in rounds.MOVES},
    "share": lambda actor, code, now: replies.share_results(actor, code, now=now),
    "adopt": lambda actor, code, now: replies.adopt_results(actor, code, now=now),
}


@commands.command("move")
@click.argument("code")
@click.argument("act", type=click.Choice(list(MOVES)))
@acting
def move(code: str, act: str, login: str) -> None:
    """Take round CODE one step further: check, share, adopt, improve, follow_up or archive."""
    with refusals_shown():
        MOVES[act](actor_named(login), code, utc_now())
    click.echo(f"Round {code} has moved on.")


@commands.command("score")
@click.argument("code")
@acting
def score(code: str, login: str) -> None:
    """Score round CODE."""
    with refusals_shown():
        run_id = runs.score_round(actor_named(login), code, now=utc_now())
        run = runs.find_run(run_id)
    click.echo(f"Round {code}: run {run.number} has the result {run.result_digest}.")


def _day(moment: datetime) -> date:
    return moment.date()
