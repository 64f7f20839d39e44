"""The read-only interface for programs, and the page that explains it. A refusal is a problem document (RFC 9457)."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import flask_babel
from flask import Blueprint, Response, after_this_request, current_app, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from evalsys.errors import EvalsysError
from evalsys.i18n import DEFAULT_LOCALE, LOCALES, _l
from evalsys.services.publicapi import openapi, operations
from evalsys.services.publicapi.answers import ROOT
from evalsys.web import csrf, let_cache, may_exist, translate

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)
METHODS = ("GET", "HEAD", "OPTIONS")
OTHER_METHODS = ("POST", "PUT", "PATCH", "DELETE")
CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
REFUSED = _l("This interface only reads: use GET.")
NOT_THERE = _l("Nothing is at this address.")


def attach(pages: Blueprint) -> None:
    """Add the page for people to `pages`."""
    pages.add_url_rule("/api", endpoint="api", view_func=page)


def page() -> str:
    """What can be asked, in words, with examples."""
    after_this_request(let_cache)
    known = {"root": ROOT, "limits": operations.LIMITS}
    return render_template("public/api.html", operations=operations.OPERATIONS, **known)


def _answer(operation: operations.Operation, **places: str) -> Response:
    if not all(may_exist(value) for value in places.values()):
        raise NotFound
    question = operations.asked(request.args, operation)
    return _sent(operations.answer(operation, places, question), question.locale)


for one in operations.OPERATIONS:
    address = re.sub(r"\{(\w+)\}", r"<\1>", one.path)
    blueprint.add_url_rule(address, endpoint=one.name, view_func=partial(_answer, one))


@blueprint.get("/openapi.json")
def description() -> Response:
    """The interface as OpenAPI describes it."""
    return _sent(openapi.openapi(), DEFAULT_LOCALE)


@blueprint.route("/<path:rest>", methods=["GET", *OTHER_METHODS])
def nothing(rest: str) -> Response:
    """What no call answers: another method than GET, or an address that does not exist."""
    place, method = current_app.url_map.bind("").match(f"{blueprint.url_prefix}/{rest}", method="GET"), request.method
    if method in OTHER_METHODS and place[0] != "api.nothing":
        raise MethodNotAllowed(METHODS)
    raise NotFound


def _sent(document: Mapping[str, Any], locale: str) -> Response:
    after_this_request(let_cache)
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    response = Response(body, content_type="application/json")
    response.content_language.add(locale)
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.errorhandler(EvalsysError)
def _refuse(error: EvalsysError) -> Response:
    listed = getattr(error, "problems", ())
    return _problem(error.status, lambda: (translate(error.message, error.params), [translate(*one) for one in listed]))


@blueprint.errorhandler(HTTPException)
def _refuse_request(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    said = REFUSED if status == HTTPStatus.METHOD_NOT_ALLOWED else NOT_THERE
    response = _problem(status, lambda: (translate(said), []))
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.valid_methods or ())
    return response


def _problem(status: int, say: Callable[[], tuple[str, list[str]]]) -> Response:
    """RFC 9457, in the language that was asked for."""
    asked = request.args.get("lang", DEFAULT_LOCALE)
    locale = asked if asked in LOCALES else DEFAULT_LOCALE
    with flask_babel.force_locale(locale):
        detail, problems = say()
    title = HTTPStatus(status).phrase
    listed = {"problems": problems} if problems else {}
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "language": locale, **listed}
    body = json.dumps(document, ensure_ascii=False)
    response = Response(body, status, content_type="application/problem+json")
    response.content_language.add(locale)
    return response


@blueprint.after_request
def _open(response: Response) -> Response:
    response.headers.update(CROSS_ORIGIN)
    if request.method == "OPTIONS":
        response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
    return response
