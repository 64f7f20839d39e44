"""Service points: their list, their entries, their posters."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, Invalid
from evalsys.i18n import LOCALES, current_locale
from evalsys.services import places, posters
from evalsys.services.audit import require_on_record
from evalsys.web import actor, make_blueprint, notify, send_pdf
from forms.base import FieldError, _l
from forms.place import PlaceForm

blueprint = make_blueprint("oversight_places", right="oversight.read", prefix="/oversight/places")

LIST_BYTES = 1024 * 1024
PARSER_BYTES = 256 * 1024  # the parser reads a file in pieces of 64 KB, and two of them may lie in its buffer

Page = tuple[str, int]


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a list of service points in; this comes before anything reads the form."""
    if endpoint == "oversight_places.add_many":
        request.max_content_length, request.max_form_memory_size = LIST_BYTES, PARSER_BYTES


@blueprint.get("")
def show() -> str:
    """All service points."""
    return _list_page()


@blueprint.post("")
def add_many() -> str | Page | Response:
    """Add the service points of a file, all or none."""
    require_on_record(actor(), "place.manage", "page:oversight_places.add_many", now=utc_now())
    file = request.files.get("file")
    if file is None or not file.filename:
        return _list_page(mistakes=[FieldError("file", _l("Choose a file."))]), 422
    try:
        number = places.import_places(actor(), file.stream.read(), now=utc_now())
    except Invalid as refusal:
        return _list_page(refusal=refusal), refusal.status
    notify("Service points added: %(number)s.", number=number)
    return redirect(url_for("oversight_places.show"))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> str | Page | Response:
    """Add one service point."""
    require_on_record(actor(), "place.manage", "page:oversight_places.new", now=utc_now())
    page = places.places_page(actor(), current_locale())
    form = _form(page, request.form if request.method == "POST" else MultiDict({"is_active": "yes"}))
    if request.method == "GET":
        return _edit_page(page, form, mistakes=[])
    if not form.validate():
        return _edit_page(page, form), 422
    try:
        places.add_place(actor(), _facts(form, form.code.data), now=utc_now())
    except EvalsysError as refusal:
        return _edit_page(page, form, refusal=refusal), refusal.status
    notify("The service point is added.")
    return redirect(url_for("oversight_places.show"))


@blueprint.get("/entries/<code>")
def edit(code: str) -> str:
    """One service point as it was entered."""
    require_on_record(actor(), "place.manage", "page:oversight_places.edit", now=utc_now())
    page, found = places.places_page(actor(), current_locale()), places.read_place(actor(), code)
    names = {f"name_{locale}": text for locale, text in found.names.items()}
    known = {"code": code, "unit": found.unit, "service": found.service, **names}
    return _edit_page(
        page, _form(page, MultiDict(known | ({"is_active": "yes"} if found.is_active else {}))), code=code
    )


@blueprint.post("/entries/<code>")
def change(code: str) -> Page | Response:
    """Change one service point; its code stays, since it stands on posters."""
    require_on_record(actor(), "place.manage", "page:oversight_places.change", now=utc_now())
    page = places.places_page(actor(), current_locale())
    form = _form(page, MultiDict([*request.form.items(), ("code", code)]))
    if not form.validate():
        return _edit_page(page, form, code=code), 422
    try:
        places.edit_place(actor(), _facts(form, code), now=utc_now())
    except Invalid as refusal:
        return _edit_page(page, form, code=code, refusal=refusal), refusal.status
    notify("The service point is changed.")
    return redirect(url_for("oversight_places.show"))


@blueprint.get("/posters.pdf")
def all_posters() -> Response:
    """All posters in one file."""
    found = posters.find_all_posters(actor())
    return send_pdf(found.path, found.name, found.digest)


def _list_page(**more: object) -> str:
    return render_template("oversight/places.html", page=places.places_page(actor(), current_locale()), **more)


def _edit_page(page: places.PlacesPage, form: PlaceForm, code: str = "", **more: object) -> str:
    return render_template("oversight/place.html", page=page, form=form, code=code, **more)


def _form(page: places.PlacesPage, data: Any) -> PlaceForm:
    return PlaceForm(data, units=[code for code, _ in page.units], services=[code for code, _ in page.services])


def _facts(form: PlaceForm, code: str) -> places.PlaceFacts:
    names = {locale: form[f"name_{locale}"].data for locale in LOCALES}
    return places.PlaceFacts(code, form.unit.data, form.service.data or "", names, form.is_active.data)
