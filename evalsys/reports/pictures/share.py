"""The picture that stands beside a link to a page: 1200 by 630, as large letters as there is room for."""

from flask_babel import gettext as _

from evalsys.reports.pictures.canvas import ACCENT, INK, PAPER, QUIET, SOFT, TEXT, Box, Canvas, Style
from evalsys.reports.pictures.measure import clean, width
from evalsys.reports.pictures.scale import draw_bands, draw_marks
from evalsys.reports.pictures.words import sentence
from evalsys.reports.scorecard import Scorecard

SIZE = (1200, 630)
MARGIN = 64
ROOM = SIZE[0] - 2 * MARGIN
BODY, UNIT, SAID = Style(26, is_bold=True, fill=PAPER), Style(50, is_bold=True, fill=INK), Style(27, fill=TEXT)


def draw_share(card: Scorecard) -> str:
    """A card's picture: the office, the round, the scale, and the result in a sentence or two."""
    said = sentence(card)
    canvas = _sheet(card.direction, card.body_name, card.round_title, said)
    canvas.block((MARGIN, 176), card.unit_name, _fitting(card.unit_name), (ROOM, 2))
    bar = Box(MARGIN, 378, ROOM, 88)
    draw_bands(canvas, bar, card.bands, card.band)
    draw_marks(canvas, bar, card, 32)
    if card.score is None and not card.band:
        canvas.text((MARGIN, bar.y - 32), _("Not graded"), Style(34, is_bold=True, fill=QUIET))
    canvas.block((MARGIN, 522), said, SAID, (ROOM, 3))
    return canvas.svg()


def draw_notice(direction: str, body: str, title: str, said: str) -> str:
    """The picture of a page that is about no single office."""
    canvas = _sheet(direction, body, "", said)
    bottom = canvas.block((MARGIN, 210), title, Style(58, is_bold=True, fill=INK), (ROOM, 3))
    canvas.rect(Box(MARGIN, bottom + 36, 140, 8), ACCENT)
    canvas.block((MARGIN, bottom + 100), said, Style(32, fill=TEXT), (ROOM, 4))
    return canvas.svg()


def _sheet(direction: str, body: str, aside: str, said: str) -> Canvas:
    canvas = Canvas(SIZE, direction, body, said)
    canvas.rect(Box(0, 0, SIZE[0], 84), INK)
    canvas.rect(Box(0, 84, SIZE[0], 6), SOFT)
    for number, height in enumerate((20, 30, 40, 56, 40)):
        fill = ACCENT if number == 3 else SOFT
        canvas.rect(Box(MARGIN + 16 * number, 70 - height, 11, height), fill)
    used = min(width(clean(aside), 24), ROOM / 2)
    canvas.text((MARGIN + 104, 54), body, BODY, ROOM - 104 - used - 30)
    canvas.text((SIZE[0] - MARGIN, 54), aside, Style(24, fill=PAPER, anchor="end"), used + 1)
    canvas.text((SIZE[0] - MARGIN, 612), _("Public Office Ratings"), Style(18, fill=QUIET, anchor="end"))
    return canvas


def _fitting(name: str) -> Style:
    """Smaller letters for a long name."""
    return UNIT if width(clean(name), UNIT.size, is_bold=True) <= ROOM * 1.6 else Style(38, is_bold=True, fill=INK)
