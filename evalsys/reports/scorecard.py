"""The scorecard as plain data: everything a page or a PDF shows, already rounded and already withheld.

A template that gets a `Scorecard` holds no arithmetic and cannot show what may not be shown: a figure below its
publication level is None here, not merely hidden by the layout. Scores, means and bounds are Decimals on 0-100
with two decimals, rounded half up; weights and contributions are percent and points of the composite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.lists import format_list

from evalsys.reports.calculation import ARITHMETIC, AdjustmentLine, NodeLine, Sum, Term, Trial, adjusted_formula, shares
from evalsys.reports.digested import Digested
from evalsys.reports.lines import BandLine, GroupLine, HistoryPoint, IndicatorLine, OpenChannelLine, ReplyLine
from evalsys.reports.record import ADDED, read_record

__all__ = ["BandLine", "GroupLine", "HistoryPoint", "IndicatorLine", "OpenChannelLine", "Scorecard"]

OUTSIDE = "group-outside"


@dataclass(frozen=True)
class Scorecard(Digested):
    """One unit's result in one round and one language. Levels: "full", "indicative", "overseer", "hidden".

    `publication` is the scheme's: "scores-and-grades", "scores" or "grades". `nodes` are the parts of the tree, the
    whole first; the score is `score_before` + `bonus` - `deduction`. `limit` is the finding that lowered the band.
    `opened_version` is set when the weights were changed after the opening: with it the result would be `opened_score`
    and `opened_band`, where these may be shown.
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
    def base(self) -> Decimal | None:
        """The score before bonus and deduction: what the tree comes to."""
        return self.score if self.score_before is None else self.score_before

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

    @property
    def adjusted(self) -> str:
        """The way from there to the score, "" when nothing was added or taken off."""
        if self.base is None or not (self.bonus or self.deduction):
            return ""
        return adjusted_formula(self.base, self.bonus, self.deduction)

    @property
    def adds_up(self) -> bool:
        """Whether the whole is a weighted mean of all indicators."""
        return all(node.aggregation == ARITHMETIC for node in self.nodes)

    @property
    def rests(self) -> tuple[NodeLine, ...]:
        """The parts of the tree whose rules gave or took points that belong to no indicator."""
        return tuple(node for node in self.nodes if node.rest)

    @property
    def points(self) -> Decimal | None:
        """The printed points of all indicators added up; None when one that counts is not shown."""
        lines = [line.contribution for line in self.indicators if line.weight_used]
        found = [*(points for points in lines if points is not None), *(node.rest or Decimal(0) for node in self.rests)]
        return sum(found, Decimal(0)) if None not in lines else None

    @property
    def top(self) -> NodeLine | None:
        """The whole as a part of the tree; None on cards that were made before there were parts."""
        return next((node for node in self.nodes if not node.parent), None)

    @property
    def branches(self) -> tuple[NodeLine, ...]:
        """The parts that have parts, the lowest first."""
        return tuple(node for node in reversed(self.nodes) if self.children(node.code))

    @property
    def inner(self) -> tuple[NodeLine, ...]:
        """The parts with a score between the whole and those that hold indicators."""
        holders = {line.parent for line in self.indicators}
        known = (node for node in self.nodes if node.parent and node.code not in holders and node.score is not None)
        return tuple(node for node in known if self.children(node.code))

    @property
    def shared(self) -> tuple[IndicatorLine, ...]:
        """One line of each indicator that several groups judge."""
        found = {line.code: line for line in self.indicators if self.leaf_sum(line)}
        return tuple(found.values())

    def node(self, code: str) -> NodeLine | None:
        """A part of the tree below the top."""
        return next((node for node in self.nodes if node.parent and node.code == code), None)

    def children(self, code: str) -> tuple[NodeLine, ...]:
        """What a part of the tree is made of."""
        return tuple(node for node in self.nodes if node.parent == code)

    def node_sum(self, node: NodeLine) -> Sum | None:
        """How a part comes from its parts; the whole from its groups, when each has an index of its own."""
        if self.order == OUTSIDE:
            return Sum(tuple(map(_group_term, self.groups)), node.score) if not node.parent else None
        terms = tuple(map(_node_term, self.children(node.code)))
        return Sum(terms, node.score, node.aggregation, node.power) if terms else None

    def group_sum(self, line: GroupLine) -> Sum | None:
        """How a group's score comes from what it said about each indicator; None where that is no simple mean."""
        own = (one for one in self.indicators if one.group_code == line.code)
        terms = tuple(_line_term(one, one.name, (one.weight_nominal, one.weight_used)) for one in own)
        is_mean = self.order != OUTSIDE or (self.adds_up and all(one.group_code for one in self.indicators))
        return Sum(terms, line.score, is_divided=True) if terms and is_mean else None

    def leaf_sum(self, line: IndicatorLine) -> Sum | None:
        """How an indicator's score comes from several groups; None when one group alone judges it."""
        node, same = self.node(line.code), [one for one in self.indicators if one.code == line.code]
        if node is None or self.order == OUTSIDE or len(same) == 1:
            return None
        nominal, used = (shares([getattr(one, name) for one in same]) for name in ("weight_nominal", "weight_used"))
        lines = zip(same, nominal, used, strict=True)
        return Sum(tuple(_line_term(one, one.group_name, (set_, now)) for one, set_, now in lines), node.score)

    def _lines(self, codes: tuple[str, ...]) -> tuple[IndicatorLine, ...]:
        found = {line.code: line for line in self.indicators}
        return tuple(found[code] for code in codes if code in found)

    @classmethod
    def from_json(cls, data: bytes | str) -> Scorecard:
        """The card that `canonical()` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return read_record(cls, data)


def _node_term(node: NodeLine) -> Term:
    return Term(node.name, node.score, node.weight_nominal, node.weight_used, node.withheld, (node.low, node.high))


def _group_term(line: GroupLine) -> Term:
    return Term(line.name, line.score, line.weight_nominal, line.weight_used, line.withheld, (line.low, line.high))


def _line_term(line: IndicatorLine, name: str, weights: tuple[Decimal, Decimal]) -> Term:
    return Term(name, line.score, *weights, line.withheld, (line.low, line.high))
