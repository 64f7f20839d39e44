"""Checking what was published, for everybody: by reference, by file, and with which certificates."""

from contextlib import closing
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, Invalid, NotFound, TooLarge
from evalsys.i18n import LOCALE_COOKIE, LOCALES, current_locale, negotiated_locale
from evalsys.services import signing
from evalsys.services.verification import files, references, register
from evalsys.web import make_blueprint
from forms.verification import ReferenceForm

root = Blueprint("verification_root", __name__)
blueprint = make_blueprint("verification", right=None, prefix="/verify")

ROOM_BYTES = 16 * 1024  # what a form needs beside its file
PEM = "application/x-pem-file"

Page = str | tuple[str, int] | BaseResponse


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a file be larger than other forms, and say in words of its own when it is too large."""
    if endpoint == "verification.check_file":
        # The parser holds a piece of the file back, and would take it for a field that is too long.
        request.max_content_length = request.max_form_memory_size = files.MOST_BYTES + ROOM_BYTES
        if (request.content_length or 0) > request.max_content_length:
            raise TooLarge(files.TOO_LARGE)


@root.get("/v/<reference>", defaults={"digits": ""})
@root.get("/v/<reference>/<digits>")
def short_link(reference: str, digits: str) -> BaseResponse:
    """Where the QR code of a card leads: in the visitor's language if she chose one, else in the card's."""
    has_chosen = request.cookies.get(LOCALE_COOKIE, "") in LOCALES
    own = None if has_chosen else register.own_locale(reference)
    response = redirect(_address(own or negotiated_locale(), reference, digits))
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@blueprint.get("")
def home() -> Page:
    """Ask for a reference or a file; a reference that is typed leads to its own address."""
    form = ReferenceForm(request.args)
    if not request.args:
        return render_template("verification/home.html", form=ReferenceForm())
    if not form.validate():
        return render_template("verification/home.html", form=form), 422
    reference, digits = references.split_reference(form.reference.data)
    if not reference:
        return render_template("verification/home.html", form=form, refusal=Invalid("Enter the reference.")), 422
    return redirect(_address(current_locale(), reference, references.clean_digits(form.digits.data or "") or digits))


@blueprint.get("/<reference>", defaults={"digits": ""})
@blueprint.get("/<reference>/<digits>")
def show(reference: str, digits: str) -> tuple[str, int]:
    """What the register says of a reference."""
    answer = register.look_up(reference, digits, current_locale())
    return render_template("verification/answer.html", answer=answer), 200 if answer.is_known else 404


@blueprint.post("/file")
def check_file() -> Page:
    """What can be said of a file."""
    name, data = _upload()
    secret = str(current_app.config["SECRET_KEY"])
    try:
        page = files.check_file(data, request.remote_addr or "", secret=secret, now=utc_now())
    except EvalsysError as refusal:
        form = ReferenceForm()
        return render_template("verification/home.html", form=form, refusal=refusal), refusal.status
    return render_template("verification/file.html", page=page, name=name)


@blueprint.get("/certificates")
def certificates() -> str:
    """With what our signatures are checked."""
    found = signing.known_certificates(current_app.config["EVALSYS"])
    return render_template("verification/certificates.html", certificates=found)


@blueprint.get("/certificates/<digest>.pem")
def root_certificate(digest: str) -> Response:
    """A root certificate, for saving."""
    found = signing.known_certificates(current_app.config["EVALSYS"])
    pem = next((one.root_pem for one in found if one.root_digest == digest), None)
    if pem is None:
        raise NotFound("This certificate does not exist.")
    response = Response(pem, content_type=PEM)
    response.headers.set("Content-Disposition", "attachment", filename=f"root-{digest[:8]}.pem")
    return response


def _upload() -> tuple[str, bytes]:
    """The name and the bytes of the file that was sent; nothing of it is left behind."""
    sent = request.files.get("file")
    if sent is None:
        return "", b""
    with closing(sent):
        return sent.filename or "", sent.read()


def _address(locale: str, reference: str, digits: str) -> str:
    name, known = references.clean_reference(reference) or "-", references.clean_digits(digits)
    return url_for("verification.show", locale=locale, reference=name, digits=known)
