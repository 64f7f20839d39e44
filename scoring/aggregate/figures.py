"""The weighted mean of the strata with n, effective n and spread; beside it what extreme answers cannot move."""

import numpy as np
import pandas as pd

from scoring.frames import Floats, Integers, positions
from scoring.samples import median, trimmed_mean, wilson, winsorised_mean
from scoring.samples.levels import level_values
from scoring.scheme import Scheme

FIGURE = ["unit", "indicator", "group"]
ESTIMATES = ("median", "trimmed", "winsorised")


def aggregate(strata: pd.DataFrame, levels: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Figures of units, indicators and groups from the weighted strata and the counts of chosen levels.

    With weights w of the strata and their n: the mean is the sum of w times the stratum's mean; effective n = 1 / sum
    of w**2 / n (Kish, for weights that are equal within a stratum); the variance is the weighted second moment times n
    / (n - 1), so that a single stratum gives the ordinary sample variance. Means, sd, median, trimmed and winsorised
    mean are on the indicator's output range; ``raw_mean`` is what the form shows: points from 1 up, or from 0 for
    panels and marks. ``mean_plain`` is the mean, ``mean`` the estimator that the group's scheme names.

    Shares are percent: the top share counts answers in the upper quarter of the scale (the two best of five points),
    the bottom share those in the lower quarter, both with Wilson's 95 % interval on the effective n. ``shrunk`` and
    ``reliability`` are still missing: they look at all units (``settle``).
    """
    means = _pooled(strata)
    leaves = scheme.leaves()
    shown_from = np.array([leaf.shown_from for leaf in leaves])[positions(means, "indicator")]
    means = means.assign(raw_mean=means["raw_mean"] - 1 + shown_from, **_estimates(means, strata, levels, scheme))
    for end in ("top", "bottom"):
        low, high = wilson(means[f"{end}_share"] / 100 * means["n_effective"], means["n_effective"])
        means = means.assign(**{f"{end}_low": 100 * low, f"{end}_high": 100 * high})
    names = np.array([group.estimator for group in scheme.groups], dtype=object)[positions(means, "group")]
    chosen = [means[name].to_numpy() for name in ESTIMATES]
    mean = np.select([names == name for name in ESTIMATES], chosen, means["mean_plain"].to_numpy())
    return means.assign(mean=mean, shrunk=np.nan, reliability=np.nan)


def _pooled(strata: pd.DataFrame) -> pd.DataFrame:
    n = strata["n"].where(strata["n"] > 0)
    rows = strata[[*FIGURE, "n", "dont_know", "not_applicable"]].assign(
        raw_mean=strata["weight"] * strata["raw_mean"],
        mean_plain=strata["weight"] * strata["value_mean"],
        inverse=strata["weight"] ** 2 / n,
        top_share=100 * strata["weight"] * strata["top"] / n,
        bottom_share=100 * strata["weight"] * strata["bottom"] / n,
    )
    means = rows.groupby(FIGURE, observed=True, sort=True).sum().reset_index()
    counted = means["n"] > 0
    shown = ["raw_mean", "mean_plain", "inverse", "top_share", "bottom_share"]
    means[shown] = means[shown].where(counted)
    variance = _variance(strata, means)
    correction = means["n"] / (means["n"] - 1).where(means["n"] > 1)
    means = means.assign(n_effective=(1 / means["inverse"]).where(counted, 0.0), sd=np.sqrt(variance * correction))
    return means.drop(columns="inverse")


def _variance(strata: pd.DataFrame, means: pd.DataFrame) -> Floats:
    """The weighted mean of squared distances from the figure's mean, within strata and between them."""
    at = _figure_rows(strata, means)
    answered = strata["n"].to_numpy() > 0
    at, rows = at[answered], strata[answered]
    n = rows["n"].to_numpy(dtype=np.float64)
    within = rows["value_variance"].fillna(0.0).to_numpy() * (n - 1) / n
    between = (rows["value_mean"].to_numpy() - means["mean_plain"].to_numpy()[at]) ** 2
    squares = rows["weight"].to_numpy() * (within + between)
    return np.asarray(np.bincount(at, squares, len(means)), dtype=np.float64)


def _estimates(means: pd.DataFrame, strata: pd.DataFrame, levels: pd.DataFrame, scheme: Scheme) -> dict[str, Floats]:
    """Median, trimmed and winsorised mean of each figure, from the pooled weighted counts of its levels."""
    figure, code, mass = _masses(means, strata, levels)
    leaf_of = positions(means, "indicator")
    trims = np.array([float(group.trim) for group in scheme.groups])[positions(means, "group")]
    answers = means["n"].to_numpy()
    found = {name: np.full(len(means), np.nan) for name in ESTIMATES}
    order = np.argsort(leaf_of[figure], kind="stable")
    ends = np.searchsorted(leaf_of[figure][order], np.arange(len(scheme.leaves()) + 1))
    for place, leaf in enumerate(scheme.leaves()):
        part = order[ends[place] : ends[place + 1]]
        if not len(part):
            continue
        rows, at = np.unique(figure[part], return_inverse=True)
        table = np.zeros((len(rows), leaf.points))
        np.add.at(table, (at, code[part] - 1), mass[part])
        values = level_values(leaf)
        found["median"][rows] = median(table, values)
        found["trimmed"][rows] = trimmed_mean(table, values, trims[rows], answers[rows])
        found["winsorised"][rows] = winsorised_mean(table, values, trims[rows], answers[rows])
    return found


def _masses(means: pd.DataFrame, strata: pd.DataFrame, levels: pd.DataFrame) -> tuple[Integers, Integers, Floats]:
    """For each level that was chosen in a scored stratum: the row of its figure, its code, its weight."""
    item = [*FIGURE, "stratum"]
    row = pd.Index(_places(strata, item)).get_indexer(pd.Index(_places(levels, item)))
    scored = row >= 0
    at, chosen = row[scored], levels[scored]
    each = strata["weight"].to_numpy() / np.where(strata["n"] > 0, strata["n"], 1)
    return (
        _figure_rows(strata, means)[at],
        chosen["code"].to_numpy(dtype=np.int64),
        each[at] * chosen["count"].to_numpy(),
    )


def _figure_rows(strata: pd.DataFrame, means: pd.DataFrame) -> Integers:
    found = pd.Index(_places(means, FIGURE)).get_indexer(pd.Index(_places(strata, FIGURE)))
    return np.asarray(found, dtype=np.int64)


def _places(frame: pd.DataFrame, columns: list[str]) -> Integers:
    place = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        place = place * len(frame[column].cat.categories) + positions(frame, column)
    return place
