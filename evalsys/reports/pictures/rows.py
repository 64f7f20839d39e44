"""Rows of bars from 0 to 100 with their intervals: groups, dimensions, indicators, the offices of a category."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from evalsys.reports.pictures.canvas import ACCENT, LINE, PAPER, QUIET, SOFT, TEXT, TRACK, Box, Canvas, Style
from evalsys.reports.pictures.frame import ROOM, Facts, Key, frame, whisker
from evalsys.reports.pictures.measure import clean, width, wrap

Number = Decimal | float | int

TICKS = (0, 25, 50, 75, 100)
HEAD_HEIGHT, COLUMN_GAP, NAME_GAP, HIGHEST = 54, 34, 28, 124
HEAD = Style(18, is_bold=True, fill=QUIET)
NAME_SHARE, HEAD_ROOM, LARGEST, SMALLEST, LINE_SHARE = 0.31, 150, 26.0, 16.0, 2.6


@dataclass(frozen=True)
class Row:
    """A bar and the cells beside it. Without a score `missing` says why."""

    name: str
    score: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    mean: Decimal | None = None
    cells: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Table:
    """Rows with the heads of what stands beside them; the first head is that of the names."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    has_bars: bool = True


@dataclass(frozen=True)
class _Layout:
    name: Box
    track: Box
    sides: tuple[float, ...]
    height: float
    style: Style

    def at(self, value: Number) -> float:
        share = min(max(float(value), 0.0), 100.0) / 100
        return self.track.x + share * self.track.width


def draw_rows(facts: Facts, table: Table, keys: Sequence[Key]) -> str:
    """The table as a picture."""
    canvas, area = frame(facts, keys)
    layout = lay_out(area, table, canvas.is_rtl)
    _heads(canvas, area, layout, table)
    for number, row in enumerate(table.rows):
        y = layout.track.y + number * layout.height
        canvas.line((area.x, y), (area.end, y), 1, TRACK)
        _row(canvas, layout, row, y + layout.height / 2)
    return canvas.svg()


def lay_out(area: Box, table: Table, is_rtl: bool) -> _Layout:
    """Where names, bars and cells stand: rows as high as there is room for, cells as wide as they must be."""
    height = min(HIGHEST, (area.height - HEAD_HEIGHT) / max(len(table.rows), 1))
    style = Style(max(16.0, min(LARGEST, round(height * 0.5, 1))))
    columns = [_column(place, table, style) for place in range(len(table.heads) - 1)]
    taken = sum(columns)
    name = Box(area.x, area.y, area.width * NAME_SHARE if table.has_bars else area.width - taken, 0)
    track = Box(name.end, area.y + HEAD_HEIGHT, area.end - taken - name.end, height * len(table.rows))
    sides = tuple(area.end - sum(columns[place + 1 :]) for place in range(len(columns)))
    if is_rtl:  # figures are lined up on the right in every language
        sides = tuple(side - column + COLUMN_GAP for side, column in zip(sides, columns, strict=True))
    return _Layout(Box(name.x, name.y, name.width - NAME_GAP, 0), track, sides, height, style)


def _column(place: int, table: Table, style: Style) -> float:
    cells = [width(clean(row.cells[place]), style.size, is_bold=place == 0) for row in table.rows if row.cells]
    return max([min(width(clean(table.heads[place + 1]), HEAD.size, is_bold=True), HEAD_ROOM), *cells]) + COLUMN_GAP


def fits(name: str) -> bool:
    """Whether a name stands on one line however many rows there are."""
    return width(clean(name), SMALLEST) <= ROOM * NAME_SHARE - NAME_GAP


def _heads(canvas: Canvas, area: Box, layout: _Layout, table: Table) -> None:
    base = area.y + HEAD_HEIGHT - 14
    canvas.text((area.x, base), table.heads[0], HEAD, layout.name.width)
    if table.has_bars:
        for tick in TICKS:
            x = layout.at(tick)
            canvas.line((x, layout.track.y - 6), (x, layout.track.bottom), 1.2, SOFT if tick in (0, 100) else TRACK)
            canvas.figure((x, base), str(tick), Style(17, fill=QUIET, anchor="middle"))
    for side, text in zip(layout.sides, table.heads[1:], strict=True):
        for number, line in enumerate(reversed(wrap(clean(text), HEAD_ROOM, HEAD.size, 2, is_bold=True))):
            canvas.text((side, base - number * HEAD.size * 1.2), line, HEAD.at(side_of(canvas)))


def side_of(canvas: Canvas) -> str:
    """Where the right edge of a column of figures is, in the direction of reading."""
    return "start" if canvas.is_rtl else "end"


def draw_name(canvas: Canvas, layout: _Layout, name: str, middle: float) -> None:
    """The name of a row; on several lines and in smaller letters where it is long and the row high enough."""
    text, size, lines = clean(name), layout.style.size, 1
    if width(text, size) > layout.name.width and layout.height / LINE_SHARE >= SMALLEST:
        size = min(size, layout.height / LINE_SHARE)
        lines = 3 if width(text, size) > 2 * layout.name.width else 2
        size = max(SMALLEST, min(size, layout.height / (lines * 1.3)))
    canvas.lines((layout.name.x, middle), wrap(text, layout.name.width, size, lines), Style(size))


def _row(canvas: Canvas, layout: _Layout, row: Row, middle: float) -> None:
    draw_name(canvas, layout, row.name, middle)
    style = layout.style
    for place, (cell, side) in enumerate(zip(row.cells, layout.sides, strict=False)):
        canvas.figure((side, middle + style.size * 0.35), cell, Style(style.size, place == 0, TEXT, side_of(canvas)))
    if row.score is None:
        if row.missing:
            room = layout.track.width - 10
            lines = wrap(clean(row.missing), room, style.size * 0.9, 2 if layout.height > 50 else 1)
            canvas.lines((layout.track.x + 10, middle), lines, Style(style.size * 0.9, fill=QUIET))
        return
    half = min(layout.height * 0.27, 20)
    canvas.rect(Box(layout.track.x, middle - half, layout.track.width, 2 * half), TRACK, "none")
    _bar(canvas, layout, row, (middle, half))


def _bar(canvas: Canvas, layout: _Layout, row: Row, where: tuple[float, float]) -> None:
    middle, half = where
    length = layout.at(row.score or 0) - layout.track.x
    canvas.rect(Box(layout.track.x, middle - half, length, 2 * half), SOFT, LINE)
    if row.mean is not None:
        x = layout.at(row.mean)
        canvas.line((x, middle - half - 5), (x, middle + half + 5), 7, PAPER)
        canvas.line((x, middle - half - 5), (x, middle + half + 5), 4, ACCENT, "7 4")
    if row.low is not None and row.high is not None:
        whisker(canvas, (layout.at(row.low), layout.at(row.high)), middle, half * 0.62)
