"""Evidence documents: a head adds those of her office, oversight sees all, experts those of the offices they score."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from evalsys.clock import utc_now
from evalsys.errors import Conflict, EvalsysError, Invalid
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.evidence import keeping, reading
from evalsys.web import LARGEST_ID, actor, make_blueprint, notify
from forms.panels import DocumentForm, WithdrawForm

blueprint = make_blueprint("evidence", right="document.read", prefix="/evidence")

UPLOAD_BYTES = 12 * 1024 * 1024  # a little more than a document may have, so that a page can say what is too large
PARSER_BYTES = 256 * 1024  # pieces of a file wait in the parser, which counts them as a field
SANDBOX = "sandbox; default-src 'none'"

Page = str | tuple[str, int] | BaseResponse


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let documents be larger than other forms; this comes before anything reads the form."""
    if endpoint == "evidence.add":
        request.max_content_length, request.max_form_memory_size = UPLOAD_BYTES, PARSER_BYTES


@blueprint.get("")
def home() -> str:
    """The rounds that take evidence now."""
    return render_template("evidence/home.html", rounds=reading.list_rounds(actor(), current_locale()))


@blueprint.get("/rounds/<round_code>")
def show(round_code: str) -> str:
    """The documents of a round that the reader may see."""
    return _show(round_code)


@blueprint.post("/rounds/<round_code>")
def add(round_code: str) -> Page:
    """Take a document."""
    require_on_record(actor(), "document.add", f"round:{round_code}"[:100], now=utc_now())
    units = [unit.code for unit in reading.read_evidence(actor(), round_code, current_locale()).units]
    form = DocumentForm(request.form, units=units)
    if not form.validate():
        return _show(round_code, form=form, mistakes=list(form.error_list())), 422
    try:
        keeping.add_document(actor(), round_code, _upload(form), now=utc_now())
    except (Invalid, Conflict) as refusal:
        return _show(round_code, form=form, refusal=refusal), refusal.status
    notify("The document is stored.")
    return redirect(url_for("evidence.show", round_code=round_code))


@blueprint.post("/rounds/<round_code>/reuse")
def reuse(round_code: str) -> Page:
    """Use a document of the former round again."""
    number = request.form.get("document", "")
    if not (number.isascii() and number.isdecimal() and int(number[:12]) <= LARGEST_ID):
        raise Invalid("Choose a document.")
    try:
        keeping.reuse_document(actor(), round_code, int(number), now=utc_now())
    except Conflict as refusal:
        return _show(round_code, refusal=refusal), refusal.status
    notify("The document is used again.")
    return redirect(url_for("evidence.show", round_code=round_code))


@blueprint.post("/documents/<int:document_id>/withdrawal")
def withdraw(document_id: int) -> Page:
    """Stop serving a document, for a reason."""
    form = WithdrawForm(request.form)
    is_fit = form.validate()
    round_code = keeping.withdraw_document(actor(), document_id, form.reason.data if is_fit else "", now=utc_now())
    notify("The document is withdrawn. It stays on record and is no longer shown to experts.")
    return redirect(url_for("evidence.show", round_code=round_code))


@blueprint.get("/documents/<int:document_id>")
def document(document_id: int) -> BaseResponse:
    """The file, always for saving and never shown inside our own pages."""
    found = reading.read_document(actor(), document_id)
    response = Response(found.content, content_type=found.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=found.name)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.set_etag(found.digest)
    return response


def _show(
    round_code: str, *, form: DocumentForm | None = None, refusal: EvalsysError | None = None, mistakes: Any = ()
) -> str:
    page = reading.read_evidence(actor(), round_code, current_locale())
    codes = [unit.code for unit in page.units]
    filled = form or DocumentForm(units=codes, data={"unit": codes[0]} if len(codes) == 1 else None)
    return render_template("evidence/round.html", page=page, form=filled, refusal=refusal, mistakes=mistakes)


def _upload(form: DocumentForm) -> keeping.Upload:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("Choose a file.")
    return keeping.Upload(form.unit.data, form.title.data, sent.filename, sent.read())
