"""The register of offices: the tree, one office, categories, services, lists, reorganisation."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.register import kinds, lists, pages, reorganising, units
from evalsys.services.register.checking import UnitFacts
from evalsys.services.register.kinds import CategoryFacts, ServiceFacts
from evalsys.services.register.pages import RegisterPage
from evalsys.services.register.reorganising import Reorganisation
from evalsys.web import actor, make_blueprint, notify
from forms.rowlist import ListForm
from forms.unit import CategoryForm, NamedForm, ReorganisationForm, ServiceForm, SwitchForm, UnitForm

blueprint = make_blueprint("oversight_units", right="oversight.read", prefix="/oversight/units")

LIST_BYTES = 4 * 1024 * 1024
Page = tuple[str, int]


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a list of offices be as long as its form allows; this comes before anything reads the form."""
    if endpoint == "oversight_units.upload":
        request.max_content_length = request.max_form_memory_size = LIST_BYTES


@blueprint.get("")
def show() -> str:
    """The tree of offices, the categories and the services."""
    return _register()


@blueprint.post("/list")
def upload() -> str | Page | Response:
    """Show what a list of offices would add, or store it."""
    _require("upload")
    form = ListForm(CombinedMultiDict([request.form, request.files]))
    if not form.validate():
        return _register(list_form=form, mistakes=list(form.error_list())), 422
    try:
        if form.list_act.data == "preview":
            return _register(list_form=form, preview=lists.preview_units(actor(), form.rows.data))
        done = lists.import_units(actor(), form.rows.data, now=utc_now())
    except EvalsysError as refusal:
        return _register(list_form=form, refusal=refusal), refusal.status
    notify("Offices added: %(added)s. Rows left out: %(rejected)s.", added=len(done.fresh), rejected=len(done.problems))
    return redirect(url_for("oversight_units.show"))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> str | Page | Response:
    """Add an office."""
    _require("new")
    page = _read()
    form = _unit_form(page, request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _edit_page(page, form)
    if not form.validate():
        return _edit_page(page, form, mistakes=list(form.error_list())), 422
    try:
        units.add_unit(actor(), _facts(form, form.code.data), now=utc_now())
    except EvalsysError as refusal:
        return _edit_page(page, form, refusal=refusal), refusal.status
    notify("The office is added.")
    return redirect(url_for("oversight_units.unit", code=form.code.data))


@blueprint.get("/entries/<code>")
def unit(code: str) -> str:
    """One office: where it stands, what it offers, what became of it."""
    return _unit_page(code)


@blueprint.post("/entries/<code>")
def switch(code: str) -> Page | Response:
    """Take an office out of use, or back into it."""
    _require("switch")
    form = SwitchForm(request.form)
    if not form.validate():
        return _unit_page(code, form=form, mistakes=list(form.error_list())), 422
    is_active = form.act.data == "reactivate"
    try:
        units.switch_unit(actor(), code, form.reason.data, is_active=is_active, now=utc_now())
    except EvalsysError as refusal:
        return _unit_page(code, form=form, refusal=refusal), refusal.status
    if is_active:
        notify("The office is in use again.")
    else:
        notify("The office is out of use.")
    return redirect(url_for("oversight_units.unit", code=code))


@blueprint.route("/entries/<code>/edit", methods=["GET", "POST"])
def edit(code: str) -> str | Page | Response:
    """Change an office; its code stays, since results and short links stand under it."""
    _require("edit")
    page, found = _read(), pages.read_unit_facts(actor(), code)
    form = _unit_form(page, _filled(found) if request.method == "GET" else _sent(code), found)
    if request.method == "GET":
        return _edit_page(page, form, found=found)
    if not form.validate():
        return _edit_page(page, form, found=found, mistakes=list(form.error_list())), 422
    try:
        units.edit_unit(actor(), _facts(form, code), now=utc_now())
    except EvalsysError as refusal:
        return _edit_page(page, form, found=found, refusal=refusal), refusal.status
    notify("The office is changed.")
    return redirect(url_for("oversight_units.unit", code=code))


@blueprint.route("/reorganisation", methods=["GET", "POST"])
def reorganisation() -> str | Page | Response:
    """Record that offices were split, merged or succeeded."""
    _require("reorganisation")
    page = _read()
    form = ReorganisationForm(request.form if request.method == "POST" else _asked_for())
    shown = {"page": page, "form": form}
    if request.method == "GET":
        return render_template("oversight/units/reorganisation.html", **shown)
    if not form.validate():
        return render_template("oversight/units/reorganisation.html", **shown, mistakes=list(form.error_list())), 422
    sides = tuple(form.formers.data), tuple(form.laters.data)
    try:
        reorganising.reorganise(
            actor(), Reorganisation(form.kind.data, *sides, form.day.data, form.reason.data), now=utc_now()
        )
    except EvalsysError as refusal:
        return render_template("oversight/units/reorganisation.html", **shown, refusal=refusal), refusal.status
    notify("The reorganisation is recorded. The former offices are out of use.")
    return redirect(url_for("oversight_units.unit", code=sides[0][0]))


@blueprint.route("/categories/<code>", methods=["GET", "POST"])
def category(code: str) -> str | Page | Response:
    """A category; "new" adds one."""
    _require("category")
    is_new = code == "new"
    known = CategoryFacts("", {}, pages.next_position()) if is_new else pages.read_category(actor(), code)
    form = CategoryForm(_named(code, is_new=is_new), data={**_words(known.names), "position": known.position})
    shown = {"form": form, "is_new": is_new, "code": code}
    if request.method == "GET":
        return render_template("oversight/units/category.html", **shown)
    if not form.validate():
        return render_template("oversight/units/category.html", **shown, mistakes=list(form.error_list())), 422
    facts = CategoryFacts(form.code.data, form.words(), form.position.data)
    try:
        kinds.save_category(actor(), facts, is_new=is_new, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/units/category.html", **shown, refusal=refusal), refusal.status
    notify("The category is saved.")
    return redirect(url_for("oversight_units.show", _anchor="categories"))


@blueprint.route("/services/<code>", methods=["GET", "POST"])
def service(code: str) -> str | Page | Response:
    """A service; "new" adds one."""
    _require("service")
    is_new, page = code == "new", _read()
    known = ServiceFacts("", {}, ()) if is_new else pages.read_service(actor(), code)
    data = {**_words(known.names), **_words(known.keywords, "keywords"), "units": known.units}
    form = ServiceForm(_named(code, is_new=is_new), data=data)
    shown = {"page": page, "form": form, "is_new": is_new, "code": code}
    if request.method == "GET":
        return render_template("oversight/units/service.html", **shown)
    if not form.validate():
        return render_template("oversight/units/service.html", **shown, mistakes=list(form.error_list())), 422
    facts = ServiceFacts(form.code.data, form.words(), tuple(form.units.data), form.words("keywords"))
    try:
        kinds.save_service(actor(), facts, is_new=is_new, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/units/service.html", **shown, refusal=refusal), refusal.status
    notify("The service is saved.")
    return redirect(url_for("oversight_units.show", _anchor="services"))


def _require(name: str) -> None:
    require_on_record(actor(), "unit.manage", f"page:oversight_units.{name}", now=utc_now())


def _read() -> RegisterPage:
    return pages.register_page(actor(), current_locale())


def _register(**more: Any) -> str:
    return render_template("oversight/units/register.html", page=_read(), **{"list_form": ListForm(), **more})


def _unit_page(code: str, **more: Any) -> str:
    page = pages.unit_page(actor(), code, current_locale())
    return render_template("oversight/units/unit.html", page=page, **{"form": SwitchForm(), **more})


def _edit_page(page: RegisterPage, form: UnitForm, **more: Any) -> str:
    return render_template("oversight/units/edit.html", page=page, form=form, **more)


def _unit_form(page: RegisterPage, data: Any, found: UnitFacts | None = None) -> UnitForm:
    parents = [code for code, _ in page.choices()] + ([found.parent] if found and found.parent else [])
    return UnitForm(data, categories=[line.code for line in page.categories], parents=parents)


def _filled(found: UnitFacts) -> MultiDict[str, str]:
    shown = {"code": found.code, "category": found.category, "parent": found.parent, **_words(found.names)}
    return MultiDict([*shown.items(), *(("services", code) for code in found.services)])


def _sent(code: str) -> MultiDict[str, str]:
    return MultiDict([*request.form.items(multi=True), ("code", code)])


def _named(code: str, *, is_new: bool) -> MultiDict[str, str] | None:
    if request.method == "GET":
        return None
    return MultiDict(request.form) if is_new else _sent(code)


def _asked_for() -> MultiDict[str, str] | None:
    """The office from whose page somebody comes is ticked."""
    former = request.args.get("former", "")[:30]
    return MultiDict({"formers": former}) if former else None


def _words(said: Any, prefix: str = "name") -> dict[str, str]:
    return {f"{prefix}_{locale}": text for locale, text in said.items()}


def _facts(form: NamedForm, code: str) -> UnitFacts:
    services = tuple(form["services"].data)
    return UnitFacts(code, form.words(), form["category"].data, form["parent"].data or "", services)
