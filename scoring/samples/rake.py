"""Representativeness: weights that give a sample the known totals of its population.

Iterative proportional fitting ("raking"): W. E. Deming and F. F. Stephan (1940), Annals of Mathematical Statistics 11,
427. It starts from the design weights, so that what the sampling plan knew is kept, and goes through the variables
until every total is met. Post-stratification is raking on one variable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.frames import Flags, Floats, InputError, Integers, significant
from scoring.samples.trim import read_weights, trim

CLOSE: Final = 1e-8
"""Raking ends when no total is further off than this, relative to itself."""
LOOPS: Final = 500
Totals = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Raked:
    """Weights in the shape of the input and how well they meet the totals.

    ``loops`` went through all variables, and ``converged`` says whether they met every total. ``error`` is the largest
    relative margin error of ``weights``. When they were trimmed, ``trimmed`` says which (shape of the weights), and
    ``error`` is measured after it.
    """

    weights: Floats
    loops: int
    converged: bool
    error: float
    trimmed: Flags


@dataclass(frozen=True, eq=False)
class Margin:
    """One variable: the category of each row, shape (rows,), and the total of each category, shape (categories,)."""

    codes: Integers
    totals: Floats

    def sums(self, weights: Floats) -> Floats:
        """What the weights give each category."""
        return np.asarray(np.bincount(self.codes, weights, len(self.totals)), dtype=np.float64)

    def error(self, weights: Floats) -> float:
        """The largest relative error of a total; one of 0 is held against the sum of all."""
        off = np.abs(self.sums(weights) - self.totals)
        return float((off / np.where(self.totals > 0, self.totals, self.totals.sum())).max())


def rake(
    design: npt.ArrayLike,
    traits: Mapping[str, Sequence[str]],
    targets: Mapping[str, Totals],
    bounds: tuple[float, float] | None = None,
) -> Raked:
    """Weights of rows (answers, people) that meet the totals of every variable.

    ``design`` has shape (rows,): the weight of each row before raking, which is kept in proportion within each
    combination of categories. ``traits`` names each row's category a variable, ``targets`` the total of each category
    (people, or shares of one: their sum is the sum of the weights). With ``bounds`` the weights are then trimmed, see
    ``trim``.

    >>> sex, age = ["w", "w", "m", "m"], ["old", "young", "old", "young"]
    >>> found = rake([1, 1, 1, 1], {"sex": sex, "age": age}, {"sex": {"w": 3, "m": 1}, "age": {"old": 2, "young": 2}})
    >>> found.weights, found.loops
    (array([1.5, 1.5, 0.5, 0.5]), 1)

    Raises:
        InputError: a category has a total but no row (merge it with another one), or rows but no total; totals of two
            variables have different sums; a weight is not above 0.
    """
    weight, _ = read_weights(design)
    if not targets or set(traits) != set(targets):
        raise InputError(f"traits of {sorted(traits)} with targets of {sorted(targets)}; allowed: the same variables")
    margins = [_margin(variable, traits[variable], targets[variable], weight) for variable in targets]
    raked = rake_margins(weight, margins)
    if bounds is None:
        return raked
    held = trim(raked.weights, bounds=bounds)
    return replace(
        raked, weights=held.weights, error=worst_error(held.weights, margins), trimmed=held.raised | held.lowered
    )


def post_stratify(design: npt.ArrayLike, strata: Sequence[str], totals: Totals) -> Floats:
    """Weights of rows that meet the total of each stratum, shape (rows,).

    >>> post_stratify([1, 3, 1], ["a", "a", "b"], {"a": 10, "b": 5})
    array([2.5, 7.5, 5. ])

    Raises:
        InputError: as for ``rake``.
    """
    return rake(design, {"stratum": strata}, {"stratum": totals}).weights


def rake_table(cells: npt.ArrayLike, margins: Sequence[tuple[Sequence[int], npt.ArrayLike]]) -> Raked:
    """A table of any number of dimensions that meets totals along one axis or several at once.

    Each margin names its axes and the totals along them, in the shape of these axes. A cell of 0 stays 0.

    >>> rake_table([[1, 1], [1, 3]], [([0], [3, 1]), ([1], [2, 2])]).weights.sum(axis=0).round(6)
    array([2., 2.])

    Raises:
        InputError: totals of the wrong shape or of different sums, a cell below 0, a total above 0 over empty cells.
    """
    table = np.asarray(cells, dtype=np.float64)
    weight, _ = read_weights(table.ravel())
    read = [_axes(table, axes, totals) for axes, totals in margins]
    raked = rake_margins(weight, read)
    return replace(raked, weights=raked.weights.reshape(table.shape), trimmed=raked.trimmed.reshape(table.shape))


def rake_margins(weights: Floats, margins: Sequence[Margin]) -> Raked:
    """The loop itself, on rows: each category in turn gets its total, until all of them hold or ``LOOPS`` are over.

    >>> rake_margins(np.ones(2), [Margin(np.array([0, 1]), np.array([3.0, 1.0]))]).weights
    array([3., 1.])

    Raises:
        InputError: a category with a total holds no weight, or the sums of two variables' totals differ.
    """
    _check(weights, margins)
    loops, error = 0, np.inf
    while error >= CLOSE and loops < LOOPS:
        for margin in margins:
            found = margin.sums(weights)
            factor = np.divide(margin.totals, found, out=np.zeros_like(found), where=found > 0)
            weights = weights * factor[margin.codes]
        loops, error = loops + 1, worst_error(weights, margins)
    return Raked(weights, loops, error < CLOSE, error, np.zeros(weights.shape, dtype=bool))


def worst_error(weights: Floats, margins: Sequence[Margin]) -> float:
    """The largest relative margin error over all variables.

    >>> worst_error(np.array([3.0, 1.0]), [Margin(np.array([0, 1]), np.array([2.0, 2.0]))])
    0.5
    """
    return max(margin.error(weights) for margin in margins)


def _margin(variable: str, values: Sequence[str], totals: Totals, weight: Floats) -> Margin:
    if len(values) != len(weight):
        raise InputError(f"{variable}: {len(values)} categories for {len(weight)} weights; allowed: one a row")
    if (weight <= 0).any():
        raise InputError("a design weight is 0; allowed: above 0, or leave the row out")
    place = {category: position for position, category in enumerate(totals)}
    for value in values:
        if value not in place:
            raise InputError(f"{variable}: {value!r} has no total; allowed: {', '.join(map(str, place))}")
    codes = np.array([place[value] for value in values], dtype=np.int64)
    empty = np.bincount(codes, minlength=len(place)) == 0
    for category in (category for category, at in place.items() if empty[at] and totals[category] > 0):
        raise InputError(f"{variable}: nobody in {category!r}; merge it with another category or leave {variable} out")
    return Margin(codes, np.array(list(totals.values()), dtype=np.float64))


def _axes(table: Floats, axes: Sequence[int], totals: npt.ArrayLike) -> Margin:
    total = np.asarray(totals, dtype=np.float64)
    shape = tuple(table.shape[axis] for axis in axes)
    if total.shape != shape:
        raise InputError(f"totals of shape {total.shape} along axes {list(axes)}; allowed: {shape}")
    where = np.indices(table.shape).reshape(table.ndim, -1)[list(axes)]
    return Margin(np.ravel_multi_index(tuple(where), shape).astype(np.int64), total.ravel())


def _check(weights: Floats, margins: Sequence[Margin]) -> None:
    if not margins:
        raise InputError("no totals to rake to; allowed: one variable or more")
    for margin in margins:
        if not np.isfinite(margin.totals).all() or (margin.totals < 0).any() or not margin.totals.any():
            raise InputError(f"totals {margin.totals.tolist()}; allowed: finite, from 0 up, not all 0")
        empty = (margin.sums(weights) == 0) & (margin.totals > 0)
        if empty.any():
            at = int(empty.argmax())
            raise InputError(f"category {at} has a total of {margin.totals[at]:g} but no weight; merge it with another")
    sums = significant(np.array([margin.totals.sum() for margin in margins]))
    if not np.allclose(sums, sums[0], rtol=CLOSE, atol=0.0):
        raise InputError(f"totals of the variables sum to {sums.tolist()}; allowed: one sum for all")
