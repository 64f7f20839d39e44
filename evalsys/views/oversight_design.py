"""The design of a round: the list of steps that leads to its opening, and the pages where the steps are done."""

from dataclasses import asdict
from typing import Any

from flask import Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, Invalid
from evalsys.i18n import LOCALES, current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.design import dates as calendars
from evalsys.services.design import places, rulebook, settings, thresholds
from evalsys.services.design import setup as steps
from evalsys.web import actor, make_blueprint, notify
from forms.design import (
    BoardRuleForm,
    RulesForm,
    SettingsForm,
    build_dates_form,
    build_thresholds_form,
    build_units_form,
)

blueprint = make_blueprint("oversight_design", right="oversight.read", prefix="/oversight/rounds/<round_code>")

UPLOAD_BYTES = 12 * 1024 * 1024  # a little more than a document may have, so that a page can say what is too large
PARSER_BYTES = 256 * 1024  # pieces of a file wait in the parser, which counts them as a field
SANDBOX = "sandbox; default-src 'none'"
WHERE = {
    "titles": "oversight_design.design",
    "units": "oversight_design.design",
    "questionnaires": "oversight_groups.show",
    "asked": "oversight_groups.show",
    "peers": "oversight_pairs.show",
    "experts": "panels.show",
    "citizens": "oversight_roll.show",
    "targets": "oversight_fieldwork.aims",
    "thresholds": "oversight_design.design",
    "weights": "oversight_weights.show",
    "rules": "oversight_design.rules",
    "calendar": "oversight_design.dates",
    "consultation": "oversight_consultations.show",
    "board": "oversight_design.design",
}
PARTS = {"units": "units", "thresholds": "thresholds", "board": "board"}

Page = str | tuple[str, int] | BaseResponse


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let rule documents be larger than other forms; this comes before anything reads the form."""
    if endpoint == "oversight_design.attach":
        request.max_content_length, request.max_form_memory_size = UPLOAD_BYTES, PARSER_BYTES


@blueprint.get("/setup")
def setup(round_code: str) -> str:
    """Every step from a draft to an open round."""
    page = steps.setup_page(actor(), round_code, current_locale(), today=utc_now().date())
    links = {
        step: url_for(endpoint, round_code=round_code, _anchor=PARTS.get(step))
        for step, endpoint in WHERE.items()
        if endpoint in current_app.view_functions
    }
    return render_template("oversight/design/setup.html", page=page, links=links)


@blueprint.get("/design")
def design(round_code: str) -> str:
    """Settings, units and thresholds."""
    return _design(round_code)


@blueprint.post("/design")
def set_settings(round_code: str) -> Page:
    """Change titles, period and the days of the right of reply."""
    require_on_record(actor(), "round.design", "page:oversight_design.set_settings", now=utc_now())
    form = SettingsForm(request.form)
    if not form.validate():
        return _design(round_code, form=form), 422
    titles = {locale: form[f"title_{locale}"].data for locale in LOCALES}
    wanted = settings.Settings(titles, form.opens_on.data, form.closes_on.data, form.reply_days.data)
    try:
        settings.set_settings(actor(), round_code, wanted, now=utc_now())
    except Invalid as refusal:
        return _design(round_code, form=form, refusal=refusal), refusal.status
    notify("The settings of the round are saved.")
    return redirect(url_for("oversight_design.design", round_code=round_code))


@blueprint.post("/design/board")
def set_board_rule(round_code: str) -> Page:
    """Change what a decision of the board needs."""
    require_on_record(actor(), "board.rules", "page:oversight_design.set_board_rule", now=utc_now())
    form = BoardRuleForm(request.form)
    if not form.validate():
        return _design(round_code, rule_form=form), 422
    try:
        rule = settings.BoardRule(form.quorum.data, form.majority.data)
        settings.set_board_rule(actor(), round_code, rule, now=utc_now())
    except Invalid as refusal:
        return _design(round_code, rule_form=form, refusal=refusal), refusal.status
    notify("The rule of the board is saved.")
    return redirect(url_for("oversight_design.design", round_code=round_code, _anchor="board"))


@blueprint.post("/design/units")
def set_units(round_code: str) -> Page:
    """Change which units take part."""
    require_on_record(actor(), "round.design", "page:oversight_design.set_units", now=utc_now())
    form = _units_form(round_code)(request.form)
    if not form.validate():
        return _design(round_code, units_form=form), 422
    try:
        places.set_units(actor(), round_code, form.chosen(), now=utc_now())
    except Invalid as refusal:
        return _design(round_code, units_form=form, refusal=refusal), refusal.status
    notify("The offices of the round are saved.")
    return redirect(url_for("oversight_design.design", round_code=round_code, _anchor="units"))


@blueprint.post("/design/thresholds")
def propose_thresholds(round_code: str) -> Page:
    """Propose from how many answers figures are shown."""
    require_on_record(actor(), "round.design", "page:oversight_design.propose_thresholds", now=utc_now())
    known = thresholds.thresholds_page(actor(), round_code, current_locale())
    form = build_thresholds_form([group.code for group in known.groups])(request.form)
    if not form.validate():
        return _design(round_code, thresholds_form=form), 422
    try:
        thresholds.propose_thresholds(actor(), round_code, form.numbers(), form.reason.data, now=utc_now())
    except Invalid as refusal:
        return _design(round_code, thresholds_form=form, refusal=refusal), refusal.status
    notify("Proposed. A board member decides.")
    return redirect(url_for("oversight_design.design", round_code=round_code, _anchor="thresholds"))


@blueprint.get("/calendar")
def dates(round_code: str) -> str:
    """When each step of the year is due."""
    page = calendars.dates_page(actor(), round_code, current_locale(), today=utc_now().date())
    days = page.days or page.suggested
    form = build_dates_form(calendars.STEPS)(data={f"due-{step}": day for step, day in days.items()})
    return render_template("oversight/design/dates.html", page=page, form=form)


@blueprint.post("/calendar")
def set_dates(round_code: str) -> Page:
    """Change the days."""
    require_on_record(actor(), "round.design", "page:oversight_design.set_dates", now=utc_now())
    form = build_dates_form(calendars.STEPS)(request.form)
    if not form.validate():
        page = calendars.dates_page(actor(), round_code, current_locale(), today=utc_now().date())
        return render_template("oversight/design/dates.html", page=page, form=form), 422
    calendars.set_dates(actor(), round_code, form.days(), now=utc_now())
    notify("The calendar of the round is saved.")
    return redirect(url_for("oversight_design.dates", round_code=round_code))


@blueprint.get("/rules")
def rules(round_code: str) -> str:
    """The rule document, and those before it."""
    return _rules(round_code, form=RulesForm())


@blueprint.post("/rules")
def attach(round_code: str) -> Page:
    """Attach a rule document."""
    require_on_record(actor(), "round.design", "page:oversight_design.attach", now=utc_now())
    form = RulesForm(request.form)
    if not form.validate():
        return _rules(round_code, form=form), 422
    try:
        rulebook.attach_rules(actor(), round_code, _upload(form), now=utc_now())
    except Invalid as refusal:
        return _rules(round_code, form=form, refusal=refusal), refusal.status
    notify("The rule document is attached.")
    return redirect(url_for("oversight_design.rules", round_code=round_code))


@blueprint.get("/rules/file")
def rules_file(round_code: str) -> Response:
    """The rule document, for saving and never shown inside our own pages."""
    found = rulebook.read_rules(actor(), round_code)
    response = Response(found.content, content_type=found.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=found.name)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _upload(form: RulesForm) -> rulebook.Upload:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("Choose a file.")
    return rulebook.Upload(form.title.data, sent.filename, sent.read())


def _design(round_code: str, *, refusal: EvalsysError | None = None, **given: Any) -> str:
    page = settings.settings_page(actor(), round_code, current_locale())
    units = places.places_page(actor(), round_code, current_locale())
    known = thresholds.thresholds_page(actor(), round_code, current_locale())
    forms = {
        "form": SettingsForm(data=_settings(page.settings)),
        "rule_form": BoardRuleForm(data=asdict(page.rule)),
        "units_form": _units_form(round_code)(data=_places(units)),
        "thresholds_form": build_thresholds_form([group.code for group in known.groups])(data=_minimums(known)),
        **given,
    }
    mistakes = [line for form in forms.values() for line in form.error_list()]
    shown = {"page": page, "units": units, "thresholds": known, "mistakes": mistakes, "refusal": refusal}
    return render_template("oversight/design/design.html", **shown, **forms)


def _units_form(round_code: str) -> Any:
    page = places.places_page(actor(), round_code, current_locale())
    return build_units_form([unit.code for unit in page.choices], [code for code, _name in page.categories])


def _settings(found: settings.Settings) -> dict[str, Any]:
    titles = {f"title_{locale}": found.titles.get(locale, "") for locale in LOCALES}
    period = {"opens_on": found.period_start, "closes_on": found.period_end}
    return {**titles, **period, "reply_days": found.reply_days}


def _places(page: places.PlacesPage) -> dict[str, Any]:
    ticks = {f"unit-{unit.code}": unit.is_in for unit in page.choices}
    return {**ticks, **{f"category-{unit.code}": unit.category for unit in page.choices}}


def _minimums(page: thresholds.ThresholdsPage) -> dict[str, int]:
    names = ("hidden", "overseer", "indicative")
    return {f"{name}-{group.code}": group.minimum[place] for group in page.groups for place, name in enumerate(names)}


def _rules(round_code: str, *, form: RulesForm, refusal: EvalsysError | None = None) -> str:
    page = rulebook.rules_page(actor(), round_code, current_locale())
    return render_template("oversight/design/rules.html", page=page, form=form, refusal=refusal)
