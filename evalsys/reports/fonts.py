"""Which characters the shipped fonts can draw; a text is brought inside that set before a PDF is made.

A character that no shipped font knows would be drawn from a font of the machine or as an empty box, and either
breaks PDF/A and PDF/UA. Comments and names may hold anything, so every character is looked up first.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "static" / "fonts"
REPLACEMENT = "\u25a1"
_LAYOUT = frozenset("\t\n\r")
# Joiners, direction marks and isolates shape the text around them and need no glyph of their own.
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u2060\u2066\u2067\u2068\u2069")


def files() -> tuple[Path, ...]:
    """The shipped font files, sorted by name."""
    return tuple(sorted(FOLDER.glob("*.ttf")))


@cache
def drawable() -> frozenset[str]:
    """Every character for which regular and bold of one shipped family have a glyph."""
    families: dict[str, set[int]] = {}
    for path in files():
        with TTFont(path, lazy=True) as font:
            known = set(font.getBestCmap())
        family = path.stem.split("-")[0]
        families[family] = families[family] & known if family in families else known
    return frozenset(chr(code) for code in set().union(*families.values()))


def missing(text: str) -> frozenset[str]:
    """The characters of the text that no shipped font draws."""
    return frozenset(text) - drawable() - _LAYOUT - _INVISIBLE


# One glyph that stands for dozens of characters has a text that readers of PDF, and its validators, refuse.
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = re.compile(f"({_MARK}{{6}}){_MARK}+")


def within(text: str) -> str:
    """The text in composed form, with every character that no font draws replaced by a white square.

    Combining marks, variation selectors and control characters without a glyph are dropped: alone they mean nothing. Of
    marks that are piled on one letter six stay.

    >>> within("ok \U0001f600")
    'ok □'
    """
    composed = _PILED.sub(r"\1", unicodedata.normalize("NFC", text))
    return composed.translate({ord(mark): _stand_in(mark) for mark in missing(composed)})


def _stand_in(mark: str) -> str:
    return "" if unicodedata.category(mark) in {"Mn", "Me", "Cf", "Cc", "Cs"} else REPLACEMENT
