"""The head of an office says how far its commitments are. The address names no unit: it is always the own one."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.i18n import LOCALES, current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.commitments.pages import Promise, own_promises
from evalsys.services.commitments.reporting import NewReport, report_commitment
from evalsys.web import actor, make_blueprint, notify
from forms.commitments import ReportForm

blueprint = make_blueprint("head_commitments", right="commitment.report", prefix="/head/commitments")
Page = str | tuple[str, int] | Response


@blueprint.get("")
def index() -> str:
    """All commitments of the own office beside published results, each with a form to report on it."""
    return _show()


@blueprint.post("/<round_code>/<int:number>")
def report(round_code: str, number: int) -> Page:
    """Say how far one of them is."""
    require_on_record(actor(), "commitment.report", "page:head_commitments.report", now=utc_now())
    prefix = f"report-{round_code}-{number}-"
    form = ReportForm(request.form, prefix=prefix, languages=LOCALES)
    if not form.validate():
        return _show(prefix, form), 422
    new = NewReport(form.state.data, form.note.data, form.language.data)
    try:
        report_commitment(actor(), round_code, number, new, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(prefix, form, refusal), refusal.status
    notify("Your report is public now, with today's date.")
    return redirect(url_for("head_commitments.index"))


def _show(prefix: str = "", sent: ReportForm | None = None, refusal: EvalsysError | None = None) -> str:
    """All of them; the form that was sent as it was typed. Raises NotFound when there is no place for it."""
    shown: list[tuple[Promise, ReportForm]] = []
    for one in own_promises(actor(), current_locale(), now=utc_now()):
        own = f"report-{one.round_code}-{one.number}-"
        fresh = ReportForm(prefix=own, languages=LOCALES, data={"language": current_locale()})
        shown.append((one, sent if sent is not None and own == prefix else fresh))
    if sent is not None and all(form is not sent for _one, form in shown):
        raise NotFound("This commitment does not exist.")
    return render_template("head/commitments.html", promises=shown, sent=sent, refusal=refusal)
