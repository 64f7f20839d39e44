"""What every picture has around its chart: what it shows, of whom, where it comes from, the key of its marks."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.reports.pictures.canvas import (
    ACCENT,
    INK,
    LINE,
    PAPER,
    QUIET,
    SOFT,
    TEXT,
    Box,
    Canvas,
    Style,
)
from evalsys.reports.pictures.measure import clean, width

SIZE = (1600, 900)
MARGIN = 72
ROOM = SIZE[0] - 2 * MARGIN
TITLE, SUBTITLE, SMALL = Style(38, is_bold=True, fill=INK), Style(24, fill=QUIET), Style(18, fill=QUIET)
KEY_WIDTH, KEY_GAP, KEY_LINE = 46, 34, 30
SOURCE_Y = 862


@dataclass(frozen=True)
class Facts:
    """What a picture shows (`title`), of whom (`subtitle`), its `source`, and what it says in words."""

    title: str
    subtitle: str
    source: str
    direction: str
    words: str = ""


@dataclass(frozen=True)
class Key:
    """A mark and what it means. `kind`: bar, interval, mean, score, band, break, lines, shade or open."""

    kind: str
    text: str
    fill: str = SOFT


def frame(facts: Facts, keys: Sequence[Key] = ()) -> tuple[Canvas, Box]:
    """A sheet with everything around the chart, and the field that is left for it."""
    canvas = Canvas(SIZE, facts.direction, f"{facts.title} – {facts.subtitle}", facts.words)
    bottom = canvas.block((MARGIN + 28, 96), facts.title, TITLE, (ROOM - 28, 2))
    bottom = canvas.block((MARGIN + 28, bottom + 42), facts.subtitle, SUBTITLE, (ROOM - 28, 2))
    canvas.rect(Box(MARGIN, 62, 10, bottom - 52), ACCENT)
    canvas.line((MARGIN, SOURCE_Y - 32), (MARGIN + ROOM, SOURCE_Y - 32), 1.5, SOFT)
    canvas.text((MARGIN, SOURCE_Y), facts.source, SMALL, ROOM)
    top = _legend(canvas, keys)
    return canvas, Box(MARGIN, bottom + 36, ROOM, top - bottom - 36)


def _legend(canvas: Canvas, keys: Sequence[Key]) -> float:
    """The key above the source; returns where it begins."""
    rows: list[list[tuple[float, Key]]] = [[]]
    x = float(MARGIN)
    for key in keys:
        length = KEY_WIDTH + 12 + width(clean(key.text), SMALL.size)
        if x + length > MARGIN + ROOM and rows[-1]:
            rows.append([])
            x = MARGIN
        rows[-1].append((x, key))
        x += length + KEY_GAP
    first = SOURCE_Y - 52 - KEY_LINE * (len(rows) - 1)
    for number, row in enumerate(rows):
        for place, key in row:
            y = first + number * KEY_LINE
            _mark(canvas, place, y - 6, key)
            canvas.text((place + KEY_WIDTH + 12, y), key.text, SMALL, MARGIN + ROOM - place - KEY_WIDTH - 12)
    return first - KEY_LINE if keys else SOURCE_Y - 48


def _mark(canvas: Canvas, x: float, y: float, key: Key) -> None:
    end = x + KEY_WIDTH
    if key.kind in ("bar", "shade", "band"):
        canvas.rect(Box(x, y - 9, KEY_WIDTH, 18), key.fill, LINE)
    elif key.kind == "interval":
        whisker(canvas, (x, end), y, 7)
    elif key.kind == "mean":
        canvas.line(((x + end) / 2, y - 12), ((x + end) / 2, y + 12), 4, ACCENT, "7 4")
    elif key.kind == "break":
        canvas.line((x, y), (end, y), 3, ACCENT, "9 6")
    elif key.kind == "lines":
        canvas.line((x, y), (end, y), 2, LINE, "8 6")
    elif key.kind == "open":
        canvas.diamond(((x + end) / 2, y), 10, PAPER, INK)
    else:
        canvas.diamond(((x + end) / 2, y), 11)


def whisker(canvas: Canvas, ends: tuple[float, float], y: float, half: float) -> None:
    """An interval: a line with a stop at each end."""
    canvas.line((ends[0], y), (ends[1], y), 2.6, TEXT)
    for end in ends:
        canvas.line((end, y - half), (end, y + half), 2.6, TEXT)
