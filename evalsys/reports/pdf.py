"""HTML to PDF bytes: archivable (PDF/A-3a), accessible (PDF/UA-1), reproducible, and without a way out.

Nothing is fetched but the shipped fonts and data: addresses; every warning of the renderer is an error with its
text; equal input gives equal bytes, because every date comes from the card.
"""

import gc
import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Literal

import weasyprint
from jinja2 import Environment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from evalsys.errors import EvalsysError
from evalsys.i18n import _l
from evalsys.reports import charts, fonts, paper
from evalsys.reports.datasheet import card_csv
from evalsys.reports.finishing import AMBIGUOUS_END, finish
from evalsys.reports.scorecard import Scorecard
from evalsys.reports.trees import read_page

STYLES = Path(__file__).parents[1] / "static" / "css"
Kind = Literal["card", "other"]
SHARED = ("scorecard.css", "pdf.css")
SHEETS: Mapping[Kind, tuple[str, ...]] = {
    "card": (*SHARED, "card.css"),
    "other": (*SHARED, "letters.css", "result_poster.css", "booklet.css"),
}
VARIABLE, USE = re.compile(r"(--[\w-]+): ([^;]+);"), re.compile(r"var\((--[\w-]+)\)")
VARIANT = "pdf/a-3a"
PADDINGS = 8
UNDRAWN = _l("No font of the PDFs has these characters of %(subject)s: %(characters)s. Write it without them.")


class RenderError(EvalsysError):
    """Raised when the renderer complained or a text cannot be drawn; `problems` holds its own words."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("The PDF could not be made: %(problems)s", {"problems": "; ".join(problems)})
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(self.problems)


class MissingGlyph(RenderError):
    """Raised when names or texts hold characters that no shipped font draws; `problems` names each."""

    def __init__(self, characters: Sequence[str], subject: str) -> None:
        EvalsysError.__init__(
            self,
            UNDRAWN,
            {"subject": subject, "characters": ", ".join(characters)},
        )
        self.problems = tuple(f"{subject}: no font has {character}" for character in characters)


class ClosedFetcher(URLFetcher):
    """Answers data: addresses and the named files; refuses everything else before a byte is read."""

    def __init__(self, assets: Mapping[str, Path]) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self._assets = dict(assets)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The resource. Raises ValueError for an address that is neither data: nor a named file."""
        path = self._assets.get(url)
        if path is not None:
            return URLFetcherResponse(url, path.read_bytes())
        return super().fetch(url, headers)


class TooManyPages(RenderError):
    """Raised when a document takes more pages than it may; `pages` is how many."""

    def __init__(self, pages: int, most: int) -> None:
        super().__init__([f"{pages} pages instead of {most}"])
        self.pages = pages


@dataclass(frozen=True)
class Attachment:
    """A file carried inside the PDF; `at` is its date, so that the bytes do not depend on the clock.

    The PDF is made from a "Source", and "Data" says the same in another form.
    """

    name: str
    description: str
    content: bytes
    at: datetime
    relationship: str = "Source"


@dataclass(frozen=True)
class _Engine:
    """What is slow to make and the same for every document of a kind: fonts and parsed style sheets."""

    fonts: FontConfiguration
    styles: Mapping[Kind, weasyprint.CSS]


@cache
def _engine() -> _Engine:
    absent = fonts.absent()
    if absent:
        raise RenderError([f"the font file {name} is missing" for name in absent])
    configuration = FontConfiguration()
    fetcher = ClosedFetcher({path.as_uri(): path for path in fonts.files()})
    with _complaints():
        styles = {kind: _sheet(names, configuration, fetcher) for kind, names in SHEETS.items()}
    return _Engine(configuration, styles)


def _sheet(names: Sequence[str], configuration: FontConfiguration, fetcher: URLFetcher) -> weasyprint.CSS:
    """Files as one sheet without variables: each sheet is asked for every element, each variable for every style."""
    text = "\n".join((STYLES / name).read_text() for name in names)
    values = dict(VARIABLE.findall(text))
    plain = USE.sub(lambda found: values[found[1]], VARIABLE.sub("", text))
    base = (STYLES / names[0]).as_uri()
    return weasyprint.CSS(string=plain, base_url=base, font_config=configuration, url_fetcher=fetcher)


def render(
    html: str, attachments: Sequence[Attachment] = (), subject: str = "", most_pages: int = 0, kind: Kind = "other"
) -> bytes:
    """The page as PDF/A-3a and PDF/UA-1.

    What no shipped font can draw becomes a white square. With a `subject`, the name of what is printed, it is an error
    instead: MissingGlyph. Raises RenderError when the renderer warns of anything, TooManyPages when `most_pages`
    (0: any) do not suffice.
    """
    engine, drawn = _engine(), _composed(html, subject) if subject else fonts.within(html)
    with _complaints(), _without_collector():
        source = read_page(drawn, ClosedFetcher({}))
        document = source.render(stylesheets=[engine.styles[kind]], font_config=engine.fonts, pdf_variant=VARIANT)
        if most_pages and len(document.pages) > most_pages:
            raise TooManyPages(len(document.pages), most_pages)
        return _written(document, attachments)


def _composed(html: str, subject: str) -> str:
    whole = fonts.composed(html)
    missing = fonts.missing(whole)
    if missing:
        raise MissingGlyph(fonts.named(missing), subject)
    return whole


def _written(document: weasyprint.Document, attachments: Sequence[Attachment]) -> bytes:
    """The document as bytes of which no stream ends in a carriage return.

    Before the line feed that precedes "endstream" it would read as a line end, and the stream as one byte too short.
    """
    for padding in range(PADDINGS):
        document.metadata.attachments = [_attached(one) for one in attachments]
        data: bytes = document.write_pdf(finisher=partial(finish, padding=padding), pdf_variant=VARIANT)
        if AMBIGUOUS_END not in data:
            return data
    raise RenderError(["a stream ends in a carriage return"])


def render_scorecard(card: Scorecard, environment: Environment) -> bytes:
    """The card as PDF, with its canonical JSON and the same figures as CSV attached.

    The environment finds `pdf/scorecard.html` and has the gettext functions of the card's language installed.
    """
    html = card_html(card, environment)
    name, at = f"{card.reference}-{card.locale}", datetime.combine(card.published_on, time(), UTC)
    attachments = [
        Attachment(f"{name}.json", card.reference, card.canonical(), at),
        Attachment(f"{name}.csv", card.reference, card_csv(card), at, "Data"),
    ]
    return render(html, attachments, name, kind="card")


def card_html(card: Scorecard, environment: Environment) -> str:
    """The page that `render_scorecard` prints."""
    return environment.get_template("pdf/scorecard.html").render(card=card, charts=charts, paper=paper)


def _attached(one: Attachment) -> weasyprint.Attachment:
    return weasyprint.Attachment(
        string=one.content,
        name=one.name,
        description=one.description,
        created=one.at,
        modified=one.at,
        relationship=one.relationship,
    )


class _Collector(logging.Handler):
    """Keeps the messages of the thread that made it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.found.append(record.getMessage())


@contextmanager
def _complaints() -> Iterator[None]:
    """Raises RenderError at the end when the renderer logged a warning or worse in this thread."""
    handler = _Collector()
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    if handler.found:
        raise RenderError(handler.found)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Layout makes many small objects and no garbage worth looking for: a fifth of the time is saved."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
