"""Making sample PDFs once per test run and reading them with other people's tools."""

import gettext
import subprocess
import tempfile
from functools import cache, lru_cache
from pathlib import Path

import outloud
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evalsys.i18n import FILTERS
from evalsys.reports import pdf
from tests.pdf.situations import SAMPLES
from tests.sharing import bytes_of

PROJECT = Path(__file__).parents[2]


@cache
def environment(locale: str) -> Environment:
    """The templates with the catalogue of a language; English where a text has no translation yet."""
    found = Environment(
        loader=FileSystemLoader(PROJECT / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
    )
    catalogue = gettext.translation("messages", PROJECT / "evalsys" / "translations", [locale], fallback=True)
    found.filters.update(dict.fromkeys(("date", "number", "translate"), str))  # pages use them, paper does not
    found.filters.update(FILTERS)
    found.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    return found


def draw(name: str, locale: str) -> bytes:
    """The PDF of a sample card, made anew."""
    return pdf.render_scorecard(SAMPLES[name](locale), environment(locale))


@cache
def sample_pdf(name: str, locale: str) -> bytes:
    """The PDF of a sample card."""
    return bytes_of(f"card-{name}-{locale}.pdf", lambda: draw(name, locale))


def tool(command: list[str], data: bytes) -> str:
    """What a poppler tool says about the PDF, which it reads from its standard input."""
    done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=60)
    assert not done.stderr, done.stderr.decode()
    return done.stdout.decode()


@lru_cache(maxsize=8)
def text_of(data: bytes) -> str:
    """The text of the PDF as poppler gives it, line by line, each run of white space as one blank."""
    marked = tool(["pdftotext", "-layout", "-", "-"], data)
    plain = marked.translate(dict.fromkeys(range(0x202A, 0x202F)))
    return "\n".join(" ".join(line.split()) for line in plain.splitlines())


def spoken_errors(data: bytes) -> list[str]:
    """What somebody who has the PDF read aloud would stumble over, by a checker of its own kind."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        found = outloud.check(file.name).findings
    return [f"{one.rule}: {one.message}" for one in found if one.severity == "error"]
