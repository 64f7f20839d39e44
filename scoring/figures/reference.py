"""The parameters a normaliser takes from the data of a period: kept in a scheme, they freeze its reference set."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from scoring.figures.normalisers import check_direction
from scoring.frames import Floats, InputError, significant
from scoring.scheme.model import NORMALISERS


def reference_of(values: Floats, method: str, direction: str = "up", at: int | None = None) -> dict[str, float]:
    """The parameters of a method by name, in raw units, from figures of shape (units,); NaN is left out.

    minmax, leader and goalposts: low and high; zscore: mean and sd (n - 1); target: low, the worst figure (the
    highest when less is better); reference: the value of the unit in place ``at``. The other methods have no parameter
    that data could give.

    >>> reference_of(np.array([2.0, 6.0, np.nan, 4.0]), "zscore")
    {'mean': 4.0, 'sd': 2.0}
    >>> reference_of(np.array([2.0, 6.0, np.nan, 4.0]), "target", "down")
    {'low': 6.0}

    Raises:
        InputError: the method or the direction is unknown, there is no figure, all figures are the same (minmax,
            leader, goalposts, zscore), or the reference unit is not named or has no figure.
    """
    if method not in NORMALISERS:
        raise InputError(f"normaliser {method!r}; allowed are {', '.join(NORMALISERS)}")
    check_direction(direction)
    present = values[~np.isnan(values)]
    if not len(present):
        raise InputError("there is no figure to take a reference from; allowed are one or more")
    if method in _OF_SPREAD:
        if len(np.unique(significant(present))) < 2:
            raise InputError(f"all figures are {present[0]:.12g}; allowed is a range above zero")
        return _OF_SPREAD[method](present)
    if method == "target":
        return {"low": float(present.min() if direction == "up" else present.max())}
    return {"value": _value_at(values, at)} if method == "reference" else {}


def _ends(present: Floats) -> dict[str, float]:
    return {"low": float(present.min()), "high": float(present.max())}


def _moments(present: Floats) -> dict[str, float]:
    return {"mean": float(present.mean()), "sd": float(present.std(ddof=1))}


_OF_SPREAD: Final[Mapping[str, Callable[[Floats], dict[str, float]]]] = {
    "minmax": _ends,
    "leader": _ends,
    "goalposts": _ends,
    "zscore": _moments,
}


def _value_at(values: Floats, at: int | None) -> float:
    if at is None:
        raise InputError("no reference unit is named; allowed is one of the units")
    if np.isnan(values[at]):
        raise InputError("the reference unit has no figure; allowed is a unit with one")
    return float(values[at])
