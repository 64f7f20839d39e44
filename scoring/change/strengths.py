"""What a unit is good and bad at among its peers, and whether the answers are enough to say so."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Flags, Floats, InputError, significant

CONFIDENT: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Rule:
    """What makes a strength or a weakness.

    At most ``count`` of each are named. An indicator of which fewer than ``distinct`` (share of the units that have
    it) values differ tells nothing and is dropped. With ``gap`` a strength must lie above the benchmark and a weakness
    below it; without, the rank alone decides. With ``drop_last`` an indicator in which the unit shares the last place
    is not named: many may stand there because the figure is rare.
    """

    count: int = 5
    distinct: float = 0.2
    gap: bool = True
    drop_last: bool = False


@dataclass(frozen=True, eq=False)
class Peers:
    """The figures of a unit and its peers, higher is better; NaN is missing.

    ``values`` has the units as index and the indicators as columns. ``errors`` has the same shape: standard errors, 0
    for a figure that was not sampled, NaN where unknown; None when none is known. ``benchmark`` (indicators,) is a
    fixed level without error; None takes the mean of the other units.
    """

    values: pd.DataFrame
    errors: pd.DataFrame | None = None
    benchmark: npt.ArrayLike | None = None


def strengths(peers: Peers, unit: str, rule: Rule | None = None) -> pd.DataFrame:
    """Strengths first, best rank first; then weaknesses, worst rank last.

    Columns: kind (strength or weakness), indicator, rank (competition, 1 is best) of ranked units, value, benchmark,
    gap and its 95 % interval low to high (points), sure. The interval takes the unit and its peers as independent
    samples and the normal quantile; where it holds 0, or an error is unknown, the row is not ``sure``.

    Raises:
        InputError: the unit is not there, or shapes do not fit.

    >>> values = pd.DataFrame({"ease": [80.0, 60.0, 50.0], "cost": [10.0, 30.0, 20.0]}, index=["U1", "U2", "U3"])
    >>> found = strengths(Peers(values, errors=values * 0 + 2.0), "U1")
    >>> found[["kind", "indicator", "rank", "gap", "low", "high", "sure"]].round(2).to_numpy().tolist()
    [['strength', 'ease', 1, 25.0, 20.2, 29.8, True], ['weakness', 'cost', 3, -15.0, -19.8, -10.2, True]]
    """
    rule = rule or Rule()
    table = _compare(peers, unit)
    table = table[table["distinct"] >= rule.distinct]
    last = (table["rank"] == table["last"]) & rule.drop_last
    above, below = (table["gap"] > 0, table["gap"] < 0) if rule.gap else (table["rank"] > 0, table["rank"] > 0)
    best = table[above & ~last].sort_values("rank", kind="stable").head(rule.count)
    worst = table[below & ~last].sort_values("rank", kind="stable").tail(rule.count)
    if not rule.gap:
        worst = worst[~worst["indicator"].isin(best["indicator"])]
    found = pd.concat([best.assign(kind="strength"), worst.assign(kind="weakness")], ignore_index=True)
    return found[["kind", "indicator", "rank", "of", "value", "benchmark", "gap", "low", "high", "sure"]]


def _compare(peers: Peers, unit: str) -> pd.DataFrame:
    """All indicators the unit has."""
    names, values, errors = _read(peers, unit)
    at = peers.values.index.get_loc(unit)
    known = ~np.isnan(values)
    others = known & (np.arange(len(values)) != at)[:, None]
    benchmark, doubt = _benchmark(peers, values, errors, others)
    own, gap = values[at], significant(values[at] - benchmark)
    reach = CONFIDENT * np.sqrt(errors[at] ** 2 + doubt)
    ranks = pd.DataFrame(values).rank(ascending=False, method="min")
    table = pd.DataFrame(
        {
            "indicator": names,
            "rank": ranks.iloc[at].to_numpy(),
            "last": ranks.max().to_numpy(),
            "of": known.sum(axis=0),
            "distinct": [_distinct(column) for column in values.T],
            "value": own,
            "benchmark": benchmark,
            "gap": gap,
            "low": gap - reach,
            "high": gap + reach,
            "sure": (gap - reach > 0) | (gap + reach < 0),
        }
    )
    return table[known[at]].astype({"rank": "int64", "of": "int64"})


def _read(peers: Peers, unit: str) -> tuple[list[str], Floats, Floats]:
    frame, errors = peers.values, peers.errors
    if list(frame.index).count(unit) != 1:
        raise InputError(f"strengths: unit {unit!r} stands {list(frame.index).count(unit)} times; allowed is once")
    if errors is not None and errors.shape != frame.shape:
        raise InputError(f"strengths: errors of shape {errors.shape}; allowed is that of the values, {frame.shape}")
    values = significant(frame.to_numpy(dtype=np.float64))
    known = np.full(values.shape, np.nan) if errors is None else errors.to_numpy(dtype=np.float64)
    return [str(name) for name in frame.columns], values, known


def _benchmark(peers: Peers, values: Floats, errors: Floats, others: Flags) -> tuple[Floats, Floats]:
    """The level to compare with and its variance, shape (indicators,) each."""
    if peers.benchmark is not None:
        fixed = np.asarray(peers.benchmark, dtype=np.float64)
        if fixed.shape != values.shape[1:]:
            raise InputError(f"strengths: benchmark of shape {fixed.shape}; allowed is {values.shape[1:]}")
        return fixed, np.zeros_like(fixed)
    count = others.sum(axis=0)
    sums = np.where(others, values, 0.0).sum(axis=0), np.where(others, errors**2, 0.0).sum(axis=0)
    blank = np.full(values.shape[1], np.nan)
    mean = np.divide(sums[0], count, out=blank.copy(), where=count > 0)
    return mean, np.divide(sums[1], count**2, out=blank, where=count > 0)


def _distinct(column: Floats) -> float:
    """Share of different values among those there are; 0 when there are none."""
    known = column[~np.isnan(column)]
    return len(np.unique(known)) / max(len(known), 1)
