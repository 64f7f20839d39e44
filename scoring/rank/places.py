"""Places: ranks inside a category, with rounding, ties and a margin of tie as the scheme sets them."""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, Integers
from scoring.rank.rounding import round_half_up
from scoring.scheme import Scheme


def place(score: Floats, ranked: Flags, category: pd.Series, scheme: Scheme) -> tuple[pd.Series, pd.Series]:
    """Ranks of the ranked units inside their category (missing for the others), and how many are ranked there.

    ``score`` has shape (units,). Scores are compared after rounding half up to the scheme's rank decimals.
    """
    places, of = np.zeros(len(score), dtype=np.int64), np.zeros(len(score), dtype=np.int64)
    for _, members in pd.Series(np.arange(len(score))).groupby(category.to_numpy(), sort=True):
        inside = members.to_numpy()
        chosen = inside[ranked[inside]]
        of[inside] = len(chosen)
        places[chosen] = rank_scores(score[chosen], scheme)
    return pd.Series(places).where(pd.Series(ranked)).astype("Int64"), pd.Series(of)


def rank_scores(score: Floats, scheme: Scheme) -> Integers:
    """Ranks of scores without gaps in the data, best first, shape as ``score``.

    Units that differ from the best of their block by no more than the scheme's tie margin share its place. Ties are
    counted as "competition" (1224), "modified" (1334) or "dense" (1223).

    >>> from scoring.scheme import Node, Scheme
    >>> scheme = Scheme("s", (), Node("score", Fraction(1)), (), tie_margin=Fraction(1, 10))
    >>> rank_scores(np.array([93.4, 93.5, 80.0]), scheme)
    array([1, 1, 3])
    """
    rounded = [Fraction(round_half_up(x, scheme.rank_decimals)) for x in score]
    order = sorted(range(len(rounded)), key=lambda at: -rounded[at])
    blocks = list(_blocks(order, rounded, scheme.tie_margin))
    ranks = np.zeros(len(rounded), dtype=np.int64)
    ahead = 0
    for number, block in enumerate(blocks, start=1):
        first = {"competition": ahead + 1, "modified": ahead + len(block), "dense": number}
        ranks[block] = first[scheme.rank_ties]
        ahead += len(block)
    return ranks


def _blocks(order: list[int], rounded: list[Fraction], margin: Fraction) -> Iterable[list[int]]:
    block: list[int] = []
    for at in order:
        if block and rounded[block[0]] - rounded[at] > margin:
            yield block
            block = []
        block.append(at)
    if block:
        yield block
