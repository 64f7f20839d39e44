"""Severity of raters: what a unit would have got from the average rater.

The additive model: rating = mean + unit + rater + rest. It needs raters who rate several units, and units and raters
that hang together; it is not for people who rate once. Raw and adjusted means are both kept by whoever calls.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, InputError, significant
from scoring.raters.mixed import fit_mixed
from scoring.raters.ratings import Ratings, check_connected, read_ratings

METHODS: Final = ("fixed", "mixed")

EXTREME_SD: Final = 2.5
"""A rater whose effect is further from 0 than so many standard deviations of all raters' effects is flagged."""


@dataclass(frozen=True, eq=False)
class Severity:
    """What the model found; all numbers in the units of the ratings.

    ``units`` and ``raters`` are in the order of their codes. ``adjusted`` (units,) is the mean plus the unit's effect;
    ``raw`` (units,) the plain mean of its ratings. ``effects`` (raters,) are above 0 for lenient raters, below for
    severe ones; ``counts`` (raters,) are their ratings. ``sd_units``, ``sd_raters`` and ``sd_rest`` are the components
    of spread; ``reliability`` (units,) is the part of a unit's distance from the mean that is kept. The fixed method
    draws nothing: its ``sd_units``, ``sd_raters`` and ``reliability`` are NaN; its ``sd_rest`` is NaN too where no
    rating is left to tell it.
    """

    units: tuple[str, ...]
    raters: tuple[str, ...]
    mean: float
    raw: Floats
    adjusted: Floats
    effects: Floats
    counts: Floats
    sd_units: float
    sd_raters: float
    sd_rest: float
    reliability: Floats

    @property
    def extreme(self) -> Flags:
        """Raters whose effect is more than ``EXTREME_SD`` standard deviations (n - 1) of all effects away from 0."""
        sizes = significant(np.abs(self.effects))
        bound = significant(np.array([EXTREME_SD * self.effects.std(ddof=1)]))
        return np.asarray(sizes > bound, dtype=np.bool_)


def severity(ratings: pd.DataFrame, method: str) -> Severity:
    """Unit means freed from the severity of whoever rated them. ``ratings`` has the columns unit, rater and value.

    "fixed" takes units and raters as they are: least squares, the effects of all units and those of all raters sum to
    0. "mixed" takes both as drawn from many, with variances by restricted maximum likelihood (REML); effects are then
    drawn to 0 the more, the fewer ratings tell them (best linear unbiased predictors, lambda = rest variance / own
    variance). Source: D. Bates et al. (2015), Journal of Statistical Software 67(1).

    >>> rows = [("a", "lenient", 5), ("a", "severe", 3), ("b", "lenient", 4), ("c", "severe", 1)]
    >>> found = severity(pd.DataFrame(rows, columns=["unit", "rater", "value"]), "fixed")
    >>> found.raw, found.adjusted.round(6), found.effects.round(6)
    (array([4., 4., 1.]), array([4., 3., 2.]), array([ 1., -1.]))

    Raises:
        InputError: an unknown method, a missing column, fewer than two units or raters, a value that is no number, or
            units and raters that do not hang together (the message names the parts).
    """
    if method not in METHODS:
        raise InputError(f"severity {method!r}; allowed: {', '.join(METHODS)}")
    read = read_ratings(ratings)
    check_connected(read)
    return _mixed(read) if method == "mixed" else _fixed(read)


def _fixed(read: Ratings) -> Severity:
    """Units are eliminated first, so that only one equation a rater is solved; effects are then centred."""
    cells = read.cells()
    of_units, of_raters = cells.sum(axis=1), cells.sum(axis=0)
    over_units, over_raters = read.sums(read.value)
    raw = over_units / of_units
    left = np.diag(of_raters) - cells.T @ (cells / of_units[:, None])
    effects = np.linalg.solve(left + 1 / len(of_raters), over_raters - cells.T @ raw)
    effects -= effects.mean()
    adjusted = raw - cells @ effects / of_units
    rest = read.value - adjusted[read.unit] - effects[read.rater]
    freedom = len(rest) - len(of_units) - len(of_raters) + 1
    return Severity(
        units=read.units,
        raters=read.raters,
        mean=float(adjusted.mean()),
        raw=raw,
        adjusted=adjusted,
        effects=effects,
        counts=of_raters,
        sd_units=float("nan"),
        sd_raters=float("nan"),
        sd_rest=float(np.sqrt((rest**2).sum() / freedom)) if freedom else float("nan"),
        reliability=np.full(len(of_units), np.nan),
    )


def _mixed(read: Ratings) -> Severity:
    found = fit_mixed(read)
    cells = read.cells()
    return Severity(
        units=read.units,
        raters=read.raters,
        mean=found.mean,
        raw=read.sums(read.value)[0] / cells.sum(axis=1),
        adjusted=found.mean + found.units,
        effects=found.raters,
        counts=cells.sum(axis=0),
        sd_units=found.sd_units,
        sd_raters=found.sd_raters,
        sd_rest=found.sd_rest,
        reliability=found.reliability,
    )
