"""The lowest and the highest value that a node of the tree can take."""

from fractions import Fraction
from math import inf

from scoring.scheme.model import Node

Reach = tuple[float, float]
UNBOUNDED: Reach = (-inf, inf)
BOUNDED_BY_NATURE = ("rank", "percentile-rank", "borda", "optimum")
BOUNDED_BY_THE_PERIOD = ("minmax", "target", "leader")


def reach(node: Node) -> Reach:
    """Lowest and highest value of a node, in points of its own range; -inf and inf where there is no bound.

    A branch lies within its children, but for the methods that add to or take from a mean, and for caps.

    >>> from scoring.scheme.model import Normaliser
    >>> stars = Node("stars", Fraction(1), points=4, rescale="maximum")
    >>> waste = Node("waste", Fraction(1), normaliser=Normaliser("goalposts"), floor=Fraction(1))
    >>> reach(stars), reach(waste), reach(Node("top", Fraction(1), children=(stars, waste)))
    ((25.0, 100.0), (1.0, inf), (1.0, inf))
    """
    if node.children:
        return _branch(node)
    low, high = _rated(node) if node.is_rated else _figure(node)
    floor = -inf if node.floor is None else float(node.floor)
    return max(low, floor), max(high, floor)


def _branch(node: Node) -> Reach:
    lows, highs = zip(*(reach(child) for child in node.children), strict=True)
    low, high = min(lows), max(highs)
    if node.aggregation in ("copeland", "ampi-"):
        low = -inf
    if node.aggregation in ("copeland", "ampi+"):
        high = inf
    return min([low, *(float(cap.limit) for cap in node.caps)]), high


def _rated(node: Node) -> Reach:
    first, last = node.output
    low, high = _hundredths(node)
    if node.direction == "down":
        low, high = 100 - high, 100 - low
    return float(first + (last - first) * low / 100), float(first + (last - first) * high / 100)


def _hundredths(node: Node) -> tuple[Fraction, Fraction]:
    """Least and most points of 100 that an answer can give, before the direction is applied."""
    if node.rescale == "levels":
        return min(node.levels), max(node.levels)
    if node.rescale == "maximum" and node.shown_from == 1:
        return Fraction(100, node.points), Fraction(100)
    return Fraction(0), Fraction(100)


def _figure(node: Node) -> Reach:
    normaliser = node.normaliser
    if normaliser is None:
        return UNBOUNDED
    low, high = float(node.output[0]), float(node.output[1])
    is_of_period = normaliser.reference == "period" and normaliser.method in BOUNDED_BY_THE_PERIOD
    if normaliser.clip or is_of_period or normaliser.method in BOUNDED_BY_NATURE:
        return low, high
    return (-inf, high) if normaliser.method == "target" else UNBOUNDED
