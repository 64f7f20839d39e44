"""Naming glyphs that the renderer left without a text, so that every glyph of a PDF can be read aloud.

A letter with a vowel sign is drawn by several glyphs, and the renderer gives their whole text to the first one. Should
one of the others appear there for the first time, it has no text, which PDF/A and PDF/UA forbid. Its own letter is
looked up in the font.
"""

import re
import unicodedata
from functools import cache

import pydyf
from fontTools.ttLib import TTFont

from evalsys.reports import fonts

NAMELESS = re.compile(rb"^<([0-9a-f]{4})> <>$")
FILES = {"Card-Sans": "NotoSans", "Card-Naskh": "NotoNaskhArabic", "Card-Han": "NotoSansSC"}
BOLD = "-Bold"
NOTHING = "\u200b"


def name_glyphs(pdf: pydyf.PDF) -> None:
    """Give every glyph of the finished document a text."""
    for item in pdf.objects:
        if isinstance(item, pydyf.Dictionary) and item.get("Subtype") == "/Type0":
            number = int(item["ToUnicode"].split()[0])
            name = item["BaseFont"].decode().rpartition("+")[2]
            lines = pdf.objects[number].stream
            lines[:] = [_named(line, name) for line in lines]


def _named(line: bytes, name: str) -> bytes:
    found = NAMELESS.match(line)
    if found is None:
        return line
    text = _letters(name).get(int(found[1], 16), NOTHING)
    return b"<" + found[1] + b"> <" + text.encode("utf-16-be").hex().encode() + b">"


@cache
def _letters(name: str) -> dict[int, str]:
    """The plain letter of each glyph of a shipped font."""
    style = "Bold" if name.endswith(BOLD) else "Regular"
    path = fonts.FOLDER / f"{FILES[name.removesuffix(BOLD)]}-{style}.ttf"
    with TTFont(path, lazy=True) as font:
        codes = font.getBestCmap().items()
        return {font.getGlyphID(glyph): unicodedata.normalize("NFKC", chr(code)) for code, glyph in codes}
