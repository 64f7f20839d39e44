from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from evalsys.reports import charts
from tests.pdf.samples import normal

SVG = "{http://www.w3.org/2000/svg}"
TITLE = 'More & "less" <than>'
CARD = normal("en")
LINE = CARD.indicators[0]
MARKS: dict[str, Callable[[bool], Markup]] = {
    "ruler": lambda rtl: charts.ruler(replace(CARD, direction="rtl" if rtl else "ltr"), TITLE),
    "interval": lambda rtl: charts.interval(LINE, TITLE, rtl, Decimal(80)),
    "distribution": lambda rtl: charts.distribution((1, 0, 2, 3, 4), TITLE, rtl),
    "contribution": lambda rtl: charts.contribution(6, 8, 10, TITLE, rtl),
    "trend": lambda rtl: charts.trend(CARD.history, TITLE, rtl),
    "qr": lambda _rtl: charts.qr("https://example.org", TITLE),
}


def _parse(mark: Markup) -> ET.Element:
    return ET.fromstring(str(mark))  # noqa: S314  # our own text


def _boxes(mark: Markup) -> list[tuple[float, float]]:
    return [(float(box.get("x", "")), float(box.get("width", ""))) for box in _parse(mark).iter(f"{SVG}rect")]


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize("rtl", [False, True])
def test_a_mark_has_a_title_first_a_size_and_no_letters_or_styles(name: str, rtl: bool) -> None:
    root = _parse(MARKS[name](rtl))
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == TITLE
    assert root.get("direction") == "ltr"
    assert float(root.get("width", "0")) > 0
    assert float(root.get("height", "0")) > 0
    assert not [found.tag for found in root.iter() if found.tag == f"{SVG}text" or found.get("style")]


@pytest.mark.parametrize("name", ["ruler", "interval", "distribution", "contribution"])
def test_a_mark_is_mirrored_for_pages_written_from_right_to_left(name: str) -> None:
    width = float(_parse(MARKS[name](False)).get("width", ""))
    straight, mirrored = _boxes(MARKS[name](False)), _boxes(MARKS[name](True))
    assert [x for x, _size in mirrored] == pytest.approx([width - x - size for x, size in straight], abs=0.02)
    assert mirrored != straight


@pytest.mark.parametrize(("score", "length"), [("0", 0.0), ("50", 50.0), ("100", 100.0)])
def test_the_bar_is_as_long_as_the_score(score: str, length: float) -> None:
    line = replace(LINE, score=Decimal(score), low=None, high=None)
    track, bar = _boxes(charts.interval(line, TITLE, False))
    assert bar[1] == pytest.approx(track[1] * length / 100, abs=0.02)


def test_nothing_is_drawn_for_a_score_that_is_not_shown() -> None:
    line = replace(LINE, score=None, low=None, high=None)
    assert len(_boxes(charts.interval(line, TITLE, False))) == 1


def test_a_level_that_nobody_chose_takes_no_place() -> None:
    boxes = _boxes(MARKS["distribution"](False))
    assert [round(width) for _x, width in boxes] == [10, 20, 30, 40]


def test_the_trend_breaks_where_the_method_did() -> None:
    root = _parse(MARKS["trend"](False))
    dashed = [line for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray")]
    assert len(dashed) == 1
    drawn = [line for line in root.iter(f"{SVG}line") if line.get("stroke") == charts.MIDDLE]
    assert len(drawn) == 1
    assert len(list(root.iter(f"{SVG}polygon"))) == 3


def test_no_line_joins_the_results_of_two_offices() -> None:
    point = replace(CARD.history[2], comparable=False, is_reorganised=True)
    points = [replace(point, unit="Libraries"), replace(point, unit="Museums"), CARD.history[2]]
    root = _parse(charts.trend(points, TITLE, False))
    assert not [line for line in root.iter(f"{SVG}line") if line.get("stroke") == charts.MIDDLE]
    assert len([line for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray")]) == 2


def test_a_trend_skips_rounds_without_a_score() -> None:
    points = [replace(CARD.history[1], score=None, low=None, high=None), CARD.history[2]]
    root = _parse(charts.trend(points, TITLE, False))
    assert len(list(root.iter(f"{SVG}polygon"))) == 1
    assert not [line for line in root.iter(f"{SVG}line") if line.get("stroke") == charts.MIDDLE]
