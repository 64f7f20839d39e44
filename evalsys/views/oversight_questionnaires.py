"""The questionnaires of a round: build, look at, bring back, carry away."""

from dataclasses import replace

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, Invalid
from evalsys.i18n import LANGUAGES, current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.questionnaires import changes, editing, pages, reading
from evalsys.services.questionnaires.document import Section, item_of, stored_item
from evalsys.services.questionnaires.editing import Place
from evalsys.services.questionnaires.pages import BuilderPage
from evalsys.web import actor, make_blueprint, notify
from forms.assessment import AssessmentForm
from forms.builder import SHAPES, FileForm, ItemForm, StepForm, build_item_form, build_section_form, data_of, shape_of
from forms.questionnaire import build_form
from forms.rating import RatingForm

blueprint = make_blueprint(
    "oversight_questionnaires",
    right="oversight.read",
    prefix="/oversight/rounds/<round_code>/questionnaires/<code>",
)

FILE_BYTES = 1024 * 1024
Page = tuple[str, int]


@blueprint.get("")
def show(round_code: str, code: str) -> str:
    """The questionnaire with its buttons, what it lacks, and its history."""
    return _builder(_page(round_code, code))


@blueprint.post("")
def change(round_code: str, code: str) -> Page | Response:
    """Move or remove a question, remove a section, take an old version back, or say why it is long."""
    page, form = _page(round_code, code), StepForm(request.form)
    if not form.validate():
        return _builder(page, step=form), 422
    try:
        _do(page, form)
    except Invalid as refusal:
        return _builder(page, step=form, refusal=refusal), refusal.status
    return _saved(page)


@blueprint.route("/sections/<section>", methods=["GET", "POST"])
def section(round_code: str, code: str, section: str) -> str | Page | Response:
    """The words of a section; "new" adds one at the end."""
    page, place = _editable(round_code, code, "section"), _place(section)
    found = changes.section_at(page.document, place) if place is not None else Section()
    shown = data_of({"kind": "scale", "title": found.title, "intro": found.intro})
    form = build_section_form()(request.form if request.method == "POST" else None, data=shown)
    known = {"page": page, "form": form, "place": place}
    if request.method == "GET":
        return render_template("oversight/questionnaires/section.html", **known)
    if not form.validate():
        return render_template("oversight/questionnaires/section.html", **known), 422
    changed = changes.put_section(page.document, place, Section(**form.stored()))
    try:
        editing.save_document(actor(), _where(page), changed, form.note.data, now=utc_now())
    except Invalid as refusal:
        return render_template("oversight/questionnaires/section.html", **known, refusal=refusal), refusal.status
    return _saved(page)


@blueprint.route("/sections/<section>/items/<item>", methods=["GET", "POST"])
def item(round_code: str, code: str, section: str, item: str) -> str | Page | Response:
    """One question in all languages; "new" adds one of the shape in the address."""
    page, places = _editable(round_code, code, "item"), (_place(section) or 0, _place(item))
    form = _item_form(page, *places)
    if request.method == "GET":
        return _item_page(page, form, places)
    if not form.validate():
        return _item_page(page, form, places), 422
    try:
        changed = changes.put_item(page.document, *places, item_of(form.stored()))
        if form.long_reason.data:
            changed = replace(changed, long_reason=form.long_reason.data)
        editing.save_document(actor(), _where(page), changed, form.note.data, now=utc_now())
    except Invalid as refusal:
        return _item_page(page, form, places, refusal), refusal.status
    return _saved(page)


@blueprint.get("/preview")
def preview(round_code: str, code: str) -> str:
    """The form as a rater sees it, in the language of the page; it cannot be sent."""
    page = _page(round_code, code)
    parent = RatingForm if page.mode == "public" else AssessmentForm
    return render_template("oversight/questionnaires/preview.html", page=page, form=build_form(page.document, parent)())


@blueprint.get("/file.json")
def export(round_code: str, code: str) -> FlaskResponse:
    """The questionnaire as one file."""
    content = pages.export_file(actor(), round_code, code)
    name = f'attachment; filename="{round_code}-{code}.json"'
    return FlaskResponse(content, mimetype="application/json", headers={"Content-Disposition": name})


@blueprint.route("/import", methods=["GET", "POST"])
def bring(round_code: str, code: str) -> str | Page | Response:
    """Take a questionnaire from a file, in place of this one."""
    request.max_content_length = request.max_form_memory_size = FILE_BYTES
    page = _editable(round_code, code, "bring")
    form = FileForm(_brought() if request.method == "POST" else None, version=page.version)
    if request.method == "GET":
        return render_template("oversight/questionnaires/file.html", page=page, form=form)
    if not form.validate():
        return render_template("oversight/questionnaires/file.html", page=page, form=form), 422
    try:
        document = replace(reading.read_file(form.content.data), promise=page.document.promise)
        editing.save_document(actor(), _where(page), document, "JSON", now=utc_now())
    except Invalid as refusal:
        return render_template("oversight/questionnaires/file.html", page=page, form=form, refusal=refusal), 422
    return _saved(page)


def _brought() -> MultiDict[str, str]:
    """The sent form, with the content of a chosen file as if it had been pasted."""
    sent, chosen = MultiDict(request.form), request.files.get("file")
    if chosen is not None and chosen.filename:
        sent["content"] = chosen.read().decode("utf-8-sig", "replace")
    return sent


def _page(round_code: str, code: str) -> BuilderPage:
    return pages.builder_page(actor(), round_code, code, current_locale())


def _editable(round_code: str, code: str, name: str) -> BuilderPage:
    """The page for somebody who may edit; anybody else is refused, on record."""
    require_on_record(actor(), "questionnaire.edit", f"page:oversight_questionnaires.{name}", now=utc_now())
    return _page(round_code, code)


def _builder(page: BuilderPage, step: StepForm | None = None, refusal: EvalsysError | None = None) -> str:
    form = step or StepForm(data={"long_reason": page.document.long_reason})
    languages = LANGUAGES
    return render_template(
        "oversight/questionnaires/builder.html", page=page, form=form, refusal=refusal, shapes=SHAPES, spoken=languages
    )


def _do(page: BuilderPage, form: StepForm) -> None:
    name, numbers = form.parts()
    place = Place(page.round_code, page.code, form.version.data)
    if name == "restore":
        editing.restore_version(actor(), place, numbers[0], now=utc_now())
        return
    if name == "reason":
        document, note = replace(page.document, long_reason=form.long_reason.data), form.long_reason.data
    elif name == "drop":
        document, note = changes.remove_section(page.document, numbers[0]), ""
    elif name == "remove":
        note = changes.item_at(page.document, *numbers).code
        document, note = changes.remove_item(page.document, *numbers), f"− {note}"
    else:
        step, code = (-1 if name == "up" else 1), changes.item_at(page.document, *numbers).code
        document, note = (
            changes.move_item(page.document, numbers[0], numbers[1], step),
            f"{'↑' if step < 0 else '↓'} {code}",
        )
    editing.save_document(actor(), place, document, note, now=utc_now())


def _item_form(page: BuilderPage, section: int, place: int | None) -> ItemForm:
    sent = request.form if request.method == "POST" else None
    if place is None:
        shape = request.args.get("shape", "")
        if shape not in SHAPES:
            raise Invalid("Choose the kind of question.")
        return build_item_form(shape)(sent, data={"is_required": not shape.startswith("text"), "role": "score"})
    stored = stored_item(changes.item_at(page.document, section, place))
    return build_item_form(shape_of(stored))(sent, data=data_of(stored))


def _item_page(
    page: BuilderPage, form: ItemForm, places: tuple[int, int | None], refusal: EvalsysError | None = None
) -> str:
    return render_template("oversight/questionnaires/item.html", page=page, form=form, places=places, refusal=refusal)


def _where(page: BuilderPage) -> Place:
    sent = request.form.get("version", "")
    return Place(page.round_code, page.code, int(sent[:9]) if sent.isascii() and sent.isdecimal() else page.version)


def _place(text: str) -> int | None:
    """A place in the address; anything else stands for a new one."""
    return int(text[:6]) if text.isascii() and text.isdecimal() else None


def _saved(page: BuilderPage) -> Response:
    notify("Saved as a new version.")
    return redirect(url_for("oversight_questionnaires.show", round_code=page.round_code, code=page.code))
