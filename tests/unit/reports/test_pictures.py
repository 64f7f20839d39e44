"""Charts as pictures: what they show, in three languages, and that nothing withheld is in them."""

import struct
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask_babel import force_locale

from evalsys.reports.lines import HistoryPoint
from evalsys.reports.pictures.answers import shares_of
from evalsys.reports.pictures.card import Picture, card_pictures
from evalsys.reports.pictures.category import round_pictures
from evalsys.reports.pictures.raster import png_of
from evalsys.reports.pictures.share import draw_share
from evalsys.reports.pictures.words import in_words
from evalsys.reports.scorecard import Scorecard
from tests.pdf.samples import normal
from tests.pdf.situations import SAMPLES, grades_only, long_names, not_graded

pytestmark = pytest.mark.database("sqlite")  # no database at all: the application is there for its words
SVG = "{http://www.w3.org/2000/svg}"
ALL = ["scale", "groups", "dimensions", "indicators", "answers", "priorities", "trend"]
SEVEN = ["a", "b", "c", "d", "e", "f", "g"]


@pytest.fixture(autouse=True)
def words(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def drawn(pictures: tuple[Picture, ...], code: str, locale: str = "en") -> ET.Element:
    with force_locale(locale):
        return ET.fromstring(next(one for one in pictures if one.code == code).draw())  # noqa: S314 - our own


def texts(root: ET.Element) -> list[str]:
    marks = dict.fromkeys(map(ord, "\u200e\u2066\u2067\u2069"))
    return ["".join(one.itertext()).translate(marks) for one in root.iter(f"{SVG}text")]


def test_a_card_has_each_of_its_charts_as_a_picture() -> None:
    assert [one.code for one in card_pictures(normal("en"))] == ALL


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
@pytest.mark.parametrize("sample", list(SAMPLES))
def test_every_picture_is_sound_names_unit_round_and_source_and_stays_inside(sample: str, locale: str) -> None:
    card = SAMPLES[sample](locale)
    with force_locale(locale):
        pictures = (*card_pictures(card), *round_pictures([card]))
    for one in pictures:
        root = drawn(pictures, one.code, locale)
        assert (root.get("width"), root.get("height")) == ("1600", "900")
        assert root.find(f"{SVG}title") is not None
        assert card.body_name in " ".join(texts(root))
        for mark in root.iter(f"{SVG}rect"):
            assert float(mark.get("x", "")) >= 0
            assert float(mark.get("x", "")) + float(mark.get("width", "")) <= 1600
        for mark in root.iter(f"{SVG}text"):
            assert 0 <= float(mark.get("x", "")) <= 1600
            assert 0 < float(mark.get("y", "")) < 900


def test_a_right_to_left_picture_is_the_mirror_of_a_left_to_right_one() -> None:
    card = normal("en")
    there, back = (drawn(card_pictures(one), "groups") for one in (card, replace(card, direction="rtl")))
    bars = [
        [(float(m.get("x", "")), float(m.get("width", ""))) for m in root.iter(f"{SVG}rect")] for root in (there, back)
    ]
    assert [x for x, _width in bars[1]] == pytest.approx([1600 - x - width for x, width in bars[0]], abs=0.11)
    first = "".join(next(back.iter(f"{SVG}text")).itertext())
    assert first.startswith("\u2067")
    assert first.endswith("\u2069")


def test_figures_keep_their_order_in_a_right_to_left_picture() -> None:
    found = ["".join(one.itertext()) for one in drawn(card_pictures(normal("ar")), "groups", "ar").iter(f"{SVG}text")]
    assert "80.90–83.86" in found  # without an isolate: from left to right


def test_the_scale_says_the_result_and_how_sure_it_is() -> None:
    shown = texts(drawn(card_pictures(normal("en")), "scale"))
    assert "75.69 (73.10–78.28)" in shown
    assert "2 of 6 (1–3)" in shown
    assert " ".join(shown[:2]).startswith(
        "Libraries & Learning scored 75.69 of 100 and stands in band B. The 95 % interval"
    )


def test_a_withheld_figure_is_in_no_picture_and_the_reason_is() -> None:
    card = not_graded("en")
    pictures = card_pictures(card)
    shown = " ".join(" ".join(texts(drawn(pictures, one.code))) for one in pictures)
    assert "82.38" not in shown  # what the citizens gave
    assert "Not published: fewer than 30 ratings." in shown
    assert "is not graded: too few people answered" in shown


def test_a_round_of_bands_alone_has_no_picture_of_scores() -> None:
    card = grades_only("en")
    pictures = (*card_pictures(card), *round_pictures([card]))
    assert [one.code for one in pictures] == ["scale", "trend", "category-A"]
    shown = " ".join(" ".join(texts(drawn(pictures, one.code))) for one in pictures)
    assert "75.69" not in shown
    assert "stands in band B. Only bands are published" in in_words(card)


def test_more_rows_than_a_picture_holds_go_on_in_the_next() -> None:
    card = normal("en")
    many = replace(
        card, indicators=tuple(replace(line, code=f"{line.code}-{n}") for n in range(3) for line in card.indicators)
    )
    pictures = {one.code: one for one in card_pictures(many)}
    assert [code for code in pictures if code.startswith("indicators")] == [
        "indicators",
        "indicators-2",
        "indicators-3",
    ]
    assert pictures["indicators-2"].title == "Every indicator, part 2 of 3"
    assert "indicators-2" in {one.code for one in card_pictures(long_names("en"))}


def test_no_line_joins_what_cannot_be_compared() -> None:
    root = drawn(card_pictures(normal("en")), "trend")
    dashed = [line for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray") == "9 6"]
    joins = [line for line in root.iter(f"{SVG}line") if line.get("stroke-width") == "4"]
    assert (len(dashed), len(joins)) == (2, 1)  # the break and its key; from 2024 to 2025
    assert "other method, not comparable" in texts(root)


def test_counts_of_older_cards_become_percents_that_sum_to_a_hundred() -> None:
    line = replace(normal("en").indicators[0], distribution=(1, 1, 1), shares=())
    assert shares_of(line) == (34, 33, 33)
    assert shares_of(replace(line, distribution=())) == ()


def test_a_picture_is_drawn_with_the_shipped_fonts_to_the_same_bytes() -> None:
    with force_locale("ar"):
        svg = draw_share(normal("ar"))
    drawing = png_of(svg)
    png_of.cache_clear()
    assert png_of(svg) == drawing
    assert struct.unpack(">II", drawing[16:24]) == (1200, 630)
    without = svg.replace("'Noto Naskh Arabic'", "'Font of the system'").replace("sans-serif", "serif")
    assert len(png_of(without)) < len(drawing) or png_of(without) != drawing


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (replace(normal("en"), band="", level="indicative"), "This is a first indication, without a band."),
        (replace(normal("en"), band=""), "Libraries & Learning scored 75.69 of 100. The 95"),
        (replace(normal("en"), score=None, low=None, high=None, band=""), "could be worked out"),
    ],
)
def test_the_sentence_promises_no_more_than_the_card(card: Scorecard, said: str) -> None:
    assert said in in_words(card)


def test_an_office_without_a_former_result_has_no_trend() -> None:
    card = replace(normal("en"), history=(HistoryPoint("2025", Decimal(75), "B", "full", True),))
    assert "trend" not in {one.code for one in card_pictures(card)}
