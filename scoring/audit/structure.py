"""What the tree rests on: consistency of its nodes, what happens without one, units that beat others on everything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Flags, Floats, InputError, significant
from scoring.reliability import cronbach_alpha
from scoring.scheme import Scheme
from scoring.tree import Values, evaluate

NOMINAL = "nominal"


@dataclass(frozen=True)
class Removal:
    """``scores`` and ``ranks`` have a row a unit, a column ``nominal`` and one for each node left out.

    ``summary`` has a row a node: node, mean_shift and max_shift of the ranks (absolute, over the units ranked both
    with and without it; NaN when there are none).
    """

    scores: pd.DataFrame
    ranks: pd.DataFrame
    summary: pd.DataFrame


def remove_each(values: Values, scheme: Scheme, removed: Sequence[str] | None = None) -> Removal:
    """The composite and its ranks with one node at a time left out, as though the scheme did not have it.

    ``removed`` are codes of nodes below the top; all children of the top when None. Weights of the siblings are
    divided by their sum, whatever the aggregation; a cap on the removed node cannot apply. Ranks are competition
    ranks among all units with a score, at 12 significant digits.
    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 7.

    Raises:
        InputError: a code is not that of a node below the top; or as ``scoring.tree.evaluate``.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("ease", Fraction(3, 4)), Node("cost", Fraction(1, 4)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> values = Values(np.empty((2, 2, 0)), np.array([[80.0, 10.0], [60.0, 50.0]]), np.ones((2, 2), dtype=bool))
    >>> found = remove_each(values, scheme)
    >>> found.scores.to_numpy().tolist(), found.summary["mean_shift"].tolist()
    ([[62.5, 10.0, 80.0], [57.5, 50.0, 60.0]], [1.0, 0.0])
    """
    nodes = scheme.nodes()
    codes = [child.code for child in scheme.tree.children] if removed is None else list(removed)
    allowed = [node.code for node in nodes[1:]]
    strange = [code for code in codes if code not in allowed]
    if strange:
        raise InputError(f"remove: {strange[0]!r} is no node below the top; allowed are {', '.join(allowed)}")
    tops = {NOMINAL: _top(values, scheme)}
    tops |= {code: _top(replace(values, applies=values.applies & ~_below(scheme, code)), scheme) for code in codes}
    scores = pd.DataFrame(tops)
    ranks = scores.rank(ascending=False, method="min").astype("Int64")
    shifts = ranks[codes].sub(ranks[NOMINAL], axis=0).abs().astype("Float64")
    summary = pd.DataFrame(
        {"node": codes, "mean_shift": shifts.mean().to_numpy(), "max_shift": shifts.max().to_numpy()}
    )
    return Removal(scores, ranks, summary.astype({"mean_shift": "float64", "max_shift": "float64"}))


def alphas(nodes: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Cronbach's alpha of the children of each node that has some: node, children (their number), alpha.

    ``nodes`` has unit, node and score (NaN where missing). Covariances are taken over the units that have both
    children; NaN with fewer than two children, or where the covariances do not sum to more than 0.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("ease", Fraction(1, 2)), Node("cost", Fraction(1, 2)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> scores = {"ease": [1, 2, 3], "cost": [2, 2, 4]}
    >>> rows = [(f"U{unit}", node, score) for node, row in scores.items() for unit, score in enumerate(row)]
    >>> alphas(pd.DataFrame(rows, columns=["unit", "node", "score"]), scheme).round(4).to_numpy().tolist()
    [['score', 2, 0.9231]]
    """
    plain = pd.DataFrame({key: nodes[key].astype("str") for key in ("unit", "node")})
    table = plain.assign(score=nodes["score"].to_numpy(dtype=np.float64))
    wide = table.pivot(index="unit", columns="node", values="score")
    branches = [node for node in scheme.nodes() if node.children]
    below = {node.code: wide.reindex(columns=[child.code for child in node.children]) for node in branches}
    alpha = [cronbach_alpha(items) if len(items) else np.nan for items in below.values()]
    return pd.DataFrame({"node": list(below), "children": [len(node.children) for node in branches], "alpha": alpha})


@dataclass(frozen=True, eq=False)
class Dominance:
    """``over`` (units, units): the row is at least as good as the column in everything and better in something.

    ``pairs`` of units in which one dominates the other, and their ``share`` of all pairs with a child in common
    (NaN when there is none).
    """

    over: Flags
    pairs: int
    share: float


def dominance(values: npt.ArrayLike) -> Dominance:
    """Pairs of units whose order no weights can turn; ``values`` (units, children), NaN where missing, more is better.

    A pair is compared on the children both have, at 12 significant digits.

    >>> found = dominance([[3, 3], [2, 3], [1, 4]])
    >>> found.pairs, round(found.share, 4)
    (1, 0.3333)
    """
    table = significant(np.asarray(values, dtype=np.float64))
    units = len(table)
    never_worse = np.ones((units, units), dtype=bool)
    once_better, shared = np.zeros((2, units, units), dtype=bool)
    for column in table.T:
        never_worse &= ~(column[:, None] < column[None, :])
        once_better |= column[:, None] > column[None, :]
        shared |= ~np.isnan(column)[:, None] & ~np.isnan(column)[None, :]
    over = never_worse & once_better
    pairs, all_pairs = int(over.sum()), int(np.triu(shared, 1).sum())
    return Dominance(over, pairs, pairs / all_pairs if all_pairs else float("nan"))


def _top(values: Values, scheme: Scheme) -> Floats:
    return significant(evaluate(values, scheme, gradient=False).score[:, 0])


def _below(scheme: Scheme, code: str) -> Flags:
    """Which indicators a node is made of, shape (leaves,)."""
    node = next(node for node in scheme.nodes() if node.code == code)
    inside = {below.code for below in node.walk()}
    return np.array([leaf.code in inside for leaf in scheme.leaves()], dtype=bool)
