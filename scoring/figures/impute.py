"""Imputation: what a missing figure may be replaced by; every replaced cell is flagged."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.frames import Flags, Floats, InputError
from scoring.scheme.model import IMPUTATIONS

MIDDLES: dict[str, Callable[[Floats], np.float64]] = {"mean": np.mean, "median": np.median}


def impute(
    values: Floats,
    method: str,
    *,
    categories: Sequence[str] | npt.NDArray[np.object_] = (),
    earlier: Floats | None = None,
) -> tuple[Floats, Flags]:
    """The figures with missing ones replaced where there is something to go by, and which were replaced.

    ``values`` have shape (units,) in raw units. The method ``none`` replaces nothing; ``mean`` and ``median`` are those
    of all figures present, ``category-mean`` and ``category-median`` those of the unit's category (``categories``, one
    a unit); ``last`` is the unit's figure of an earlier period (``earlier``, shape (units,), NaN where there is none).

    Source: OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3.

    >>> impute(np.array([1.0, np.nan, 5.0, np.nan]), "category-mean", categories=["a", "a", "b", "c"])
    (array([ 1.,  1.,  5., nan]), array([False,  True, False, False]))

    Raises:
        InputError: the method is unknown, or what it goes by is not given for every unit.
    """
    if method not in IMPUTATIONS:
        raise InputError(f"imputation {method!r}; allowed are {', '.join(IMPUTATIONS)}")
    missing = np.isnan(values)
    filled = np.where(missing, _source(values, method, categories, earlier), values)
    return filled, missing & ~np.isnan(filled)


def _source(
    values: Floats, method: str, categories: Sequence[str] | npt.NDArray[np.object_], earlier: Floats | None
) -> Floats:
    """What each cell would be replaced by, shape (units,)."""
    if method == "none":
        return values
    if method == "last":
        return _each(values, earlier if earlier is not None else (), "earlier figure")
    if method in MIDDLES:
        return _middle(values, np.zeros(len(values)), MIDDLES[method])
    labels = _each(values, categories, "category")
    return _middle(values, labels, MIDDLES[method.removeprefix("category-")])


def _each(values: Floats, given: npt.ArrayLike, what: str) -> npt.NDArray[Any]:
    found = np.asarray(given)
    if found.shape != values.shape:
        raise InputError(f"{len(found)} of what should be one {what} for each of {len(values)} units")
    return found


def _middle(values: Floats, labels: npt.NDArray[Any], middle: Callable[[Floats], np.float64]) -> Floats:
    found = np.full(len(values), np.nan)
    for label in np.unique(labels[~np.isnan(values)]):
        among = labels == label
        found[among] = middle(values[among & ~np.isnan(values)])
    return found
