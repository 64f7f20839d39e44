"""The result poster: one page for the counter of an office, made from its published card and nothing else.

It shows what can be read while standing: the band or the score, how sure that is, the parts of the score as large
bars. Bounds are told as whole numbers, rounded outwards, so that the range said in words always holds the printed one.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import cast

from jinja2 import Environment

from evalsys.reports import charts, paper, pdf
from evalsys.reports.calculation import NodeLine
from evalsys.reports.commitments import CommitmentLine
from evalsys.reports.letters import picture
from evalsys.reports.lines import GroupLine, IndicatorLine
from evalsys.reports.scorecard import Scorecard

MOST_BARS = 6
MOST_PROMISES, SHORT_CHARACTERS = 2, 140
FITS_PERCENT = (140, 122, 106, 100, 94, 88, 82, 76, 70, 66, 62, 58, 54)
FULL_FROM = 2
LONG_NAME, LONGER_NAME = 28, 52
WIDE_LETTER = "\u2e80"


@dataclass(frozen=True)
class ResultPoster:
    """What the template draws. `link` is where the card can be checked, `parts` are at most six."""

    card: Scorecard
    link: str
    parts: tuple[NodeLine | GroupLine, ...]

    @property
    def kind(self) -> str:
        """What stands in the middle: "both", "score", "band", or "none" when nothing may be shown."""
        if self.card.is_shown:
            return "both" if self.card.band else "score"
        return "band" if self.card.is_graded else "none"

    @property
    def between(self) -> tuple[Decimal, Decimal] | None:
        """The interval in whole numbers, rounded outwards."""
        if self.card.low is None or self.card.high is None or not self.card.is_shown:
            return None
        ends = (self.card.low, ROUND_FLOOR), (self.card.high, ROUND_CEILING)
        low, high = (bound.quantize(Decimal(1), rounding) for bound, rounding in ends)
        return low, high

    @property
    def band_share(self) -> Decimal | None:
        """In how many of 100 draws the band is the same, where a band is shown."""
        return self.card.trial.band_share if self.card.trial and self.card.band else None

    @property
    def strength(self) -> IndicatorLine | None:
        """What stands out most."""
        return next(iter(self.card.best), None)

    @property
    def weakness(self) -> IndicatorLine | None:
        """What is to improve first."""
        return next(iter(self.card.worst), None)

    @property
    def promises(self) -> tuple[CommitmentLine, ...]:
        """What the office will do: at most two that are short enough for a wall."""
        return tuple(line for line in self.card.commitments if len(line.text) <= SHORT_CHARACTERS)[:MOST_PROMISES]

    @property
    def has_bars(self) -> bool:
        """Whether a part has a score that may be shown."""
        return any(part.score is not None for part in self.parts)

    @property
    def size(self) -> str:
        """How large the name is set: "short", "long" or "longer"; a Chinese character takes the room of two letters."""
        room = sum(2 if mark >= WIDE_LETTER else 1 for mark in self.card.unit_name)
        return "longer" if room > LONGER_NAME else "long" if room > LONG_NAME else "short"


def make_poster(card: Scorecard) -> ResultPoster:
    """The poster of a published card."""
    return ResultPoster(card, card.check_address or card.link, main_parts(card))


def main_parts(card: Scorecard) -> tuple[NodeLine | GroupLine, ...]:
    """The parts right below the whole that count, at most six, in the scheme's order; its groups on cards without."""
    parts: tuple[NodeLine | GroupLine, ...] = card.children(card.top.code) if card.top else ()
    if len(parts) == 1 and (below := card.children(cast(NodeLine, parts[0]).code)):
        parts = below
    counted = [part for part in parts or card.groups if part.weight_nominal]
    heaviest = sorted(counted, key=lambda part: -part.weight_nominal)[:MOST_BARS]
    return tuple(part for part in counted if part in heaviest)


def render_poster(card: Scorecard, environment: Environment) -> bytes:
    """The poster as PDF of one page, with the card's canonical JSON attached, as large as it fits.

    The environment has the gettext functions of the card's language installed. Raises RenderError, and TooManyPages
    for a card that does not fit even in the smallest letters.
    """
    template, poster = environment.get_template("pdf/result_poster.html"), make_poster(card)
    at = datetime.combine(card.published_on, time(), UTC)
    data = pdf.Attachment(f"{card.reference}-{card.locale}.json", card.reference, card.canonical(), at)
    known = {"poster": poster, "charts": charts, "picture": picture, "paper": paper}
    for fit in FITS_PERCENT[FULL_FROM if poster.kind in ("both", "score") else 0 : -1]:
        with suppress(pdf.TooManyPages):
            return pdf.render(template.render(fit=fit, **known), [data], most_pages=1)
    return pdf.render(template.render(fit=FITS_PERCENT[-1], **known), [data], most_pages=1)
