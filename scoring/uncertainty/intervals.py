"""How sure a figure is: 95 % intervals that know that one respondent's answers go together.

Figures of single indicators and groups have the error of their strata; nodes and groups the error that the tree makes
of it: each figure enters with the derivative of the node's score by it, which in an arithmetic tree is its weight as
used. Administrative figures have no sampling error. A group's trimmed or winsorised mean or median has its own error
(``scoring.uncertainty.robust``). Shrunk figures keep the interval of the figure before shrinkage: it tells what the
unit's own answers say. No interval leaves the range that its figure can take.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import Block, Floats, positions
from scoring.scheme import Node, Scheme, reach
from scoring.tree import Scores, Values, evaluate
from scoring.uncertainty.moments import Spread, Strata, covariances, read_strata
from scoring.uncertainty.robust import Robust, read_robust

UNITS = 256


@dataclass(frozen=True)
class Evidence:
    """What the intervals rest on: each group's strata, the error of every single figure, how estimators differ.

    ``single`` and ``robust`` have shape (units, indicators, groups); ``single`` is the spread of plain means.
    """

    strata: tuple[Strata, ...]
    single: Spread
    robust: Robust


def gather_evidence(blocks: Sequence[Block], strata: pd.DataFrame, levels: pd.DataFrame, scheme: Scheme) -> Evidence:
    """Evidence from the cells' cross-moments, the weighted strata with their values, the counts of chosen levels."""
    parts = tuple(read_strata(blocks, strata, group.code, scheme) for group in scheme.groups)
    shape = (len(strata["unit"].cat.categories), len(scheme.leaves()), len(parts))
    single = Spread(np.zeros(shape), np.zeros(shape))
    for place, part in enumerate(parts):
        single.variance[:, :, place], single.squares[:, :, place] = part.single.variance, part.single.squares
    return Evidence(parts, single, read_robust(strata, levels, single.variance, scheme))


def bound_means(means: pd.DataFrame, evidence: Evidence, scheme: Scheme) -> pd.DataFrame:
    """Adds low and high to the figures of single indicators and groups."""
    at = positions(means, "unit"), positions(means, "indicator"), positions(means, "group")
    robust = evidence.robust
    variance = evidence.single.variance[at] * robust.factor[at] ** 2
    squares = evidence.single.squares[at] * robust.factor[at] ** 4 * robust.lost[at]
    lowest, highest = _reaches(scheme.leaves())
    low, high = Spread(variance, squares).bounds(_centres(means, scheme), (lowest[at[1]], highest[at[1]]))
    own = ~np.isnan(robust.low[at])
    return means.assign(low=np.where(own, robust.low[at], low), high=np.where(own, robust.high[at], high))


def bound_scores(
    nodes: pd.DataFrame, groups: pd.DataFrame, values: Values, evidence: Evidence, scheme: Scheme
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Adds low and high to the scores of nodes and of groups; NaN above a copeland node, which has no derivative.

    ``values`` are the figures the tree was built on.
    """
    whole, own = _spreads(values, evidence, scheme)
    at = positions(nodes, "unit"), positions(nodes, "node")
    lowest, highest = _reaches(scheme.nodes())
    limits = lowest[at[1]], highest[at[1]]
    low, high = Spread(whole.variance[at], whole.squares[at]).bounds(nodes["score"].to_numpy(), limits)
    by = positions(groups, "unit"), positions(groups, "group")
    bottom, top = _group_reaches(scheme)
    limits = bottom[by[1]], top[by[1]]
    group_low, group_high = Spread(own.variance[by], own.squares[by]).bounds(groups["score"].to_numpy(), limits)
    return nodes.assign(low=low, high=high), groups.assign(low=group_low, high=group_high)


def top_spread(values: Values, evidence: Evidence, scheme: Scheme) -> Spread:
    """Sampling spread of each unit's top score, shape (units,)."""
    gradient = evaluate(values, scheme, gradient="top").gradient[:, :1, :, :-1]
    _, spread = composed(gradient, evidence)
    return Spread(spread.variance[:, 0], spread.squares[:, 0])


def bound_top(nodes: pd.DataFrame, values: Values, evidence: Evidence, scheme: Scheme) -> pd.DataFrame:
    """Adds low and high to the scores of the top, as ``bound_scores`` does; below the top they are missing."""
    spread = top_spread(values, evidence, scheme)
    top = (nodes["parent"] == "").to_numpy()
    at = positions(nodes, "unit")[top]
    low, high = np.full((2, len(nodes)), np.nan)
    own = Spread(spread.variance[at], spread.squares[at])
    low[top], high[top] = own.bounds(nodes["score"].to_numpy()[top], _reaches([scheme.tree]))
    return nodes.assign(low=low, high=high)


def composed(gradient: Floats, evidence: Evidence, start: int = 0) -> tuple[Floats, Spread]:
    """Covariances (units, targets, targets) and spread (units, targets) of figures composed by their derivatives.

    ``gradient`` has shape (units, targets, indicators, groups), for the units from position ``start`` on.
    """
    units, targets = gradient.shape[:2]
    weighed = gradient * evidence.robust.factor[start : start + units, None]
    matrix, spread = np.zeros((units, targets, targets)), Spread(*np.zeros((2, units, targets)))
    for place, strata in enumerate(evidence.strata):
        found, part = covariances(strata, weighed[:, :, :, place], start)
        matrix, spread = matrix + found, spread + part
    return matrix, spread


def _spreads(values: Values, evidence: Evidence, scheme: Scheme) -> tuple[Spread, Spread]:
    """Spread of every node, shape (units, nodes), and of every group, shape (units, groups)."""
    units, nodes = len(values.rated), scheme.nodes()
    leaves = [place for place, node in enumerate(nodes) if not node.children]
    branches = [place for place, node in enumerate(nodes) if node.children]
    whole = Spread(*np.zeros((2, units, len(nodes))))
    own = Spread(*np.zeros((2, units, len(scheme.groups))))
    for start in range(0, units, UNITS):
        part = slice(start, start + UNITS)
        scores = evaluate(Values(values.rated[part], values.given[part], values.applies[part]), scheme)
        gradient = scores.gradient[:, :, :, :-1]
        single = gradient[:, leaves, np.arange(len(leaves))] * evidence.robust.factor[part]
        whole.variance[part, leaves] = (single**2 * evidence.single.variance[part]).sum(axis=2)
        squares = evidence.single.squares[part] * evidence.robust.lost[part]
        whole.squares[part, leaves] = (single**4 * squares).sum(axis=2)
        targets = np.concatenate([gradient[:, branches], _by_group(scores, scheme)], axis=1)
        _, found = composed(targets, evidence, start)
        whole.variance[part, branches] = found.variance[:, : len(branches)]
        whole.squares[part, branches] = found.squares[:, : len(branches)]
        own.variance[part], own.squares[part] = found.variance[:, len(branches) :], found.squares[:, len(branches) :]
    return whole, own


def _by_group(scores: Scores, scheme: Scheme) -> Floats:
    """Derivatives of the groups' own scores, shape (units, groups, leaves, groups)."""
    is_outside = scheme.order == "group-outside"
    figures = scores.gradient[:, 0, :, :-1] if is_outside else scores.weight_used[:, :, :-1]
    weight = scores.group_used
    shares = np.divide(figures, weight[:, None], out=np.zeros_like(figures), where=weight[:, None] > 0)
    alone = np.zeros((len(figures), figures.shape[2], *figures.shape[1:]))
    places = np.arange(figures.shape[2])
    alone[:, places, :, places] = shares.transpose(2, 0, 1)
    return alone


def _centres(means: pd.DataFrame, scheme: Scheme) -> Floats:
    """The figures before shrinkage."""
    shrunk = np.array([group.shrinkage != "none" for group in scheme.groups], dtype=bool)[positions(means, "group")]
    names = np.array([group.estimator for group in scheme.groups], dtype=object)[positions(means, "group")]
    plain = means["mean_plain"].to_numpy()
    raw = np.select(
        [names == name for name in ("trimmed", "winsorised")], [means["trimmed"], means["winsorised"]], plain
    )
    return np.where(shrunk, raw, means["mean"].to_numpy())


def _reaches(nodes: Sequence[Node]) -> tuple[Floats, Floats]:
    low, high = np.array([reach(node) for node in nodes]).T
    return low, high


def _group_reaches(scheme: Scheme) -> tuple[Floats, Floats]:
    """Lowest and highest score of each group: those of its indicators, or of the top when each has its own tree."""
    found = []
    for group in scheme.groups:
        rated = [leaf for leaf in scheme.leaves() if group.code in dict(leaf.shares)]
        low, high = _reaches([scheme.tree] if scheme.order == "group-outside" or not rated else rated)
        found.append((low.min(), high.max()))
    low, high = np.array(found).reshape(-1, 2).T
    return low, high
