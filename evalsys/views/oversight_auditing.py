"""The auditor's desk: raw answers by lot, runs done again, exclusions and their effect."""

import secrets

from flask import render_template, request

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.auditing import desk, sampling
from evalsys.web import actor, make_blueprint
from forms.auditing import SampleForm

USUAL_SIZE = 20

blueprint = make_blueprint("oversight_auditing", right="sample.draw", prefix="/oversight/auditing")


@blueprint.get("")
def show() -> str:
    """Every round with what can be checked there."""
    return render_template("oversight/auditing/desk.html", rounds=desk.auditing_page(actor(), current_locale()))


@blueprint.route("/<round_code>/sample", methods=["GET", "POST"])
def sample(round_code: str) -> str | tuple[str, int]:
    """Draw raw answers by lot."""
    page = sampling.sample_page(actor(), round_code, current_locale())
    usual = {"size": USUAL_SIZE, "seed": secrets.randbelow(sampling.LARGEST_SEED)}
    form = SampleForm(request.form) if request.method == "POST" else SampleForm(data=usual)
    known = {"page": page, "form": form}
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return render_template("oversight/auditing/sample.html", **known), status
    wish = sampling.Wish(form.size.data, form.seed.data)
    try:
        drawn = sampling.draw_sample(actor(), round_code, wish, current_locale(), now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/auditing/sample.html", **known, refusal=refusal), refusal.status
    return render_template("oversight/auditing/sample.html", **known, sample=drawn)
