"""What a level of a scale is worth: answers are put on the indicator's own range, whoever else is scored."""

from fractions import Fraction

import numpy as np

from scoring.frames import Floats
from scoring.scheme import Node


def level_values(leaf: Node) -> Floats:
    """The value of each level of a rated indicator, shape (points,), in points of its output range, lowest code first.

    With k points and level x from 1 to k, in hundredths: linear 100 (x - 1) / (k - 1); maximum 100 x / k, or
    100 (x - 1) / (k - 1) where the form counts from 0; favourable 100 from the lowest favourable level up, else 0
    (without one named: from the upper quarter of the scale up); levels as the scheme lists them. Direction down is the
    reflection, 100 less that. Last comes the output range a to b: a + (b - a) / 100 of it. Exact fractions up to there.

    >>> level_values(Node("ease", Fraction(1), points=5)).tolist()
    [0.0, 25.0, 50.0, 75.0, 100.0]
    >>> level_values(Node("delay", Fraction(1), points=3, direction="down", output=(Fraction(1), Fraction(5)))).tolist()
    [5.0, 3.0, 1.0]
    """
    shares = [share if leaf.direction == "up" else 1 - share for share in _shares(leaf)]
    low, high = leaf.output
    return np.array([float(low + (high - low) * share) for share in shares])


def is_affine(leaf: Node) -> bool:
    """Whether equal steps of the scale are worth the same, so that a mean of levels tells the mean of values.

    >>> is_affine(Node("ease", Fraction(1), points=5, rescale="favourable"))
    False
    """
    return leaf.rescale in ("linear", "maximum")


def _shares(leaf: Node) -> list[Fraction]:
    steps = range(leaf.points)
    if leaf.rescale == "levels":
        return [level / 100 for level in leaf.levels]
    if leaf.rescale == "favourable":
        first = leaf.favourable - 1 if leaf.favourable else -(-3 * (leaf.points - 1) // 4)
        return [Fraction(step >= first) for step in steps]
    if leaf.rescale == "maximum" and leaf.shown_from:
        return [Fraction(step + 1, leaf.points) for step in steps]
    return [Fraction(step, leaf.points - 1) for step in steps]
