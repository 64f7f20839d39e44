"""Experts of a round as the oversight body sees and arranges them."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.panels import cases, competences, conflicts, drawing, roster, stages
from evalsys.services.panels.design import Wish
from evalsys.services.panels.levels import values_of
from evalsys.web import actor, make_blueprint, notify
from forms.panels import CaseForm, DrawForm, LinkForm, RulesForm, SpreadForm, build_competence_form
from forms.questionnaire import build_form

blueprint = make_blueprint("panels", right="oversight.read", prefix="/oversight/rounds/<round_code>/panels")

TABLE_BYTES = 2 * 1024 * 1024
LARGE = ("panels.upload_competences", "panels.upload_assignments", "panels.write_case")

Page = str | tuple[str, int] | Response


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let tables and cases be larger than other forms; this comes before anything reads the form."""
    if endpoint in LARGE:
        request.max_content_length = request.max_form_memory_size = TABLE_BYTES


@blueprint.get("")
def show(round_code: str) -> str:
    """Roster, panels, coverage and conflicts."""
    return _show(round_code)


@blueprint.post("/draw")
def draw(round_code: str) -> Page:
    """Draw panels and assignments."""
    require_on_record(actor(), "assignment.draw", f"round:{round_code}"[:100], now=utc_now())
    form = DrawForm(request.form)
    if not form.validate():
        return _show(round_code, draw_form=form, mistakes=list(form.error_list())), 422
    wish = Wish(form.panels.data, form.common.data, form.at_least.data)
    try:
        design = drawing.draw_assignments(actor(), round_code, wish, seed=form.seed.data, now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, draw_form=form, refusal=refusal), refusal.status
    notify("The assignments are drawn: %(tasks)s in all. The seed is in the audit log.", tasks=len(design.tasks))
    return _back(round_code)


@blueprint.post("/competences")
def upload_competences(round_code: str) -> Page:
    """Take competences from a file."""
    try:
        number = competences.import_competences(actor(), round_code, _sent_file(), now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, refusal=refusal), refusal.status
    notify("The competences are stored. Experts in the file: %(number)s.", number=number)
    return _back(round_code)


@blueprint.post("/assignments")
def upload_assignments(round_code: str) -> Page:
    """Take assignments from a file."""
    try:
        number = drawing.import_assignments(actor(), round_code, _sent_file(), now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, refusal=refusal), refusal.status
    notify("The assignments are stored. Lines in the file: %(number)s.", number=number)
    return _back(round_code)


@blueprint.post("/assignments/<int:assignment_id>/replacement")
def replace(round_code: str, assignment_id: int) -> Page:
    """Give the place of a conflict to another expert."""
    try:
        name = conflicts.replace_expert(actor(), round_code, assignment_id, now=utc_now())
    except Conflict as refusal:
        return _show(round_code, refusal=refusal), refusal.status
    notify("%(name)s takes the place.", name=name)
    return _back(round_code)


@blueprint.post("/rules")
def set_rules(round_code: str) -> Page:
    """Calibration and the second round."""
    form = RulesForm(request.form)
    rules = {"needs_calibration": form.calibration.data, "has_two_rounds": form.two_rounds.data}
    try:
        cases.set_rules(actor(), round_code, **rules, now=utc_now())
    except Conflict as refusal:
        return _show(round_code, rules_form=form, refusal=refusal), refusal.status
    notify("The rules of the panels are stored.")
    return _back(round_code)


@blueprint.post("/spread")
def show_spread(round_code: str) -> Page:
    """Open the second round of scoring."""
    form = SpreadForm(request.form)
    if not form.validate():
        return _show(round_code, spread_form=form, mistakes=list(form.error_list())), 422
    try:
        stages.show_spread(actor(), round_code, form.reason.data, now=utc_now())
    except Conflict as refusal:
        return _show(round_code, spread_form=form, refusal=refusal), refusal.status
    notify("The experts see the spread now and may score a second time.")
    return _back(round_code)


@blueprint.get("/experts/<int:account_id>")
def expert(round_code: str, account_id: int) -> str:
    """One expert's competences and conflicts."""
    return _show_expert(round_code, account_id)


@blueprint.post("/experts/<int:account_id>/competences")
def set_competences(round_code: str, account_id: int) -> Page:
    """Say what an expert judges."""
    page = roster.read_expert(actor(), round_code, account_id, current_locale())
    form = build_competence_form([code for code, _ in page.indicators])(request.form)
    competences.set_competences(actor(), round_code, account_id, form.codes(), now=utc_now())
    notify("The competences are stored.")
    return redirect(url_for("panels.expert", round_code=round_code, account_id=account_id))


@blueprint.post("/experts/<int:account_id>/conflicts")
def add_conflict(round_code: str, account_id: int) -> Page:
    """Record that an expert must not score an office."""
    require_on_record(actor(), "panel.manage", f"round:{round_code}"[:100], now=utc_now())
    page = roster.read_expert(actor(), round_code, account_id, current_locale())
    form = LinkForm(request.form, units=[code for code, _ in page.units])
    if not form.validate():
        return _show_expert(round_code, account_id, link_form=form, mistakes=list(form.error_list())), 422
    link = conflicts.Link(account_id, form.unit.data, form.reason.data)
    try:
        conflicts.record_conflict(actor(), round_code, link, now=utc_now())
    except Conflict as refusal:
        return _show_expert(round_code, account_id, link_form=form, refusal=refusal), refusal.status
    notify("The conflict of interest is recorded.")
    return redirect(url_for("panels.expert", round_code=round_code, account_id=account_id))


@blueprint.get("/cases")
def calibration(round_code: str) -> str:
    """The calibration cases and what experts made of them."""
    page = cases.read_cases(actor(), round_code, current_locale())
    return render_template("oversight/panel_cases.html", page=page, form=_case_form(page)(), mistakes=[])


@blueprint.post("/cases")
def write_case(round_code: str) -> Page:
    """Add or change a case."""
    require_on_record(actor(), "panel.manage", f"round:{round_code}"[:100], now=utc_now())
    page = cases.read_cases(actor(), round_code, current_locale())
    form = _case_form(page)(request.form)
    known: dict[str, Any] = {"page": page, "form": form, "mistakes": []}
    if not form.validate():
        return render_template("oversight/panel_cases.html", **known | {"mistakes": list(form.error_list())}), 422
    reference = values_of(page.document, form.codes())
    written = cases.Written(form.code.data, form.words(), reference, form.tolerance.data)
    try:
        cases.write_case(actor(), round_code, written, now=utc_now())
    except Conflict as refusal:
        return render_template("oversight/panel_cases.html", **known, refusal=refusal), refusal.status
    notify("The calibration case is stored.")
    return redirect(url_for("panels.calibration", round_code=round_code))


def _show(round_code: str, *, refusal: EvalsysError | None = None, **forms: Any) -> str:
    page = roster.read_panels(actor(), round_code, current_locale())
    rules = RulesForm(data={"calibration": page.needs_calibration, "two_rounds": page.has_two_rounds})
    usual = {"draw_form": DrawForm(), "rules_form": rules, "spread_form": SpreadForm(), "mistakes": []}
    return render_template("oversight/panels.html", page=page, refusal=refusal, **usual | forms)


def _show_expert(round_code: str, account_id: int, *, refusal: EvalsysError | None = None, **forms: Any) -> str:
    page = roster.read_expert(actor(), round_code, account_id, current_locale())
    codes, units = [code for code, _ in page.indicators], [code for code, _ in page.units]
    ticks = build_competence_form(codes)(data={f"c_{code}": True for code in page.competences})
    usual = {"form": ticks, "link_form": LinkForm(units=units), "mistakes": []}
    return render_template("oversight/panel_expert.html", page=page, refusal=refusal, **usual | forms)


def _case_form(page: cases.CasesPage) -> type[CaseForm]:
    return build_form(page.document, CaseForm)


def _sent_file() -> bytes:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("Choose a file.")
    return bytes(sent.read())


def _back(round_code: str) -> Response:
    return redirect(url_for("panels.show", round_code=round_code))
