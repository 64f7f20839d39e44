"""The booklet of a round: all its published cards on paper, chapter by chapter, made from the cards and nothing else.

What stands beside the cards in public, the method with its weights and what was objected and corrected, comes as plain
values from whoever asks for the booklet.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property

from babel.dates import format_date
from jinja2 import Environment

from evalsys.reports import charts, pdf
from evalsys.reports.result_poster import main_parts
from evalsys.reports.scorecard import Scorecard

SIGNS = "abcdefghijklmnopqrstuvwxyz"
RIGHT_TO_LEFT = ("R", "AL")
STRONG = ("L", *RIGHT_TO_LEFT)


@dataclass(frozen=True)
class Decision:
    """A decided objection: of which unit, about what ("": the whole result), how and why."""

    unit: str
    topic: str
    state: str
    reason: str
    on: date


@dataclass(frozen=True)
class CorrectionNote:
    """That newer results replaced public ones: when, and why."""

    on: date
    reason: str


@dataclass(frozen=True)
class WithdrawnNote:
    """That the card of a unit was taken back: when, and why."""

    unit: str
    on: date
    reason: str


@dataclass(frozen=True)
class Record:
    """What was objected, corrected and withdrawn: outcomes by number, decisions unit by unit, the rest newest first."""

    outcomes: Mapping[str, int]
    decisions: tuple[Decision, ...] = ()
    corrections: tuple[CorrectionNote, ...] = ()
    withdrawn: tuple[WithdrawnNote, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """The cards of one category: graded ones by rank, then those with a score, then those without."""

    name: str
    mean: Decimal | None
    cards: tuple[Scorecard, ...]

    @cached_property
    def ties(self) -> Mapping[str, str]:
        """The sign of the group of units that are not told apart, by unit; none for a unit that stands alone."""
        tied = {one.unit_code: {one.unit_name, *one.trial.tied} for one in self.cards if one.trial and one.trial.tied}
        groups = list(dict.fromkeys(frozenset(names) for names in tied.values()))
        return {unit: _sign(groups.index(frozenset(names))) for unit, names in tied.items()}


@dataclass(frozen=True)
class Booklet:
    """What the template draws beside method and record: the cards of one run in one language, by category."""

    first: Scorecard
    chapters: tuple[Chapter, ...]

    @property
    def cards(self) -> tuple[Scorecard, ...]:
        """All cards, in the order of the chapters."""
        return tuple(card for chapter in self.chapters for card in chapter.cards)

    @property
    def has_bands(self) -> bool:
        """Whether this publication tells bands."""
        return self.first.publication != "scores"

    @property
    def graded(self) -> int:
        """How many units got a score or a band that is published."""
        return sum(1 for card in self.cards if card.is_shown or card.is_graded)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many units have each band, best first; empty where no bands are published."""
        codes = [band.code for band in self.first.bands] if self.has_bands else []
        return {code: sum(1 for card in self.cards if card.band == code) for code in codes}

    @property
    def indicative(self) -> int:
        """How many units have a score that is only indicative."""
        return sum(1 for card in self.cards if card.is_shown and card.level == "indicative")

    @property
    def ungraded(self) -> int:
        """How many units have neither a score nor a band."""
        return len(self.cards) - self.graded

    @property
    def link(self) -> str:
        """Where the round's results stand on the web."""
        return self.first.link.rsplit("/units/", 1)[0] if self.first.link else ""

    @property
    def reference(self) -> str:
        """What this booklet is called: the cards' reference without the unit."""
        return "-".join((self.first.round_code, self.first.run_id.rpartition("/")[2], self.first.locale))

    def digests(self) -> bytes:
        """Reference, unit and digest of every card as CSV."""
        file = io.StringIO()
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("reference", "unit", "sha256"))
        rows.writerows((f"{card.reference}-{card.locale}", card.unit_code, card.digest) for card in self.cards)
        return file.getvalue().encode()


def make_booklet(cards: Sequence[Scorecard], categories: Sequence[str]) -> Booklet:
    """The booklet of these cards, which are of one run and language; chapters in the order of the category codes."""
    order = {code: place for place, code in enumerate(categories)}
    found: dict[str, list[Scorecard]] = {}
    for card in sorted(cards, key=standing):
        found.setdefault(card.category_code, []).append(card)
    codes = sorted(found, key=lambda code: (order.get(code, len(order)), code))
    chapters = (
        Chapter(found[code][0].category_name, found[code][0].category_mean, tuple(found[code])) for code in codes
    )
    return Booklet(cards[0], tuple(chapters))


def standing(card: Scorecard) -> tuple[int, int, str]:
    """Where a card stands in a list: by rank, then what has a score or a band, then the rest."""
    place = 0 if card.rank is not None else 1 if card.is_shown or card.is_graded else 2
    return place, card.rank or 0, card.unit_code


def booklet_html(book: Booklet, method: object, record: Record, environment: Environment) -> str:
    """The booklet as HTML. `method` is the scheme as the method page shows it (services.method.MethodScheme), or None.

    The environment has the gettext functions of the language installed.
    """
    locale = book.first.locale
    return environment.get_template("pdf/booklet.html").render(
        book=book,
        method=method,
        record=record,
        charts=charts,
        parts_of=main_parts,
        leaning=leaning,
        day=lambda value: format_date(value, "long", locale=locale),
    )


def render_booklet(book: Booklet, html: str) -> bytes:
    """The booklet as PDF, with the list of digests attached. Raises RenderError."""
    at = datetime.combine(book.first.published_on, time(), UTC)
    return pdf.render(html, [pdf.Attachment(f"{book.reference}-digests.csv", book.reference, book.digests(), at)])


def leaning(text: str) -> str:
    """The direction of a text that somebody wrote: that of its first letter."""
    first = next((kind for kind in map(unicodedata.bidirectional, text) if kind in STRONG), "L")
    return "rtl" if first in RIGHT_TO_LEFT else "ltr"


def _sign(index: int) -> str:
    turn, place = divmod(index, len(SIGNS))
    return SIGNS[place] + (str(turn) if turn else "")
