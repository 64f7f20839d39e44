"""Weights that only the data would give: a diagnostic beside the weights that people chose, never a proposal.

They say how an indicator varies among units and goes with the others. They know nothing of importance: an indicator in
which all units are equally good gets nothing here, however much it matters to the people who are served.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.frames import Floats
from scoring.weighting.checks import read_table

NOTHING = 1e-12
SIGN_DIGITS = 9


@dataclass(frozen=True, eq=False)
class FirstComponent:
    """Squared loadings as weights, the loadings, and the share of all variance that the component explains.

    ``weights`` and ``loadings`` have shape (names,); loadings have unit length and the largest is positive. Loadings
    of both signs say that the indicators do not measure one thing.
    """

    weights: Floats
    loadings: Floats
    explained: float


def diagnose_entropy(values: npt.ArrayLike, names: Sequence[str]) -> Floats:
    """Entropy weights: with p = x / sum(x) and E = -sum(p ln p) / ln n, the share of 1 - E.

    ``values`` has shape (units, names), none missing, none negative. Source: Zeleny, Multiple Criteria Decision Making
    (1982).

    Raises:
        ValueError: fewer than two units, a negative value, a sum of zero, or no indicator that varies.

    >>> diagnose_entropy([[1, 5], [1, 10], [1, 15]], ["speed", "courtesy"])
    array([0., 1.])
    """
    table = _read_units(values, names, "entropy")
    for unit, column in np.argwhere(table < 0).tolist():
        raise ValueError(f"entropy: {names[column]!r} of unit {unit} is {table[unit, column]:g}; allowed is 0 or more")
    for column in np.flatnonzero(table.sum(axis=0) == 0).tolist():
        raise ValueError(f"entropy: {names[column]!r} is 0 for all units; allowed is a sum above 0")
    shares = table / table.sum(axis=0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    information = np.where(_is_constant(table), 0.0, 1 + (shares * logs).sum(axis=0) / np.log(len(table)))
    return _as_shares(information, names, "entropy")


def diagnose_critic(values: npt.ArrayLike, names: Sequence[str]) -> Floats:
    """CRITIC weights: spread (sd, divisor n - 1, after min-max) times the sum of 1 - r with the other indicators.

    ``values`` has shape (units, names), none missing; turn indicators first so that more is better. Source: Diakoulaki,
    Mavrotas and Papayannakis, Computers and Operations Research 22 (1995) 763.

    Raises:
        ValueError: fewer than two units, an indicator that does not vary, or all of them in step.

    >>> diagnose_critic([[1, 2, 9], [2, 1, 5], [3, 3, 1]], ["speed", "courtesy", "cost"]).round(3)
    array([0.312, 0.25 , 0.438])
    """
    table = _read_units(values, names, "CRITIC")
    correlations = _correlate(table, names, "CRITIC")
    scaled = (table - table.min(axis=0)) / np.ptp(table, axis=0)
    return _as_shares(scaled.std(axis=0, ddof=1) * (1 - correlations).sum(axis=0), names, "CRITIC")


def diagnose_component(values: npt.ArrayLike, names: Sequence[str]) -> FirstComponent:
    """First principal component of the correlation matrix; squared loadings as weights.

    ``values`` has shape (units, names), none missing. Source: OECD/JRC, Handbook on Constructing Composite Indicators
    (2008), step 6, for the first component without rotation.

    Raises:
        ValueError: fewer than two units, or an indicator that does not vary.

    >>> found = diagnose_component([[1, 2, 2], [2, 1, 1], [3, 3, 3]], ["speed", "courtesy", "cost"])
    >>> found.weights.round(3), round(found.explained, 3)
    (array([0.211, 0.394, 0.394]), 0.789)
    """
    table = _read_units(values, names, "first component")
    variances, vectors = np.linalg.eigh(_correlate(table, names, "first component"))
    vector = vectors[:, -1]
    largest = np.abs(vector).round(SIGN_DIGITS).argmax()
    loadings = np.asarray(vector * np.sign(vector[largest]), dtype=np.float64)
    return FirstComponent(loadings**2, loadings, float(variances[-1] / len(loadings)))


def _read_units(values: npt.ArrayLike, names: Sequence[str], what: str) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    units = len(found) if found.ndim else 0
    if units < 2:
        raise ValueError(f"{what}: {units} units; allowed are two or more")
    return read_table(found, [f"unit {unit}" for unit in range(units)], names, what)


def _is_constant(table: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(np.ptp(table, axis=0) <= NOTHING * np.abs(table).max(axis=0), dtype=np.bool_)


def _correlate(table: Floats, names: Sequence[str], what: str) -> Floats:
    for column in np.flatnonzero(_is_constant(table)).tolist():
        raise ValueError(f"{what}: {names[column]!r} is {table[0, column]:g} for all units; allowed is what varies")
    centred = table - table.mean(axis=0)
    unit = centred / np.sqrt((centred**2).sum(axis=0))
    return np.asarray(unit.T @ unit, dtype=np.float64)


def _as_shares(information: Floats, names: Sequence[str], what: str) -> Floats:
    kept = np.clip(information, 0.0, None)
    if kept.sum() <= NOTHING:
        raise ValueError(f"{what}: {list(names)} carry no information apart; allowed is some")
    return np.asarray(kept / kept.sum(), dtype=np.float64)
