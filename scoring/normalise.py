"""Stage 4: every answer on its indicator's range; the scale is absolute, so that adding a unit moves no other unit."""

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, Integers, positions
from scoring.samples.levels import is_affine, level_values
from scoring.scheme import Scheme

ITEM = ("unit", "group", "stratum", "indicator")


def normalise(strata: pd.DataFrame, levels: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Adds what the answers of a stratum are worth: value_mean, value_variance and slope.

    ``strata`` are the weighted strata, ``levels`` counts how often each level was chosen (unit, group, stratum,
    indicator, code, count). ``value_mean`` is in points of the indicator's output range, ``value_variance`` in squared
    points (n - 1; missing for a single answer); both are exact, where steps are worth unequal points from the counts.
    ``slope`` is the sd of values over the sd of codes, negative where values fall as codes rise, so that it turns a
    covariance of codes into one of values; 0 where all answers are equal. A 0 is a value, not a missing one.
    """
    leaves = scheme.leaves()
    leaf = positions(strata, "indicator")
    rated = [level_values(node) if node.points else np.zeros(2) for node in leaves]
    first = np.array([values[0] for values in rated])[leaf]
    step = np.array([values[1] - values[0] for values in rated])[leaf]
    varies = (strata["raw_variance"] > 0).to_numpy()
    raw_mean, raw_variance = strata["raw_mean"].to_numpy(), strata["raw_variance"].to_numpy()
    mean, variance = first + (raw_mean - 1) * step, raw_variance * step**2
    slope = np.where(varies, step, 0.0)
    uneven = np.array([not is_affine(node) for node in leaves], dtype=bool)[leaf]
    if uneven.any():
        own = _moments(strata[uneven], levels, rated)
        mean[uneven], variance[uneven] = own[0], own[1]
        ratio = np.sqrt(own[1] / np.where(varies[uneven], raw_variance[uneven], 1.0))
        slope[uneven] = np.where(varies[uneven], np.where(own[2] < 0, -ratio, ratio), 0.0)
    return strata.assign(value_mean=mean, value_variance=variance, slope=slope)


def _moments(strata: pd.DataFrame, levels: pd.DataFrame, rated: list[Floats]) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of the values, and the sign of their covariance with the codes, shape (rows,) each."""
    row = pd.Index(_places(strata)).get_indexer(pd.Index(_places(levels)))
    at, chosen = row[row >= 0], levels[row >= 0]
    code, count = chosen["code"].to_numpy(dtype=np.int64), chosen["count"].to_numpy(dtype=np.float64)
    value = _worth(positions(chosen, "indicator"), code, rated)

    def total(weight: Floats) -> Floats:
        return np.asarray(np.bincount(at, weight, len(strata)), dtype=np.float64)

    n = strata["n"].to_numpy(dtype=np.float64)
    mean = _divided(total(count * value), n, n > 0)
    away = value - mean[at]
    squares = np.where(n > 0, total(count * away**2), np.nan)
    together = total(count * away * (code - strata["raw_mean"].to_numpy()[at]))
    return mean, _divided(squares, n - 1, n > 1), np.sign(together)


def _worth(leaf: Integers, code: Integers, rated: list[Floats]) -> Floats:
    table = np.zeros((len(rated), max(len(values) for values in rated) + 1))
    for place, values in enumerate(rated):
        table[place, 1 : len(values) + 1] = values
    return np.asarray(table[leaf, code], dtype=np.float64)


def _places(frame: pd.DataFrame) -> Integers:
    place = np.zeros(len(frame), dtype=np.int64)
    for column in ITEM:
        place = place * len(frame[column].cat.categories) + positions(frame, column)
    return place


def _divided(part: Floats, whole: Floats, where: Flags) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=where), dtype=np.float64)
