"""What a print needs to know of quoted words: the direction they run in, and signs that no shipped font has."""

import unicodedata

from evalsys.reports.fonts import missing, within

__all__ = ["direction_of", "missing", "within"]

DIRECTIONS = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def direction_of(text: str, otherwise: str) -> str:
    """The direction of the first letter that has one, as a browser finds it for dir="auto".

    >>> direction_of("2025: شكرا", "ltr"), direction_of("Thanks شكرا", "rtl"), direction_of("2025", "rtl")
    ('rtl', 'ltr', 'rtl')
    """
    found = (DIRECTIONS.get(unicodedata.bidirectional(sign)) for sign in text)
    return next((direction for direction in found if direction), otherwise)
