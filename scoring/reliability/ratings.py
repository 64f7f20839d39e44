"""A table of ratings as every coefficient reads it: units in rows, raters in columns, NaN where nobody rated."""

from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Floats, InputError

Raters = Literal["rows", "columns"]
"""Where the raters of a table stand. A table does not tell, so it is always said."""


NOTHING: Final = 1e-12
"""A variance below this share of the mean square is rounding noise."""


def ratings_by_unit(ratings: npt.ArrayLike | pd.DataFrame, *, raters: Raters) -> Floats:
    """The ratings with shape (units, raters), in the units of the scale; missing ratings are NaN.

    >>> ratings_by_unit([[1, 2, 3], [4, None, 6]], raters="rows")
    array([[ 1.,  4.],
           [ 2., nan],
           [ 3.,  6.]])

    Raises:
        InputError: the table is not one of numbers in two dimensions, is empty, holds an infinite value, or the
            place of the raters is neither "rows" nor "columns".
    """
    if raters not in get_args(Raters):
        raise InputError(f"raters stand in 'rows' or in 'columns', not in {raters!r}")
    table = numbers(ratings)
    return table.T if raters == "rows" else table


def complete(table: Floats, coefficient: str) -> Floats:
    """The same table, where nothing is missing.

    >>> complete(np.ones((2, 2)), "Kendall's W").shape
    (2, 2)

    Raises:
        InputError: a value is missing.
    """
    missing = int(np.isnan(table).sum())
    if missing:
        raise InputError(f"{coefficient} needs a complete table: {missing} of {table.size} values are missing")
    return table


def noise(table: Floats) -> float:
    """The variance below which a table's spread is no more than rounding, in squared units of the scale.

    >>> noise(np.array([[1.0, np.nan], [3.0, 2.0]]))
    3.5e-12
    """
    return NOTHING * float(np.nansum(table**2)) / table.size


def numbers(values: npt.ArrayLike | pd.DataFrame) -> Floats:
    """Finite numbers (or NaN) in two dimensions, as they stand.

    >>> numbers([[1, 2]])
    array([[1., 2.]])

    Raises:
        InputError: the values are no such table, or there are none.
    """
    try:
        plain = values.to_numpy(dtype=np.float64, na_value=np.nan) if isinstance(values, pd.DataFrame) else values
        table = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("a table of numbers is needed, with rows of equal length") from error
    if table.ndim != 2:
        raise InputError(f"a table has rows and columns, not {table.ndim} dimensions")
    if not table.size:
        raise InputError("the table is empty")
    if np.isinf(table).any():
        raise InputError("the table holds an infinite value")
    return table
