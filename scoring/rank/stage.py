"""Stage 7: what may be said about a score: adjustments, publication level, band, rank inside the category."""

import numpy as np
import pandas as pd

from scoring.frames import LEVELS, Flags, Floats, Integers, positions
from scoring.rank.adjust import Adjusted
from scoring.rank.bands import grade, limit_band
from scoring.rank.levels import ABSENT, FULL, INDICATIVE, level_grid, level_names
from scoring.rank.places import place
from scoring.scheme import Scheme


def rank(
    nodes: pd.DataFrame, groups: pd.DataFrame, adjusted: Adjusted, units: pd.DataFrame, scheme: Scheme
) -> pd.DataFrame:
    """One row a unit: score, level and what sets it, band, and rank among the fully published units of its category.

    The level is the lowest of the groups that enter the score; one made of administrative figures alone is full, in
    either order of groups and nodes.
    Bonus and deductions move the score and its interval, and are not clipped: before + bonus - deduction is the
    score. A veto or limiter lowers the band, never the score; a veto takes the unit out of the ranking.
    """
    before, low, high = _tops(nodes, len(units))
    moved = adjusted.bonus - adjusted.deduction
    score = before + moved
    levels, heads = _levels(groups, len(units), scheme)
    setter = levels.argmin(axis=1)
    level = np.where(np.isnan(score), ABSENT, levels.min(axis=1))
    setters = np.array([*(group.code for group in scheme.groups), ""], dtype=object)[setter]
    named = (level > ABSENT) & (level < FULL)
    places, of = place(score, (level == FULL) & ~adjusted.vetoed, units["category"], scheme)
    band, limit = _bands(score, level == FULL, adjusted, units, scheme)
    return pd.DataFrame(
        {
            "unit": units["unit"],
            "category": units["category"],
            "score": score,
            "low": low + moved,
            "high": high + moved,
            "score_before": before,
            "bonus": adjusted.bonus,
            "deduction": adjusted.deduction,
            "n": heads.sum(axis=1),
            "level": level_names(level),
            "level_group": np.where(named, setters, ""),
            "level_n": np.where(named, heads[np.arange(len(units)), setter], 0),
            "band": band,
            "limit": limit,
            "rank": places,
            "ranked_of": of,
        }
    )


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Each category with the mean of its published units; one unit alone has no mean, it would tell its score."""
    published = scores["level"].isin([LEVELS[INDICATIVE], LEVELS[FULL]])
    shown = scores.assign(published=published, score=scores["score"].where(published))
    table = shown.groupby("category", sort=True).agg(
        units=("unit", "size"), published_units=("published", "sum"), mean=("score", "mean")
    )
    return table.assign(mean=table["mean"].where(table["published_units"] >= 2)).reset_index()


def _tops(nodes: pd.DataFrame, units: int) -> tuple[Floats, Floats, Floats]:
    top = nodes[nodes["parent"] == ""]
    order = positions(top, "unit")
    score, low, high = np.full((3, units), np.nan)
    score[order], low[order], high[order] = top["score"], top["low"], top["high"]
    return score, low, high


def _levels(groups: pd.DataFrame, units: int, scheme: Scheme) -> tuple[Integers, Integers]:
    """Levels and n of the groups, shape (units, groups + 1); what does not count is full, and so is the last column."""
    count = len(scheme.groups)
    counts = groups["weight_used"].to_numpy().reshape(units, count) > 0
    levels, heads = np.full((units, count + 1), FULL), np.zeros((units, count + 1), dtype=np.int64)
    if count:
        own = level_grid(groups, count)
        levels[:, :count] = np.where(counts & (own > ABSENT), own, FULL)
    heads[:, :count] = groups["n"].to_numpy().reshape(units, count)
    return levels, heads


def _bands(
    score: Floats, full: Flags, adjusted: Adjusted, units: pd.DataFrame, scheme: Scheme
) -> tuple[list[str], list[str]]:
    graded = grade(score, full & ~adjusted.vetoed, units["category"], scheme)
    vetoed = full & adjusted.vetoed
    if scheme.banding == "absolute":
        graded = np.where(vetoed, grade(score, vetoed, units["category"], scheme), graded)
    band, limit = [""] * len(units), [""] * len(units)
    for at in np.flatnonzero(full):
        found, limit[at] = limit_band(int(graded[at]), adjusted.limits[at], scheme)
        band[at] = scheme.bands[found].code
    return band, limit
