"""The scale from 0 to 100 with its bands, and where a result lies on it."""

from collections.abc import Sequence

from flask_babel import gettext as _

from evalsys.reports.pictures.canvas import ACCENT, INK, LINE, PAPER, QUIET, SOFT, TEXT, TRACK, Box, Canvas, Style
from evalsys.reports.pictures.frame import Facts, Key, frame, whisker
from evalsys.reports.pictures.measure import width
from evalsys.reports.pictures.words import result_figures, score_and_interval
from evalsys.reports.scorecard import BandLine, Scorecard

BAR_HEIGHT, RISE, LETTER = 140, 44, 34
LABEL, VALUE = Style(20, fill=QUIET), Style(38, is_bold=True, fill=INK)


def draw_scale(card: Scorecard, facts: Facts) -> str:
    """The bands, the score with its interval above them, the category's mean across them, and the figures below."""
    canvas, area = frame(facts, keys(card))
    bar = Box(area.x, area.y + 160, area.width, BAR_HEIGHT)
    draw_bands(canvas, bar, card.bands, card.band)
    draw_marks(canvas, bar, card, RISE)
    _figures(canvas, Box(area.x, bar.bottom + 92, area.width, 120), result_figures(card))
    return canvas.svg()


def keys(card: Scorecard) -> tuple[Key, ...]:
    """What the marks on the scale mean."""
    found = []
    if card.band:
        found.append(Key("band", _("Band") + f" {card.band}"))
    if card.score is not None:
        found.append(Key("score", _("score with its interval") if card.low is not None else _("Score")))
    if card.score is not None and card.category_mean is not None:
        found.append(Key("mean", _("mean of the category")))
    return tuple(found)


def draw_bands(canvas: Canvas, bar: Box, bands: Sequence[BandLine], chosen: str) -> None:
    """The scale in its bands; the chosen one is dark and has a thick edge."""
    edges = [Box(_at(bar, band.start), bar.y, _at(bar, band.end) - _at(bar, band.start), bar.height) for band in bands]
    if not bands:
        canvas.rect(bar, TRACK, LINE)
    for band, box in zip(bands, edges, strict=True):
        is_chosen = band.code == chosen
        canvas.rect(box, SOFT if is_chosen else TRACK, LINE)
        if is_chosen:
            canvas.rect(Box(box.x + 2, box.y + 2, box.width - 4, box.height - 4), SOFT, INK, 4)
        style = Style(bar.height * 0.34, is_bold=True, fill=INK if is_chosen else QUIET, anchor="middle")
        canvas.figure((box.x + box.width / 2, bar.y + bar.height * 0.5), band.code, style)
        text, small = f"{band.start}–{band.end}", bar.height * 0.17
        if width(text, small) < box.width - 8:
            middle = (box.x + box.width / 2, bar.y + bar.height * 0.8)
            canvas.figure(middle, text, Style(small, fill=TEXT if is_chosen else QUIET, anchor="middle"))


def draw_marks(canvas: Canvas, bar: Box, card: Scorecard, rise: float) -> None:
    """The score with its interval above the bar; the category's mean through it."""
    if card.score is None:
        return
    if card.category_mean is not None:
        x = _at(bar, card.category_mean)
        canvas.line((x, bar.y - 6), (x, bar.bottom + 16), 8, PAPER)
        canvas.line((x, bar.y - 6), (x, bar.bottom + 16), 5, ACCENT, "11 6")
    x, y = _at(bar, card.score), bar.y - rise
    if card.low is not None and card.high is not None:
        whisker(canvas, (_at(bar, card.low), _at(bar, card.high)), y, 14)
    canvas.line((x, y), (x, bar.bottom), 5, PAPER)
    canvas.line((x, y), (x, bar.bottom), 3, INK)
    canvas.diamond((x, y), 17)
    text = score_and_interval(card)
    half = width(text, LETTER, is_bold=True) / 2
    x = min(max(x, bar.x + half), bar.end - half)
    canvas.figure((x, y - 30), text, Style(LETTER, is_bold=True, fill=INK, anchor="middle"))


def _figures(canvas: Canvas, area: Box, figures: Sequence[tuple[str, str]]) -> None:
    step = area.width / max(len(figures), 1)
    for number, (label, value) in enumerate(figures):
        x = area.x + number * step
        canvas.line((x, area.y - 10), (x, area.y + 76), 3, SOFT)
        canvas.text((x + 18, area.y + 14), label, LABEL, step - 30)
        size = VALUE.size
        while size > 20 and width(value, size, is_bold=True) > step - 30:
            size -= 2
        canvas.text((x + 18, area.y + 66), value, Style(size, is_bold=True, fill=INK), step - 30)


def _at(bar: Box, value: object) -> float:
    share = min(max(float(str(value)), 0.0), 100.0) / 100
    return bar.x + share * bar.width
