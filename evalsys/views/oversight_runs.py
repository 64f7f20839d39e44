"""Scoring runs: read, repeat and compare, take the tables along."""

from flask import Response, render_template

from evalsys.clock import utc_now
from evalsys.i18n import current_locale
from evalsys.services import run_audit, run_beside, run_explain, run_pages, runs
from evalsys.web import actor, make_blueprint

blueprint = make_blueprint("oversight_runs", right="run.read", prefix="/oversight/runs/<int:run_id>")


@blueprint.get("")
def show(run_id: int) -> str:
    """Scores by category, groups, problems, and where it all comes from."""
    page = run_pages.run_page(actor(), run_id, current_locale())
    beside = run_beside.read_beside(actor(), run_id, current_locale())
    return render_template("oversight/run.html", page=page, beside=beside)


@blueprint.get("/audit")
def audit(run_id: int) -> str:
    """What the weights rest on: influence, what happens without one part, dominance, consistency, coverage."""
    return render_template("oversight/run_audit.html", page=run_audit.audit_page(actor(), run_id, current_locale()))


@blueprint.get("/units/<unit_code>")
def calculation(run_id: int, unit_code: str) -> str:
    """One unit's number from answers to band, step by step."""
    page = run_explain.calculation_page(actor(), run_id, unit_code, current_locale())
    return render_template("oversight/calculation.html", page=page)


@blueprint.post("/repeat")
def repeat(run_id: int) -> str:
    """Score again from the stored input and say whether the bytes are the same."""
    comparison = runs.repeat_run(actor(), run_id, now=utc_now())
    page = run_pages.run_page(actor(), run_id, current_locale())
    beside = run_beside.read_beside(actor(), run_id, current_locale())
    return render_template("oversight/run.html", page=page, comparison=comparison, beside=beside)


@blueprint.get("/tables/<stage>.csv")
def table(run_id: int, stage: str) -> Response:
    """One stage's table as a file."""
    name, text = run_pages.run_csv(actor(), run_id, stage)
    response = Response(text, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
