"""The booklet of a round: archivable, accessible, with bookmarks and page numbers, and no more than the cards tell."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import page
import pypdf
import pytest

from evalsys.reports import pdf
from evalsys.reports.booklet import leaning, make_booklet
from tests.pdf.books import SAID, book, book_html, cards
from tests.pdf.checklist import TORN
from tests.pdf.making import spoken_errors, text_of
from tests.pdf.samples import LOCALES, NEIGHBOUR, UNIT, normal

LEADER = re.compile(r"^(.*\S)\s+(\d+)$")


def document(locale: str, mode: str = "normal") -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(book(locale, mode)[2]))


def bookmarks(found: pypdf.PdfReader) -> list[tuple[str, int]]:
    """Title and page of every bookmark, the children after their parent."""

    def walk(entries: list[Any]) -> Iterator[tuple[str, int]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry)
            else:
                yield str(entry["/Title"]), (found.get_destination_page_number(entry) or 0) + 1

    return list(walk(found.outline))


@pytest.mark.parametrize(
    ("locale", "mode"), [*((locale, "normal") for locale in LOCALES), ("en", "grades"), ("zh", "scores")]
)
def test_every_booklet_conforms_to_pdf_a_3a_and_pdf_ua_1(locale: str, mode: str) -> None:
    reports = [page.validate_pdf_bytes(book(locale, mode)[2], profile=profile) for profile in ("3a", "ua1")]
    assert not [f"{failure.rule_id}: {failure.message}" for report in reports for failure in report.failures]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_booklet_reads_aloud_without_an_error(locale: str) -> None:
    errors = spoken_errors(book(locale)[2])
    assert [error for error in errors if not error.startswith(TORN)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_bookmarks_lead_to_every_category_and_office(locale: str) -> None:
    marks = bookmarks(document(locale))
    names = {UNIT[locale], NEIGHBOUR[locale], *(card.category_name.strip() for card in cards(locale))}
    assert names <= {name for name, _page in marks}
    pages = [number for _name, number in marks]
    assert pages == sorted(pages)


def test_the_contents_name_the_page_on_which_each_office_stands() -> None:
    found = document("en")
    marks = dict(bookmarks(found))
    lines = text_of(book("en")[2]).split("Contents", 1)[1].split("How to read this booklet\n")[0].splitlines()
    entries = {name: int(number) for name, number in (match.groups() for match in map(LEADER.match, lines) if match)}
    for name in ("Internal Audit", "Harbour Community Board", "Parks and Gardens", "How the scores were made"):
        assert entries[name] == marks[name], name
        assert name in found.pages[entries[name] - 1].extract_text()


def test_the_overview_has_intervals_rank_ranges_and_signs_of_ties() -> None:
    text = " ".join(text_of(book("en")[2]).split())
    for part in (
        "73.10–78.28",
        "likely 2–4",
        "not distinguishable",
        "Not graded, n = 10–19",
        "Mean of this category",
    ):
        assert part in text, part


def test_units_that_are_not_told_apart_bear_the_same_sign() -> None:
    one, other = cards("en", "grades"), cards("en")
    assert make_booklet(one, "ABC").chapters[0].ties == {}
    same = [replace(card, category_code="A") for card in other[:2]]
    alone = replace(normal("en"), unit_code="U09", category_code="A", rank=5, trial=None)
    assert make_booklet([*same, alone], "A").chapters[0].ties == {"U01": "a", "U02": "a"}


@pytest.mark.parametrize("locale", LOCALES)
def test_where_only_bands_are_published_the_booklet_holds_no_score(locale: str) -> None:
    html = re.sub(r"<svg.*?</svg>|<head>.*?</head>|[0-9a-f]{64}", "", book_html(locale, "grades")[1], flags=re.DOTALL)
    assert not re.search(r"\d\.\d\d", html.replace("1.0.0", ""))


def test_where_only_scores_are_published_the_booklet_holds_no_band() -> None:
    html = book_html("en", "scores")[1]
    assert "75.69" in html
    assert "Band</" not in html.split('id="method"', 1)[0]


def test_method_objections_corrections_and_digests_are_told() -> None:
    text = " ".join(text_of(book("en")[2]).split())
    for part in ("Weights of this round", "Upheld: 1", "Corrected on April 1, 2026", "To be shown to the public"):
        assert part in text, part
    assert all(card.digest in text.replace(" ", "") for card in book("en")[0].cards)


def test_the_list_of_digests_is_attached() -> None:
    (content,) = document("en").attachments["2025-4-en-digests.csv"]
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert {(row["unit"], row["sha256"]) for row in rows} == {(c.unit_code, c.digest) for c in book("en")[0].cards}


def test_the_same_cards_give_the_same_bytes() -> None:
    again, html = book_html("zh", "scores")
    assert html == book("zh", "scores")[1]
    assert pdf.render(html) == pdf.render(book_html("zh", "scores")[1])
    assert [card.unit_code for card in again.cards] == [card.unit_code for card in book("zh", "scores")[0].cards]


def test_a_reply_keeps_the_direction_of_its_own_language() -> None:
    assert f'dir="rtl" lang="ar">{SAID["ar"]}' in book_html("en")[1]
    assert [leaning(text) for text in ("2025: نعم", "2025: yes", "…", "")] == ["rtl", "ltr", "ltr", "ltr"]


def test_a_glyph_that_first_appears_beside_a_vowel_sign_has_a_text() -> None:
    # The letter of U+0626 and the sign U+064B are one cluster, whose text the renderer gives to the sign alone.
    data = pdf.render("<html lang=ar dir=rtl><title>t</title><h1>خاطئًا</h1></html>")
    assert page.validate_pdf_bytes(data, profile="ua1").is_compliant
    assert "ئ" in pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text()
