"""Open data, for everybody: files at addresses without a language, and the pages that explain them.

The pages belong to the blueprint of the public pages; the application attaches them.
"""

import hashlib
import json
from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    after_this_request,
    current_app,
    redirect,
    render_template,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from evalsys.i18n import current_locale, negotiated_locale
from evalsys.services.opendata import bundles, described, pages
from evalsys.web import let_cache, may_exist

files = Blueprint("data", __name__, url_prefix="/data")
SHOWN = ("application/json", "text/plain")
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Disposition, ETag, Link",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def attach(blueprint: Blueprint) -> None:
    """Add these pages to `blueprint`."""
    blueprint.add_url_rule("/data", view_func=data)
    blueprint.add_url_rule("/rounds/<round_code>/data", view_func=round_data)
    blueprint.add_url_rule("/rounds/<round_code>/data/runs/<int:number>", view_func=run_data)


def data() -> str:
    """All rounds with open data."""
    after_this_request(let_cache)
    return render_template("public/data.html", page=pages.read_catalog(current_locale()))


def round_data(round_code: str) -> str:
    """The open data of a round."""
    return _page(round_code, None)


def run_data(round_code: str, number: int) -> str:
    """The open data of one run of a round, which newer results may have replaced."""
    return _page(round_code, number)


def _page(round_code: str, number: int | None) -> str:
    after_this_request(let_cache)
    page = pages.read_data(round_code, current_locale(), number)
    return render_template("public/round_data.html", page=page, dataset=described.dataset(round_code, number))


@files.url_value_preprocessor
def _refuse_impossible(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if not all(may_exist(value) for value in (values or {}).values()):
        abort(404)


def _let_cache(response: Response) -> Response:
    """`send_file` forbids to keep a file without asking; here everybody may for a while."""
    response.headers.pop("Cache-Control", None)
    return let_cache(response)


@files.after_request
def _open(response: Response) -> Response:
    response.headers.update(CROSS_ORIGIN)
    return response


@files.get("")
def index() -> BaseResponse:
    """Lead to the page of all open data in the visitor's language."""
    return _negotiated(url_for("public.data", locale=negotiated_locale()))


@files.get("/<round_code>")
def landing(round_code: str) -> BaseResponse:
    """Lead to the page of a round's open data in the visitor's language."""
    return _negotiated(url_for("public.round_data", locale=negotiated_locale(), round_code=round_code))


@files.get("/<round_code>/runs/<int:number>")
def run_landing(round_code: str, number: int) -> BaseResponse:
    """Lead to the page of one run's open data in the visitor's language."""
    locale = negotiated_locale()
    return _negotiated(url_for("public.run_data", locale=locale, round_code=round_code, number=number))


@files.get("/catalog.jsonld")
def catalog() -> Response:
    """All open data as a DCAT catalogue."""
    return _linked(described.catalog())


@files.get("/<round_code>/dataset.jsonld")
@files.get("/<round_code>/runs/<int:number>/dataset.jsonld")
def dataset(round_code: str, number: int | None = None) -> Response:
    """One round's open data, or one run's, as schema.org describes a data set."""
    return _linked(described.dataset(round_code, number))


@files.get("/<round_code>.zip")
@files.get("/<round_code>/runs/<int:number>.zip")
def archive(round_code: str, number: int | None = None) -> Response:
    """All files of a round, or of one run, in one archive."""
    return _sent(bundles.read_archive(round_code, number))


@files.get("/<round_code>/<name>")
@files.get("/<round_code>/runs/<int:number>/<name>")
def file(round_code: str, name: str, number: int | None = None) -> Response:
    """One file of a round, or of one run."""
    return _sent(bundles.read_file(round_code, name, number))


def _sent(found: bundles.Download) -> Response:
    after_this_request(_let_cache)
    kind, is_saved = found.media_type, found.media_type not in SHOWN
    response = send_file(
        BytesIO(found.content), mimetype=kind, as_attachment=is_saved, download_name=found.name, etag=found.digest
    )
    links = [f'<{current_app.config["EVALSYS"].data_licence}>; rel="license"']
    links += [f'<{found.latest}>; rel="latest-version"'] if found.latest else []
    response.headers["Link"] = ", ".join(links)
    return response


def _linked(document: described.Document) -> Response:
    after_this_request(_let_cache)
    body = BytesIO(json.dumps(document, ensure_ascii=False, indent=1).encode())
    return send_file(body, mimetype="application/ld+json", etag=hashlib.sha256(body.getvalue()).hexdigest())


def _negotiated(target: str) -> BaseResponse:
    response = redirect(target)
    response.vary.update(("Accept-Language", "Cookie"))
    return response
