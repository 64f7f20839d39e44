"""Which of several uncertain choices moves a result most: Sobol indices by Saltelli's design.

First order after A. Saltelli et al. (2010), Computer Physics Communications 181, table 2 (b); total after M. Jansen
(1999), ibid. (f). The base sample is Sobol's sequence with a random shift.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scoring.frames import Floats, InputError
from scoring.uncertainty.sequence import MOST_COLUMNS, sobol_points

FEWEST_SAMPLES = 2
MOST_INPUTS = MOST_COLUMNS // 2
BOOTSTRAP_DRAWS = 500
INTERVAL_SHARES = (0.025, 0.975)


@dataclass(frozen=True)
class Indices:
    """Shares of the variance, shape (inputs,), with their 95 % bootstrap intervals; NaN when nothing varies.

    ``first``: explained by the input alone. ``total``: what is lost without it, its part in interactions included.
    """

    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats


def sobol_indices(model: Callable[[Floats], Floats], inputs: int, samples: int, rng: np.random.Generator) -> Indices:
    """First-order and total indices of ``model``, which maps points of the unit cube, shape (n, inputs), to n numbers.

    The model is called once, with ``samples`` * (inputs + 2) points. ``rng`` makes the sample and the bootstrap of
    its rows; same generator, same indices.

    Raises:
        InputError: when there are no inputs or more than ten, or fewer than two samples.

    >>> found = sobol_indices(lambda x: x[:, 0] + 2 * x[:, 1], 2, 4096, np.random.default_rng(1))
    >>> found.first.round(2).tolist(), found.total.round(2).tolist()
    ([0.2, 0.8], [0.2, 0.8])
    """
    if not 1 <= inputs <= MOST_INPUTS or samples < FEWEST_SAMPLES:
        allowed = f"from 1 to {MOST_INPUTS} inputs and at least {FEWEST_SAMPLES} samples"
        raise InputError(f"inputs {inputs}, samples {samples}: {allowed}")
    results = model(saltelli_sample(inputs, samples, rng)).reshape(inputs + 2, samples)
    drawn = rng.integers(0, samples, (BOOTSTRAP_DRAWS, samples))
    again = np.array([_estimate(results[:, rows]) for rows in drawn])
    low, high = np.quantile(again, INTERVAL_SHARES, axis=0)
    first, total = _estimate(results)
    return Indices(first, low[0], high[0], total, low[1], high[1])


def saltelli_sample(inputs: int, samples: int, rng: np.random.Generator) -> Floats:
    """Points of the unit cube, shape ((inputs + 2) * samples, inputs).

    First the rows of A, then those of B, then for each input A with that one column taken from B.

    >>> saltelli_sample(2, 4, np.random.default_rng(1)).shape
    (16, 2)
    """
    cube = sobol_points(samples, 2 * inputs, rng)
    own, other = cube[:, :inputs], cube[:, inputs:]
    swapped = np.repeat(own[None], inputs, axis=0)
    places = np.arange(inputs)
    swapped[places, :, places] = other.T
    return np.concatenate([own, other, swapped.reshape(-1, inputs)])


def _estimate(results: Floats) -> tuple[Floats, Floats]:
    """First-order and total indices from the results of A, B and each swapped sample, shape (inputs + 2, samples)."""
    centred = results - results[:2].mean()
    own, other, swapped = centred[0], centred[1], centred[2:]
    variance = centred[:2].var()
    if not variance > 0:
        return np.full(len(swapped), np.nan), np.full(len(swapped), np.nan)
    return (other * (swapped - own)).mean(axis=1) / variance, ((own - swapped) ** 2).mean(axis=1) / (2 * variance)
