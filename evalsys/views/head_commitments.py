"""The head of an office says how far its commitments are. The address names no unit: it is always the own one."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import LOCALES, current_locale
from evalsys.services import commitments
from evalsys.services.audit import require_on_record
from evalsys.services.commitments.pages import own_promises
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
    form = ReportForm(request.form, prefix=_prefix(round_code, number), languages=LOCALES)
    if not form.validate():
        return _show(form), 422
    new = commitments.NewReport(form.state.data, form.note.data, form.language.data)
    try:
        commitments.report_commitment(actor(), round_code, number, new, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(form, refusal), refusal.status
    notify("Your report is public now, with today's date.")
    return redirect(url_for("head_commitments.index"))


def _show(sent: ReportForm | None = None, refusal: EvalsysError | None = None) -> str:
    promises = own_promises(actor(), current_locale(), now=utc_now())
    forms = {prefix: _form(prefix) for prefix in (_prefix(one.round_code, one.number) for one in promises)}
    forms |= {sent.prefix: sent} if sent is not None and sent.prefix in forms else {}
    named = [(one, forms[_prefix(one.round_code, one.number)]) for one in promises]
    return render_template("head/commitments.html", promises=named, sent=sent, refusal=refusal)


def _form(prefix: str) -> ReportForm:
    return ReportForm(prefix=prefix, languages=LOCALES, data={"language": current_locale()})


def _prefix(round_code: str, number: int) -> str:
    return f"report-{round_code}-{number}-"
