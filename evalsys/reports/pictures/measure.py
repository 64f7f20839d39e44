"""How wide a text is in the shipped fonts, and how it is broken or shortened so that nothing is cut off.

Arabic letters are measured as they stand alone. Joined they are narrower, so that what fits here fits in the picture.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from fontTools.ttLib import TTFont

from evalsys.reports import fonts

FAMILIES = {"NotoSans": "Noto Sans", "NotoNaskhArabic": "Noto Naskh Arabic", "NotoSansSC": "Noto Sans SC"}
ELLIPSIS = "…"
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FIRST_IDEOGRAPH = "\u2e80"
CLOSING = "，。；：！？、）】》」』”’%％"


@dataclass(frozen=True)
class Face:
    """One shipped file: how far each character moves on, in parts of the font size."""

    family: str
    advances: dict[str, float]


@dataclass(frozen=True)
class Piece:
    """A stretch of text that one family draws."""

    text: str
    family: str


def clean(text: str) -> str:
    """The text on one line, with nothing in it that no shipped font draws or that turns the text around it."""
    return " ".join(fonts.within(UNSAFE.sub("", text)).split())


@cache
def faces(is_bold: bool) -> tuple[Face, ...]:
    """The families in the order in which they are asked for a character."""
    return tuple(_face(stem, "Bold" if is_bold else "Regular") for stem in FAMILIES)


def _face(stem: str, weight: str) -> Face:
    with TTFont(fonts.FOLDER / f"{stem}-{weight}.ttf", lazy=True) as font:
        widths, size = font["hmtx"].metrics, font["head"].unitsPerEm
        advances = {chr(code): widths[name][0] / size for code, name in font.getBestCmap().items()}
    return Face(FAMILIES[stem], advances)


def pieces(text: str, is_bold: bool) -> Iterator[Piece]:
    """The text cut where another family must draw; what several can draw stays with the one before."""
    known = faces(is_bold)
    face, start = known[0], 0
    for place, sign in enumerate(text):
        if sign not in face.advances:
            other = next((one for one in known if sign in one.advances), face)
            if other is not face:
                if place > start:
                    yield Piece(text[start:place], face.family)
                face, start = other, place
        elif face is not known[0] and sign in known[0].advances and _returns(sign, face):
            yield Piece(text[start:place], face.family)
            face, start = known[0], place
    if text[start:]:
        yield Piece(text[start:], face.family)


def _returns(sign: str, face: Face) -> bool:
    """Whether the first family takes over again: for letters and digits, after ideographs for quotes and dashes too."""
    return sign.isalnum() or (face.family == FAMILIES["NotoSansSC"] and sign != " ")


def width(text: str, size: float, is_bold: bool = False) -> float:
    """How long the text is on a line, at most."""
    known = {face.family: face.advances for face in faces(is_bold)}
    return size * sum(known[one.family].get(sign, 0.0) for one in pieces(text, is_bold) for sign in one.text)


def shorten(text: str, room: float, size: float, is_bold: bool = False) -> str:
    """The text, or as much of it as there is room for with an ellipsis."""
    if width(text, size, is_bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + ELLIPSIS, size, is_bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def wrap(text: str, room: float, size: float, lines: int, is_bold: bool = False) -> tuple[str, ...]:
    """The text on at most so many lines; what remains is shortened on the last one."""
    found: list[str] = []
    rest = text
    while rest and len(found) < lines - 1 and width(rest, size, is_bold) > room:
        line = _line(rest, room, size, is_bold)
        found.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    return (*found, shorten(rest, room, size, is_bold)) if rest else tuple(found)


def _line(text: str, room: float, size: float, is_bold: bool) -> str:
    """The longest start of the text that fits and may end there; at least one character."""
    end = 0
    for place in _breaks(text):
        if width(text[:place].rstrip(), size, is_bold) > room:
            break
        end = place
    if end:
        return text[:end]
    return text[: max(1, len(shorten(text, room, size, is_bold)) - 1)]


def _breaks(text: str) -> Iterator[int]:
    for place in range(1, len(text)):
        before, after = text[place - 1], text[place]
        is_cjk = max(before, after) >= FIRST_IDEOGRAPH and not "\ufb50" <= max(before, after) <= "\ufeff"
        if before in " -–/" or (is_cjk and after not in CLOSING and before not in "（《「"):
            yield place
    yield len(text)
