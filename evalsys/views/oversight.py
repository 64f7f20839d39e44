"""The oversight body's start page, and what it keeps: audit log, progress of long work."""

from dataclasses import asdict

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Invalid
from evalsys.i18n import _l, current_locale
from evalsys.services import jobs, rounds
from evalsys.services.audit import LogFilter, list_entries, require_on_record
from evalsys.web import LARGEST_ID, actor, make_blueprint, notify
from forms.auditing import LogForm

AUDIT_ROWS = 50

blueprint = make_blueprint("oversight", right="oversight.read", prefix="/oversight")


@blueprint.get("")
def home() -> str:
    """All rounds, and what waits for somebody."""
    return render_template("oversight/home.html", page=rounds.dashboard(actor(), current_locale()))


@blueprint.get("/audit")
def audit() -> str:
    """The audit log, the newest entries first."""
    before = request.args.get("before", "")
    before_id = min(int(before[:12]), LARGEST_ID) if before.isascii() and before.isdecimal() else None
    form = LogForm(request.args)
    wanted = LogFilter(form.kind.data or "all", form.actor.data, form.subject.data) if form.validate() else LogFilter()
    entries = list_entries(actor(), wanted, before_id=before_id, limit=AUDIT_ROWS + 1)
    older = entries[AUDIT_ROWS - 1].id if len(entries) > AUDIT_ROWS else None
    shown = {"entries": entries[:AUDIT_ROWS], "older": older, "is_newest": before_id is None}
    return render_template("oversight/audit.html", form=form, wanted=asdict(wanted), **shown)


@blueprint.get("/jobs/<batch>")
def job(batch: str) -> str:
    """How far a batch of work is."""
    page = jobs.job_page(actor(), batch, current_locale(), now=utc_now())
    return render_template("oversight/job.html", page=page)


@blueprint.get("/jobs/<batch>/cancellation")
def job_cancellation(batch: str) -> str:
    """What cancelling would mean, before it is done."""
    require_on_record(actor(), jobs.RIGHT, "page:oversight.job_cancellation", now=utc_now())
    page = jobs.job_page(actor(), batch, current_locale(), now=utc_now())
    return render_template("oversight/job_cancellation.html", page=page)


@blueprint.post("/jobs/<batch>")
def job_act(batch: str) -> Response:
    """Cancel a batch, take it up again, or try again what failed."""
    step = request.form.get("act", "")
    if step not in JOB_ACTS:
        raise Invalid("Choose what to do.")
    act, said = JOB_ACTS[step]
    act(actor(), batch, now=utc_now())
    notify(said)
    return redirect(url_for("oversight.job", batch=batch))


JOB_ACTS = {
    "cancel": (jobs.cancel_job, _l("The work is cancelled. What is made stays, and the rest can be taken up again.")),
    "resume": (jobs.resume_job, _l("The work is taken up again.")),
    "retry": (jobs.retry_job, _l("What failed is tried again.")),
}
