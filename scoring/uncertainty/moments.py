"""Variances and covariances of composed figures, from the cross-moments of cells.

Delta method: for a figure that weighs indicators with w, respondent i adds z_i = sum over q of w_q (x_iq - m_q) a_iq /
n_q, where a_iq says whether q was answered; the variance is the sum of z_i squared, expanded into the cell's moments,
so that its cost depends on cells and not on respondents. Each question carries the factor n_q / (n_q - 1), which gives
a single question its ordinary standard error. Strata and groups are independent; degrees of freedom are added as by
Welch and Satterthwaite.

When all answers of a stratum to an indicator are worth the same, they show no variance at all; then half an answer is
added to each level (never more than 2.5 in all, or a fine scale would drown three experts), and such indicators are
taken to move together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import Block, Floats, Integers, positions
from scoring.quantiles import t_quantile
from scoring.samples.levels import level_values
from scoring.scheme import Scheme

PSEUDO_ANSWERS = 2.5


@dataclass(frozen=True)
class Spread:
    """A variance, and the sum of its independent parts squared over their degrees of freedom; same shape."""

    variance: Floats
    squares: Floats

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(self.variance + other.variance, self.squares + other.squares)

    @property
    def freedom(self) -> Floats:
        """Degrees of freedom by Welch and Satterthwaite; 1 where there is no variance."""
        return np.divide(self.variance**2, self.squares, out=np.ones_like(self.squares), where=self.squares > 0)

    def bounds(self, score: Floats, reach: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """The 95 % interval around ``score``, never outside ``reach``."""
        half = t_quantile(self.freedom) * np.sqrt(self.variance)
        return np.clip(score - half, *reach), np.clip(score + half, *reach)


@dataclass(frozen=True)
class Part:
    """The cells of one form: where they stand among units and strata, which indicators their questions ask for."""

    moments: Integers
    unit: Integers
    stratum: Integers
    question: Integers


@dataclass(frozen=True)
class Strata:
    """The weighted strata of one group as arrays of shape (units, strata, indicators); 0 where there is none.

    ``mean`` is in codes; ``scale`` turns a residual of codes into its part of the figure's error, in points;
    ``constant`` is the error quoted where all answers are worth the same. ``single`` (units, indicators) is the spread
    of the figures themselves.
    """

    parts: tuple[Part, ...]
    n: Floats
    mean: Floats
    scale: Floats
    constant: Floats
    single: Spread


def read_strata(blocks: Sequence[Block], strata: pd.DataFrame, group: str, scheme: Scheme) -> Strata:
    """The strata of one group, from the frame of weighted strata with their values and the cells' cross-moments."""
    rows = strata[(strata["group"] == group).to_numpy()]
    at = positions(rows, "unit"), positions(rows, "stratum"), positions(rows, "indicator")
    shape = tuple(len(strata[column].cat.categories) for column in ("unit", "stratum", "indicator"))
    n, weight = rows["n"].to_numpy(dtype=np.float64), rows["weight"].fillna(0.0).to_numpy()
    varies, counted = (rows["value_variance"] > 0).to_numpy(), np.maximum(n, 1.0)
    constant = np.where(varies, 0.0, weight * _constant_error(rows, scheme))
    plain = np.where(varies, weight**2 * rows["value_variance"].fillna(0.0).to_numpy() / counted, constant**2)
    scale = weight * rows["slope"].to_numpy() / np.sqrt(counted * np.maximum(n - 1, 1.0))

    def spread_out(values: Floats) -> Floats:
        array = np.zeros(shape)
        array[at] = values
        return array

    return Strata(
        parts=tuple(_place(block, strata, scheme) for block in blocks if block.group == group),
        n=spread_out(n),
        mean=spread_out(rows["raw_mean"].fillna(0.0).to_numpy()),
        scale=spread_out(np.where(varies, scale, 0.0)),
        constant=spread_out(constant),
        single=Spread(spread_out(plain).sum(axis=1), spread_out(plain**2 / np.maximum(n - 1, 1.0)).sum(axis=1)),
    )


def covariances(strata: Strata, targets: Floats, start: int = 0) -> tuple[Floats, Spread]:
    """Covariances of composed figures, shape (units, targets, targets), and the spread of each.

    ``targets`` weighs the indicators for the units from position ``start`` on, shape (units, targets, indicators).
    """
    units, kinds = targets.shape[:2]
    own = slice(start, start + units)
    found = np.zeros((units, strata.n.shape[1], kinds, kinds))
    answered = np.ones(found.shape[:3])
    for part in strata.parts:
        cells = (part.unit >= start) & (part.unit < start + units)
        place = part.unit[cells] - start, part.stratum[cells]
        weighed = targets[place[0]][:, :, part.question]
        scale, mean, n = (array[own][place][:, None, part.question] for array in (strata.scale, strata.mean, strata.n))
        np.add.at(found, place, _products(part.moments[cells], weighed * scale, mean))
        np.maximum.at(answered, place, ((weighed != 0) * n).max(axis=2, initial=1.0))
    together = targets @ strata.constant[own].transpose(0, 2, 1)
    together = together.transpose(0, 2, 1)
    found += together[:, :, :, None] * together[:, :, None, :]
    variance = np.maximum(np.diagonal(found, axis1=2, axis2=3), 0.0)
    spread = Spread(variance.sum(axis=1), (variance**2 / np.maximum(answered - 1, 1.0)).sum(axis=1))
    return found.sum(axis=1), spread


def _products(moments: Integers, scaled: Floats, mean: Floats) -> Floats:
    """Sums of products of the respondents' residuals, weighed: scaled (cells, targets, questions) on both sides.

    With v for ``scaled``, u = v m, and counts N, sums S, products P of pairs: v P v' - v S u' - u S' v' + u N u'.
    """
    pairs, sums, products = (moments[:, part].astype(np.float64) for part in range(3))
    shifted = scaled * mean
    turned, back = scaled.transpose(0, 2, 1), shifted.transpose(0, 2, 1)
    crossed = scaled @ sums @ back
    return np.asarray(scaled @ products @ turned - crossed - crossed.transpose(0, 2, 1) + shifted @ pairs @ back)


def _place(block: Block, strata: pd.DataFrame, scheme: Scheme) -> Part:
    unit, stratum = (
        strata[name].cat.categories.get_indexer(pd.Index(codes))
        for name, codes in (("unit", block.units), ("stratum", block.strata))
    )
    leaf = strata["indicator"].cat.categories.get_indexer(pd.Index(block.indicators))
    points = np.array([node.points for node in scheme.leaves()])
    asked = np.flatnonzero((leaf >= 0) & (points[leaf] == block.points))
    cells = np.flatnonzero((unit >= 0) & (stratum >= 0))
    moments = block.moments
    if len(cells) < len(unit) or len(asked) < len(leaf):
        moments = moments[np.ix_(cells, np.arange(3), asked, asked)]
    return Part(moments, unit[cells], stratum[cells], leaf[asked])


def _constant_error(rows: pd.DataFrame, scheme: Scheme) -> Floats:
    """Standard error, in points, that is quoted for strata whose answers are all worth the same."""
    worth = [level_values(leaf) if leaf.points else np.zeros(1) for leaf in scheme.leaves()]
    leaf = positions(rows, "indicator")
    first, second, added = (
        np.array([take(values) for values in worth])[leaf]
        for take in (np.mean, lambda values: np.mean(values**2), lambda values: min(len(values) / 2, PSEUDO_ANSWERS))
    )
    n, value = rows["n"].to_numpy(dtype=np.float64), rows["value_mean"].fillna(0.0).to_numpy()
    mean = (n * value + added * first) / (n + added)
    square = (n * value**2 + added * second) / (n + added)
    return np.asarray(np.sqrt(np.maximum(square - mean**2, 0.0) / np.maximum(n, 1.0)), dtype=np.float64)
