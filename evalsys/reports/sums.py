"""How the numbers of a card come from each other: its parts, their sums, what was added and taken off."""

from decimal import Decimal

from evalsys.reports.calculation import ARITHMETIC, NodeLine, Sum, Term, adjusted_formula, shares
from evalsys.reports.lines import GroupLine, IndicatorLine

OUTSIDE = "group-outside"


class Sums:
    """What a scorecard can work out of its own printed figures; the fields are the scorecard's."""

    score: Decimal | None
    score_before: Decimal | None
    bonus: Decimal
    deduction: Decimal
    order: str
    groups: tuple[GroupLine, ...]
    indicators: tuple[IndicatorLine, ...]
    nodes: tuple[NodeLine, ...]

    @property
    def base(self) -> Decimal | None:
        """The score before bonus and deduction: what the tree comes to."""
        return self.score if self.score_before is None else self.score_before

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


def _node_term(node: NodeLine) -> Term:
    return Term(node.name, node.score, node.weight_nominal, node.weight_used, node.withheld, (node.low, node.high))


def _group_term(line: GroupLine) -> Term:
    return Term(line.name, line.score, line.weight_nominal, line.weight_used, line.withheld, (line.low, line.high))


def _line_term(line: IndicatorLine, name: str, weights: tuple[Decimal, Decimal]) -> Term:
    return Term(name, line.score, *weights, line.withheld, (line.low, line.high))
