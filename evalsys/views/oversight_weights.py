"""The weights of a round: edit and propose, before the opening and after it."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services import schemes, workbench
from evalsys.services.audit import require_on_record
from evalsys.services.consultations.desk import read_advice
from evalsys.services.schemes import Reasons, WeightsPage
from evalsys.web import actor, make_blueprint, notify
from forms.scheme import REASONS, AmendmentForm, Family, WeightForm, build_weight_form, field_name, plain

blueprint = make_blueprint("oversight_weights", right="oversight.read", prefix="/oversight/rounds/<round_code>")


@blueprint.get("/weights")
def show(round_code: str) -> str:
    """The weights in force, or those proposed first, as numbers that may be changed; the address may bring others."""
    page = schemes.weights_page(actor(), round_code, current_locale())
    return _editor(page, _form(page, request.args or None))


@blueprint.post("/weights")
def propose(round_code: str) -> str | tuple[str, int] | Response:
    """Show what other weights would mean, scale them to 100, or propose them."""
    page = schemes.weights_page(actor(), round_code, current_locale())
    form = _form(page, request.form)
    if request.form.get("act") == "scale":
        return _scaled(page, form)
    is_trial = request.form.get("act") == "check"
    if not form.validate() and not (is_trial and _only_reason_is_missing(form)):
        return _editor(page, form), 422
    try:
        if is_trial:
            effects = schemes.preview_weights(actor(), round_code, form.weights(), current_locale())
            return _editor(page, _without_complaint(form), preview=effects)
        number = schemes.propose_weights(actor(), round_code, form.weights(), _reasons(form), now=utc_now())
    except EvalsysError as refusal:
        return _editor(page, form, refusal=refusal), refusal.status
    notify("Your proposal is stored. Another member of the board decides on it.")
    return redirect(url_for("oversight_weights.proposal", round_code=round_code, number=number))


@blueprint.post("/weights/preview")
def preview(round_code: str) -> tuple[str, int]:
    """What the typed numbers would do, as a part of the page; nothing is stored."""
    if request.headers.get("X-Fragment") != "1":
        abort(400)
    page = schemes.weights_page(actor(), round_code, current_locale())
    form = _form(page, request.form)
    if not form.validate() and not _only_reason_is_missing(form):
        return render_template("oversight/weights_preview.html", sight=None, form=form), 422
    unit = request.form.get("watched", "")
    sight = workbench.look_at(actor(), round_code, form.weights(), unit, current_locale())
    return render_template("oversight/weights_preview.html", sight=sight, form=form), 200


@blueprint.get("/weights/amendment")
def amendment(round_code: str) -> str:
    """Locked weights, as numbers that may be changed for a reason that everybody is told."""
    require_on_record(actor(), "scheme.amend", "page:oversight_weights.amendment", now=utc_now())
    page = schemes.weights_page(actor(), round_code, current_locale())
    return _editor(page, _form(page, None, AmendmentForm), is_amendment=True)


@blueprint.post("/weights/amendment")
def amend(round_code: str) -> str | tuple[str, int] | Response:
    """Show what other weights would mean, or propose them although the round is open."""
    require_on_record(actor(), "scheme.amend", "page:oversight_weights.amendment", now=utc_now())
    page = schemes.weights_page(actor(), round_code, current_locale())
    form = _form(page, request.form, AmendmentForm)
    if request.form.get("act") == "scale":
        return _scaled(page, form, is_amendment=True)
    is_trial = request.form.get("act") == "check"
    if not form.validate() and not (is_trial and _only_reason_is_missing(form)):
        return _editor(page, form, is_amendment=True), 422
    try:
        if is_trial:
            effects = schemes.preview_weights(actor(), round_code, form.weights(), current_locale())
            return _editor(page, _without_complaint(form), preview=effects, is_amendment=True)
        number = schemes.propose_amendment(actor(), round_code, form.weights(), _reasons(form), now=utc_now())
    except EvalsysError as refusal:
        return _editor(page, form, refusal=refusal, is_amendment=True), refusal.status
    notify("Your change of the locked weights is proposed. The board votes and another member decides.")
    return redirect(url_for("oversight_weights.proposal", round_code=round_code, number=number))


def _form(page: WeightsPage, sent: Any, base: type[WeightForm] = WeightForm) -> WeightForm:
    families = [Family(one.code, str(one.name), tuple(m.code for m in one.members)) for one in page.families]
    present = {field_name(one.code, m.code): m.percent for one in page.families for m in one.members}
    return build_weight_form(families, base)(sent, data={**present, "public_locale": current_locale()})


def _scaled(page: WeightsPage, form: WeightForm, **more: object) -> str | tuple[str, int]:
    """The page with numbers that add up to 100 wherever all could be read, to be looked at before anything else."""
    form.validate()
    scaled = workbench.scale_families(form.weights())
    for family, members in scaled.items():
        for member, number in members.items():
            form[field_name(family, member)].typed = plain(number)
            form[field_name(family, member)].data = number
    form.broken = form.family_errors()
    is_clean = _only_reason_is_missing(_without_complaint(form))
    return _editor(page, form, scaled=frozenset(scaled), **more) if is_clean else (_editor(page, form, **more), 422)


def _only_reason_is_missing(form: WeightForm) -> bool:
    return not form.broken and {field.name for field in form if field.errors} <= set(REASONS)


def _without_complaint(form: WeightForm) -> WeightForm:
    """Who only looks at the effect need not say why."""
    form.reason.errors = form.public_reason.errors = ()
    return form


def _reasons(form: WeightForm) -> Reasons:
    return Reasons(form.reason.data, form.public_reason.data, form.public_locale.data or current_locale())


def _editor(page: WeightsPage, form: WeightForm, **more: object) -> str:
    bench = workbench.bench_of(actor(), page.round_code, current_locale())
    advice = read_advice(actor(), page.round_code, current_locale(), utc_now().date())
    known = {"page": page, "bench": bench, "form": form, "field_name": field_name, "advice": advice}
    return render_template("oversight/weights.html", **known, **more)
