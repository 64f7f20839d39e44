"""Results over the rounds; where the method or the office broke, no line is drawn."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from evalsys.reports.lines import HistoryPoint
from evalsys.reports.pictures.canvas import ACCENT, INK, MIDDLE, PAPER, QUIET, SOFT, TEXT, TRACK, Box, Canvas, Style
from evalsys.reports.pictures.frame import Facts, Key, frame
from evalsys.reports.pictures.words import between

AXIS, HEAD, FOOT, STEP, FEWEST = 70, 72, 92, 5, 4
TICK, VALUE = Style(18, fill=QUIET), Style(30, is_bold=True, fill=INK)


def draw_trend(facts: Facts, points: Sequence[HistoryPoint], notes: Sequence[str], keys: Sequence[Key]) -> str:
    """Oldest first. `notes` stand under the rounds: why one cannot be compared, or that it was not graded."""
    canvas, area = frame(facts, keys)
    plot = Box(area.x + AXIS, area.y + HEAD, area.width - AXIS, area.height - FOOT - HEAD)
    floor, ceiling = _range(points)
    for tick in _ticks(floor, ceiling):
        y = _height(plot, tick, (floor, ceiling))
        canvas.line((plot.x, y), (plot.end, y), 1.5, SOFT if tick in (floor, ceiling) else TRACK)
        canvas.figure((plot.x - 14, y + 6), str(tick), TICK.at("end"))
    places = [plot.x + plot.width * (number + 0.5) / len(points) for number in range(len(points))]
    _joins(canvas, plot, list(zip(places, points, strict=True)), (floor, ceiling))
    step = plot.width / len(points)
    for x, point, note in zip(places, points, notes, strict=True):
        _point(canvas, plot, (x, point), (floor, ceiling))
        canvas.text((x, plot.bottom + 36), point.round_code, Style(22, is_bold=True, anchor="middle"), step - 16)
        canvas.block((x, plot.bottom + 62), note, Style(17, fill=QUIET, anchor="middle"), (step - 24, 2))
    return canvas.svg()


def _range(points: Sequence[HistoryPoint]) -> tuple[int, int]:
    known = [value for one in points for value in (one.score, one.low, one.high) if value is not None]
    low, high = min(known, default=Decimal(0)), max(known, default=Decimal(100))
    floor = max(0, int(low - 4) // STEP * STEP)
    ceiling = min(100, -(-int(high + 5) // STEP) * STEP)
    return floor, max(ceiling, floor + STEP)


def _ticks(floor: int, ceiling: int) -> range:
    """Steps of 5, 10 or 20, so that the axis holds few lines."""
    step = next((one for one in (STEP, 2 * STEP) if (ceiling - floor) / one <= FEWEST * 2), 4 * STEP)
    return range(floor, ceiling + 1, step)


def _height(plot: Box, value: Decimal | int, ends: tuple[int, int]) -> float:
    return plot.bottom - plot.height * (float(value) - ends[0]) / (ends[1] - ends[0])


def _joins(canvas: Canvas, plot: Box, points: Sequence[tuple[float, HistoryPoint]], ends: tuple[int, int]) -> None:
    for (before_x, before), (x, point) in pairwise(points):
        if before.comparable != point.comparable or before.unit != point.unit:
            middle = (before_x + x) / 2
            canvas.line((middle, plot.y), (middle, plot.bottom), 3, ACCENT, "9 6")
        elif before.score is not None and point.score is not None:
            start = before_x, _height(plot, before.score, ends)
            canvas.line(start, (x, _height(plot, point.score, ends)), 4, MIDDLE)


def _point(canvas: Canvas, plot: Box, spot: tuple[float, HistoryPoint], ends: tuple[int, int]) -> None:
    x, point = spot
    if point.score is None:
        canvas.figure((x, plot.bottom - 24), point.band or "–", VALUE.at("middle"))
        return
    y = _height(plot, point.score, ends)
    if point.low is not None and point.high is not None:
        top, bottom = _height(plot, point.high, ends), _height(plot, point.low, ends)
        canvas.line((x, top), (x, bottom), 2.6, TEXT)
        for end in (top, bottom):
            canvas.line((x - 12, end), (x + 12, end), 2.6, TEXT)
    canvas.diamond((x, y), 15, INK if point.comparable else PAPER, INK)
    top = _height(plot, point.score if point.high is None else point.high, ends) - 14
    label = between(point.low, point.high)
    canvas.figure((x, top - 6), label, Style(18, fill=TEXT, anchor="middle"))
    text = f"{point.score} {point.band}".strip()
    canvas.figure((x, top - (30 if label else 12)), text, Style(26, is_bold=True, fill=INK, anchor="middle"))
