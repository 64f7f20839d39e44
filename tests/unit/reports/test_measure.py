"""Texts of pictures are measured, broken and shortened so that none is cut off."""

import pytest

from evalsys.reports.pictures.measure import clean, pieces, shorten, width, wrap

LONG = "Department of Recreation, Sport, Community Learning, Heritage Advice and Youth"


@pytest.mark.parametrize(
    "text", [LONG, "文化旅游体育广播电视新闻出版与公共图书馆终身学习局", "إدارة الترفيه والرياضة والتعلّم المجتمعي"]
)
@pytest.mark.parametrize("room", [60, 200, 333])
def test_a_shortened_text_fits_and_says_that_it_was_shortened(text: str, room: int) -> None:
    short = shorten(text, room, 22)
    assert width(short, 22) <= room
    assert short.endswith("…")
    assert text.startswith(short[:-1])


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert shorten("Parks", 200, 22) == "Parks"
    assert wrap("Parks", 200, 22, 2) == ("Parks",)


@pytest.mark.parametrize("text", [LONG, "文化旅游体育广播电视新闻出版，公共图书馆终身学习局", "x" * 90])
def test_every_line_of_a_broken_text_fits_and_no_letter_is_lost(text: str) -> None:
    lines = wrap(text, 260, 22, 9)
    assert 1 < len(lines) < 9
    assert all(width(line, 22) <= 260 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_line_does_not_begin_with_a_closing_sign_of_chinese() -> None:
    lines = wrap("一二三四五，六七八九十，一二三四五，六七八九十", 120, 22, 9)
    assert not [line for line in lines if line[0] in "，。"]


def test_what_is_left_of_a_long_text_is_shortened_on_the_last_line() -> None:
    lines = wrap(LONG, 200, 22, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")


def test_each_stretch_is_drawn_by_a_family_that_knows_it() -> None:
    found = [(one.text, one.family) for one in pieces("Parks الحدائق (2025) 公园“好”", is_bold=False)]
    assert [text for text, _family in found] == ["Parks ", "الحدائق ", "(2025) ", "公园", "“", "好", "”"]
    assert [family.split()[-1] for _text, family in found] == ["Sans", "Arabic", "Sans", "SC", "Sans", "SC", "Sans"]


def test_nothing_that_turns_the_text_or_has_no_glyph_reaches_a_picture() -> None:
    assert clean("a\u202eb\u2067c\n d\x07 \U0001f600") == "abc d □"
