"""How sure a figure is: 95 % intervals that know that one respondent's answers go together.

Delta method on cross-moments: for a figure that weighs indicators with w, respondent i adds z_i = sum over q of w_q
(x_iq - m_q) a_iq / n_q, where a_iq says whether q was answered; the variance is the sum of z_i squared, expanded
into the cell's moments, so that its cost depends on cells and not on respondents. Each question carries the factor
n_q / (n_q - 1), which gives a single question its ordinary standard error. Strata and groups are independent;
degrees of freedom are added as by Welch and Satterthwaite. A bootstrap of respondents is the oracle in the tests.

When all answers of a stratum to an indicator are equal, they show no variance at all; then half an answer is added
to each level (never more than 2.5 in all, or a fine scale would drown three experts), and such indicators are taken
to move together.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Block, Floats, Integers, positions
from scoring.quantiles import t_quantile
from scoring.scheme import Scheme

PSEUDO_ANSWERS = 2.5
FIGURE = ["unit", "indicator", "group"]
Place = tuple[Integers, Integers]


@dataclass(frozen=True)
class Evidence:
    """What the intervals of composed figures rest on.

    ``weights`` has unit, indicator, group, ``share`` (of the group inside the indicator, as used) and ``weight_used``.
    """

    blocks: tuple[Block, ...]
    strata: pd.DataFrame
    weights: pd.DataFrame


@dataclass(frozen=True)
class Spread:
    """A variance, and the sum of its independent parts squared over their degrees of freedom."""

    variance: Floats
    squares: Floats

    def bounds(self, score: Floats) -> tuple[Floats, Floats]:
        """The interval around ``score``, never outside 0 to 100."""
        known = self.squares > 0
        freedom = np.divide(self.variance**2, self.squares, out=np.ones_like(self.squares), where=known)
        half = t_quantile(freedom) * np.sqrt(self.variance)
        return np.clip(score - half, 0.0, 100.0), np.clip(score + half, 0.0, 100.0)


def bound_means(means: pd.DataFrame, strata: pd.DataFrame) -> pd.DataFrame:
    """Adds low and high to the figures of single indicators and groups."""
    step = 100 / (strata["points"] - 1)
    answered = strata["n"].where(strata["n"] > 0)
    plain = (strata["weight"] * step) ** 2 * strata["raw_variance"] / answered
    variance = plain.where(strata["raw_variance"] > 0, constant_error(strata) ** 2)
    parts = strata[FIGURE].assign(variance=variance, squares=variance**2 / (answered - 1).clip(lower=1))
    summed = means[FIGURE].merge(parts.groupby(FIGURE, observed=True).sum().reset_index(), on=FIGURE, how="left")
    spread = Spread(summed["variance"].to_numpy(), summed["squares"].to_numpy())
    low, high = spread.bounds(means["mean"].to_numpy())
    return means.assign(low=low, high=high)


def bound_scores(
    nodes: pd.DataFrame, groups: pd.DataFrame, evidence: Evidence, scheme: Scheme
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Adds low and high to the scores of nodes and of groups."""
    below = weights_below(nodes, scheme)
    shares, used = _grid(evidence.weights, "share", scheme), _grid(evidence.weights, "weight_used", scheme)
    total = Spread(np.zeros(below.shape[:2]), np.zeros(below.shape[:2]))
    own = []
    for place, group in enumerate(scheme.groups):
        whole = used[:, :, place].sum(axis=1, keepdims=True)
        alone = np.divide(used[:, :, place], whole, out=np.zeros_like(used[:, :, place]), where=whole > 0)
        targets = np.concatenate([below * shares[:, None, :, place], alone[:, None, :]], axis=1)
        found = _spread(_Cells(evidence, group.code, scheme), targets)
        total = Spread(total.variance + found.variance[:, :-1], total.squares + found.squares[:, :-1])
        own.append(Spread(found.variance[:, -1], found.squares[:, -1]))
    at = positions(nodes, "unit"), positions(nodes, "node")
    low, high = Spread(total.variance[at], total.squares[at]).bounds(nodes["score"].to_numpy())
    alone_all = Spread(
        np.stack([part.variance for part in own], axis=1).ravel(),
        np.stack([part.squares for part in own], axis=1).ravel(),
    )
    group_low, group_high = alone_all.bounds(groups["score"].to_numpy())
    return nodes.assign(low=low, high=high), groups.assign(low=group_low, high=group_high)


def constant_error(strata: pd.DataFrame) -> "pd.Series[float]":
    """Weighted standard error, in points of 100, that is quoted for a stratum whose answers are all equal."""
    n, points = strata["n"].where(strata["n"] > 0), strata["points"]
    value = 100 * (strata["raw_mean"] - 1) / (points - 1)
    added = (points / 2).clip(upper=PSEUDO_ANSWERS)
    mean = (n * value + added * 50) / (n + added)
    second = (n * value**2 + added * 10_000 * (2 * points - 1) / (6 * (points - 1))) / (n + added)
    return strata["weight"] * np.sqrt((second - mean**2) / n)


def weights_below(nodes: pd.DataFrame, scheme: Scheme) -> Floats:
    """How much each indicator counts in each node, as used, shape (units, nodes, indicators); rows sum to 1."""
    count, above = len(scheme.nodes()), scheme.parents()
    units = len(nodes["unit"].cat.categories)
    within = np.zeros((units, count))
    within[positions(nodes, "unit"), positions(nodes, "node")] = nodes["weight_used"] / 100
    leaves = [place for place, node in enumerate(scheme.nodes()) if not node.children]
    below = np.zeros((units, count, len(leaves)))
    below[:, leaves, np.arange(len(leaves))] = 1.0
    for place in range(count - 1, 0, -1):
        below[:, above[place]] += within[:, place, None] * below[:, place]
    return below


class _Cells:
    """The weighted strata of one group as arrays of shape (units, strata, indicators), and the group's blocks."""

    def __init__(self, evidence: Evidence, group: str, scheme: Scheme) -> None:
        rows = evidence.strata[evidence.strata["group"] == group]
        self.units = rows["unit"].cat.categories
        self.strata = rows["stratum"].cat.categories
        self.indicators = rows["indicator"].cat.categories
        self.points = np.array([leaf.points for leaf in scheme.leaves()])
        self.blocks = [block for block in evidence.blocks if block.group == group]
        self.at = positions(rows, "unit"), positions(rows, "stratum"), positions(rows, "indicator")
        self.shape = (len(self.units), len(self.strata), len(self.indicators))
        n, varies = rows["n"], rows["raw_variance"] > 0
        step = 100 / (rows["points"] - 1)
        self.n: Floats = self.spread_out(n)
        self.mean: Floats = self.spread_out(rows["raw_mean"].fillna(0.0))
        self.scale: Floats = self.spread_out((rows["weight"] * step / np.sqrt(n * (n - 1).where(varies))).fillna(0.0))
        self.constant: Floats = self.spread_out(constant_error(rows).where(~varies, 0.0).fillna(0.0))

    def spread_out(self, values: "pd.Series[float]") -> Floats:
        array = np.zeros(self.shape)
        array[self.at] = values
        return array


def _spread(cells: _Cells, targets: Floats) -> Spread:
    """Variance of every target; ``targets`` weighs indicators, shape (units, targets, indicators)."""
    shape = (cells.shape[0], cells.shape[1], targets.shape[1])
    variance, answered = np.zeros(shape), np.ones(shape)
    for block in cells.blocks:
        unit, stratum = cells.units.get_indexer(pd.Index(block.units)), cells.strata.get_indexer(pd.Index(block.strata))
        keep = (unit >= 0) & (stratum >= 0)
        place = (unit[keep], stratum[keep])
        question = cells.indicators.get_indexer(pd.Index(block.indicators))
        asked = np.flatnonzero((question >= 0) & (cells.points[question] == block.points))
        matrix = _residual_products(block.moments[keep][:, :, asked][:, :, :, asked], cells, place, question[asked])
        weights = targets[unit[keep]][:, :, question[asked]]
        np.add.at(variance, place, ((weights @ matrix) * weights).sum(axis=2))
        counted = cells.n[place][:, question[asked]]
        np.maximum.at(answered, place, ((weights > 0) * counted[:, None, :]).max(axis=2, initial=1.0))
    together = np.einsum("uti,usi->ust", targets, cells.constant)
    variance = np.maximum(variance, 0.0) + together**2
    return Spread(variance.sum(axis=1), (variance**2 / np.maximum(answered - 1, 1)).sum(axis=1))


def _residual_products(moments: Integers, cells: _Cells, place: Place, question: Integers) -> Floats:
    """Sums of products of residuals, weighted, on 0 to 100, shape (cells, questions, questions)."""
    pairs, sums, products = (moments[:, part].astype(np.float64) for part in range(3))
    mean, scale = cells.mean[place][:, question], cells.scale[place][:, question]
    crossed = sums * mean[:, None, :]
    centred = products - crossed - crossed.transpose(0, 2, 1) + pairs * (mean[:, :, None] * mean[:, None, :])
    return np.asarray(centred * (scale[:, :, None] * scale[:, None, :]), dtype=np.float64)


def _grid(weights: pd.DataFrame, column: str, scheme: Scheme) -> npt.NDArray[np.float64]:
    """A column of weights as an array of shape (units, indicators, groups)."""
    grid = np.zeros((len(weights["unit"].cat.categories), len(scheme.leaves()), len(scheme.groups)))
    grid[positions(weights, "unit"), positions(weights, "indicator"), positions(weights, "group")] = weights[column]
    return grid
