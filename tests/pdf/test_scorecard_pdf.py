"""Printed scorecards: the checklist on normal and worst cards in three languages, and what may not be printed."""

import csv
import dataclasses
import hashlib
import io
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest

from evalsys.reports import charts, fonts, pdf
from evalsys.reports.datasheet import card_csv
from evalsys.reports.scorecard import Scorecard
from tests.pdf.checklist import contrast, faults, pages_of
from tests.pdf.making import environment, sample_pdf, text_of
from tests.pdf.samples import INDICATORS, LOCALES, normal
from tests.pdf.situations import LONG, SAMPLES, older

ONE_LANGUAGE = {"adjusted": "en", "grades_only": "zh", "older": "en"}  # what they show, the others show in all three
EVERY_CARD = [(name, one) for name in SAMPLES for one in LOCALES if ONE_LANGUAGE.get(name, one) == one]
PROJECT = Path(__file__).parents[2]
SAYS = {
    ("normal", "en"): (
        "it would lie between 1 and 3 in 90 of 100 cases",
        "It is not distinguishable from Parks and Gardens.",
        "The band is not certain: it would be the same in 62 of 100 cases.",
        "at least 629",
        "Chance alone can do that: it is no sign of a real change.",
        "appeals@rivergate.example",
        "https://evaluation.rivergate.example/ar/rounds/2025/units/U01",
        "10–19",
    ),
    ("adjusted", "en"): (
        "75.69 − 2.00 = 73.69",
        "The finding integrity allows no better band than D.",
        "two weeks late",
    ),
    ("not_graded", "en"): ("Not graded", "n = 10–19", "hidden", "Not published: fewer than 30 ratings."),
    ("without_citizens", "en"): ("50 % 0 %", "20 % 40 %", "30 % 60 %", "no ratings"),
    ("replied", "en"): ("A white square stands for a sign",),
    ("older", "en"): ("603 (11)", "629"),
    ("zero", "en"): ("0.00",),
    ("long_names", "en"): ("100.00",),
}
THREE_PAGES = ("normal", "replied")
NEVER = {
    "not_graded": (r"75\.69", r"82\.38", "n = 18"),
    "older": ("at least",),
    "grades_only": (r"\d\.\d\d", "75"),
}
FIGURES = (
    "75.69", "73.10–78.28", "82.38", "70.50", "68.00", "72.84", "+2.64", "6.38", "−4.75", "RVG-2025-U01",
    "(4.40 − 1) ÷ (5 − 1) × 100 = 85.00", "50 % × 82.38 + 20 % × 70.50 + 30 % × 68.00", "= 75.69", "5–9",
)  # fmt: skip
BRACKETS = re.compile("[()]")  # poppler turns them round in lines that are read from right to left


@pytest.mark.parametrize(("name", "locale"), EVERY_CARD)
def test_a_printed_card_keeps_the_whole_checklist(name: str, locale: str) -> None:
    assert faults(name, locale) == []
    assert name not in THREE_PAGES or len(pages_of(sample_pdf(name, locale))) == 3
    text = BRACKETS.sub("", " ".join(text_of(sample_pdf(name, locale)).split())).replace(" %", "%")
    wanted = (*(FIGURES if name == "normal" else ()), *SAYS.get((name, locale), ()))
    assert [words for words in wanted if BRACKETS.sub("", words).replace(" %", "%") not in text] == []
    assert [
        words for words in NEVER.get(name, ()) if re.search(words, text.replace(SAMPLES[name](locale).digest, ""))
    ] == []


def test_names_come_back_whole() -> None:
    text = text_of(sample_pdf("normal", "zh")).replace("\n", "")
    assert [row[-1][1] for row in INDICATORS if row[-1][1] not in text] == []
    for locale in ("en", "zh"):
        document = pypdf.PdfReader(io.BytesIO(sample_pdf("long_names", locale)))
        assert "".join(LONG[locale][:80].split()) in "".join(document.pages[0].extract_text().split())


def test_a_change_of_weights_after_the_opening_is_told_with_both_results() -> None:
    changed = dataclasses.replace(normal("en"), opened_version="1", opened_score=Decimal("75.10"), opened_band="B")
    text = text_of(pdf.render_scorecard(changed, environment("en"))).replace("\n", " ")
    assert "With the weights of the opening the score would be 75.10 (band B)." in text
    assert "before the first rating came in" not in text
    assert Scorecard.from_json(changed.canonical()) == changed


def test_what_no_font_can_draw_becomes_a_square_and_not_an_error() -> None:
    data = pdf.render("<html lang=en><title>t</title><p>Good \U0001f600\u200d\ufe0f day \U00020000</p></html>")
    assert text_of(data).strip().startswith("Good □ day □")
    assert fonts.within("e\u0301") == "\u00e9"


def test_a_warning_of_the_renderer_is_an_error_that_repeats_it() -> None:
    with pytest.raises(pdf.RenderError, match="unknown property"):
        pdf.render("<html lang=en><title>t</title><p style='colour: red'>x</p></html>")


def test_a_name_that_no_font_can_draw_is_an_error_that_names_the_character_and_the_card() -> None:
    strange = dataclasses.replace(normal("en"), unit_name="Parks \U0001f600 and Gardens")
    with pytest.raises(pdf.MissingGlyph) as error:
        pdf.render_scorecard(strange, environment("en"))
    assert str(error.value) == "RVG-2025-U01-en: no font has U+1F600 GRINNING FACE"


def test_a_font_file_that_is_missing_is_an_error_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in fonts.files():
        if path.name != "NotoSansSC-Bold.ttf":
            (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(pdf.RenderError, match=r"the font file NotoSansSC-Bold\.ttf is missing"):
        pdf._engine.__wrapped__()


def test_another_process_makes_the_same_bytes() -> None:
    made = "import sys; from tests.pdf import making; sys.stdout.buffer.write(making.draw('normal', 'en'))"
    seeded = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", made], cwd=PROJECT, env=seeded, capture_output=True, timeout=120, check=True
    )
    assert hashlib.sha256(done.stdout).hexdigest() == hashlib.sha256(sample_pdf("normal", "en")).hexdigest()


def test_a_table_over_several_pages_repeats_its_head() -> None:
    pages = pages_of(sample_pdf("many", "en"))
    assert sum("Answers" in text and "Points" in text for text in pages) >= 2


def test_texts_and_marks_stand_out_in_colour_and_in_grey() -> None:
    texts = [("#12262a", "#ffffff"), ("#475b5f", "#ffffff"), ("#475b5f", "#eef3f3"), ("#0b434a", "#eef3f3"),
             ("#a63d12", "#ffffff"), ("#ffffff", charts.INK)]  # fmt: skip
    shapes = [(charts.LINE, charts.PAPER), (charts.INK, charts.SOFT), (charts.INK, charts.TRACK),
              (charts.ACCENT, charts.TRACK), (charts.ACCENT, charts.SOFT), (charts.MIDDLE, charts.PAPER)]  # fmt: skip
    assert [pair for pair in texts if contrast(*pair) < Decimal("4.5")] == []
    assert [pair for pair in shapes if contrast(*pair) < 3] == []


def test_a_card_from_before_bands_keeps_its_bytes() -> None:
    card = older("en")
    told = card.canonical()
    for field in (b"n_to", b"shares", b"coverage", b"left_out", b"appeal", b"change_is_clear"):
        assert field not in told.replace(b'"change_is_clear":"no"', b"")
    assert Scorecard.from_json(told) == card


def test_a_file_of_figures_holds_no_formula() -> None:
    card = dataclasses.replace(normal("en"), unit_name="=1+1", unit_code="@x")
    rows = list(csv.DictReader(io.StringIO(card_csv(card).decode())))
    assert (rows[0]["name"], rows[0]["code"], rows[0]["score"]) == ("'=1+1", "'@x", "75.69")
