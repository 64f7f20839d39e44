"""The additive model with units and raters as random effects: variances by REML, effects as best predictors.

The criterion is that of lme4: with theta the two standard deviations over that of the rest, the profiled deviance is
log det(Z'Z theta theta + I) + log(1'V 1) + (N - 1) log(squares left). It is minimised over the logarithms of the two
thetas by the simplex method of J. A. Nelder and R. Mead (1965), Computer Journal 7, 308; a theta that does not matter
there becomes 0. Source: D. Bates, M. Maechler, B. Bolker and S. Walker (2015), Journal of Statistical Software 67(1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.frames import Floats
from scoring.raters.ratings import Ratings

STEPS: Final = 400
CLOSE: Final = 1e-7
"""The simplex stops when its corners are this close in the logarithms of theta."""
WIDEST: Final = 12.0
"""Bound of the logarithm of theta; beyond it one part of the spread is nothing beside the others."""
NOTHING: Final = 1e-14
"""Squares below this share of the ratings' own are rounding noise."""
REST: Final = 1e-9
"""Share of the squares that is added to the rest: ratings without any would not tell what they are made of."""
BETTER: Final = 1e-9
"""A deviance must be smaller by this for a variance to be above 0."""


@dataclass(frozen=True, eq=False)
class Mixed:
    """Mean, effects of units (units,) and raters (raters,), components of spread, in the units of the ratings."""

    mean: float
    units: Floats
    raters: Floats
    sd_units: float
    sd_raters: float
    sd_rest: float
    reliability: Floats


def fit_mixed(ratings: Ratings) -> Mixed:
    """The model with the smallest REML deviance.

    ``reliability`` is 1 less the conditional variance of a unit's effect over the variance of units; 0 when units do
    not differ. Ratings that are all equal have no spread of any kind.
    """
    model = _Model(ratings)
    if model.squares <= NOTHING * float((ratings.value**2).sum()):
        none = np.zeros(len(ratings.units)), np.zeros(len(ratings.raters))
        return Mixed(float(ratings.value.mean()), *none, 0.0, 0.0, 0.0, reliability=none[0])
    return model.predict(_best(model))


class _Model:
    """Sums over units and over raters; the larger side is eliminated, so that a deviance costs the smaller one cubed.

    Pairs are in the order units, raters; ``cells`` has the larger side in its rows.
    """

    def __init__(self, ratings: Ratings) -> None:
        self.centre = float(ratings.value.mean())
        away = ratings.value - self.centre
        cells = ratings.cells()
        self.counts = cells.sum(axis=1), cells.sum(axis=0)
        self.sums = ratings.sums(away)
        self.large, self.small = (0, 1) if len(ratings.units) >= len(ratings.raters) else (1, 0)
        self.cells = cells if self.small else cells.T
        self.squares = float((away**2).sum())
        self.n = len(away)

    def deviance(self, theta: Floats) -> float:
        """The profiled REML criterion, without its constants."""
        logarithm, forms = self._forms(theta)
        return float(logarithm + np.log(forms[0, 0]) + (self.n - 1) * np.log(self._left(forms)))

    def _left(self, forms: Floats) -> float:
        return float(max(forms[1, 1] - forms[0, 1] ** 2 / forms[0, 0], 0.0) + REST * self.squares)

    def _forms(self, theta: Floats) -> tuple[float, Floats]:
        """Log determinant, and the quadratic forms of (1, ratings) in the inverse of their covariance."""
        first, second = theta[self.large], theta[self.small]
        diagonal = 1 + first**2 * self.counts[self.large]
        cross = first * second * self.cells
        left = np.diag(1 + second**2 * self.counts[self.small]) - cross.T @ (cross / diagonal[:, None])
        lower = np.linalg.cholesky(left)
        own = first * np.stack([self.counts[self.large], self.sums[self.large]], axis=1)
        other = second * np.stack([self.counts[self.small], self.sums[self.small]], axis=1)
        half = np.linalg.solve(lower, other - cross.T @ (own / diagonal[:, None]))
        forms = np.diag([self.n, self.squares]) - own.T @ (own / diagonal[:, None]) - half.T @ half
        return float(np.log(diagonal).sum() + 2 * np.log(np.diag(lower)).sum()), forms

    def predict(self, theta: Floats) -> Mixed:
        """Mean, effects and components at this theta."""
        units, raters = (len(counts) for counts in self.counts)
        cells = self.cells if self.small else self.cells.T
        scale = np.repeat(theta, [units, raters])
        whole = np.block([[np.diag(self.counts[0]), cells], [cells.T, np.diag(self.counts[1])]])
        inverse = np.linalg.inv(scale[:, None] * whole * scale + np.eye(len(scale)))
        forms = self._forms(theta)[1]
        shift = float(forms[0, 1] / forms[0, 0])
        effects = scale * (inverse @ (scale * (np.concatenate(self.sums) - shift * np.concatenate(self.counts))))
        rest = float(np.sqrt(self._left(forms) / (self.n - 1)))
        return Mixed(
            mean=self.centre + shift,
            units=effects[:units],
            raters=effects[units:],
            sd_units=float(theta[0]) * rest,
            sd_raters=float(theta[1]) * rest,
            sd_rest=rest,
            reliability=1 - np.diag(inverse)[:units],
        )


def _best(model: _Model) -> Floats:
    """Both thetas at the smallest deviance; one that does not lower it noticeably is exactly 0."""

    def inside(point: Floats) -> Floats:
        return np.asarray(np.exp(np.clip(point, -WIDEST, WIDEST)), dtype=np.float64)

    both = inside(minimise(lambda point: model.deviance(inside(point)), np.zeros(2)))
    best = np.zeros(2)
    for kept in ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0]):
        choice = both * np.array(kept)
        if model.deviance(choice) < model.deviance(best) - BETTER:
            best = choice
    return best


def minimise(function: Callable[[Floats], float], start: Floats) -> Floats:
    """The place of a minimum by the simplex method, from ``start`` of shape (dimensions,) with corners 1 away.

    >>> minimise(lambda x: (x[0] - 3) ** 2 + (x[1] + 1) ** 2, np.zeros(2)).round(6)
    array([ 3., -1.])
    """
    corners = np.concatenate([start[None], start + np.eye(len(start))])
    heights = np.array([function(corner) for corner in corners])
    for _ in range(STEPS):
        order = np.argsort(heights, kind="stable")
        corners, heights = corners[order], heights[order]
        if np.ptp(corners, axis=0).max() < CLOSE:
            break
        middle = corners[:-1].mean(axis=0)
        candidate, height = _step(function, middle, corners[-1], heights)
        if height < heights[-1]:
            corners[-1], heights[-1] = candidate, height
        else:
            corners[1:] = (corners[0] + corners[1:]) / 2
            heights[1:] = [function(corner) for corner in corners[1:]]
    return np.asarray(corners[heights.argmin()], dtype=np.float64)


def _step(function: Callable[[Floats], float], middle: Floats, worst: Floats, heights: Floats) -> tuple[Floats, float]:
    """Reflect the worst corner; go on when that is the best so far, fall back half way when it is still the worst."""

    def tried(reach: float) -> tuple[Floats, float]:
        place = middle + reach * (middle - worst)
        return place, function(place)

    reflected = tried(1.0)
    if reflected[1] < heights[0]:
        return min(reflected, tried(2.0), key=lambda found: found[1])
    if reflected[1] < heights[-2]:
        return reflected
    return tried(0.5) if reflected[1] < heights[-1] else tried(-0.5)
