"""Numbers of figures: every script, point or comma, every decimal kept, nothing guessed."""

import unicodedata

import pytest

from evalsys.services.figures.numbers import NO_NUMBER, TWO_WAYS, NotANumber, read_number

ZEROES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Nd" and chr(code).isdecimal()]


def test_the_digits_of_every_script_are_read() -> None:
    assert len(ZEROES) > 600
    for sign in ZEROES:
        assert read_number(sign) == str(unicodedata.decimal(sign))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("+12.50", "12.50"),
        ("-0.000000000000000001", "-0.000000000000000001"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("12,3450", "12.3450"),
        ("٨٧٫٥", "87.5"),
        ("۸۷٫۵", "87.5"),
        ("−３．５", "-3.5"),
        ("\u200f١٢\u200f", "12"),
        ("\u00a012\u00a0", "12"),
        ("007", "007"),
    ],
)
def test_a_number_keeps_every_decimal(text: str, number: str) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "-", ".5", "5.", "1 234", "1,234,567", "1.234,5", "1’234", "12 %", "1e3", "nan", "inf", "½", "٬١", "1" * 19],
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber) as refusal:
        read_number(text)
    assert str(refusal.value) == NO_NUMBER


@pytest.mark.parametrize("text", ["1,234", "-12,345", "١٢،٣٤٥", "999,000"])
def test_a_comma_that_may_stand_for_thousands_is_not_guessed(text: str) -> None:
    with pytest.raises(NotANumber) as refusal:
        read_number(text)
    assert str(refusal.value) == TWO_WAYS
