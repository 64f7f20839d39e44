"""Which three comparisons contradict each other most, so that a judge knows where to look again.

Source: the circular triad as the unit of inconsistency: Koczkodaj, Mathematical and Computer Modelling 18 (1993) 79.
"""

from dataclasses import dataclass
from itertools import combinations

from scoring.weighting.pairwise import TOLERANCE, Judgements


@dataclass(frozen=True)
class Triple:
    """Three names a, b, c: a is ``first`` times b and b is ``second`` times c, so a should be ``implied`` times c.

    ``said`` is how many times c the judge made a; ``factor`` (above 1) is how far the two lie apart.
    """

    names: tuple[str, str, str]
    first: float
    second: float
    implied: float
    said: float
    factor: float


def find_worst_triple(judgements: Judgements) -> Triple | None:
    """The three names whose comparisons contradict each other most; nothing where all of them agree.

    Of several that are alike the first in the order of the names.

    >>> from scoring.weighting.pairwise import compare_pairs
    >>> names = ["speed", "courtesy", "cost"]
    >>> judged = compare_pairs(names, [("speed", "courtesy", 3), ("courtesy", "cost", 2), ("speed", "cost", 1 / 2)])
    >>> worst = find_worst_triple(judged)
    >>> worst.names, round(worst.implied, 6), worst.said, round(worst.factor, 6)
    (('speed', 'courtesy', 'cost'), 6.0, 0.5, 12.0)
    >>> find_worst_triple(compare_pairs(names[:2], [("speed", "courtesy", 3)])) is None
    True
    """
    worst: Triple | None = None
    for a, b, c in combinations(range(len(judgements.names)), 3):
        first, second, said = (float(judgements.matrix[row, column]) for row, column in ((a, b), (b, c), (a, c)))
        implied = first * second
        factor = max(implied / said, said / implied)
        if factor > (worst.factor if worst else 1) * (1 + TOLERANCE):
            names = judgements.names[a], judgements.names[b], judgements.names[c]
            worst = Triple(names, first, second, implied, said, factor)
    return worst
