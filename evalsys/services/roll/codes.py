"""Codes of invitations that can be typed: the token in letters that nobody confuses."""

import re
import secrets
import unicodedata

from evalsys.services.collection.receipts import LETTERS

CODE_LETTERS = 28
"""140 random bits: nobody guesses one, now or later."""
GROUP_LETTERS = 4
LOOKALIKES = str.maketrans("OIL", "011")


def new_code() -> str:
    """A token of 28 letters and digits."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))


def grouped(code: str) -> str:
    """The code as it is printed.

    >>> grouped("0123456789AB")
    '0123-4567-89AB'
    """
    return "-".join(code[start : start + GROUP_LETTERS] for start in range(0, len(code), GROUP_LETTERS))


def as_token(typed: str) -> str:
    """The token that was meant: case, spaces, hyphens, width, script of digits and look-alike letters do not matter.

    >>> as_token(" o1il-٢３ab ")
    '011123AB'
    """
    plain = unicodedata.normalize("NFKC", typed).upper()
    digits = "".join(str(unicodedata.decimal(mark, mark)) for mark in plain)
    return re.sub(r"[^0-9A-Z]", "", digits).translate(LOOKALIKES)
