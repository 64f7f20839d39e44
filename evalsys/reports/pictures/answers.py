"""How people answered: one bar an indicator, cut by the share that chose each level."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalsys.reports.calculation import percents
from evalsys.reports.lines import IndicatorLine
from evalsys.reports.pictures.canvas import INK, LINE, PAPER, SHADES, Box, Canvas, Style
from evalsys.reports.pictures.frame import Facts, Key, frame
from evalsys.reports.pictures.measure import width
from evalsys.reports.pictures.rows import HEAD, Row, Table, draw_name, lay_out, side_of

DARK_FROM = 3


@dataclass(frozen=True)
class AnswerRow:
    """The answers to one question: percent of each level from the lowest up, and the cells beside it."""

    name: str
    shares: tuple[int, ...]
    cells: tuple[str, ...]


def shares_of(line: IndicatorLine) -> tuple[int, ...]:
    """Whole percents of each level that sum to 100: as published, or from the counts of older cards."""
    return line.shares or percents(line.distribution)


def shade(level: int, levels: int) -> str:
    """The lowest level is white, the highest darkest."""
    return SHADES[_place(level, levels)]


def _place(level: int, levels: int) -> int:
    return round(level * (len(SHADES) - 1) / max(levels - 1, 1))


def draw_answers(facts: Facts, heads: tuple[str, ...], rows: Sequence[AnswerRow], keys: Sequence[Key]) -> str:
    """The bars as a picture."""
    canvas, area = frame(facts, keys)
    table = Table(heads, tuple(Row(one.name, None, cells=one.cells) for one in rows))
    layout = lay_out(area, table, canvas.is_rtl)
    base = area.y + 40
    canvas.text((layout.name.x, base), heads[0], HEAD)
    for side, head in zip(layout.sides, heads[1:], strict=True):
        canvas.text((side, base), head, HEAD.at(side_of(canvas)))
    for number, one in enumerate(rows):
        top = layout.track.y + number * layout.height
        middle, half = top + layout.height / 2, min(layout.height * 0.34, 22)
        draw_name(canvas, layout, one.name, middle)
        _bar(canvas, Box(layout.track.x, middle - half, layout.track.width, 2 * half), one.shares)
        for side, cell in zip(layout.sides, one.cells, strict=True):
            canvas.figure((side, middle + layout.style.size * 0.35), cell, layout.style.at(side_of(canvas)))
    return canvas.svg()


def _bar(canvas: Canvas, box: Box, shares: tuple[int, ...]) -> None:
    size = min(20.0, box.height * 0.6)
    x = box.x
    for level, share in enumerate(shares):
        length = box.width * share / max(sum(shares), 1)
        if share:
            canvas.rect(Box(x, box.y, length, box.height), shade(level, len(shares)), LINE)
            text = f"{share} %"
            if width(text, size, is_bold=True) < length - 6:
                fill = PAPER if _place(level, len(shares)) >= DARK_FROM else INK
                middle = (x + length / 2, box.y + box.height / 2 + size * 0.35)
                canvas.figure(middle, text, Style(size, is_bold=True, fill=fill, anchor="middle"))
        x += length
