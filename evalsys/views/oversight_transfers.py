"""Answers as files: uploads that become imports, exports, and how far they are."""

from typing import Any

from flask import Response as FileResponse
from flask import g, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, Invalid
from evalsys.i18n import LOCALES, _l, current_locale
from evalsys.services.access import may
from evalsys.services.audit import require_on_record
from evalsys.services.imports import desk
from evalsys.services.transfers import exporting, files, pages
from evalsys.services.transfers.exporting import Wish
from evalsys.services.transfers.pages import TransfersPage
from evalsys.web import actor, actor_or_none, make_blueprint, notify
from forms.transfer import BY_MAPPING, CODES, EVERY_GROUP, IN_A_COLUMN, ExportForm, TransferActForm, UploadForm

UPLOAD_BYTES = 2 * 1024**3
MAPPING_BYTES = 1024 * 1024
FIELD_BYTES = 256 * 1024  # more than one block of the form parser, which counts what it has read ahead of a file

blueprint = make_blueprint(
    "oversight_transfers", right="transfer.read", prefix="/oversight/rounds/<round_code>/transfers"
)


@blueprint.url_value_preprocessor
def make_room(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let those who may import send a large file, straight to its folder; this comes before the form is read."""
    if request.endpoint == "oversight_transfers.upload" and may(actor_or_none(), "response.import"):
        request.max_content_length, request.max_form_memory_size = UPLOAD_BYTES, FIELD_BYTES
        g.file_maker = files.Incoming


@blueprint.get("")
def index(round_code: str) -> str:
    """All transfers of the round, and the forms for new ones."""
    return _index(pages.transfers_page(actor(), round_code, current_locale()))


@blueprint.post("/imports")
def upload(round_code: str) -> tuple[str, int] | Response:
    """Take a file of answers; it is checked and shown before anything is imported."""
    require_on_record(actor(), "response.import", f"round:{round_code}"[:100], now=utc_now())
    page = pages.transfers_page(actor(), round_code, current_locale())
    form = UploadForm(CombinedMultiDict([request.form, request.files]), offered=_offered_for_import(page))
    if not form.validate():
        return _index(page, upload=form), 422
    try:
        number = desk.upload_answers(actor(), round_code, _upload(form), now=utc_now())
    except EvalsysError as refusal:
        return _index(page, upload=form, refusal=refusal), refusal.status
    return redirect(url_for("oversight_transfers.show", round_code=round_code, transfer_id=number))


@blueprint.post("/exports")
def export(round_code: str) -> tuple[str, int] | Response:
    """Ask for an export."""
    require_on_record(actor(), "response.export", f"round:{round_code}"[:100], now=utc_now())
    page = pages.transfers_page(actor(), round_code, current_locale())
    form = ExportForm(request.form, offered=_offered_for_export(page))
    if not form.validate():
        return _index(page, export=form), 422
    try:
        number = exporting.request_export(actor(), round_code, _wish(form), now=utc_now())
    except EvalsysError as refusal:
        return _index(page, export=form, refusal=refusal), refusal.status
    notify("The export is being made.")
    return redirect(url_for("oversight_transfers.show", round_code=round_code, transfer_id=number))


@blueprint.get("/<int:transfer_id>")
def show(round_code: str, transfer_id: int) -> str:
    """One transfer: what it would do, how far it is, how it ended."""
    page = pages.transfer_page(actor(), round_code, transfer_id, current_locale())
    return render_template("oversight/transfer.html", page=page, line=page.line)


@blueprint.post("/<int:transfer_id>/acts")
def act(round_code: str, transfer_id: int) -> Response:
    """Start an import, cancel it, or let it go on."""
    form = TransferActForm(request.form)
    if not form.validate():
        raise Invalid("Choose what to do.")
    does, said = ACTS[form.act.data]
    does(actor(), round_code, transfer_id, now=utc_now())
    notify(said)
    return redirect(url_for("oversight_transfers.show", round_code=round_code, transfer_id=transfer_id))


@blueprint.get("/<int:transfer_id>/rejected.csv")
def rejected(round_code: str, transfer_id: int) -> FileResponse:
    """What was not imported: line, column, value, reason."""
    path, name = pages.rejected_file(actor(), round_code, transfer_id)
    return _sent(send_file(path, mimetype="text/csv", as_attachment=True, download_name=name))


@blueprint.post("/<int:transfer_id>/file")
def download(round_code: str, transfer_id: int) -> FileResponse:
    """The finished export; a form asks for it, since each taking is put on record."""
    path, name, digest = exporting.take_export(actor(), round_code, transfer_id, now=utc_now())
    return _sent(send_file(path, mimetype="application/zip", as_attachment=True, download_name=name, etag=digest))


ACTS = {
    "start": (desk.start_import, _l("The import is running.")),
    "cancel": (desk.cancel_import, _l("The import is being cancelled: what it stored is taken back.")),
    "resume": (desk.resume_import, _l("The import goes on where it stopped.")),
}


def _index(
    page: TransfersPage,
    upload: UploadForm | None = None,
    export: ExportForm | None = None,
    refusal: EvalsysError | None = None,
) -> str:
    blank = {"respondent": desk.RESPONDENT, "channel": IN_A_COLUMN}
    asked = {"format": "csv", "labels": CODES}
    return render_template(
        "oversight/transfers.html",
        page=page,
        upload=upload or UploadForm(offered=_offered_for_import(page), data=blank),
        export=export or ExportForm(offered=_offered_for_export(page), data=asked),
        mistakes=[*(upload.error_list() if upload else ()), *(export.error_list() if export else ())],
        refusal=refusal,
        channels=desk.CHANNELS,
    )


def _offered_for_import(page: TransfersPage) -> dict[str, Any]:
    forms = [*(choice.code for choice in page.questionnaires), BY_MAPPING]
    return {"form": forms, "channel": [IN_A_COLUMN, *desk.CHANNELS]}


def _offered_for_export(page: TransfersPage) -> dict[str, Any]:
    groups = [choice.code for choice in page.groups]
    return {"group": [*groups, EVERY_GROUP], "format": exporting.FORMATS, "labels": [CODES, *LOCALES]}


def _upload(form: UploadForm) -> desk.Upload:
    file, by_mapping = form.answers.data, form.form.data == BY_MAPPING
    return desk.Upload(
        incoming=file.stream,
        name=file.filename,
        questionnaire="" if by_mapping else form.form.data,
        respondent=form.respondent.data,
        channel="" if form.channel.data == IN_A_COLUMN else form.channel.data,
        mapping=form.mapping.data.stream.read(MAPPING_BYTES) if by_mapping else b"",
    )


def _wish(form: ExportForm) -> Wish:
    return Wish(
        group="" if form.group.data == EVERY_GROUP else form.group.data,
        format=form.format.data,
        labels="" if form.labels.data == CODES else form.labels.data,
        only_counted=not form.everything.data,
        pace=form.pace.data,
        comments=form.comments.data,
    )


def _sent(response: FileResponse) -> FileResponse:
    """A private file: no copy of it is to stay anywhere."""
    response.headers["Cache-Control"] = "no-store"
    return response
