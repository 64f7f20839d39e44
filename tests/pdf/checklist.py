"""The checklist of a printed card: each check gives what is wrong with it, in words."""

import csv
import hashlib
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import outloud
import page
import pymupdf
import pypdf
from PIL import Image

from evalsys.reports import charts, paper
from evalsys.reports.scorecard import Scorecard
from tests.pdf.making import environment, sample_pdf, text_of, tool
from tests.pdf.situations import SAMPLES

FAMILIES = {"Card-Sans", "Card-Sans-Bold", "Card-Naskh", "Card-Naskh-Bold", "Card-Han", "Card-Han-Bold"}
WORDS = {"en": r"[A-Za-z]{2,}", "zh": r"[\u4e00-\u9fff]", "ar": r"[\u0621-\u064a]{2,}"}
VOWEL_SIGNS = dict.fromkeys(range(0x064B, 0x0653))
PRESENTATION_FORM = re.compile(r"[\ufb50-\ufdff\ufe70-\ufefc]")
ENOUGH = 0.95
LEAST_POINTS, LEAST_RUNNING_POINTS, RUNNING_CHARACTERS = 7.99, 8.99, 100
SIGNS = re.compile("[×÷]")  # a calculation stands in a table
EDGE = 20.0
DARK, OF_PAGE = 60, 0.004
TORN = "TBL-010"  # counts the repeated heads of a table of which a page holds few rows
USUAL_PAGES, MOST_PAGES, MANY = 4, 8, 30
TAGS = ("H1", "H2", "Table", "THead", "TH", "TD", "Figure")


def conforming(card: Scorecard, data: bytes) -> Iterator[str]:
    """PDF/A-3a and PDF/UA-1."""
    for profile in ("3a", "ua1"):
        report = page.validate_pdf_bytes(data, profile=profile)
        yield from (f"{profile} {failure.rule_id}: {failure.message}" for failure in report.failures)


def sound(card: Scorecard, data: bytes) -> Iterator[str]:
    """A structure that qpdf finds whole and a screen reader can tell."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "card.pdf"
        path.write_bytes(data)
        done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, timeout=60, check=False)
        if done.returncode:
            yield f"qpdf: {done.stdout.decode()}{done.stderr.decode()}"
        for finding in outloud.check(str(path)).findings:
            if finding.severity == "error" and not (finding.rule == TORN and len(pages_of(data)) > USUAL_PAGES - 1):
                yield f"outloud {finding.rule}: {finding.message}"


def own_fonts(card: Scorecard, data: bytes) -> Iterator[str]:
    """Shipped fonts alone, embedded and subset."""
    for row in (line.split() for line in tool(["pdffonts", "-"], data).splitlines()[2:]):
        if row[0].split("+")[-1] not in FAMILIES or (row[-5], row[-4], row[-3]) != ("yes", "yes", "yes"):
            yield f"font: {row}"


def readable(card: Scorecard, data: bytes) -> Iterator[str]:
    """Words come back whole from two readers, joined and in order."""
    html = environment(card.locale).get_template("pdf/scorecard.html").render(card=card, charts=charts, paper=paper)
    source = re.sub(r"<title>.*?</title>|<[^>]*>", " ", html)
    texts = {"poppler": text_of(data), "pymupdf": "\n".join(pages_of(data))}
    wanted = _words(source, card.locale)
    for reader, text in texts.items():
        lost = wanted - _words(text, card.locale)
        if len(lost) > (1 - ENOUGH) * len(wanted):
            yield f"{reader} loses {len(lost)} of {len(wanted)}: {sorted(lost)[:12]}"
        if PRESENTATION_FORM.search(text):
            yield f"{reader}: presentation forms"


def described(card: Scorecard, data: bytes) -> Iterator[str]:
    """Title, author, language, tags, and a page for each thing; headings, tables and pictures with words."""
    document = pypdf.PdfReader(io.BytesIO(data))
    author = document.metadata.author if document.metadata else ""
    if (str(document.root_object["/Lang"]), author) != (card.locale, card.body_name):
        yield "language or author"
    told = tool(["pdfinfo", "-"], data)
    if "Tagged:          yes" not in told:
        yield "not tagged"
    structure = tool(["pdfinfo", "-struct", "-"], data)
    yield from (f"no {kind}" for kind in TAGS if not re.search(rf"^ *{kind}\b", structure, re.MULTILINE))
    opened = _opened(data)
    figures = [at for at in range(1, opened.xref_length()) if opened.xref_get_key(at, "S") == ("name", "/Figure")]
    if any(opened.xref_get_key(at, "Alt")[1] in ("null", "") for at in figures):
        yield "a picture without words"


def sized(card: Scorecard, data: bytes) -> Iterator[str]:
    """Letters large enough, and nothing over the edge of the sheet."""
    for number, sheet in enumerate(_opened(data), 1):
        for span in _spans(sheet):
            is_running = len(span["text"]) > RUNNING_CHARACTERS and not SIGNS.search(span["text"])
            left, _top, right, _bottom = span["bbox"]
            if span["size"] < (LEAST_RUNNING_POINTS if is_running else LEAST_POINTS):
                yield f"page {number}: {span['size']:.1f} points: {span['text']}"
            if left < EDGE or right > sheet.rect.width - EDGE:
                yield f"page {number}: over the edge: {span['text']}"


def attached(card: Scorecard, data: bytes) -> Iterator[str]:
    """The source as JSON, whose digest is printed, and the same figures as CSV."""
    document = pypdf.PdfReader(io.BytesIO(data))
    name = f"{card.reference}-{card.locale}"
    source, sheet = (document.attachments[f"{name}.{kind}"][0] for kind in ("json", "csv"))
    if Scorecard.from_json(source) != card or hashlib.sha256(source).hexdigest() != card.digest:
        yield "the JSON is another card"
    if card.digest not in "".join(text_of(data).split()):
        yield "the digest is not printed"
    rows = list(csv.DictReader(io.StringIO(sheet.decode())))
    figures = {(row["code"], row["group"]): row["score"] for row in rows if row["kind"] == "indicator"}
    told = {(one["code"], one["group_code"]): one["score"] or "" for one in json.loads(source)["indicators"]}
    if figures != told:
        yield "CSV and JSON differ"
    files: Any = document.root_object["/AF"].get_object()
    kinds = [item.get_object()["/AFRelationship"] for item in files]
    if set(kinds) != {"/Data", "/Source"}:
        yield f"relationships: {kinds}"


def flowing(card: Scorecard, data: bytes) -> Iterator[str]:
    """A normal card answers on one page and proves on two; a longer one repeats the heads of its table."""
    texts = pages_of(data)
    if len(texts) > (USUAL_PAGES if len(card.indicators) < MANY and not card.is_wordy else MOST_PAGES):
        yield f"{len(texts)} pages"
    if any(len(text) < 120 for text in texts[:-1]):
        yield "a page that is all but empty"


def grey(card: Scorecard, data: bytes) -> Iterator[str]:
    """Printed in grey the first page still has dark letters, and its marks stand out from the paper."""
    done = subprocess.run(
        ["pdftoppm", "-gray", "-r", "60", "-f", "1", "-l", "1", "-"],
        input=data, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    shades = Image.open(io.BytesIO(done.stdout)).histogram()
    whole = sum(shades)
    if sum(shades[:DARK]) < OF_PAGE * whole:
        yield "letters are pale"
    if sum(shades[250:]) < whole / 2:
        yield "the paper is grey"


CHECKS: tuple[Callable[[Scorecard, bytes], Iterator[str]], ...] = (
    conforming, sound, own_fonts, readable, described, sized, attached, flowing, grey,
)  # fmt: skip


def faults(name: str, locale: str) -> list[str]:
    """Everything that is wrong with a sample card."""
    card, data = SAMPLES[name](locale), sample_pdf(name, locale)
    return [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(card, data)]


def contrast(one: str, other: str) -> Decimal:
    """The contrast of two colours by WCAG 2."""
    lights = sorted((_light(one), _light(other)))
    return Decimal((lights[1] + 0.05) / (lights[0] + 0.05)).quantize(Decimal("0.01"))


def _light(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def pages_of(data: bytes) -> list[str]:
    """The text of each page as PyMuPDF gives it, each run of white space as one blank."""
    return [" ".join(sheet.get_text().split()) for sheet in _opened(data)]


def _opened(data: bytes) -> Any:
    return pymupdf.open(stream=data)  # type: ignore[no-untyped-call]  # it has no types


def _spans(sheet: Any) -> Iterator[dict[str, Any]]:
    for block in sheet.get_text("dict")["blocks"]:
        for line in block.get("lines", []):
            yield from (span for span in line["spans"] if span["text"].strip())


def _words(text: str, locale: str) -> set[str]:
    return set(re.findall(WORDS[locale], text.translate(VOWEL_SIGNS)))
