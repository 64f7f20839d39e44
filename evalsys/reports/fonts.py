"""Which characters the shipped fonts can draw: names must keep to them, quoted words are brought inside that set.

A character that no shipped font knows would be drawn from a font of the machine or as an empty box, and either
breaks PDF/A and PDF/UA. Comments and names may hold anything, so every character is looked up first.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "static" / "fonts"
FAMILIES = ("NotoSans", "NotoNaskhArabic", "NotoSansSC")
REPLACEMENT = "\u25a1"
_LAYOUT = frozenset("\t\n\r")
# Joiners, direction marks and isolates shape the text around them and need no glyph of their own.
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u2060\u2066\u2067\u2068\u2069")


NEEDED = tuple(f"{family}-{face}.ttf" for family in FAMILIES for face in ("Regular", "Bold"))


def absent() -> tuple[str, ...]:
    """The names of the font files that should be there and are not."""
    there = {path.name for path in files()}
    return tuple(name for name in NEEDED if name not in there)


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


def composed(text: str) -> str:
    """The text in composed form, without what has no glyph and is not meant to be seen (as controls)."""
    whole = unicodedata.normalize("NFC", text)
    unseen = (mark for mark in missing(whole) if _is_unseen(mark))
    return whole.translate(dict.fromkeys(map(ord, unseen)))


def named(marks: Iterable[str]) -> tuple[str, ...]:
    """The characters with their numbers and names, as an error tells them.

    >>> named("\U0001f600")
    ('U+1F600 GRINNING FACE',)
    """
    return tuple(f"U+{ord(mark):04X} {unicodedata.name(mark, '(no name)')}" for mark in sorted(marks))


def within(text: str) -> str:
    """The text in composed form, with every character that no font draws replaced by a white square.

    Combining marks, variation selectors and control characters without a glyph are dropped: alone they mean nothing. Of
    marks that are piled on one letter six stay.

    >>> within("ok \U0001f600")
    'ok □'
    """
    composed = _PILED.sub(r"\1", unicodedata.normalize("NFC", text))
    return composed.translate({ord(mark): _stand_in(mark) for mark in missing(composed)})


def _is_unseen(mark: str) -> bool:
    selectors = 0xFE00 <= ord(mark) <= 0xFE0F or 0xE0100 <= ord(mark) <= 0xE01EF
    return selectors or unicodedata.category(mark) in {"Cf", "Cc", "Cs"}


def _stand_in(mark: str) -> str:
    return "" if unicodedata.category(mark) in {"Mn", "Me", "Cf", "Cc", "Cs"} else REPLACEMENT
