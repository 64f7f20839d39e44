"""Languages: which exist, which way they run, and which one a request speaks."""

import re

from flask import g, has_request_context, request
from flask_babel import Babel
from markupsafe import Markup

LANGUAGES: tuple[tuple[str, str], ...] = (("en", "English"), ("zh", "中文"), ("ar", "العربية"))
LOCALES = tuple(code for code, _name in LANGUAGES)
DEFAULT_LOCALE = "en"
LOCALE_COOKIE = "evalsys_locale"
FULL_WIDTH_GAP = re.compile(r"(?<=[。！？；：，])\s+")
ISOLATION = re.compile("[\u2066-\u2069]")

babel = Babel()


def direction(locale: str) -> str:
    """'rtl' for Arabic, 'ltr' otherwise."""
    return "rtl" if locale == "ar" else "ltr"


def current_locale() -> str:
    """The locale in the URL; outside a localised page the negotiated one."""
    if not has_request_context():
        return DEFAULT_LOCALE
    located: str | None = g.get("locale")
    first = request.path.split("/")[1]  # a page that does not exist still has a language in its address
    return located or (first if first in LOCALES else negotiated_locale())


def negotiated_locale() -> str:
    """Explicit choice (cookie), then the browser's wish, then the site's default."""
    chosen = request.cookies.get(LOCALE_COOKIE, "")
    if chosen in LOCALES:
        return chosen
    return request.accept_languages.best_match(LOCALES) or DEFAULT_LOCALE


def sentences(text: str) -> str:
    """Sentences that a template puts one after the other: full-width stops bring their own space with them."""
    closed = FULL_WIDTH_GAP.sub("", text)
    return Markup(closed) if isinstance(text, Markup) else closed  # noqa: S704 - only white space is gone


def beginning(text: str, most: int) -> str:
    """The first words of a longer text. No mark of isolation stays: half a pair would turn the rest of a line round."""
    plain = " ".join(ISOLATION.sub("", text).split())
    if len(plain) <= most:
        return plain
    cut = plain[:most]
    words = cut.rsplit(maxsplit=1)[0]
    return (words if 2 * len(words) > most else cut) + "…"  # Chinese may have its only blank near the start


FILTERS = {"beginning": beginning, "sentences": sentences}


def _l(message: str) -> str:
    """Mark a message id, so that `make messages` collects it; it is translated where it is shown."""
    return message
