"""What may overrule a node's score: too few children present, or a critical child below its threshold."""

from collections.abc import Mapping

import numpy as np

from scoring.frames import Flags, Floats, significant
from scoring.scheme import Coverage, Node
from scoring.scheme.reach import reach


def falls_short(here: Flags, asked: Flags, weights: Floats, rule: Coverage) -> Flags:
    """Whether too little of a node is there, shape (units,).

    ``here`` and ``asked`` (units, children) say which children count and which of them exist for the unit and have a
    weight; ``weights`` (units, children) are nominal. Strictly below the rule's share, at 12 significant digits, or
    below its count; where nothing is asked, nothing falls short of a share.

    >>> from fractions import Fraction
    >>> here, asked, weights = np.array([[True, False]]), np.array([[True, True]]), np.array([[0.9, 0.1]])
    >>> falls_short(here, asked, weights, Coverage(Fraction(3, 4)))
    array([ True])
    """
    weighed = weights * asked if rule.weighted else asked.astype(np.float64)
    whole = weighed.sum(axis=1)
    part = np.divide((weighed * here).sum(axis=1), whole, out=np.ones_like(whole), where=whole > 0)
    too_few = np.asarray(here.sum(axis=1) < rule.count)
    return too_few | (significant(part) < significant(np.array(float(rule.share))))


def lowest_limit(node: Node, entered: Mapping[str, Floats], units: int) -> Floats:
    """The lowest limit of the caps that apply, shape (units,); infinite where none does.

    ``entered`` maps the codes of the children to the values with which they enter (NaN missing, which caps nothing).
    A cap applies strictly below its threshold, at 12 significant digits.
    """
    limit = np.full(units, np.inf)
    for cap in node.caps:
        below = significant(entered[cap.child]) < significant(np.array(float(cap.below)))
        limit = np.where(below, np.minimum(limit, float(cap.limit)), limit)
    return limit


def lowest_value(node: Node) -> float:
    """The lowest value the node can take, in points of its own range; -inf where there is no bound."""
    return reach(node)[0]
