"""The list of people who are invited to a round: the file, the letters, what failed."""

from io import BytesIO
from typing import Any

from flask import redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import current_locale
from evalsys.services import roll
from evalsys.services.audit import require_on_record
from evalsys.web import actor, make_blueprint, notify
from forms.base import FieldError, _l
from forms.roll import DecisionForm, OrderForm, RollForm

blueprint = make_blueprint("oversight_roll", right="oversight.read", prefix="/oversight/rounds/<round_code>/list")

LIST_BYTES = 64 * 1024 * 1024
PARSER_BYTES = 256 * 1024  # the parser reads a file in pieces of 64 KB, and two of them may lie in its buffer

Page = tuple[str, int]


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a list of people in, and nothing else that is large; this comes before anything reads the form."""
    if endpoint == "oversight_roll.load":
        request.max_content_length, request.max_form_memory_size = LIST_BYTES, PARSER_BYTES


@blueprint.get("")
def show(round_code: str) -> str:
    """Who is on the list, by numbers, and what can be done."""
    return render_template("oversight/roll.html", page=roll.roll_page(actor(), round_code, current_locale()))


@blueprint.get("/new")
def new(round_code: str) -> str:
    """The form for a file of people."""
    require_on_record(actor(), "roll.load", "page:oversight_roll.new", now=utc_now())
    return _load_page(round_code, RollForm(groups=_groups(round_code)))


@blueprint.post("/new")
def load(round_code: str) -> Page | Response:
    """Take the file; a worker reads it."""
    require_on_record(actor(), "roll.load", "page:oversight_roll.load", now=utc_now())
    form, file = RollForm(request.form, groups=_groups(round_code)), request.files.get("file")
    mistakes = [] if form.validate() else list(form.error_list())
    if file is None or not file.filename:
        mistakes.append(FieldError("file", _l("Choose a file.")))
    if mistakes or file is None:
        return _load_page(round_code, form, mistakes=mistakes), 422
    facts = round_code, form.group.data, form.channel.data, file.filename or "", file.stream
    upload = roll.Upload(*facts, locale=current_locale())
    try:
        transfer_id = roll.load_roll(actor(), upload, now=utc_now())
    except EvalsysError as refusal:
        return _load_page(round_code, form, refusal=refusal), refusal.status
    return redirect(url_for("oversight_roll.progress", round_code=round_code, transfer_id=transfer_id))


@blueprint.get("/loads/<int:transfer_id>")
def progress(round_code: str, transfer_id: int) -> str:
    """How far a file is read, and what came of it."""
    load = roll.read_load(actor(), round_code, transfer_id)
    return render_template("oversight/roll_load.html", load=load, round_code=round_code)


@blueprint.get("/loads/<int:transfer_id>/rejected.csv")
def rejected(round_code: str, transfer_id: int) -> Response:
    """The rows that were not taken, with line, column, value and reason."""
    content = roll.read_rejections(actor(), round_code, transfer_id)
    return _as_file(content, f"rejected-{transfer_id}.csv", "text/csv; charset=utf-8")


@blueprint.post("/invitations")
def invite(round_code: str) -> Response:
    """Queue the invitations of everybody new in a group."""
    transfer_id = roll.invite_people(actor(), _order(round_code), now=utc_now())
    return redirect(url_for("oversight.job", batch=f"transfer-{transfer_id}"))


@blueprint.post("/reminders")
def remind(round_code: str) -> Response:
    """Queue a reminder to everybody in a group who is due."""
    transfer_id = roll.remind_people(actor(), _order(round_code), now=utc_now())
    return redirect(url_for("oversight.job", batch=f"transfer-{transfer_id}"))


@blueprint.get("/batches/<int:item_id>")
def batch(round_code: str, item_id: int) -> str:
    """A batch that failed: whose letters it holds."""
    return _batch_page(round_code, item_id, DecisionForm())


@blueprint.post("/batches/<int:item_id>")
def decide(round_code: str, item_id: int) -> Page | Response:
    """Put the people of a failed batch back on the list."""
    form = DecisionForm(request.form)
    if not form.validate():
        return _batch_page(round_code, item_id, form), 422
    roll.resolve_batch(actor(), roll.Decision(round_code, item_id, form.reason.data), now=utc_now())
    notify("These people are on the list again, and can be written to.")
    return redirect(url_for("oversight_roll.show", round_code=round_code))


@blueprint.get("/files/<int:item_id>")
def file(round_code: str, item_id: int) -> Response:
    """A finished file of letters or mails."""
    name, content = roll.read_file(actor(), round_code, item_id, now=utc_now())
    return _as_file(content, name, "application/pdf" if name.endswith(".pdf") else "application/zip")


@blueprint.post("/files/<int:item_id>")
def delete_file(round_code: str, item_id: int) -> Response:
    """Delete a finished file."""
    roll.delete_file(actor(), round_code, item_id, now=utc_now())
    notify("The file is deleted.")
    return redirect(url_for("oversight_roll.show", round_code=round_code))


def _groups(round_code: str) -> list[str]:
    return [group.code for group in roll.public_groups(actor(), round_code, current_locale())]


def _order(round_code: str) -> roll.Order:
    form = OrderForm(request.form, groups=_groups(round_code))
    form.validate()
    return roll.Order(round_code, form.group.data or "", form.way.data or "")


def _load_page(round_code: str, form: RollForm, **more: object) -> str:
    groups = roll.public_groups(actor(), round_code, current_locale())
    return render_template("oversight/roll_new.html", form=form, groups=groups, round_code=round_code, **more)


def _batch_page(round_code: str, item_id: int, form: DecisionForm) -> str:
    found = roll.read_batch(actor(), round_code, item_id)
    return render_template("oversight/roll_batch.html", batch=found, form=form, round_code=round_code)


def _as_file(content: bytes, name: str, kind: str) -> Response:
    response = send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
    del response.headers["Cache-Control"]
    return response
