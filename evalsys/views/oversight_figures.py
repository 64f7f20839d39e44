"""Administrative figures of a round: what is needed, files in and out, preview, history."""

from typing import Any

from flask import Response as FileResponse
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Invalid
from evalsys.i18n import current_locale
from evalsys.services import figures
from evalsys.services.rowlist import problems_csv
from evalsys.services.run_tables import csv_text
from evalsys.web import actor, make_blueprint, notify
from forms.figures import FigurePlanForm

FORM_AROUND_BYTES = 64 * 1024
MEMORY_BYTES = 256 * 1024  # a piece of a file waits in memory beside what was left of the piece before
MARK_OF_UTF_8 = "\ufeff"

blueprint = make_blueprint("oversight_figures", right="oversight.read", prefix="/oversight/rounds/<round_code>/figures")


@blueprint.url_value_preprocessor
def _let_the_file_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form: this one endpoint takes more than the few kilobytes of all others."""
    if endpoint == "oversight_figures.upload":
        request.max_content_length = figures.FILE_BYTES + FORM_AROUND_BYTES
        request.max_form_memory_size = MEMORY_BYTES


@blueprint.get("")
def show(round_code: str) -> str:
    """What the weights ask for, what is there, and the way to load more."""
    page = figures.figures_page(actor(), round_code, current_locale())
    return render_template("oversight/figures.html", page=page)


@blueprint.post("")
def upload(round_code: str) -> tuple[str, int] | Response:
    """Keep a file and lead to its preview; nothing changes yet."""
    sent = request.files.get("file")
    try:
        file = figures.keep_upload(actor(), round_code, sent.read() if sent else b"", now=utc_now())
    except Invalid as refusal:
        page = figures.figures_page(actor(), round_code, current_locale())
        return render_template("oversight/figures.html", page=page, refusal=refusal), refusal.status
    return redirect(url_for("oversight_figures.preview", round_code=round_code, file=file))


@blueprint.get("/template.csv")
def template(round_code: str) -> FileResponse:
    """A file to fill in, with the units of the round."""
    rows = figures.template_rows(actor(), round_code, current_locale())
    return _file(f"{round_code}-figures.csv", csv_text(rows))


@blueprint.get("/uploads/<file>")
def preview(round_code: str, file: str) -> str:
    """What a file would change, and every cell that is not taken."""
    beyond = request.args.get("beyond") == "yes"
    page = figures.upload_page(actor(), round_code, file, current_locale(), takes_beyond=beyond)
    return render_template("oversight/figures_preview.html", page=page)


@blueprint.get("/uploads/<file>/rejected.csv")
def rejected(round_code: str, file: str) -> FileResponse:
    """Every cell that is not taken: line, column, value, reason."""
    beyond = request.args.get("beyond") == "yes"
    cells = figures.rejected_cells(actor(), round_code, file, takes_beyond=beyond)
    return _file(f"{round_code}-figures-rejected.csv", problems_csv(cells))


@blueprint.post("/uploads/<file>")
def load(round_code: str, file: str) -> Response:
    """Store what the preview showed."""
    form = FigurePlanForm(request.form)
    if not form.validate():
        raise Invalid("Look at the preview of the file again.")
    decision = figures.Decision(round_code, file, form.plan.data, form.beyond.data)
    plan = figures.load_upload(actor(), decision, now=utc_now())
    notify("Figures loaded: %(new)s new, %(corrected)s corrected.", new=len(plan.new), corrected=len(plan.corrections))
    return redirect(url_for("oversight_figures.show", round_code=round_code))


@blueprint.get("/<indicator>/units/<unit_code>")
def history(round_code: str, indicator: str, unit_code: str) -> str:
    """Every value that one figure of one unit had."""
    page = figures.history_page(actor(), round_code, (indicator, unit_code), current_locale())
    return render_template("oversight/figure_history.html", page=page)


def _file(name: str, text: str) -> FileResponse:
    """A file for saving; the mark at its start tells spreadsheets that it is UTF-8."""
    response = FileResponse(MARK_OF_UTF_8 + text, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
