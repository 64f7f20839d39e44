"""Letters and posters on paper: archivable, accessible, one page each, the address where the window is."""

import io
import re

import page
import pypdf
import pytest

from evalsys.reports import pdf
from evalsys.reports.letters import Letter, Panel, Poster, letters_html, posters_html
from tests.pdf.making import environment, tool

NAMES = {"en": "Layla Haddad", "zh": "王小明", "ar": "ليلى حداد"}
LINES = ("27 Harbour Street, Flat 4", "12345 Rivergate")
CODE = "0HTY-CX2W-SMRS-W5G2-GH3D-DGPN-5FCM"
MILLIMETRES = 72 / 25.4


def letter(locale: str, link: str = "https://ratings.example/en/invitations/0HTYCX2W", **over: object) -> Letter:
    facts = {
        "locale": locale,
        "direction": "rtl" if locale == "ar" else "ltr",
        "sender": "Rivergate City Council",
        "recipient": (NAMES[locale], *LINES),
        "title": "How do our offices serve you?",
        "paragraphs": ("Your answers count together with those of others. " * 2,) * 4,
        "how": "Point your camera at the square, or type the code:",
        "address": "ratings.example/i",
        "code_label": "Your code",
        "code": CODE if link else "",
        "link": link,
        "picture_words": "A square code.",
        "closing": "You can rate until 31 December 2026.",
    }
    return Letter(**{**facts, **over})  # type: ignore[arg-type]


def letters(*made: Letter) -> bytes:
    return pdf.render(letters_html(made, "Letters", "Rivergate", environment("en")))


def posters(count: int) -> bytes:
    panels = tuple(
        Panel(locale, "rtl" if locale == "ar" else "ltr", NAMES[locale], "Counter 3", "How were you served?", "Rate.")
        for locale in NAMES
    )
    made = [
        Poster("Rivergate", f"https://ratings.example/r/p{n}", "ratings.example/r/p", panels, "A code.")
        for n in range(count)
    ]
    return pdf.render(posters_html(made, "Posters", "Rivergate", environment("en")))


@pytest.mark.parametrize("content", [letters(*map(letter, NAMES)), letters(letter("ar", link="")), posters(2)])
def test_what_is_printed_conforms_to_pdf_a_3a_and_pdf_ua_1(content: bytes) -> None:
    reports = [page.validate_pdf_bytes(content, profile=profile) for profile in ("3a", "ua1")]
    assert not [f"{failure.rule_id}: {failure.message}" for report in reports for failure in report.failures]


def test_each_letter_and_each_poster_is_one_page() -> None:
    assert len(pypdf.PdfReader(io.BytesIO(letters(*map(letter, NAMES)))).pages) == 3
    assert len(pypdf.PdfReader(io.BytesIO(posters(3))).pages) == 3


def test_a_long_address_pushes_nothing_to_a_second_page() -> None:
    long = letter("ar", recipient=("ليلى " * 12, *(f"شارع الميناء الطويل جدًا رقم {n}" for n in range(5))))
    assert len(pypdf.PdfReader(io.BytesIO(letters(long))).pages) == 1


@pytest.mark.parametrize("locale", NAMES)
def test_name_and_address_stand_in_the_window_in_every_language(locale: str) -> None:
    boxes = tool(["pdftotext", "-bbox", "-", "-"], letters(letter(locale)))
    words = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]+)', boxes)
    spots = [
        tuple(round(float(edge) / MILLIMETRES, 1) for edge in found[:4])
        for found in words
        if found[4] in ("12345", "27")
    ]
    assert len(spots) == 2
    for start, top, end, bottom in spots:
        assert (start >= 20, end <= 105, top >= 45, bottom <= 90) == (True,) * 4


def test_the_code_can_be_copied_whole() -> None:
    for locale in NAMES:
        assert CODE in tool(["pdftotext", "-", "-"], letters(letter(locale)))
