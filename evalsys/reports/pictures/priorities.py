"""What counts and how well it goes: weight along, score upwards, numbered, with the names beside.

After J. A. Martilla and J. C. James (1977), Journal of Marketing 41.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import hypot

from flask_babel import gettext as _

from evalsys.reports.pictures.canvas import ACCENT, INK, LINE, PAPER, QUIET, SOFT, TEXT, TRACK, Box, Canvas, Style
from evalsys.reports.pictures.frame import Facts, Key, frame

RADIUS, GAP, LIST_SHARE = 17, 36, 0.4
CORNER = Style(19, is_bold=True, fill=QUIET)
TURNS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1), (2, 0), (-2, 0), (0, 2), (0, -2))


@dataclass(frozen=True)
class Priority:
    """One indicator: what it counts (percent) and its score."""

    name: str
    weight: Decimal
    score: Decimal


@dataclass(frozen=True)
class _Plot:
    box: Box
    across: tuple[float, float]
    up: tuple[float, float]

    def spot(self, weight: Decimal, score: Decimal) -> tuple[float, float]:
        x = self.box.x + self.box.width * (float(weight) - self.across[0]) / (self.across[1] - self.across[0])
        y = self.box.bottom - self.box.height * (float(score) - self.up[0]) / (self.up[1] - self.up[0])
        return x, y


def draw_priorities(facts: Facts, points: Sequence[Priority], cross: tuple[Decimal, Decimal], note: str) -> str:
    """The points in four quarters around `cross`, which `note` explains."""
    canvas, area = frame(facts, [Key("lines", note)])
    names = Box(area.end - area.width * LIST_SHARE, area.y, area.width * LIST_SHARE, area.height)
    box = Box(area.x + 44, area.y + 6, area.width - names.width - 44 - GAP, area.height - 44)
    plot = _Plot(box, _axis([one.weight for one in points], cross[0]), _axis([one.score for one in points], cross[1]))
    corner = plot.spot(*cross)
    _quarters(canvas, box, corner)
    _ends(canvas, plot, cross, corner)
    placed: list[tuple[float, float]] = []
    for number, one in enumerate(points, 1):
        own = plot.spot(one.weight, one.score)
        spot = _free(own, placed, corner)
        placed.append(spot)
        if spot != own:
            canvas.line(own, spot, 1.5, QUIET)
        is_first = one.weight >= cross[0] and one.score < cross[1]
        canvas.disc(spot, RADIUS, ACCENT if is_first else PAPER, ACCENT if is_first else INK)
        style = Style(18, is_bold=True, fill=PAPER if is_first else INK, anchor="middle")
        canvas.figure((spot[0], spot[1] + 6.5), str(number), style)
    _names(canvas, names, points)
    return canvas.svg()


def _quarters(canvas: Canvas, box: Box, corner: tuple[float, float]) -> None:
    canvas.rect(box, PAPER, LINE)
    canvas.rect(Box(corner[0], corner[1], box.end - corner[0], box.bottom - corner[1]), TRACK)
    canvas.line((corner[0], box.y), (corner[0], box.bottom), 2, LINE, "8 6")
    canvas.line((box.x, corner[1]), (box.end, corner[1]), 2, LINE, "8 6")
    left, right = corner[0] - box.x - 20, box.end - corner[0] - 20
    canvas.text((box.x + 12, box.y + 28), _("Less important, strong"), CORNER, left)
    canvas.text((box.end - 12, box.y + 28), _("Important and strong"), CORNER.at("end"), right)
    canvas.text((box.x + 12, box.bottom - 14), _("Less important, weak"), CORNER, left)
    first = Style(19, is_bold=True, fill=ACCENT, anchor="end")
    canvas.text((box.end - 12, box.bottom - 14), _("Important and weak"), first, right)


def _ends(canvas: Canvas, plot: _Plot, cross: tuple[Decimal, Decimal], corner: tuple[float, float]) -> None:
    box, small = plot.box, Style(18, fill=QUIET)
    canvas.figure((corner[0], box.bottom + 28), f"{cross[0]} %", Style(18, is_bold=True, fill=TEXT, anchor="middle"))
    canvas.text((box.end, box.bottom + 28), _("Along: weight in the score"), small.at("end"), box.end - corner[0] - 50)
    canvas.text((box.x, box.bottom + 28), _("Upwards: score"), small, corner[0] - box.x - 50)
    canvas.figure((box.x - 8, corner[1] + 6), str(cross[1]), small.at("end"))
    canvas.figure((box.x - 8, box.y + 14), f"{round(plot.up[1])}", small.at("end"))
    canvas.figure((box.x - 8, box.bottom), f"{round(plot.up[0])}", small.at("end"))


def _names(canvas: Canvas, area: Box, points: Sequence[Priority]) -> None:
    step = min(56.0, area.height / max(len(points), 1))
    style = Style(max(14.0, min(20.0, round(step * 0.62, 1))))
    for number, one in enumerate(points, 1):
        y = area.y + (number - 0.5) * step + style.size * 0.35
        canvas.figure((area.x + 26, y), str(number), Style(style.size, is_bold=True, fill=INK, anchor="end"))
        canvas.text((area.x + 40, y), one.name, style, area.width - 40 - 92)
        canvas.figure((area.end, y), str(one.score), Style(style.size, fill=TEXT, anchor="end"))
        canvas.line((area.x, area.y + number * step), (area.end, area.y + number * step), 1, SOFT)


def _axis(values: Sequence[Decimal], line: Decimal) -> tuple[float, float]:
    """Ends of an axis with the line in its middle and a margin for the discs."""
    reach = max((abs(float(value - line)) for value in values), default=0.0) * 1.25 or 1.0
    return float(line) - reach, float(line) + reach


def _free(
    own: tuple[float, float], placed: Sequence[tuple[float, float]], corner: tuple[float, float]
) -> tuple[float, float]:
    """The nearest place around that no other disc covers, in the same quarter; the own one when there is none."""
    step = 2 * RADIUS + 2
    for across, down in TURNS:
        spot = (own[0] + across * step, own[1] + down * step)
        is_free = all(hypot(spot[0] - other[0], spot[1] - other[1]) >= step for other in placed)
        if is_free and all((spot[axis] < corner[axis]) == (own[axis] < corner[axis]) for axis in (0, 1)):
            return spot
    return own
