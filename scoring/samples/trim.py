"""Weights of answers: how much they cost in precision, and the trimming of extreme ones."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.frames import Flags, Floats, InputError
from scoring.samples.robust import median

BOUNDS: Final = (0.2, 5.0)
"""The lightest and the heaviest weight that is left, as multiples of the median weight."""


@dataclass(frozen=True, eq=False)
class Trimmed:
    """The weights after trimming; ``raised`` and ``lowered`` say which ones were touched, so that none is in silence.

    All of shape (rows,). The sum of the weights is what it was.
    """

    weights: Floats
    raised: Flags
    lowered: Flags


def effective_n(weights: npt.ArrayLike, counts: npt.ArrayLike | None = None) -> float:
    """Kish's effective sample size (sum w)**2 / sum w**2, in answers; 0 without any weight.

    ``weights`` has shape (rows,); with ``counts`` of the same shape a row stands for so many answers of that weight.

    >>> effective_n([1, 1, 2]), effective_n([1, 2], [2, 1])
    (2.6666666666666665, 2.6666666666666665)

    Raises:
        InputError: a weight or count is negative or not finite, or the shapes differ.
    """
    weight, count = read_weights(weights, counts)
    whole = float((count * weight).sum())
    return whole**2 / float((count * weight**2).sum()) if whole > 0 else 0.0


def design_effect(weights: npt.ArrayLike, counts: npt.ArrayLike | None = None) -> float:
    """By how much unequal weights raise the variance: answers with a weight over the effective n; NaN without any.

    >>> design_effect([1, 1, 2])
    1.125

    Raises:
        InputError: a weight or count is negative or not finite, or the shapes differ.
    """
    weight, count = read_weights(weights, counts)
    effective = effective_n(weight, count)
    return float(count[weight > 0].sum()) / effective if effective > 0 else float("nan")


def trim(weights: npt.ArrayLike, counts: npt.ArrayLike | None = None, bounds: tuple[float, float] = BOUNDS) -> Trimmed:
    """Weights held between two multiples of the median weight, then rescaled once to the sum they had.

    A weight of 0 stays 0 and does not enter the median. The rescaling moves all weights alike, so that their ratios to
    the median bound keep.

    >>> found = trim([1, 1, 1, 20])
    >>> found.weights, found.lowered.tolist()
    (array([ 2.875,  2.875,  2.875, 14.375]), [False, False, False, True])

    Raises:
        InputError: a weight or count is negative or not finite, the shapes differ, or the bounds do not enclose 1.
    """
    if not 0 <= bounds[0] <= 1 <= bounds[1]:
        raise InputError(f"bounds {bounds[0]:g} and {bounds[1]:g}; allowed: from 0 to 1 below, 1 or more above")
    weight, count = read_weights(weights, counts)
    counted = (weight > 0) & (count > 0)
    if not counted.any():
        return Trimmed(weight, counted, counted)
    middle = float(median(count[None, counted], weight[counted])[0])
    low, high = bounds[0] * middle, bounds[1] * middle
    held = np.where(counted, np.clip(weight, low, high), weight)
    scale = float((count * weight).sum()) / float((count * held).sum())
    return Trimmed(held * scale, counted & (weight < low), counted & (weight > high))


def read_weights(weights: npt.ArrayLike, counts: npt.ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Weights and counts (by default 1) of shape (rows,).

    >>> read_weights([2, 3])
    (array([2., 3.]), array([1., 1.]))

    Raises:
        InputError: a weight or count is negative or not finite, or the shapes differ.
    """
    weight = np.asarray(weights, dtype=np.float64)
    count = np.ones(weight.shape) if counts is None else np.asarray(counts, dtype=np.float64)
    if weight.ndim != 1 or count.shape != weight.shape:
        raise InputError(f"weights of shape {weight.shape} with counts of shape {count.shape}; allowed: one a row")
    for name, numbers in (("weight", weight), ("count", count)):
        for place in np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0))).tolist():
            raise InputError(f"{name} {numbers[place]:g} in row {place}; allowed: finite numbers from 0 up")
    return weight, count
