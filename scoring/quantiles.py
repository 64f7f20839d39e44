"""Quantiles of Student's t without a statistics package: the engine needs numpy and pandas only."""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from numpy.polynomial.chebyshev import chebfit, chebval

from scoring.frames import Floats

ENOUGH_FREEDOM = 100.0
NEWTON_STEPS = 12
FRACTION_TERMS = 30
NODES = 32


def t_quantile(freedom: npt.ArrayLike, probability: float = 0.975) -> Floats:
    """Upper quantile of Student's t, for a probability of at least 0.9 and degrees of freedom of at least 1.

    From 100 degrees on by the series of Cornish and Fisher (Abramowitz and Stegun 26.7.5), below by a Chebyshev
    interpolation in 1 / freedom between values of Newton's method on the incomplete beta function (the continued
    fraction of Lentz, 26.5.8); correct to 1e-9.

    >>> t_quantile([1, 4, 1e9]).round(4)
    array([12.7062,  2.7764,  1.96  ])
    """
    given = np.asarray(freedom, dtype=np.float64)
    found = _series(given, probability)
    few = given < ENOUGH_FREEDOM
    return np.where(few, chebval(_stretched(1 / np.where(few, given, 1.0)), _coefficients(probability)), found)


def _stretched(inverse: Floats) -> Floats:
    """1 / freedom, from 0.01 to 1, as a number from -1 to 1."""
    least = 1 / ENOUGH_FREEDOM
    return np.asarray((2 * inverse - 1 - least) / (1 - least), dtype=np.float64)


@lru_cache(maxsize=16)
def _coefficients(probability: float) -> Floats:
    """Of the Chebyshev polynomials that give the quantile between 1 and 100 degrees of freedom."""
    nodes = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    least = 1 / ENOUGH_FREEDOM
    exact = _newton(2 / (nodes * (1 - least) + 1 + least), probability)
    return np.asarray(chebfit(nodes, exact, NODES - 1), dtype=np.float64)


def _series(v: Floats, probability: float) -> Floats:
    z = NormalDist().inv_cdf(probability)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return np.asarray(z + first / v + second / v**2 + third / v**3 + fourth / v**4, dtype=np.float64)


def _newton(v: Floats, probability: float) -> Floats:
    """Newton's method from below the root, where the upper tail is convex: it cannot overshoot."""
    size = np.array([math.lgamma((x + 1) / 2) - math.lgamma(x / 2) - math.log(x * math.pi) / 2 for x in v])
    beta = np.array([math.lgamma((x + 1) / 2) - math.lgamma(x / 2) - math.lgamma(0.5) for x in v])
    t = np.full_like(v, NormalDist().inv_cdf(probability))
    for _ in range(NEWTON_STEPS):
        density = np.exp(size - (v + 1) / 2 * np.log1p(t * t / v))
        t = t + (_upper_tail(t, v, beta) - (1 - probability)) / density
    return t


def _upper_tail(t: Floats, v: Floats, beta: Floats) -> Floats:
    """P(T > t): half the incomplete beta function of v / (v + t**2), v / 2 and 1/2; ``beta`` is its constant."""
    x, a, b = v / (v + t * t), v / 2, 0.5
    c = np.ones_like(x)
    d = 1 / (1 - (a + b) * x / (a + 1))
    fraction = d.copy()
    for m in range(1, FRACTION_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d)
            c = 1 + term / c
            fraction = fraction * c * d
    front = np.exp(beta + a * np.log(x) + b * np.log1p(-x)) / a
    return np.asarray(front * fraction / 2, dtype=np.float64)
