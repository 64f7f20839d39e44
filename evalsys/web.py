"""What all views share: who is signed in, the language, guards, error pages, security headers."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_file,
    session,
    url_for,
)
from flask_babel import format_date, format_decimal, gettext
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, TooMany
from evalsys.i18n import FILTERS, LANGUAGES, LOCALE_COOKIE, LOCALES, current_locale, direction
from evalsys.services.access import Actor, may
from evalsys.services.accounts import find_actor
from evalsys.services.audit import require_on_record
from evalsys.services.content import body_name
from evalsys.services.transfers.cells import visible

log = logging.getLogger("evalsys")
csrf = CSRFProtect()
login_manager = LoginManager()

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PUBLIC_CACHE_SECONDS = 60
RETRY_SECONDS = 5
LARGEST_ID = 2**31 - 1


class SignedIn(UserMixin):
    """The signed-in person as Flask-Login sees her: an actor and the token of her session."""

    def __init__(self, token: str, actor: Actor) -> None:
        self.token = token
        self.actor = actor

    def get_id(self) -> str:
        """The session's token: a cookie replayed after sign-out finds its row revoked."""
        return self.token


@login_manager.user_loader
def _load_user(token: str) -> SignedIn | None:
    actor = find_actor(token, now=utc_now())
    return SignedIn(token, actor) if actor else None


def actor() -> Actor:
    """Who is signed in; behind a guard there is always somebody."""
    return cast(Actor, current_user.actor)


def actor_or_none() -> Actor | None:
    """Who is signed in, if anybody."""
    return cast(Actor, current_user.actor) if current_user.is_authenticated else None


def make_blueprint(name: str, *, right: str | None, prefix: str = "") -> Blueprint:
    """A blueprint whose pages live below /<locale>; with `right`, only roles that hold it come in."""
    blueprint = Blueprint(name, __name__, url_prefix=f"/<any({','.join(LOCALES)}):locale>{prefix}")
    blueprint.url_value_preprocessor(_take_locale)
    blueprint.url_defaults(_give_locale)
    if right is not None:
        blueprint.before_request(lambda: _guard(right))
    return blueprint


def _take_locale(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.locale = (values or {}).pop("locale", None)
    if not all(may_exist(value) for value in (values or {}).values()):
        abort(404)


def may_exist(value: object) -> bool:
    """False for what no row can bear as its number or code, and what PostgreSQL would refuse to compare with."""
    return value <= LARGEST_ID if isinstance(value, int) else "\0" not in str(value)


def _give_locale(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("locale", current_locale())


def _guard(right: str) -> BaseResponse | None:
    if not current_user.is_authenticated:
        if request.method != "GET":
            abort(401)
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
    require_on_record(actor(), right, f"page:{request.endpoint}", now=utc_now())
    return None


def init_web(app: Flask) -> None:
    """Attach sign-in, CSRF, language, error pages, headers and template globals to `app`."""
    csrf.init_app(app)
    login_manager.init_app(app, add_context_processor=False)
    app.after_request(_secure)
    app.register_error_handler(EvalsysError, _show_refusal)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(OperationalError, _show_unavailable)
    app.register_error_handler(Exception, _show_crash)
    app.context_processor(_globals)
    app.jinja_env.filters.update(FILTERS, date=_date, number=_number, translate=translate)


def translate(message: object, params: dict[str, object] | None = None) -> str:
    """A message id in the page's language; forms and services hand over ids, never texts.

    What is named in it may come from a file or an address that nobody has cleaned.
    """
    given = params or getattr(message, "params", None) or {}
    shown = {name: visible(value) if isinstance(value, str) else value for name, value in given.items()}
    return str(gettext(str(message), **shown))


def notify(message: str, **params: object) -> None:
    """Say something on the next page."""
    flash(gettext(message, **params))


def _date(value: Any) -> str:
    return str(format_date(value, "long"))


def _number(value: Any, decimals: int = 0) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(value, pattern)).replace("-", "−")


@lru_cache(maxsize=256)
def _fingerprint(path: str, _changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """URL of a static file with its content's digest, so that browsers may keep it for a year."""
    path = Path(str(current_app.static_folder)) / name
    return url_for("static", filename=name, v=_fingerprint(str(path), path.stat().st_mtime))


def switch_url(locale: str) -> str:
    """This same page in another language; the front page where there is none."""
    if request.endpoint is None or g.get("locale") is None or request.method != "GET":
        return url_for("public.home", locale=locale)
    path, query = url_for(request.endpoint, **{**(request.view_args or {}), "locale": locale}), urlencode(request.args)
    return f"{path}?{query}" if query else path


def _globals() -> dict[str, object]:
    locale, name = current_locale(), str(current_app.config["EVALSYS"].body_name)
    may_ask = not g.get("is_apology", False)
    return {
        "locale": locale,
        "direction": direction(locale),
        "languages": LANGUAGES,
        "static_url": static_url,
        "switch_url": switch_url,
        "may": may,
        "actor": actor_or_none() if may_ask else None,
        "body_name": body_name(locale, name) if may_ask else name,
    }


def _secure(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["EVALSYS"].is_production:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif not response.cache_control.public:
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
        _remember_locale(response)
    return response


def _remember_locale(response: Response) -> None:
    if g.get("locale") and request.cookies.get(LOCALE_COOKIE) != g.locale:
        secure = current_app.config["EVALSYS"].is_production
        response.set_cookie(LOCALE_COOKIE, g.locale, max_age=31536000, samesite="Lax", secure=secure, httponly=True)


def let_cache(response: Response) -> Response:
    """Let anybody keep a good answer for a minute, if it is not about the person who asked; nobody gets it twice."""
    if response.status_code in (200, 304) and not session:
        response.headers["Cache-Control"] = f"public, max-age={PUBLIC_CACHE_SECONDS}"
        response.add_etag()
        response.make_conditional(request)
    return response


def send_pdf(path: Path | None, name: str, digest: str) -> BaseResponse:
    """The file for saving; while it is being made (no path), a page that says so and asks to come back."""
    if path is None:
        page = render_template("public/preparing.html", seconds=RETRY_SECONDS)
        return Response(page, 503, {"Retry-After": str(RETRY_SECONDS)}, content_type="text/html; charset=utf-8")
    content, kind = BytesIO(path.read_bytes()), "application/pdf"
    response = send_file(content, mimetype=kind, as_attachment=True, download_name=name, etag=digest)
    del response.headers["Cache-Control"]
    return response


def _page(status: int, message: str, params: dict[str, object] | None = None, **more: object) -> tuple[str, int]:
    return render_template("errors/error.html", status=status, message=translate(message, params), **more), status


def _show_refusal(error: Exception) -> tuple[str, int] | Response:
    refusal = cast(EvalsysError, error)
    problems = [translate(*problem) for problem in getattr(refusal, "problems", ())]
    page, status = _page(refusal.status, refusal.message, refusal.params, problems=problems)
    if not isinstance(refusal, TooMany):
        return page, status
    response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Retry-After"] = str(refusal.seconds)
    return response


MESSAGES: dict[int, Callable[[], str]] = {
    400: lambda: gettext("The page could not understand what was sent. Go back, reload the page and try again."),
    401: lambda: gettext("You are signed out. Sign in and try again."),
    403: lambda: gettext("Your role does not allow this."),
    404: lambda: gettext("This page does not exist."),
    405: lambda: gettext("This page cannot be used in this way."),
    413: lambda: gettext("What was sent is too large."),
}


def _show_http_error(error: Exception) -> tuple[str, int] | tuple[str, int, dict[str, str]] | BaseResponse:
    http = cast(HTTPException, error)
    if http.response is not None:
        return cast(BaseResponse, http.response)
    if isinstance(http, InternalServerError):  # an error page that failed itself, as one does without a database
        cause = cast(Exception, http.original_exception or http)
        return _show_unavailable(cause) if isinstance(cause, OperationalError) else _show_crash(cause)
    status = http.code or 500
    if isinstance(http, CSRFError):
        old = gettext("The form is too old or came from another site. Go back, reload the page and try again.")
        return _page(400, old)
    said = MESSAGES.get(status)
    return _page(status, said() if said else gettext("Something went wrong."))


def _show_unavailable(error: Exception) -> tuple[str, int, dict[str, str]]:
    kept = list(request.form.items(multi=True)) if g.get("keeps_form", False) else []
    page, status = _apologise(503, gettext("Nothing was saved. Wait a moment and try again."), error, kept=kept)
    return page, status, {"Retry-After": str(RETRY_SECONDS)}


def _show_crash(error: Exception) -> tuple[str, int]:
    if current_app.testing or current_app.debug:
        raise error
    return _apologise(500, gettext("Something went wrong on our side."), error)


def _apologise(status: int, message: str, error: Exception, kept: Sequence[tuple[str, str]] = ()) -> tuple[str, int]:
    """A page that asks the database for nothing: it may be what failed."""
    g.is_apology = True
    reference = secrets.token_hex(4)
    log.error("request %s failed: %s %s", reference, request.method, request.url_rule, exc_info=error)
    return _page(status, message, reference=reference, kept=kept)


def forget_session() -> None:
    """Drop everything the browser's cookie carries."""
    session.clear()
