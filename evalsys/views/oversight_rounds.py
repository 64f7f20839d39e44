"""Making a round, looking at it, and moving it on."""

from collections.abc import Callable
from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, Invalid
from evalsys.i18n import LOCALES, current_locale
from evalsys.services import replies, rounds, runs
from evalsys.services.access import Actor
from evalsys.services.audit import require_on_record
from evalsys.services.presets import describe_presets
from evalsys.web import actor, make_blueprint, notify
from forms.round import ActForm, RoundForm

blueprint = make_blueprint("oversight_rounds", right="oversight.read", prefix="/oversight/rounds")


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> str | tuple[str, int] | Response:
    """Make a draft round from a former one, from a preset, or from an empty start."""
    require_on_record(actor(), "round.create", "page:oversight_rounds.new", now=utc_now())
    former, presets = rounds.sources(current_locale()), describe_presets(current_locale())
    offered = ["empty", *(f"round:{code}" for code, _name in former), *(f"preset:{preset.code}" for preset in presets)]
    form = RoundForm(request.form if request.method == "POST" else None, sources=offered)
    known = {"form": form, "former": former, "presets": presets}
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return render_template("oversight/round_new.html", **known), status
    titles = {locale: form[f"title_{locale}"].data for locale in LOCALES}
    period = form.opens_on.data, form.closes_on.data
    wanted = rounds.NewRound(form.code.data, form.source.data, *period, titles, is_pilot=form.is_pilot.data)
    try:
        rounds.create_round(actor(), wanted, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/round_new.html", **known, refusal=refusal), refusal.status
    notify("The round is a draft now. This page leads you to its opening, step by step.")
    return redirect(url_for("oversight_design.setup", round_code=wanted.code))


@blueprint.get("/<round_code>")
def show(round_code: str) -> str:
    """One round, and what can be done with it."""
    return render_template("oversight/round.html", page=rounds.round_page(actor(), round_code, current_locale()))


@blueprint.post("/<round_code>/acts")
def act(round_code: str) -> Response:
    """Take the round one act further."""
    form = ActForm(request.form)
    if not form.validate():
        raise Invalid("Choose what to do.")
    return ACTS[form.act.data](actor(), round_code, utc_now())


def _open(who: Actor, code: str, now: datetime) -> Response:
    rounds.open_round(who, code, now=now)
    notify("The round is open: answers come in, and weights and forms are locked.")
    return redirect(url_for("oversight_rounds.show", round_code=code))


def _close(who: Actor, code: str, now: datetime) -> Response:
    rounds.close_round(who, code, now=now)
    notify("The round is closed: no more answers are taken.")
    return redirect(url_for("oversight_rounds.show", round_code=code))


def _score(who: Actor, code: str, now: datetime) -> Response:
    run_id = runs.score_round(who, code, now=now)
    notify("The round is scored. Nothing is public yet.")
    return redirect(url_for("oversight_runs.show", run_id=run_id))


def _publish(who: Actor, code: str, now: datetime) -> Response:
    batch = runs.publish_round(who, code, now=now)
    notify("The scorecards are public. Their PDFs are being made.")
    return redirect(url_for("oversight.job", batch=batch))


def _share(who: Actor, code: str, now: datetime) -> Response:
    replies.share_results(who, code, now=now)
    notify("The offices can read their draft results now, and answer them.")
    return redirect(url_for("oversight_rounds.show", round_code=code))


def _adopt(who: Actor, code: str, now: datetime) -> Response:
    replies.adopt_results(who, code, now=now)
    notify("The results are adopted. They can be published now.")
    return redirect(url_for("oversight_rounds.show", round_code=code))


def _move(move: str) -> Callable[[Actor, str, datetime], Response]:
    def act_on(who: Actor, code: str, now: datetime) -> Response:
        rounds.move_round(who, code, move, now=now)
        notify("The round has moved on.")
        return redirect(url_for("oversight_rounds.show", round_code=code))

    return act_on


ACTS: dict[str, Callable[[Actor, str, datetime], Response]] = {
    "open": _open,
    "close": _close,
    "score": _score,
    "share": _share,
    "adopt": _adopt,
    "publish": _publish,
    **{move: _move(move) for move in rounds.MOVES},
}
