"""References and check digits as people type them: from paper, in any script, or with the whole address around them."""

import re
import unicodedata

MOST_CHARACTERS = 120
ADDRESS = re.compile(r"/(?:v|verify)/([^/?#\s]+)(?:/([^/?#\s]*))?")
DASHES = {"\u2212", "\u30fc", "\uff70"}  # minus, and what keyboards of other languages put in its place
KEPT = "-._"


def split_reference(text: str) -> tuple[str, str]:
    """Reference and check digits from what was typed or pasted; "" where there is none.

    >>> split_reference(" rcc–٢٠٢٥ - u01-4f0a-EN ")
    ('RCC-2025-U01-4F0A-EN', '')
    >>> split_reference("https://rate.example/v/RCC-2025-U01-4F0A-ar/00ff00ff00ff00ff")
    ('RCC-2025-U01-4F0A-AR', '00ff00ff00ff00ff')
    """
    whole = text[: MOST_CHARACTERS * 4]
    found = ADDRESS.search(whole)
    reference, digits = (found.group(1), found.group(2) or "") if found else (whole, "")
    return clean_reference(reference), clean_digits(digits)


def clean_reference(text: str) -> str:
    """Capital letters, digits and dashes alone.

    >>> clean_reference("ＲＣＣ－２０２５－ｕ０１")
    'RCC-2025-U01'
    """
    plain = "".join(_plain(sign) for sign in unicodedata.normalize("NFKC", text[: MOST_CHARACTERS * 4]))
    return plain.upper().strip("-")[:MOST_CHARACTERS]


def clean_digits(text: str) -> str:
    """Check digits in small letters, without the gaps between them.

    >>> clean_digits("00FF 00ff-٠٠ff")
    '00ff00ff00ff'
    """
    return clean_reference(text).replace("-", "").lower()


def _plain(sign: str) -> str:
    """One sign as it stands in references; "" for what does not: blanks, and marks that nobody sees."""
    if sign.isdigit():
        return str(unicodedata.digit(sign))
    if unicodedata.category(sign) == "Pd" or sign in DASHES:
        return "-"
    return sign if sign.isascii() and (sign.isalpha() or sign in KEPT) else ""
