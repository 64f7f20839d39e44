"""One side of a comparison: figures and the scores they make, in arrays that can be taken unit by unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scoring.attribution.shapley import shapley
from scoring.frames import Flags, Floats
from scoring.scheme import Node, Scheme
from scoring.tree import Values, aggregate_children, evaluate, weights_of
from scoring.tree.rules import lowest_value

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Side:
    """Units in rows: ``score``, ``before_cap``, ``present``, ``exists`` (units, nodes) as of ``scoring.tree.Scores``.

    ``figures`` (units, leaves, groups + 1), the given one last. ``outranked`` maps the place of each copeland node to
    its children's Shapley parts (units, children), which depend on all units that were scored together.
    """

    score: Floats
    before_cap: Floats
    present: Flags
    exists: Flags
    figures: Floats
    by_group: Floats
    outranked: Mapping[int, Floats]

    @classmethod
    def of(cls, values: Values, scheme: Scheme) -> "Side":
        """Everything about these units under the scheme."""
        scores = evaluate(values, scheme, gradient=False)
        figures = np.concatenate([values.rated, values.given[:, :, None]], axis=2)
        found = cls(
            score=scores.score,
            before_cap=scores.before_cap,
            present=scores.present,
            exists=scores.exists,
            figures=np.where(values.applies[:, :, None], figures, np.nan),
            by_group=scores.by_group,
            outranked={},
        )
        if scheme.order == "group-outside":
            return found
        return replace(found, outranked=_outranked(found, scores.within_used, scheme))

    def counted(self, node: Node, at: int, below: list[int]) -> Flags:
        """Which children enter the node, with a score or as their lowest value; shape (units, children)."""
        here = self.present[:, [at]]
        asked = self.exists[:, below] if node.missing == "lowest" else self.present[:, below]
        return np.asarray(asked & here)

    def entered(self, node: Node, at: int, below: list[int]) -> Floats:
        """The value with which each child stands in the node, shape (units, children).

        A missing child counts as its lowest value where the node says so; otherwise it stands at the node's own
        score, which changes no mean that weighs, no median and no minimum.
        """
        stand = np.repeat(self.before_cap[:, [at]], len(below), axis=1)
        if node.missing == "lowest":
            low = np.array([lowest_value(child) for child in node.children])
            stand = np.where(self.exists[:, below], low, stand)
        return np.where(self.present[:, below], self.score[:, below], stand)

    def take(self, rows: Rows) -> "Side":
        """The units in these rows."""
        return Side(
            score=self.score[rows],
            before_cap=self.before_cap[rows],
            present=self.present[rows],
            exists=self.exists[rows],
            figures=self.figures[rows],
            by_group=self.by_group[rows],
            outranked={place: parts[rows] for place, parts in self.outranked.items()},
        )


def children_of(scheme: Scheme) -> dict[int, list[int]]:
    """Places of the children of each node that has some, parents first.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("ease", Fraction(1, 2)), Node("speed", Fraction(1, 2)))
    >>> children_of(Scheme("demo", (), Node("score", Fraction(1), children=leaves), ()))
    {0: [1, 2]}
    """
    found: dict[int, list[int]] = {}
    for place, parent in enumerate(scheme.parents()):
        if parent >= 0:
            found.setdefault(parent, []).append(place)
    return dict(sorted(found.items()))


def alone(values: Values, scheme: Scheme, group: int) -> tuple[Values, Scheme]:
    """One group's own tree under the order group-outside: what it rates, and all administrative figures.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Group, Node
    >>> halves = (("citizens", Fraction(1, 2)), ("experts", Fraction(1, 2)))
    >>> leaf = Node("ease", Fraction(1), shares=halves, points=5)
    >>> groups = tuple(Group(code, "anonymous", (1, 1, 1), (), Fraction(1, 2)) for code in ("citizens", "experts"))
    >>> scheme = Scheme("demo", groups, Node("score", Fraction(1), children=(leaf,)), (), order="group-outside")
    >>> values = Values(np.array([[[80.0, 60.0]]]), np.array([[np.nan]]), np.array([[True]]))
    >>> own, inside = alone(values, scheme, 1)
    >>> own.rated.tolist(), evaluate(own, inside).score[0, 0]
    ([[[nan, 60.0]]], np.float64(60.0))
    """
    others = np.arange(values.rated.shape[2]) != group
    rated = np.array([leaf.is_rated for leaf in scheme.leaves()], dtype=bool)
    asked = ~rated | (weights_of(scheme).shares[:, group] > 0)
    own = Values(np.where(others, np.nan, values.rated), values.given, values.applies & asked)
    return own, replace(scheme, order="group-inside")


def _outranked(side: Side, used: Floats, scheme: Scheme) -> dict[int, Floats]:
    """What each child adds to Copeland's score, where a child that is not in is left out for all units."""
    nodes, found = scheme.nodes(), {}
    for place, below in children_of(scheme).items():
        if nodes[place].aggregation == "copeland":
            counted = side.counted(nodes[place], place, below)
            entered = np.where(counted, side.entered(nodes[place], place, below), np.nan)
            found[place] = _divide_outranking(entered, used[:, below] * counted, nodes[place].code)
    return found


def _divide_outranking(values: Floats, weights: Floats, name: str) -> Floats:
    def worth(who: Flags) -> Floats:
        found = aggregate_children("copeland", np.where(who, values, np.nan), weights, node=name)
        return np.nan_to_num(found)

    return shapley(worth, values.shape[1], name)


def same_places(count: int, rows: Sequence[int] | None, base: int) -> Rows:
    """The row of the benchmark for each unit: as given, the only one there is, or the unit's own.

    >>> same_places(3, None, 1).tolist(), same_places(2, [1, 1], 4).tolist(), same_places(2, None, 2).tolist()
    ([0, 0, 0], [1, 1], [0, 1])
    """
    if rows is not None:
        return np.asarray(rows, dtype=np.intp)
    return np.zeros(count, dtype=np.intp) if base == 1 else np.arange(count, dtype=np.intp)
