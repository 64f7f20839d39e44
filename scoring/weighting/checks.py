"""What every way to weights asks of its input first."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scoring.frames import Floats


def check_names(names: Sequence[str], what: str) -> tuple[str, ...]:
    """The names as a tuple.

    Raises:
        ValueError: there is no name, or one comes twice.

    >>> check_names(["speed", "courtesy"], "nodes")
    ('speed', 'courtesy')
    """
    kept = tuple(names)
    if not kept:
        raise ValueError(f"{what}: no name given; allowed are one or more")
    for name, times in Counter(kept).items():
        if times > 1:
            raise ValueError(f"{what}: {name!r} is named {times} times; allowed is once")
    return kept


def read_vector(values: npt.ArrayLike, names: Sequence[str], what: str) -> Floats:
    """One finite number a name, as floats of shape (names,).

    Raises:
        ValueError: names are doubled or missing, the count differs, or a value is not finite.

    >>> read_vector([100, 40], ["speed", "courtesy"], "points")
    array([100.,  40.])
    """
    shape = (len(check_names(names, what)),)
    found: Floats = np.asarray(values, dtype=np.float64)
    if found.shape != shape:
        raise ValueError(f"{what}: shape {found.shape}; allowed is {shape}, one number each for {list(names)}")
    for place in np.flatnonzero(~np.isfinite(found)).tolist():
        raise ValueError(f"{what}: {names[place]!r} has {found[place]}; allowed are finite numbers")
    return found


def read_table(values: npt.ArrayLike, rows: Sequence[str], columns: Sequence[str], what: str) -> Floats:
    """Finite floats of shape (rows, columns).

    Raises:
        ValueError: names are doubled or missing, the shape differs, or a value is not finite.

    >>> read_table([[60, 40]], ["ana"], ["speed", "courtesy"], "points")
    array([[60., 40.]])
    """
    shape = (len(check_names(rows, f"{what}, rows")), len(check_names(columns, f"{what}, columns")))
    found: Floats = np.asarray(values, dtype=np.float64)
    if found.shape != shape:
        raise ValueError(f"{what}: shape {found.shape}; allowed is {shape}, one column each for {list(columns)}")
    for row, column in np.argwhere(~np.isfinite(found)).tolist():
        raise ValueError(
            f"{what}: {rows[row]!r}, {columns[column]!r}: {found[row, column]}; allowed are finite numbers"
        )
    return found
