"""Weights against influence: a weight says how much a node should count, the spread of the scores how much it does.

Source: W. Becker, M. Saisana, P. Paruolo and I. Vandecasteele (2017), Weights and importance in composite indicators,
Ecological Indicators 80, 12-22; OECD/JRC, Handbook on Constructing Composite Indicators (2008), steps 6 and 8.
"""

from typing import Final

import numpy as np
import pandas as pd

from scoring.attribution import MOST_PLAYERS, WEIGHING, Mean, divide_gap
from scoring.audit.correlations import FEWEST, pearson
from scoring.frames import Flags, Floats, InputError
from scoring.scheme import Node, Scheme
from scoring.tree import weights_of
from scoring.tree.rules import lowest_value

NOTHING: Final = 1e-12
COLUMNS: Final = (
    "node", "parent", "weight_nominal", "spread_share", "correlation_parent", "correlation_top"
)  # fmt: skip


def influence(nodes: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """How much each node drives the differences between units in its parent, one row a node below the top.

    ``nodes`` has unit, node and score (NaN where missing), as the stage that climbs the tree leaves them; only units
    with a score at the top are looked at. Columns: node, parent, weight_nominal (percent within the parent),
    spread_share (percent), correlation_parent and correlation_top (Pearson). NaN with fewer than three units.

    The spread share is cov(part, parent) / var(parent), where a child's part is what it adds to the parent's gap from
    the average unit. For an arithmetic mean that is weight times cov(child, parent) / var(parent). Siblings sum to 100
    but for what caps take. A missing child stands at its parent's score, as leaving it out makes it, or at its lowest
    value where it counts as that. Where units are only compared with each other (copeland), or a node that does not
    weigh has more than 12 children, it is weight times correlation, divided by the siblings' sum.

    Raises:
        InputError: a node of the frame is not in the scheme.

    >>> from fractions import Fraction
    >>> leaves = (Node("courtesy", Fraction(1, 2)), Node("waiting", Fraction(1, 2)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> scores = {"score": [60, 50, 40], "courtesy": [71, 70, 69], "waiting": [49, 30, 11]}
    >>> rows = [(f"U{unit}", node, score) for node, row in scores.items() for unit, score in enumerate(row)]
    >>> found = influence(pd.DataFrame(rows, columns=["unit", "node", "score"]), scheme)
    >>> found[["node", "weight_nominal", "spread_share"]].to_numpy().tolist()
    [['courtesy', 50.0, 5.0], ['waiting', 50.0, 95.0]]
    """
    table, asked = _table(nodes, scheme)
    shares, within = _shares(table, asked, scheme), weights_of(scheme).within
    rows = []
    for place, parent in list(enumerate(scheme.parents()))[1:]:
        codes = [scheme.nodes()[at].code for at in (place, parent)]
        links = pearson(table[:, place], table[:, parent]), pearson(table[:, place], table[:, 0])
        rows.append((codes[0], codes[1], 100 * within[place], 100 * shares[place], *links))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def importance(table: pd.DataFrame) -> pd.DataFrame:
    """Adds ``ratio`` to the rows of ``influence``: spread share over nominal weight; NaN where the weight is 0.

    1 is a node that counts as much as people meant it to; 2 counts double, 0 not at all.

    >>> rows = pd.DataFrame({"node": ["courtesy", "waiting"], "weight_nominal": [50.0, 50.0],
    ...                      "spread_share": [5.0, 95.0]})
    >>> importance(rows)["ratio"].tolist()
    [0.1, 1.9]
    """
    return table.assign(ratio=(table["spread_share"] / table["weight_nominal"]).where(table["weight_nominal"] > 0))


def effective_weights(scheme: Scheme) -> pd.DataFrame:
    """Nominal weights of all nodes in percent: node, parent ("" for the top), within (the parent), effective.

    The effective weight is the product of the weights down the path from the top.

    >>> from fractions import Fraction
    >>> below = Node("service", Fraction(2, 5), children=(Node("ease", Fraction(1, 4)), Node("speed", Fraction(3, 4))))
    >>> tree = Node("score", Fraction(1), children=(below, Node("cost", Fraction(3, 5))))
    >>> effective_weights(Scheme("demo", (), tree, ()))["effective"].round(1).tolist()
    [100.0, 40.0, 10.0, 30.0, 60.0]
    """
    names, parents = [node.code for node in scheme.nodes()], scheme.parents()
    weights = weights_of(scheme).within
    whole = np.bincount(np.array(parents) + 1, weights=weights)
    within = weights / whole[np.array(parents) + 1]
    effective = within.copy()
    for place, parent in list(enumerate(parents))[1:]:
        effective[place] *= effective[parent]
    above = [names[parent] if parent >= 0 else "" for parent in parents]
    return pd.DataFrame({"node": names, "parent": above, "within": 100 * within, "effective": 100 * effective})


def _table(nodes: pd.DataFrame, scheme: Scheme) -> tuple[Floats, Flags]:
    """Scores, and which have a row at all, shape (units, nodes); units with a top score only."""
    known = [node.code for node in scheme.nodes()]
    unit, units = pd.factorize(nodes["unit"], sort=True)
    code, codes = pd.factorize(nodes["node"])
    names = [str(name) for name in codes]
    strange = sorted(set(names) - set(known))
    if strange:
        raise InputError(f"influence: node {strange[0]!r} is not in the scheme; allowed are {', '.join(known)}")
    place = np.array([known.index(name) for name in names], dtype=np.intp)[code]
    scores, asked = np.full((len(units), len(known)), np.nan), np.zeros((len(units), len(known)), dtype=bool)
    scores[unit, place], asked[unit, place] = nodes["score"], True
    scored = ~np.isnan(scores[:, 0])
    return scores[scored], asked[scored]


def _shares(table: Floats, asked: Flags, scheme: Scheme) -> Floats:
    """Spread share of each node in its parent, as a fraction."""
    nodes, weights = scheme.nodes(), weights_of(scheme).within
    found = np.full(len(nodes), np.nan)
    parents = np.array(scheme.parents())
    for place, node in enumerate(nodes):
        below = parents == place
        known = ~np.isnan(table[:, place])
        if below.any() and known.sum() >= FEWEST:
            parent, children = table[known, place], table[known][:, below]
            standing = _standing(node, children, parent, asked[known][:, below])
            found[below] = _spread(node, standing, parent, weights[below])
    return found


def _standing(node: Node, children: Floats, parent: Floats, asked: Flags) -> Floats:
    """The children's scores; a missing one stands at the parent's score, or at its lowest value if it counts as that.

    NaN for a child that nobody has.
    """
    level = np.repeat(parent[:, None], children.shape[1], axis=1)
    missing = np.isnan(children)
    if node.missing == "lowest":
        level = np.where(asked, [lowest_value(child) for child in node.children], level)
        return np.where(missing, level, children)
    return np.where(missing, np.where(missing.all(axis=0), np.nan, level), children)


def _spread(node: Node, children: Floats, parent: Floats, weights: Floats) -> Floats:
    centred = parent - parent.mean()
    if np.abs(centred).max() <= NOTHING * np.abs(parent).max():
        return np.full(len(weights), np.nan)
    if node.aggregation == "copeland" or (node.aggregation not in WEIGHING and len(weights) > MOST_PLAYERS):
        links = np.array([pearson(column, parent) for column in children.T])
        pulls = weights * np.nan_to_num(links)
        return np.asarray(pulls / pulls.sum() if pulls.sum() > 0 else np.full(len(weights), np.nan))
    average = np.broadcast_to(children.mean(axis=0), children.shape)
    how = Mean(node.code, node.aggregation, float(node.power))
    parts = divide_gap(how, children, average, np.broadcast_to(weights, children.shape))[0]
    return np.asarray(centred @ parts / (centred @ centred), dtype=np.float64)
