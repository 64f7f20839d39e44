"""The scorecard as plain data: everything a page or a PDF shows, already rounded and already withheld.

A template that gets a `Scorecard` holds no arithmetic and cannot show what may not be shown: a figure below its
publication level is None here, not merely hidden by the layout. Scores, means and bounds are Decimals on 0-100
with two decimals, rounded half up; weights and contributions are percent and points of the composite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from unicodedata import east_asian_width

from babel.dates import format_date
from babel.lists import format_list

from evalsys.i18n import LOCALES
from evalsys.reports.calculation import AdjustmentLine, NodeLine, Trial
from evalsys.reports.commitments import CommitmentLine
from evalsys.reports.digested import Digested
from evalsys.reports.lines import (
    BandLine,
    GroupLine,
    HistoryPoint,
    IndicatorLine,
    LeftOutLine,
    OpenChannelLine,
    ReplyLine,
)
from evalsys.reports.matrix import MatrixRow, matrix_row
from evalsys.reports.record import ADDED, read_record
from evalsys.reports.sums import Sums

__all__ = ["BandLine", "GroupLine", "HistoryPoint", "IndicatorLine", "OpenChannelLine", "Scorecard"]


NAME_CELLS = 66
LINE_CHARACTERS = 60
REPLY_CHARACTERS = 400
"""What fits on the first page beside the rest; a new line costs as much as some characters."""


@dataclass(frozen=True)
class Scorecard(Sums, Digested):
    """One unit's result in one round and one language. Levels: "full", "indicative", "overseer", "hidden".

    `publication` is the scheme's: "scores-and-grades", "scores" or "grades". `nodes` are the parts of the tree, the
    whole first; the score is `score_before` + `bonus` - `deduction`. `limit` is the finding that lowered the band.
    `opened_version` is set when the weights were changed after the opening: with it the result would be `opened_score`
    and `opened_band`, where these may be shown. `n` and `level_n` are lower ends of bands where their groups' numbers
    are. `coverage` is the share of the weights, as they were adopted, that rests on published answers and figures.
    `appeal` says where to turn with a complaint.
    """

    unit_code: str
    unit_name: str
    category_code: str
    category_name: str
    body_name: str
    round_code: str
    round_title: str
    period: str
    published_on: date
    reference: str
    locale: str
    direction: str
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    band: str
    level: str
    level_n: int | None
    n: int
    rank: int | None
    ranked_of: int
    category_mean: Decimal | None
    category_units: int
    run_id: str
    run_digest: str
    scheme_code: str
    scheme_version: str
    scheme_digest: str
    engine_version: str
    adopted_on: date
    adopted_by: str
    bands: tuple[BandLine, ...] = ()
    groups: tuple[GroupLine, ...] = ()
    indicators: tuple[IndicatorLine, ...] = ()
    history: tuple[HistoryPoint, ...] = ()
    strengths: tuple[str, ...] = ()
    weaknesses: tuple[str, ...] = ()
    open_channel: OpenChannelLine | None = None
    level_group: str = ""
    change: Decimal | None = None
    change_since: str = ""
    change_is_clear: bool | None = None
    link: str = ""
    notes: tuple[str, ...] = ()
    publication: str = field(default="scores-and-grades", metadata=ADDED)
    order: str = field(default="group-inside", metadata=ADDED)
    banding: str = field(default="absolute", metadata=ADDED)
    nodes: tuple[NodeLine, ...] = field(default=(), metadata=ADDED)
    trial: Trial | None = field(default=None, metadata=ADDED)
    score_before: Decimal | None = field(default=None, metadata=ADDED)
    bonus: Decimal = field(default=Decimal(0), metadata=ADDED)
    deduction: Decimal = field(default=Decimal(0), metadata=ADDED)
    limit: str = field(default="", metadata=ADDED)
    limit_band: str = field(default="", metadata=ADDED)
    adjustments: tuple[AdjustmentLine, ...] = field(default=(), metadata=ADDED)
    opened_version: str = field(default="", metadata=ADDED)
    opened_score: Decimal | None = field(default=None, metadata=ADDED)
    opened_band: str = field(default="", metadata=ADDED)
    reply: ReplyLine | None = field(default=None, metadata=ADDED)
    level_n_to: int = field(default=0, metadata=ADDED)
    coverage: Decimal | None = field(default=None, metadata=ADDED)
    left_out: tuple[LeftOutLine, ...] = field(default=(), metadata=ADDED)
    appeal: str = field(default="", metadata=ADDED)
    commitments: tuple[CommitmentLine, ...] = field(default=(), metadata=ADDED)
    former_commitments: tuple[CommitmentLine, ...] = field(default=(), metadata=ADDED)
    check_url: str = field(default="", metadata=ADDED)

    @property
    def is_shown(self) -> bool:
        """Whether the composite itself may be shown."""
        return self.score is not None

    @property
    def is_reorganised(self) -> bool:
        """Whether its office came from others, or changed, since a former result in its history."""
        return any(point.is_reorganised for point in self.history)

    @property
    def published_text(self) -> str:
        """The day of publication in the card's language, with Latin digits."""
        return format_date(self.published_on, "long", locale=self.locale)

    @property
    def adopted_text(self) -> str:
        """The day on which the weights were adopted, in the card's language."""
        return format_date(self.adopted_on, "long", locale=self.locale)

    @property
    def limiting_group(self) -> GroupLine | None:
        """The group whose number of raters sets the card's level; None when the level is full."""
        return next((line for line in self.groups if line.code == self.level_group), None)

    @property
    def weights_moved(self) -> bool:
        """Whether a missing group changed the weights of the others."""
        return any(line.weight_used != line.weight_nominal for line in self.groups)

    @property
    def against_category(self) -> str:
        """Where the interval lies: wholly "above" or "below" the category's mean, or "near" it; "" when unknown."""
        if self.score is None or self.category_mean is None or self.low is None or self.high is None:
            return ""
        if self.low > self.category_mean:
            return "above"
        return "below" if self.high < self.category_mean else "near"

    @property
    def widest(self) -> Decimal:
        """The largest weight of an indicator: the full length of the bar of points."""
        return max((line.weight_used for line in self.indicators), default=Decimal(1))

    @property
    def by_dimension(self) -> tuple[tuple[str, tuple[IndicatorLine, ...]], ...]:
        """The indicator lines under their dimension, in the scheme's order."""
        names = dict.fromkeys(line.dimension_name for line in self.indicators)
        return tuple((name, tuple(i for i in self.indicators if i.dimension_name == name)) for name in names)

    @property
    def matrix(self) -> tuple[MatrixRow, ...]:
        """Dimensions times groups and administrative figures; none where one dimension is the whole."""
        parts = [(name, lines) for name, lines in self.by_dimension if len(lines) < len(self.indicators)]
        return tuple(matrix_row(name, lines, self.node(lines[0].parent), self.columns) for name, lines in parts)

    @property
    def columns(self) -> tuple[GroupLine | None, ...]:
        """The columns of the matrix: the groups; None stands for administrative figures."""
        has_figures = any(not line.group_code for line in self.indicators)
        return (*self.groups, None) if has_figures else self.groups

    @property
    def is_least(self) -> bool:
        """Whether `n` is the least number that there can be, since groups are told in bands."""
        return any(line.n_to for line in self.groups)

    @property
    def n_most(self) -> int:
        """The greatest number of answers that there can be; `n` itself where no group is told in a band."""
        return self.n + sum(line.n_to - line.n for line in self.groups if line.n_to and line.n is not None)

    @property
    def other_links(self) -> tuple[tuple[str, str], ...]:
        """The addresses of this card in the other languages, with their codes."""
        own = f"/{self.locale}/rounds/"
        others = (locale for locale in LOCALES if locale != self.locale and own in self.link)
        return tuple((locale, self.link.replace(own, f"/{locale}/rounds/")) for locale in others)

    @property
    def has_long_reply(self) -> bool:
        """Whether the reply is too long for the first page of a print."""
        lines = self.reply.text.splitlines() if self.reply else []
        return sum(len(line) + LINE_CHARACTERS for line in lines) > REPLY_CHARACTERS

    @property
    def is_wordy(self) -> bool:
        """Whether names are so long that the answers overflow the first page of a print."""
        names = [self.unit_name, *(2 * line.name for line in (*self.best, *self.worst))]
        return any(sum(1 + (east_asian_width(sign) in "WF") for sign in name) > NAME_CELLS for name in names)

    @property
    def best(self) -> tuple[IndicatorLine, ...]:
        """The lines named in `strengths`, best first."""
        return self._lines(self.strengths)

    @property
    def worst(self) -> tuple[IndicatorLine, ...]:
        """The lines named in `weaknesses`, weakest first."""
        return self._lines(self.weaknesses)

    @property
    def has_scores(self) -> bool:
        """Whether this publication tells scores at all, or grades alone."""
        return self.publication != "grades"

    @property
    def has_trend(self) -> bool:
        """Whether there is a score of any round to draw."""
        return self.has_scores and any(point.score is not None for point in self.history)

    @property
    def is_graded(self) -> bool:
        """Whether there is a band and, by the scheme, no score beside it."""
        return bool(self.band) and not self.has_scores

    @property
    def is_covering(self) -> bool:
        """Whether the score is withheld for what could be worked out from it, not for its own small numbers."""
        return self.has_scores and not self.is_shown and self.level in ("full", "indicative")

    @property
    def tied_text(self) -> str:
        """The units that are not told apart from this one, as the card's language lists names."""
        return format_list(self.trial.tied, locale=self.locale) if self.trial else ""

    @property
    def is_capped(self) -> bool:
        """Whether bonuses or deductions reached the most that they may count in all."""
        found = {"bonus": self.bonus, "deduction": self.deduction}
        counted = {kind: [one.counted or Decimal(0) for one in self.adjustments if one.kind == kind] for kind in found}
        return any(sum(points) > found[kind] for kind, points in counted.items())

    def _lines(self, codes: tuple[str, ...]) -> tuple[IndicatorLine, ...]:
        found = {line.code: line for line in self.indicators}
        return tuple(found[code] for code in codes if code in found)

    @classmethod
    def from_json(cls, data: bytes | str) -> Scorecard:
        """The card that `canonical()` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return read_record(cls, data)
