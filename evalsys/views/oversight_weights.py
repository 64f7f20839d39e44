"""The weights of a round: edit, propose, decide."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services import schemes
from evalsys.services.consultations.desk import read_advice
from evalsys.services.consultations.poll import Poll
from evalsys.services.schemes import ProposalPage, WeightsPage
from evalsys.web import actor, make_blueprint, notify
from forms.scheme import DecisionForm, Family, WeightForm, build_weight_form, field_name

blueprint = make_blueprint("oversight_weights", right="oversight.read", prefix="/oversight/rounds/<round_code>")


@blueprint.get("/weights")
def show(round_code: str) -> str:
    """The weights in force, or those proposed first, as numbers that may be changed; the address may bring others."""
    page = schemes.weights_page(actor(), round_code, current_locale())
    return _editor(page, _form(page, request.args or None))


@blueprint.post("/weights")
def propose(round_code: str) -> str | tuple[str, int] | Response:
    """Show what other weights would mean, or propose them."""
    page = schemes.weights_page(actor(), round_code, current_locale())
    form = _form(page, request.form)
    is_trial = request.form.get("act") == "check"
    if not form.validate() and not (is_trial and _only_reason_is_missing(form)):
        return _editor(page, form), 422
    try:
        if is_trial:
            form.reason.errors = ()
            effects = schemes.preview_weights(actor(), round_code, form.weights(), current_locale())
            return _editor(page, form, preview=effects)
        number = schemes.propose_weights(actor(), round_code, form.weights(), form.reason.data, now=utc_now())
    except EvalsysError as refusal:
        return _editor(page, form, refusal=refusal), refusal.status
    notify("Your proposal is stored. Another member of the board decides on it.")
    return redirect(url_for("oversight_weights.proposal", round_code=round_code, number=number))


@blueprint.get("/proposals/<int:number>")
def proposal(round_code: str, number: int) -> str:
    """One version of the weights beside the one it replaces."""
    page = schemes.proposal_page(actor(), round_code, number, current_locale())
    return render_template("oversight/proposal.html", page=page, form=DecisionForm(), advice=_advice(page))


@blueprint.post("/proposals/<int:number>/decision")
def decide(round_code: str, number: int) -> tuple[str, int] | Response:
    """Approve or decline a proposal."""
    form = DecisionForm(request.form)
    if not form.validate():
        page = schemes.proposal_page(actor(), round_code, number, current_locale())
        return render_template("oversight/proposal.html", page=page, form=form, advice=_advice(page)), 422
    is_approved = form.decision.data == "approve"
    decision = schemes.Decision(round_code, number, is_approved, form.reason.data)
    schemes.decide_proposal(actor(), decision, now=utc_now())
    if is_approved:
        notify("These weights are in force now.")
    else:
        notify("The proposal is declined.")
    return redirect(url_for("oversight_rounds.show", round_code=round_code))


def _form(page: WeightsPage, sent: Any) -> WeightForm:
    families = [Family(one.code, str(one.name), tuple(m.code for m in one.members)) for one in page.families]
    present = {field_name(one.code, m.code): m.percent for one in page.families for m in one.members}
    return build_weight_form(families)(sent, data=present)


def _only_reason_is_missing(form: WeightForm) -> bool:
    return not form.broken and {field.name for field in form if field.errors} <= {"reason"}


def _editor(page: WeightsPage, form: WeightForm, **more: object) -> str:
    advice = read_advice(actor(), page.round_code, current_locale())
    return render_template("oversight/weights.html", page=page, form=form, field_name=field_name, advice=advice, **more)


def _advice(page: ProposalPage) -> Poll | None:
    return read_advice(actor(), page.round_code, current_locale(), page.version.number)
