"""Numbers as files of many countries write them: digits of every script, point or comma, kept exact."""

import re
import unicodedata

from evalsys.i18n import _l

SIGNS = {0x066B: ".", 0xFF0E: ".", 0xFF0C: ",", 0x060C: ",", 0x2212: "-", 0xFF0D: "-", 0xFF0B: "+"}
MARKS = "\u200e\u200f\u061c"
NUMBER = re.compile(r"[+-]?[0-9]{1,18}([.,][0-9]{1,18})?", re.ASCII)
AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)

NO_NUMBER = _l(
    "This is not a number such as 1234.5: write digits only, with one decimal sign and nothing for thousands."
)
TWO_WAYS = _l("This can be read in two ways. Write 1234 or 1.234, with nothing for thousands and a point for decimals.")


class NotANumber(ValueError):
    """The text is no number, or it is not sure which; the message id says which of the two."""


def read_number(text: str) -> str:
    """The number with the digits 0 to 9 and a point, every decimal as it was given.

    A comma before exactly three digits may stand for thousands or for decimals: that is not guessed.

    >>> read_number(" ٨٧٫٥٠ "), read_number("−12,5"), read_number("１２"), read_number("0,125")
    ('87.50', '-12.5', '12', '0.125')

    Raises:
        NotANumber: with the message id.
    """
    plain = text if text.isascii() else "".join(map(_latin, text.translate(SIGNS)))
    plain = plain.strip(MARKS + " \t\u00a0\u3000")
    if AMBIGUOUS.fullmatch(plain):
        raise NotANumber(TWO_WAYS)
    if not NUMBER.fullmatch(plain):
        raise NotANumber(NO_NUMBER)
    return plain.replace(",", ".").removeprefix("+")


def _latin(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
