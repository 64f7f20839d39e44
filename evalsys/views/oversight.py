"""The oversight body's start page, and what it keeps: audit log, progress of long work."""

from dataclasses import asdict

from flask import render_template, request

from evalsys.i18n import current_locale
from evalsys.services import rounds, work
from evalsys.services.audit import LogFilter, list_entries
from evalsys.services.transfers.cells import visible
from evalsys.web import LARGEST_ID, actor, make_blueprint
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
    progress, failures = work.progress(batch), work.failures(batch)
    return render_template("oversight/job.html", batch=visible(batch), progress=progress, failures=failures)
