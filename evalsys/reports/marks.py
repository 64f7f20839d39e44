"""Small pictures of the explorer: lines, bars and points in SVG, drawn from numbers; their numbers stand beside them.

No mark holds a letter, only digits; all are hidden from readers of the page, whose table says the same. Colours are
classes of the style sheet, and whatever a colour says a shape, a sign or the table says too.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import hypot

from markupsafe import Markup

Number = Decimal | float | int
Spot = tuple[float, float]

WIDTH = 100.0
SIDE, PAD = 340.0, 16.0
RADIUS = 10.0
TURNS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1), (2, 0), (-2, 0), (0, 2), (0, -2))


def share(percent: Number, rtl: bool) -> Markup:
    """A bar from 0 to 100 percent."""
    width = _inside(percent)
    return _strip([_rect("track", (0, 2, WIDTH, 10)), _rect("bar", (_turned(0, width, rtl), 2, width, 10))])


def change(value: Number | None, ends: tuple[Number | None, Number | None], reach: Number, rtl: bool) -> Markup:
    """A bar up or down from the middle, with the whisker of its interval; `reach` is the largest size there is."""
    whole = max(float(reach), 1.0)

    def at(number: Number) -> float:
        place = 50 + 50 * min(max(float(number) / whole, -1.0), 1.0)
        return WIDTH - place if rtl else place

    marks = [_rect("track", (0, 5, WIDTH, 4))]
    if value is not None:
        kind = "up" if value >= 0 else "down"
        marks.append(_rect(kind, (min(50.0, at(value)), 2, abs(at(value) - 50), 10)))
    if ends[0] is not None and ends[1] is not None:
        marks.append(_line("whisker", (at(ends[0]), 7, at(ends[1]), 7)))
        marks += [_line("whisker", (at(end), 4, at(end), 10)) for end in ends if end is not None]
    return _strip([*marks, _line("zero", (50, 0, 50, 14))])


def ranks(low: Number, middle: Number, high: Number, of: int, rtl: bool) -> Markup:
    """The likely ranks of a unit on a line from the first to the last place."""
    step = WIDTH / max(of, 1)

    def at(rank: Number) -> float:
        place = (float(rank) - 0.5) * step
        return WIDTH - place if rtl else place

    left, right = sorted((at(low), at(high)))
    marks = [_line("tick", (at(rank), 3, at(rank), 11)) for rank in range(1, of + 1)]
    return _strip(
        [*marks, _rect("bar", (left - 1, 4, right - left + 2, 6)), _line("middle", (at(middle), 0, at(middle), 14))]
    )


def quadrants(points: Sequence[tuple[int, Number, Number, str]], cross: tuple[Number, Number], rtl: bool) -> Markup:
    """Numbered points: importance along, performance upwards, and the lines that part important, and weak.

    `points` are (number, importance, performance, quadrant). Points that would lie upon each other are moved apart,
    with a line to where they belong.
    """
    wide, high = _axis([point[1] for point in points], cross[0]), _axis([point[2] for point in points], cross[1])

    def x(value: Number) -> float:
        place = _scaled(value, wide)
        return SIDE - place if rtl else place

    def y(value: Number) -> float:
        return SIDE - _scaled(value, high)

    corner = x(cross[0]), y(cross[1])
    important = (0.0, corner[0]) if rtl else (corner[0], SIDE)
    marks = [_rect("field", (important[0], corner[1], important[1] - important[0], SIDE - corner[1]))]
    marks += [_line("zero", (corner[0], 0, corner[0], SIDE)), _line("zero", (0, corner[1], SIDE, corner[1]))]
    marks += _points([(number, x(along), y(up), quadrant) for number, along, up, quadrant in points], corner)
    root = Markup(
        '<svg class="marks marks--quadrants" viewBox="0 0 {0} {0}" direction="ltr" aria-hidden="true"'
        ' focusable="false">{1}</svg>'
    )
    return root.format(int(SIDE), Markup("").join(marks))


def _points(points: Sequence[tuple[int, float, float, str]], corner: Spot) -> list[Markup]:
    placed: list[Spot] = []
    lines, discs = [], []
    for number, x, y, quadrant in points:
        spot = _free((x, y), placed, corner)
        placed.append(spot)
        if spot != (x, y):
            lines.append(_line("leader", (x, y, *spot)))
        disc = Markup(
            '<circle class="marks__{}" cx="{}" cy="{}" r="{}"/><text x="{}" y="{}" text-anchor="middle">{}</text>'
        )
        place = round(spot[0], 1), round(spot[1], 1)
        discs.append(disc.format(quadrant, *place, RADIUS, place[0], round(place[1] + 4, 1), number))
    return [*lines, *discs]


def _free(own: Spot, placed: Sequence[Spot], corner: Spot) -> Spot:
    """The nearest of some places around that no other disc covers, in the same quarter; the own one when none is."""
    step = 2 * RADIUS + 1
    for across, down in TURNS:
        spot = (_kept(own[0] + across * step), _kept(own[1] + down * step)) if across or down else own
        is_free = all(hypot(spot[0] - other[0], spot[1] - other[1]) >= 2 * RADIUS for other in placed)
        if is_free and all((spot[axis] < corner[axis]) == (own[axis] < corner[axis]) for axis in (0, 1)):
            return spot
    return own


def _kept(value: float) -> float:
    return min(max(value, RADIUS), SIDE - RADIUS)


def _axis(values: Sequence[Number], line: Number) -> tuple[float, float]:
    """Ends of an axis with the line in its middle that holds all values."""
    reach = max([abs(float(value) - float(line)) for value in values], default=0.0) or 1.0
    return float(line) - reach, float(line) + reach


def _scaled(value: Number, ends: tuple[float, float]) -> float:
    return PAD + (SIDE - 2 * PAD) * (float(value) - ends[0]) / (ends[1] - ends[0])


def _inside(percent: Number) -> float:
    return min(max(float(percent), 0.0), WIDTH)


def _turned(start: float, width: float, rtl: bool) -> float:
    return WIDTH - start - width if rtl else start


def _strip(marks: Sequence[Markup]) -> Markup:
    root = Markup(
        '<svg class="marks" viewBox="0 0 100 14" preserveAspectRatio="none" direction="ltr" aria-hidden="true"'
        ' focusable="false">{}</svg>'
    )
    return root.format(Markup("").join(marks))


def _rect(kind: str, box: tuple[float, float, float, float]) -> Markup:
    x, y, width, height = (round(float(value), 2) for value in box)
    return Markup('<rect class="marks__{}" x="{}" y="{}" width="{}" height="{}"/>').format(kind, x, y, width, height)


def _line(kind: str, ends: tuple[float, float, float, float]) -> Markup:
    x1, y1, x2, y2 = (round(float(value), 2) for value in ends)
    return Markup('<line class="marks__{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)
