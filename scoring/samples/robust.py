"""Means that a few extreme answers cannot move, from how often each level was given (closed form, no list of answers).

``masses`` has shape (rows, levels): how many answers, or how much weight, each row has on each level; ``values`` of
shape (levels,) are the levels' values in any order; ``answers`` of shape (rows,) is the number of answers behind a
row, by default its mass. ``share`` (at least 0, below one half; one number or one a row) is cut at each end:
``floor(answers * share)`` whole answers, as in R's ``mean(trim=)``; with weights the same part of the whole weight is
cut, so that equal weights change nothing. A row without mass is NaN.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.frames import Flags, Floats, InputError, significant

EVEN: Final = 1e-9
"""Parts of a row's mass below this are rounding noise."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """Levels in rising order; masses as shares of the row's whole; ``known`` says which rows have any."""

    shares: Floats
    values: Floats
    known: Flags
    answers: Floats


def median(masses: npt.ArrayLike, values: npt.ArrayLike) -> Floats:
    """The (weighted) median of each row, in the units of ``values``; half way where two levels share the middle.

    >>> median([[1, 1, 0, 2], [1, 1, 1, 0]], [10, 20, 30, 40])
    array([30., 20.])

    Raises:
        InputError: the masses have a wrong shape, or one is negative or not finite.
    """
    rows = _read(masses, values, None)
    reached = np.cumsum(rows.shares, axis=1)
    low, high = (reached >= 0.5 - EVEN).argmax(axis=1), (reached > 0.5 + EVEN).argmax(axis=1)
    return _shown((rows.values[low] + rows.values[high]) / 2, rows)


def trimmed_mean(
    masses: npt.ArrayLike, values: npt.ArrayLike, share: npt.ArrayLike, answers: npt.ArrayLike | None = None
) -> Floats:
    """The mean without the lowest and the highest answers, shape (rows,), in the units of ``values``.

    >>> trimmed_mean([[1] * 12], [*range(11), 50], 0.1)  # R's documentation of mean(): 5.50
    array([5.5])

    Raises:
        InputError: the masses have a wrong shape, one is negative or not finite, or the share is out of range.
    """
    rows = _read(masses, values, answers)
    kept, cut = _cut(rows, share)
    return _shown((kept @ rows.values) / (1 - 2 * cut), rows)


def winsorised_mean(
    masses: npt.ArrayLike, values: npt.ArrayLike, share: npt.ArrayLike, answers: npt.ArrayLike | None = None
) -> Floats:
    """The mean in which the lowest and highest answers are pulled to the nearest that is kept, shape (rows,).

    >>> winsorised_mean([[1] * 12], [*range(11), 50], 0.1)  # 0 becomes 1, 50 becomes 10
    array([5.5])
    >>> winsorised_mean([[3, 0, 6, 1]], [0, 1, 4, 9], 0.1)  # nothing but the 9 is alone at its end
    array([2.8])

    Raises:
        InputError: the masses have a wrong shape, one is negative or not finite, or the share is out of range.
    """
    rows = _read(masses, values, answers)
    kept, cut = _cut(rows, share)
    there = kept > EVEN
    low, high = there.argmax(axis=1), there.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
    return _shown(kept @ rows.values + cut * (rows.values[low] + rows.values[high]), rows)


def _read(masses: npt.ArrayLike, values: npt.ArrayLike, answers: npt.ArrayLike | None) -> _Rows:
    mass, level = np.asarray(masses, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if mass.ndim != 2 or level.shape != mass.shape[1:] or not level.size:
        raise InputError(f"masses of shape {mass.shape} with values of shape {level.shape}; allowed: one value a level")
    if not np.isfinite(mass).all() or (mass < 0).any():
        raise InputError("a mass is negative or not finite; allowed: 0 or more")
    order = np.argsort(level, kind="stable")
    whole = mass.sum(axis=1)
    known = whole > 0
    shares = mass[:, order] / np.where(known, whole, 1.0)[:, None]
    return _Rows(shares, level[order], known, whole if answers is None else np.asarray(answers, dtype=np.float64))


def _cut(rows: _Rows, share: npt.ArrayLike) -> tuple[Floats, Floats]:
    """What stays of each level, and the part cut at each end, both as shares of the row."""
    part = np.asarray(share, dtype=np.float64)
    if not ((part >= 0) & (part < 0.5)).all():
        raise InputError(f"a share of {part.tolist()} at each end; allowed: at least 0 and below 0.5")
    whole = np.where(rows.known, rows.answers, 1.0)
    cut = np.floor(significant(np.asarray(whole * part, dtype=np.float64))) / whole
    upper = np.cumsum(rows.shares, axis=1)
    lower = upper - rows.shares
    kept = np.minimum(upper, 1 - cut[:, None]) - np.maximum(lower, cut[:, None])
    return np.clip(kept, 0.0, None), cut


def _shown(found: Floats, rows: _Rows) -> Floats:
    return np.where(rows.known, found, np.nan)
