"""The planned publication of a round: set its moment, move it, call it off, print again what failed."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.publication import planning
from evalsys.services.publication.release_page import release_page
from evalsys.web import actor, make_blueprint, notify
from forms.release import CallOffForm, PlanForm

blueprint = make_blueprint(
    "oversight_releases", right="oversight.read", prefix="/oversight/rounds/<round_code>/release"
)
Page = str | tuple[str, int] | Response


@blueprint.get("")
def show(round_code: str) -> str:
    """What is planned, how far it is, and what keeps it back."""
    return _show(round_code)


@blueprint.post("")
def plan(round_code: str) -> Page:
    """Set the moment, or move it."""
    require_on_record(actor(), "release.plan", "page:oversight_releases.plan", now=utc_now())
    page = release_page(actor(), round_code, current_locale())
    form = PlanForm(request.form, prefix="plan-", is_moved=page.plan is not None)
    if not form.validate():
        if not page.may_plan:
            raise Conflict("There is nothing whose publication could be planned now.")
        return _show(round_code, form=form), 422
    wanted = planning.Plan(form.day.data, form.clock.data, form.reason.data)
    try:
        planning.plan_release(actor(), round_code, wanted, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, form=form, refusal=refusal), refusal.status
    notify("The publication is planned. The scorecards are being printed and checked; nobody else can see them.")
    return redirect(url_for("oversight_releases.show", round_code=round_code))


@blueprint.post("/cancellation")
def call_off(round_code: str) -> Page:
    """Forget the plan."""
    require_on_record(actor(), "release.call_off", "page:oversight_releases.call_off", now=utc_now())
    page = release_page(actor(), round_code, current_locale())
    form = CallOffForm(request.form, prefix="off-")
    if page.may_call_off and not form.validate():
        return _show(round_code, off_form=form), 422
    try:
        planning.call_off_release(actor(), round_code, form.reason.data, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, off_form=form, refusal=refusal), refusal.status
    notify("The planned publication is called off. Nothing becomes public by itself.")
    return redirect(url_for("oversight_releases.show", round_code=round_code))


@blueprint.post("/printing")
def print_again(round_code: str) -> Page:
    """Have the PDFs that are missing made again."""
    try:
        planning.print_again(actor(), round_code, now=utc_now())
    except Conflict as refusal:
        return _show(round_code, refusal=refusal), refusal.status
    notify("The missing PDFs are being made again.")
    return redirect(url_for("oversight_releases.show", round_code=round_code))


def _show(
    round_code: str,
    *,
    form: PlanForm | None = None,
    off_form: CallOffForm | None = None,
    refusal: EvalsysError | None = None,
) -> str:
    page = release_page(actor(), round_code, current_locale())
    return render_template(
        "oversight/release.html",
        page=page,
        form=form or PlanForm(prefix="plan-", is_moved=page.plan is not None),
        off_form=off_form or CallOffForm(prefix="off-"),
        refusal=refusal,
    )
