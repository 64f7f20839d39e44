"""Findings about offices: bonuses, deductions, limits of the band and vetoes."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.findings import deciding, pages
from evalsys.web import actor, make_blueprint, notify
from forms.findings import FindingForm, LiftFindingForm
from forms.quality import ConfirmForm

blueprint = make_blueprint(
    "oversight_findings", right="oversight.read", prefix="/oversight/rounds/<round_code>/findings"
)


@blueprint.get("")
def show(round_code: str) -> str:
    """All findings of a round."""
    page = pages.findings_page(actor(), round_code, current_locale())
    return render_template("oversight/findings/findings.html", page=page)


@blueprint.route("/new", methods=["GET", "POST"])
def propose(round_code: str) -> str | tuple[str, int] | Response:
    """Write down a finding."""
    require_on_record(actor(), "finding.propose", "page:oversight_findings.propose", now=utc_now())
    page = pages.findings_page(actor(), round_code, current_locale())
    offered = {"units": [code for code, _name in page.units], "rules": [rule.value for rule in page.rules]}
    form = FindingForm(request.form if request.method == "POST" else None, **offered)
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return render_template("oversight/findings/new.html", page=page, form=form), status
    new = deciding.NewFinding(form.unit.data, form.rule.data, form.source.data, form.points.data, form.reason.data)
    try:
        made = deciding.propose_finding(actor(), round_code, new, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/findings/new.html", page=page, form=form, refusal=refusal), refusal.status
    notify("The finding is stored. A member of the board decides on it.")
    return redirect(url_for("oversight_findings.finding", round_code=round_code, number=made))


@blueprint.get("/<int:number>")
def finding(round_code: str, number: int) -> str:
    """One finding."""
    return _finding(round_code, number)


@blueprint.post("/<int:number>/decision")
def decide(round_code: str, number: int) -> tuple[str, int] | Response:
    """Confirm or decline a finding."""
    form = ConfirmForm(request.form)
    if not form.validate():
        return _finding(round_code, number, form=form), 422
    decision = deciding.Decision(number, form.decision.data == "confirm", form.reason.data)
    deciding.decide_finding(actor(), round_code, decision, now=utc_now())
    notify("Your decision is stored.")
    return redirect(url_for("oversight_findings.finding", round_code=round_code, number=number))


@blueprint.post("/<int:number>/lift")
def lift(round_code: str, number: int) -> tuple[str, int] | Response:
    """Take a finding back."""
    form = LiftFindingForm(request.form)
    if not form.validate():
        return _finding(round_code, number, lift=form), 422
    deciding.lift_finding(actor(), round_code, number, form.reason.data, now=utc_now())
    notify("The finding is taken back. Score again, so that the result follows.")
    return redirect(url_for("oversight_findings.finding", round_code=round_code, number=number))


def _finding(round_code: str, number: int, **more: object) -> str:
    page = pages.finding_page(actor(), round_code, number, current_locale())
    known = {"form": ConfirmForm(), "lift": LiftFindingForm(), **more}
    return render_template("oversight/findings/finding.html", page=page, **known)
