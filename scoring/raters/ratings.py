"""Ratings with their raters: who rated what, and whether all of them can be compared."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import Floats, InputError, Integers, need


@dataclass(frozen=True, eq=False)
class Ratings:
    """Units and raters in the order of their codes; ``unit``, ``rater`` (places), ``value`` of shape (ratings,)."""

    units: tuple[str, ...]
    raters: tuple[str, ...]
    unit: Integers
    rater: Integers
    value: Floats

    def cells(self) -> Floats:
        """How many ratings each rater gave each unit, shape (units, raters)."""
        table = np.zeros((len(self.units), len(self.raters)))
        np.add.at(table, (self.unit, self.rater), 1.0)
        return table

    def sums(self, values: Floats) -> tuple[Floats, Floats]:
        """Sums of one number a rating over units and over raters, shapes (units,) and (raters,)."""
        over_units = np.bincount(self.unit, values, len(self.units))
        over_raters = np.bincount(self.rater, values, len(self.raters))
        return np.asarray(over_units, dtype=np.float64), np.asarray(over_raters, dtype=np.float64)


def read_ratings(ratings: pd.DataFrame) -> Ratings:
    """The ratings of a frame with the columns unit, rater and value, in the order of their keys and values.

    The order of the rows does not matter. Several ratings of one unit by one rater are allowed and all count.

    >>> rows = pd.DataFrame({"unit": ["b", "a", "b"], "rater": ["x", "x", "y"], "value": [3, 1, 2]})
    >>> found = read_ratings(rows)
    >>> found.units, found.raters, found.value.tolist()
    (('a', 'b'), ('x', 'y'), [1.0, 3.0, 2.0])

    Raises:
        InputError: a column is missing, there are fewer than two units or two raters, or a value is no finite number.
    """
    need(ratings, "ratings", ("unit", "rater", "value"))
    rows = pd.DataFrame({"unit": ratings["unit"].astype("str"), "rater": ratings["rater"].astype("str")})
    rows = rows.assign(value=ratings["value"].to_numpy(dtype=np.float64, na_value=np.nan))
    rows = rows.sort_values(["unit", "rater", "value"])
    value = rows["value"].to_numpy()
    for place in np.flatnonzero(~np.isfinite(value)).tolist():
        unit, rater = rows["unit"].iloc[place], rows["rater"].iloc[place]
        raise InputError(f"rating of {unit!r} by {rater!r} is {value[place]}; allowed: finite numbers")
    unit, units = pd.factorize(rows["unit"])
    rater, raters = pd.factorize(rows["rater"], sort=True)
    if len(units) < 2 or len(raters) < 2:
        raise InputError(f"{len(units)} units and {len(raters)} raters; allowed: two of each, or more")
    return Ratings(tuple(units), tuple(raters), unit.astype(np.int64), rater.astype(np.int64), value)


def check_connected(ratings: Ratings) -> None:
    """Units and raters must hang together: a rater's severity is told only from units that others have rated, too.

    Raises:
        InputError: the graph of units and raters falls apart; every part is named with its units and raters.
    """
    parts = components(ratings)
    if len(parts) > 1:
        said = "; ".join(f"units {', '.join(units)} with raters {', '.join(raters)}" for units, raters in parts)
        raise InputError(f"units and raters fall into {len(parts)} parts that nobody compares: {said}; allowed: one")


def components(ratings: Ratings) -> list[tuple[list[str], list[str]]]:
    """The parts of the graph of units and raters, each with its units and its raters, in the order of the units.

    >>> rows = pd.DataFrame({"unit": ["a", "b", "c", "c"], "rater": ["x", "x", "y", "z"], "value": [1, 2, 3, 4]})
    >>> components(read_ratings(rows))
    [(['a', 'b'], ['x']), (['c'], ['y', 'z'])]
    """
    rated = ratings.cells() > 0
    parts = []
    left = np.ones(len(ratings.units), dtype=bool)
    while left.any():
        units = np.arange(len(left)) == left.argmax()
        raters = rated[units].any(axis=0)
        reached = rated[:, raters].any(axis=1)
        while (reached & ~units).any():
            units = reached
            raters = rated[units].any(axis=0)
            reached = rated[:, raters].any(axis=1)
        left &= ~units
        named = [ratings.units[place] for place in np.flatnonzero(units)]
        parts.append((named, [ratings.raters[place] for place in np.flatnonzero(raters)]))
    return parts
