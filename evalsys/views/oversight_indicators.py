"""The dictionary of indicators: list, entries, versions, and what a round uses."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.indicators import editing, pages, rounds
from evalsys.services.indicators.editing import Edit, NewIndicator
from evalsys.services.indicators.pages import EntryPage
from evalsys.web import actor, make_blueprint, notify
from forms.indicator import LANGUAGES, EntryForm, NewIndicatorForm, build_entry_form
from forms.search import SearchForm

blueprint = make_blueprint("oversight_indicators", right="oversight.read", prefix="/oversight")

Page = tuple[str, int]


@blueprint.get("/indicators")
def show() -> str:
    """All entries, or those that fit a search."""
    form = SearchForm(request.args)
    query = form.q.data or "" if form.validate() else ""
    page = pages.dictionary_page(actor(), query, current_locale())
    return render_template("oversight/indicators/list.html", page=page, form=form, query=query)


@blueprint.route("/indicators/new", methods=["GET", "POST"])
def new() -> str | Page | Response:
    """Add an entry."""
    _require("new")
    form = NewIndicatorForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return render_template("oversight/indicators/new.html", form=form)
    if not form.validate():
        return render_template("oversight/indicators/new.html", form=form, mistakes=list(form.error_list())), 422
    names = {language: form[f"name_{language}"].data for language in LANGUAGES}
    made = NewIndicator(form.code.data, int(form.points.data), names, form.source.data)
    try:
        editing.add_indicator(actor(), made, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/indicators/new.html", form=form, refusal=refusal), refusal.status
    notify("The indicator is added. Give it its words now.")
    return redirect(url_for("oversight_indicators.edit", code=made.code))


@blueprint.get("/indicators/entries/<code>")
def entry(code: str) -> str:
    """One entry in all languages, and its history."""
    return render_template("oversight/indicators/entry.html", page=_read(code))


@blueprint.route("/indicators/entries/<code>/edit", methods=["GET", "POST"])
def edit(code: str) -> str | Page | Response:
    """Change an entry, which makes a new version of it."""
    _require("edit")
    page = _read(code)
    form = _form(page)
    if request.method == "GET":
        return render_template("oversight/indicators/edit.html", page=page, form=form)
    if not form.validate():
        mistakes = list(form.error_list())
        return render_template("oversight/indicators/edit.html", page=page, form=form, mistakes=mistakes), 422
    wish = Edit(code, form.number.data, form.source.data, form.texts(), form.reason.data)
    try:
        number = editing.edit_indicator(actor(), wish, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/indicators/edit.html", page=page, form=form, refusal=refusal), refusal.status
    notify("Saved as version %(number)s.", number=number)
    return redirect(url_for("oversight_indicators.entry", code=code))


@blueprint.get("/indicators/entries/<code>/versions/<int:number>")
def version(code: str, number: int) -> str:
    """An entry as it stood, and what had changed."""
    page = pages.version_page(actor(), code, number, current_locale())
    return render_template("oversight/indicators/version.html", page=page)


@blueprint.get("/rounds/<round_code>/indicators")
def of_round(round_code: str) -> str:
    """Which version of every indicator a round uses."""
    page = rounds.round_indicators_page(actor(), round_code, current_locale())
    return render_template("oversight/indicators/round.html", page=page)


def _require(name: str) -> None:
    require_on_record(actor(), "indicator.edit", f"page:oversight_indicators.{name}", now=utc_now())


def _read(code: str) -> EntryPage:
    return pages.entry_page(actor(), code, current_locale())


def _form(page: EntryPage) -> EntryForm:
    said = page.entry.texts.items()
    data: dict[str, object] = {f"{name}_{key}": text for name, words in said for key, text in words.items()}
    data |= {"number": page.number, "source": page.entry.source}
    return build_entry_form(page.entry.rows)(request.form if request.method == "POST" else None, data=data)
