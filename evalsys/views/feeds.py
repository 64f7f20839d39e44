"""News for feed readers, and what search engines want to know; addresses without a language before them."""

from flask import Blueprint, Response, after_this_request, current_app, request

from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.reports import feeds
from evalsys.services import news
from evalsys.web import let_cache

blueprint = Blueprint("feeds", __name__)
LANGUAGE = f"<any({','.join(LOCALES)}):locale>"
NOT_FOR_ROBOTS = ("oversight", "head", "account", "assignments", "cases", "visits", "entry", "kiosk", "panels")


@blueprint.get(f"/feeds/{LANGUAGE}.atom")
def atom(locale: str) -> Response:
    """Publications and corrections as Atom."""
    return _sent(feeds.atom(news.read_news(locale), _own_address()), "application/atom+xml; charset=utf-8")


@blueprint.get(f"/feeds/{LANGUAGE}.rss")
def rss(locale: str) -> Response:
    """Publications and corrections as RSS."""
    return _sent(feeds.rss(news.read_news(locale), _own_address()), "application/rss+xml; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """All public pages in all languages."""
    return _sent(
        feeds.sitemap(_base(), news.public_places(), LOCALES, DEFAULT_LOCALE), "application/xml; charset=utf-8"
    )


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What robots need not look at, and where the list of pages lies."""
    lines = ["User-agent: *", *(f"Disallow: /{locale}/{part}" for locale in LOCALES for part in NOT_FOR_ROBOTS)]
    return _sent("\n".join([*lines, "", f"Sitemap: {_base()}/sitemap.xml", ""]).encode(), "text/plain; charset=utf-8")


def _sent(content: bytes, kind: str) -> Response:
    after_this_request(let_cache)
    response = Response(content, content_type=kind)
    response.add_etag()
    response.make_conditional(request)
    return response


def _own_address() -> str:
    return f"{_base()}{request.path}"


def _base() -> str:
    return str(current_app.config["EVALSYS"].public_url)
