"""Stage 7: what may be said about a score: publication level, band, rank inside the category."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import LEVELS, SIGNIFICANT_DIGITS, Flags, Floats, Integers, positions
from scoring.scheme import Scheme

BAND_DECIMALS = 2
ABSENT, HIDDEN, OVERSEER, INDICATIVE, FULL = range(len(LEVELS))


def round_half_up(x: float, decimals: int) -> Decimal:
    """Rounds as people do on paper: to 12 significant digits first (so that noise decides nothing), then half up.

    >>> round_half_up(76.984375, 2), round_half_up(0.1249999999999999, 2)
    (Decimal('76.98'), Decimal('0.13'))
    """
    exact = Decimal(f"{x:.{SIGNIFICANT_DIGITS}g}")
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def grade_groups(groups: pd.DataFrame, means: pd.DataFrame, weights: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Adds ``level`` from the group's n and its cut points; a group without a scored answer is absent.

    Many responses may hold few answers. Where no question that counts has enough of them for the level, the group's
    score would be the word of those few: then its n is the largest number of answers to one question.
    """
    cuts = np.array([group.minimum for group in scheme.groups])[positions(groups, "group")]
    present = groups["score"].notna().to_numpy()
    responses, answers = groups["n"].to_numpy(), _most_answers(means, weights, len(groups), scheme)
    level = _level(responses, cuts, present)
    lower = np.where(present, _level(np.minimum(responses, answers), cuts, present), level)
    return groups.assign(n=np.where(lower < level, answers, responses), level=_names(lower))


def grade_means(means: pd.DataFrame, groups: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Adds ``level``: that of the indicator's own n, never above that of its group."""
    cuts = np.array([group.minimum for group in scheme.groups])[positions(means, "group")]
    own = _level(means["n"].to_numpy(), cuts, means["mean"].notna().to_numpy())
    group = _grid(groups, len(scheme.groups))[positions(means, "unit"), positions(means, "group")]
    return means.assign(level=_names(np.minimum(own, np.where(group == ABSENT, own, group))))


def rank(nodes: pd.DataFrame, groups: pd.DataFrame, units: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """One row a unit: score, level and what sets it, band, and rank among the fully published units of its category.

    The level is the lowest of the groups that enter the score. Bands include their lower bound and look at the
    score rounded half up to two decimals. Ranks are competition ranks ("1224") of the score rounded to the scheme's
    rank decimals.
    """
    top = nodes[nodes["parent"] == ""]
    order = positions(top, "unit")
    score, low, high = np.full((3, len(units)), np.nan)
    score[order], low[order], high[order] = top["score"], top["low"], top["high"]
    count = len(scheme.groups)
    levels = np.where(groups["weight_used"].to_numpy().reshape(-1, count) > 0, _grid(groups, count), FULL + 1)
    setter = levels.argmin(axis=1)
    level = np.where(np.isnan(score), ABSENT, levels.min(axis=1))
    heads = groups["n"].to_numpy().reshape(-1, count)
    named = (level > ABSENT) & (level < FULL)
    places, of = _places(score, level == FULL, units["category"], scheme.rank_decimals)
    return pd.DataFrame(
        {
            "unit": units["unit"],
            "category": units["category"],
            "score": score,
            "low": low,
            "high": high,
            "n": heads.sum(axis=1),
            "level": _names(level),
            "level_group": np.where(named, np.array([group.code for group in scheme.groups], dtype=object)[setter], ""),
            "level_n": np.where(named, heads[np.arange(len(units)), setter], 0),
            "band": [_band(x, scheme) if full else "" for x, full in zip(score, level == FULL, strict=True)],
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


def _level(n: Integers, cuts: Integers, present: Flags) -> Integers:
    return np.where(present & (n > 0), HIDDEN + (n[:, None] >= cuts).sum(axis=1), ABSENT)


def _most_answers(means: pd.DataFrame, weights: pd.DataFrame, rows: int, scheme: Scheme) -> Integers:
    """The largest n of the figures that count in each unit's group, units first."""
    groups, leaves = len(scheme.groups), len(scheme.leaves())
    answers = np.zeros((rows // groups, leaves, groups), dtype=np.int64)
    answers[positions(means, "unit"), positions(means, "indicator"), positions(means, "group")] = means["n"]
    counts = np.zeros(answers.shape, dtype=bool)
    place = positions(weights, "unit"), positions(weights, "indicator"), positions(weights, "group")
    counts[place] = weights["weight_used"] > 0
    return np.asarray(np.where(counts, answers, 0).max(axis=1, initial=0).ravel(), dtype=np.int64)


def _names(levels: Integers) -> npt.NDArray[np.object_]:
    return np.array(LEVELS, dtype=object)[levels]


def _grid(groups: pd.DataFrame, count: int) -> Integers:
    """Levels as numbers, shape (units, groups)."""
    return pd.Index(LEVELS).get_indexer(pd.Index(groups["level"])).reshape(-1, count).astype(np.int64)


def _band(score: float, scheme: Scheme) -> str:
    shown = round_half_up(score, BAND_DECIMALS)
    return next(band.code for band in scheme.bands if shown >= band.start)


def _places(score: Floats, ranked: Flags, category: pd.Series, decimals: int) -> tuple[pd.Series, pd.Series]:
    rounded = [float(round_half_up(x, decimals)) if full else np.nan for x, full in zip(score, ranked, strict=True)]
    table = pd.DataFrame({"category": category, "rounded": rounded})
    same = table.groupby("category")["rounded"]
    return same.rank(method="min", ascending=False).astype("Int64"), same.transform("count").astype("int64")
