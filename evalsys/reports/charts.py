"""Chart marks: small SVG pictures drawn from numbers, the same for the page and the PDF.

A mark holds no letters, because the renderer of the PDF cannot shape Arabic inside SVG; labels belong to the HTML
around it. The first child is a `<title>` with the translated sentence that the caller gives: it is what a reader
who cannot see the mark hears. The root says direction="ltr" and, for right-to-left pages, x is mirrored here, so
that both renderers agree. Every difference shown by colour is also shown by shape, dash, outline or darkness.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby

import segno
from markupsafe import Markup

from evalsys.reports.calculation import NodeLine
from evalsys.reports.scorecard import GroupLine, HistoryPoint, IndicatorLine, Scorecard

Number = Decimal | float | int

INK = "#0b434a"
MIDDLE = "#3f7f87"
SOFT = "#a9cdcc"
TRACK = "#eef3f3"
LINE = "#74878a"
ACCENT = "#a63d12"
PAPER = "#ffffff"
ROW_WIDTH, ROW_HEIGHT = 104, 16
RULER_WIDTH, RULER_HEIGHT = 686, 54
TREND_WIDTH, TREND_HEIGHT = 330, 96


class _Axis:
    """Maps 0-100 to x, mirrored for right-to-left pages; `pad` keeps marks at 0 and 100 inside the picture."""

    def __init__(self, width: int, pad: float, rtl: bool) -> None:
        self._width, self._pad, self._rtl = width, pad, rtl

    def x(self, value: Number) -> float:
        share = min(max(float(value), 0.0), 100.0) / 100
        inside = self._pad + share * (self._width - 2 * self._pad)
        return self._width - inside if self._rtl else inside

    def span(self, low: Number, high: Number) -> tuple[float, float]:
        """Left edge and width of the stretch from low to high."""
        ends = self.x(low), self.x(high)
        return min(ends), abs(ends[1] - ends[0])


def _svg(width: int, height: int, title: str, marks: Sequence[Markup], name: str) -> Markup:
    root = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="sc-mark {name}" role="img" direction="ltr" width="{w}"'
        ' height="{h}" viewBox="0 0 {w} {h}"><title>{title}</title>{body}</svg>'
    )
    return root.format(name=name, w=width, h=height, title=title, body=Markup("").join(marks))


def _rect(box: tuple[float, float, float, float], fill: str, stroke: str = "") -> Markup:
    x, y, width, height = (round(value, 2) for value in box)
    shape = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"{}/>')
    return shape.format(
        x, y, width, height, fill, Markup(' stroke="{}" stroke-width="0.8"').format(stroke) if stroke else ""
    )


def _line(ends: tuple[float, float, float, float], width: float, stroke: str = INK, dash: str = "") -> Markup:
    x1, y1, x2, y2 = (round(value, 2) for value in ends)
    shape = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>')
    return shape.format(x1, y1, x2, y2, stroke, width, Markup(' stroke-dasharray="{}"').format(dash) if dash else "")


def _diamond(x: float, y: float, half: float, fill: str, stroke: str) -> Markup:
    corners = ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
    points = " ".join(f"{round(a, 2)},{round(b, 2)}" for a, b in corners)
    return Markup('<polygon points="{}" fill="{}" stroke="{}" stroke-width="1.4"/>').format(points, fill, stroke)


def _whisker(axis: _Axis, interval: tuple[Number, Number], middle: float, half: float) -> Markup:
    start, end = round(axis.x(interval[0]), 2), round(axis.x(interval[1]), 2)
    shape = Markup('<path d="M{0} {2}H{1}M{0} {3}V{4}M{1} {3}V{4}" fill="none" stroke="{5}" stroke-width="1.6"/>')
    return shape.format(start, end, middle, middle - half, middle + half, INK)


def ruler(card: Scorecard, title: str) -> Markup:
    """The whole scale with its bands, the unit's score (filled diamond), its interval and the category's mean (dash).

    The band that holds the score is dark; the letters stand under the picture, in HTML.
    """
    axis = _Axis(RULER_WIDTH, 8, card.direction == "rtl")
    marks = []
    for band in card.bands:
        left, width = axis.span(band.start, band.end)
        fill = SOFT if band.code == card.band else TRACK
        marks.append(_rect((left, 22, width, 24), fill, LINE))
    if card.category_mean is not None:
        x = axis.x(card.category_mean)
        marks.append(_line((x, 16, x, 52), 2.4, ACCENT, "4 2"))
    if card.score is not None:
        if card.low is not None and card.high is not None:
            marks.append(_whisker(axis, (card.low, card.high), 10, 5))
        marks.append(_line((axis.x(card.score), 10, axis.x(card.score), 46), 2.8))
        marks.append(_diamond(axis.x(card.score), 10, 7.5, INK, PAPER))
    return _svg(RULER_WIDTH, RULER_HEIGHT, title, marks, "sc-mark-ruler")


def interval(line: GroupLine | IndicatorLine | NodeLine, title: str, rtl: bool, mean: Number | None = None) -> Markup:
    """A bar from 0 to the score with its 95 % interval, and a dash for the mean it is compared with."""
    axis = _Axis(ROW_WIDTH, 2, rtl)
    marks = [_rect(_box(axis, 0, 100), TRACK, LINE)]
    if line.score is not None:
        marks.append(_rect(_box(axis, 0, line.score), SOFT, LINE))
        if line.low is not None and line.high is not None:
            marks.append(_whisker(axis, (line.low, line.high), 8, 3.5))
    if mean is not None:
        marks.append(_line((axis.x(mean), 0, axis.x(mean), 16), 1.8, ACCENT, "3 1.5"))
    return _svg(ROW_WIDTH, ROW_HEIGHT, title, marks, "sc-mark-interval")


def _box(axis: _Axis, low: Number, high: Number) -> tuple[float, float, float, float]:
    left, width = axis.span(low, high)
    return left, 4, width, 8


def distribution(counts: Sequence[int], title: str, rtl: bool) -> Markup:
    """One bar cut by how many chose each level: the lowest level is white, the highest is darkest."""
    shades = (PAPER, "#d3e4e4", "#93bcbd", MIDDLE, INK)
    axis = _Axis(ROW_WIDTH, 2, rtl)
    total = sum(counts)
    marks: list[Markup] = []
    before = 0
    for level, count in enumerate(counts):
        if count:
            left, width = axis.span(100 * before / total, 100 * (before + count) / total)
            shade = shades[round(level * (len(shades) - 1) / max(len(counts) - 1, 1))]
            marks.append(_rect((left, 3, width, 10), shade, LINE))
        before += count
    return _svg(ROW_WIDTH, ROW_HEIGHT, title, marks, "sc-mark-distribution")


def contribution(points: Number, weight: Number, widest: Number, title: str, rtl: bool) -> Markup:
    """Points brought to the composite (filled) out of the points this weight could bring (outline)."""
    axis = _Axis(72, 2, rtl)
    scale = 100 / float(widest) if widest else 0.0
    marks = [_rect(_box(axis, 0, float(weight) * scale), PAPER, LINE)]
    marks.append(_rect(_box(axis, 0, float(points) * scale), INK))
    return _svg(72, ROW_HEIGHT, title, marks, "sc-mark-contribution")


def trend(points: Sequence[HistoryPoint], title: str, rtl: bool) -> Markup:
    """Results over rounds, oldest first. Where the method or the office broke stands a dashed line; gaps stay gaps."""
    known = [value for p in points for value in (p.score, p.low, p.high) if value is not None]
    floor = max(0.0, float(min(known, default=Decimal(0))) - 4)
    ceiling = min(100.0, float(max(known, default=Decimal(100))) + 4)
    columns = [_column(index, len(points), rtl) for index in range(len(points))]

    def height(value: Number) -> float:
        return 8 + (TREND_HEIGHT - 16) * (1 - (float(value) - floor) / (ceiling - floor or 1))

    marks = [_line((0, y, TREND_WIDTH, y), 0.6, SOFT) for y in (8, TREND_HEIGHT / 2, TREND_HEIGHT - 8)]
    for index, point in enumerate(points):
        x = columns[index]
        if index and _is_break(points[index - 1], point):
            middle = (x + columns[index - 1]) / 2
            marks.append(_line((middle, 2, middle, TREND_HEIGHT - 2), 1.4, ACCENT, "4 3"))
        elif index and point.score is not None and (previous := points[index - 1].score) is not None:
            marks.append(_line((columns[index - 1], height(previous), x, height(point.score)), 2, MIDDLE))
    for x, point in zip(columns, points, strict=True):
        marks += _dot(x, point, height)
    return _svg(TREND_WIDTH, TREND_HEIGHT, title, marks, "sc-mark-trend")


def _is_break(before: HistoryPoint, point: HistoryPoint) -> bool:
    return before.comparable != point.comparable or before.unit != point.unit


def _column(index: int, count: int, rtl: bool) -> float:
    x = TREND_WIDTH * (index + 0.5) / count
    return TREND_WIDTH - x if rtl else x


def _dot(x: float, point: HistoryPoint, height: Callable[[Number], float]) -> list[Markup]:
    if point.score is None:
        return []
    marks = []
    if point.low is not None and point.high is not None:
        marks.append(_line((x, height(point.low), x, height(point.high)), 1.2, LINE))
    return [*marks, _diamond(x, height(point.score), 5, INK if point.comparable else PAPER, INK)]


def qr(text: str, title: str) -> Markup:
    """The text as a QR code, error level M, quiet zone of two modules, 96 by 96 units."""
    rows = tuple(segno.make(text, error="m", micro=False).matrix)
    size = len(rows) + 4
    path = "".join(f"M{x + 2} {y + 2.5}h{width}" for y, row in enumerate(rows) for x, width in _runs(row))
    root = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="sc-mark sc-mark-qr" role="img" direction="ltr" width="96"'
        ' height="96" viewBox="0 0 {s} {s}"><title>{title}</title><rect width="{s}" height="{s}" fill="{paper}"/>'
        '<path d="{path}" fill="none" stroke="#000000"/></svg>'
    )
    return root.format(s=size, title=title, paper=PAPER, path=path)


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin in a row, and how many follow each other."""
    x = 0
    for dark, modules in groupby(row):
        width = len(list(modules))
        if dark:
            yield x, width
        x += width
