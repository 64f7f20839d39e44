"""Cells of files: nothing a spreadsheet would run, nothing a page should not show, and numbers stay numbers."""

import pytest

from evalsys.services.transfers.cells import safe_cell, visible

STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BEFORE = ("", " ", "   ", "\u3000", "\u00a0", "\u200b", "\u200f", "\ufeff", "\x00", "\u202e", "\u2066", "\x1b")


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("start", STARTS)
def test_what_looks_like_a_formula_gets_an_apostrophe(start: str, before: str) -> None:
    assert safe_cell(f"{before}{start}cmd|'/C calc'!A0").startswith("'")


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx", "\r\nx"])
def test_so_does_what_begins_with_a_tab_or_a_new_line(text: str) -> None:
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize("number", ["-3.5", "+2", "1e-05", "-1.5E+20", "0", "-9"])
def test_numbers_stay_numbers(number: str) -> None:
    assert safe_cell(number) == number


@pytest.mark.parametrize("text", ["", "x=1", "a-b", "٣٫٥", "a\nb", "كيف الحال؟", "'=1"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x7f", "\x85", "\u202e", "\u2067", "\u2069", "\ud800", "\uffff"], ids=ascii
)
def test_signs_that_no_file_should_hold_are_left_out(sign: str) -> None:
    assert safe_cell(f"a{sign}b") == visible(f"a{sign}b") == "ab"


def test_a_safe_cell_is_safe_to_write_again() -> None:
    for start in STARTS:
        assert safe_cell(safe_cell(f"{start}1+1")) == safe_cell(f"{start}1+1")
