"""What people type is normalised, cleaned or refused."""

import pytest

from forms.validators import UnreadableText, clean_name, clean_text, normalise_number


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("87", "87"),
        ("٨٧", "87"),
        ("۸۷", "87"),
        ("８７", "87"),
        ("٨٧٫٥", "87.5"),
        ("87,5", "87.5"),
        ("１２．５％", "12.5"),
        (" 50 % ", "50"),
        ("\u200f٥٠\u200f", "50"),
        ("−3", "-3"),
        ("1,234.5", "1,234.5"),
    ],
)
def test_numbers_in_every_digit_set_become_latin(typed: str, plain: str) -> None:
    assert normalise_number(typed) == plain


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "\ud800", "a\x7f"])
def test_text_that_no_database_stores_is_refused(text: str) -> None:
    with pytest.raises(UnreadableText):
        clean_text(text)


def test_text_is_composed_and_its_newlines_are_unified() -> None:
    assert clean_text(" e\u0301\r\nb\tc\rd ") == "é\nb\tc\nd"


def test_direction_overrides_are_dropped_and_isolates_are_closed() -> None:
    assert clean_text("a\u202eb") == "ab"
    assert clean_text("\u2067ab") == "\u2067ab\u2069"
    assert clean_text("ab\u2069") == "ab"


def test_joiners_and_marks_that_arabic_needs_stay() -> None:
    assert clean_name("می\u200cخواهم\u061c\u200f.") == "می\u200cخواهم\u061c\u200f."


def test_a_name_is_one_line_without_direction_controls() -> None:
    assert clean_name("\u2067Parks\u2069\n and \u202eGardens") == "Parks and Gardens"
