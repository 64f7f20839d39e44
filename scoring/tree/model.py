"""What goes into the tree and what comes out of it, as plain arrays.

Nodes, indicators (leaves) and groups stand in the scheme's order: ``Scheme.nodes()``, ``Scheme.leaves()``,
``Scheme.groups``. Shapes are written (units, nodes), (units, leaves, groups) and so on. Weights are fractions of one.
"""

from dataclasses import dataclass

import numpy as np

from scoring.frames import Flags, Floats
from scoring.scheme import Scheme


@dataclass(frozen=True)
class Weights:
    """Nominal weights; every array may have a leading axis of units, so that each unit has its own.

    ``within`` (nodes,): share of each node in its parent, siblings sum to 1, the top is 1. ``shares`` (leaves, groups):
    share of each group in each rated indicator, 0 throughout for an administrative one. ``outside`` (groups,): weight
    of each group at the top, used with order group-outside only.

    None of them must sum to 1: what counts is divided by its sum, node by node.
    """

    within: Floats
    shares: Floats
    outside: Floats


@dataclass(frozen=True)
class Values:
    """The figures the tree is built on; missing is NaN.

    ``rated`` (units, leaves, groups): a group's mean on the indicator's output range. ``given`` (units, leaves):
    normalised administrative figures, NaN where the indicator is rated. ``applies`` (units, leaves): whether the
    indicator is asked about the unit at all; a figure where it is not is ignored.
    """

    rated: Floats
    given: Floats
    applies: Flags


@dataclass(frozen=True)
class Figures:
    """Figures where they are asked for, else NaN. ``shares`` (units, leaves, groups) are 0 where not, else sum to 1.

    ``rated`` (units, leaves, groups), ``given`` and ``applies`` (units, leaves).
    """

    rated: Floats
    given: Floats
    applies: Flags
    shares: Floats


@dataclass(frozen=True)
class Scores:
    """All nodes of all units. The last axis of length groups + 1 holds the groups' figures, then the given one.

    ``score`` (units, nodes): NaN when missing; with order group-outside the weighted mean over the groups present.
    ``exists``, ``present`` (units, nodes): the node applies to the unit; it has a score.
    ``within_nominal``, ``within_used``: weight in the parent by the scheme, and after missing siblings have left.
    ``effective_nominal``, ``effective_used``: the same, multiplied down from the top.
    ``share_used`` (units, leaves, groups): weight of each group in the indicator's own score.
    ``weight_nominal``, ``weight_used`` (units, leaves, groups + 1): effective weight of each figure at the top.
    ``gradient`` (units, nodes, leaves, groups + 1): derivative of a node's score by a figure. In an arithmetic tree
    these are the weights as used. It passes through a cap as if there were none, and is 0 for a missing node; above
    a copeland node it is NaN. Empty (no nodes) when it was not asked for, one node when only the top was.
    ``remainder`` (units, nodes): points of the top that no figure accounts for: what a cap at the node took away (so
    never above 0), or what a missing node brings that counts as its lowest value. NaN when no gradient was asked for.
    ``covered``: False where the coverage rule made the node missing. ``capped``: where a cap lowered the node, from
    ``before_cap``. ``by_group`` (units, groups): with order group-outside each group's own score at the top, else the
    mean of its figures by their used weights. ``group_nominal``, ``group_used`` (units, groups): weight of each group
    at the top; with order group-inside that of its figures together.

    Every aggregation but copeland is homogeneous of degree one, so figures times the top's gradient, summed, plus all
    remainders are the top's score (Euler's theorem): contributions are exact whatever the aggregation.
    """

    score: Floats
    exists: Flags
    present: Flags
    within_nominal: Floats
    within_used: Floats
    effective_nominal: Floats
    effective_used: Floats
    share_used: Floats
    weight_nominal: Floats
    weight_used: Floats
    gradient: Floats
    remainder: Floats
    covered: Flags
    capped: Flags
    before_cap: Floats
    by_group: Floats
    group_nominal: Floats
    group_used: Floats


def weights_of(scheme: Scheme) -> Weights:
    """The scheme's nominal weights, the same for all units.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Group, Node, Scheme
    >>> ease = Node("ease", Fraction(3, 5), shares=(("citizens", Fraction(1)),), points=5)
    >>> length = Node("length", Fraction(2, 5))
    >>> tree = Node("score", Fraction(1), children=(ease, length))
    >>> weights = weights_of(Scheme("demo", (Group("citizens", "anonymous", (1, 1, 1), ()),), tree, ()))
    >>> weights.within, weights.shares.tolist(), weights.outside
    (array([1. , 0.6, 0.4]), [[1.0], [0.0]], array([0.]))
    """
    nodes, leaves = scheme.nodes(), scheme.leaves()
    place = {group.code: position for position, group in enumerate(scheme.groups)}
    shares = np.zeros((len(leaves), len(place)))
    for row, leaf in enumerate(leaves):
        for group, share in leaf.shares:
            shares[row, place[group]] = float(share)
    outside = [float(group.weight or 0) if scheme.order == "group-outside" else 0.0 for group in scheme.groups]
    within = [1.0, *(float(node.weight) for node in nodes[1:])]
    return Weights(np.array(within), shares, np.array(outside))
