"""A sheet to draw on: shapes and texts in SVG, with real letters.

Places are counted from the side where reading begins: on right-to-left sheets x is mirrored here and texts change
their anchor, so that whoever draws need not know. The direction of a right-to-left text is set by an isolate and not
by the attribute, since the maker of the PNG knows only the former; each stretch of text names its own family, since it
would take any weight of another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from evalsys.reports.charts import ACCENT, INK, LINE, MIDDLE, PAPER, SOFT, TRACK
from evalsys.reports.pictures.measure import clean, pieces, shorten, wrap

__all__ = ["ACCENT", "INK", "LINE", "MIDDLE", "PAPER", "SOFT", "TEXT", "TRACK", "Box", "Canvas", "Style"]

TEXT = "#1d2b2d"
QUIET = "#4a5a5c"
SHADES = (PAPER, "#d3e4e4", "#93bcbd", MIDDLE, INK)
RIGHT, END, MARK = "\u2067", "\u2069", "\u200e"
MIRRORED = {"start": "end", "end": "start", "middle": "middle"}
LEADING = 1.28

Spot = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """How a text looks. `anchor`: "start", "middle" or "end", in the direction of reading."""

    size: float
    is_bold: bool = False
    fill: str = TEXT
    anchor: str = "start"

    def at(self, anchor: str) -> "Style":
        """The same, anchored elsewhere."""
        return replace(self, anchor=anchor)


@dataclass(frozen=True)
class Box:
    """A field of the sheet; x is where reading begins."""

    x: float
    y: float
    width: float
    height: float

    @property
    def end(self) -> float:
        """Where reading ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


def figure(text: str) -> str:
    """Figures run from left to right inside any text, with a true minus sign.

    Marks do it, not isolates: of two isolates in one another the maker of the PNG confuses the order.
    """
    return MARK + text.replace("-", "−").replace("–", f"{MARK}–{MARK}") + MARK


def code(text: str) -> str:
    """A reference or a code, from left to right inside any text."""
    return MARK + text + MARK


class Canvas:
    """A picture in a direction; `title` and `words` are what a reader hears who cannot see it."""

    def __init__(self, size: tuple[int, int], direction: str, title: str, words: str) -> None:
        self.width, self.height = size
        self.is_rtl = direction == "rtl"
        self._title, self._words = title, words
        self._marks: list[Markup] = []
        self.rect(Box(0, 0, self.width, self.height), PAPER)

    def rect(self, box: Box, fill: str, stroke: str = "", thickness: float = 1.5) -> None:
        """A rectangle."""
        x = self.width - box.end if self.is_rtl else box.x
        shape = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="{}"/>')
        sizes = (_round(x), _round(box.y), _round(max(box.width, 0)), _round(max(box.height, 0)))
        self._marks.append(shape.format(*sizes, fill, stroke or "none", thickness))

    def line(self, start: Spot, end: Spot, thickness: float = 2, stroke: str = INK, dash: str = "none") -> None:
        """A straight line."""
        shape = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/>')
        ends = (self._x(start[0]), _round(start[1]), self._x(end[0]), _round(end[1]))
        self._marks.append(shape.format(*ends, stroke, thickness, dash))

    def diamond(self, spot: Spot, half: float, fill: str = INK, stroke: str = PAPER) -> None:
        """A diamond around a spot."""
        x, y = self._x(spot[0]), spot[1]
        corners = ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
        points = " ".join(f"{_round(a)},{_round(b)}" for a, b in corners)
        shape = Markup('<polygon points="{}" fill="{}" stroke="{}" stroke-width="2"/>')
        self._marks.append(shape.format(points, fill, stroke))

    def disc(self, spot: Spot, radius: float, fill: str, stroke: str = INK) -> None:
        """A disc around a spot."""
        shape = Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}" stroke-width="2"/>')
        self._marks.append(shape.format(self._x(spot[0]), _round(spot[1]), radius, fill, stroke))

    def text(self, spot: Spot, text: str, style: Style, room: float = 0) -> None:
        """One line of text whose baseline is at the spot, shortened to the room that there is."""
        shown = clean(text)
        self._letters(spot, shorten(shown, room, style.size, style.is_bold) if room else shown, style)

    def figure(self, spot: Spot, text: str, style: Style) -> None:
        """Figures, from left to right in every language."""
        self._letters(spot, clean(text).replace("-", "−"), style, is_figure=True)

    def block(self, spot: Spot, text: str, style: Style, room: Spot) -> float:
        """Text on several lines: at most `room` wide and so many lines. Returns the baseline of the last one."""
        y = spot[1]
        for number, line in enumerate(wrap(clean(text), room[0], style.size, int(room[1]), style.is_bold)):
            y = spot[1] + number * style.size * LEADING
            self._letters((spot[0], y), line, style)
        return y

    def lines(self, spot: Spot, lines: Sequence[str], style: Style) -> None:
        """Lines that were broken before, around the middle `spot`."""
        top = spot[1] - (len(lines) - 1) * style.size * LEADING / 2 + style.size * 0.35
        for number, line in enumerate(lines):
            self._letters((spot[0], top + number * style.size * LEADING), line, style)

    def svg(self) -> str:
        """The whole picture."""
        root = Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
            "<title>{title}</title><desc>{words}</desc>{body}</svg>\n"
        )
        known = {"title": clean(self._title), "words": clean(self._words), "body": Markup("").join(self._marks)}
        return str(root.format(w=self.width, h=self.height, **known))

    def _x(self, x: float) -> float:
        return _round(self.width - x if self.is_rtl else x)

    def _letters(self, spot: Spot, text: str, style: Style, is_figure: bool = False) -> None:
        anchor = MIRRORED[style.anchor] if self.is_rtl else style.anchor
        turn, end = (RIGHT, END) if self.is_rtl and not is_figure else ("", "")
        parts = Markup("").join(
            Markup("<tspan font-family=\"'{}', sans-serif\">{}</tspan>").format(one.family, one.text)
            for one in pieces(text, style.is_bold)
        )
        shape = Markup('<text x="{}" y="{}" font-size="{}" font-weight="{}" fill="{}" text-anchor="{}">{}{}{}</text>')
        weight = 700 if style.is_bold else 400
        place = (self._x(spot[0]), _round(spot[1]), style.size)
        self._marks.append(shape.format(*place, weight, style.fill, anchor, turn, parts, end))


def _round(value: float) -> float:
    return round(float(value), 1)
