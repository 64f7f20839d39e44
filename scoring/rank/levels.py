"""Publication levels: from the n of a group or a figure and the group's cut points."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import LEVELS, Flags, Integers, positions
from scoring.scheme import Scheme

ABSENT, HIDDEN, OVERSEER, INDICATIVE, FULL = range(len(LEVELS))


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
    return groups.assign(n=np.where(lower < level, answers, responses), level=level_names(lower))


def grade_means(means: pd.DataFrame, groups: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Adds ``level``: that of the indicator's own n, never above that of its group."""
    cuts = np.array([group.minimum for group in scheme.groups])[positions(means, "group")]
    own = _level(means["n"].to_numpy(), cuts, means["mean"].notna().to_numpy())
    group = level_grid(groups, len(scheme.groups))[positions(means, "unit"), positions(means, "group")]
    return means.assign(level=level_names(np.minimum(own, np.where(group == ABSENT, own, group))))


def level_names(levels: Integers) -> npt.NDArray[np.object_]:
    """Names of level numbers."""
    return np.array(LEVELS, dtype=object)[levels]


def level_grid(groups: pd.DataFrame, count: int) -> Integers:
    """Levels of the groups as numbers, shape (units, groups); shape (0, 0) when nobody rates."""
    return (
        pd.Index(LEVELS)
        .get_indexer(pd.Index(groups["level"]))
        .reshape(len(groups) // max(count, 1), count)
        .astype(np.int64)
    )


def _level(n: Integers, cuts: Integers, present: Flags) -> Integers:
    return np.where(present & (n > 0), HIDDEN + (n[:, None] >= cuts).sum(axis=1), ABSENT)


def _most_answers(means: pd.DataFrame, weights: pd.DataFrame, rows: int, scheme: Scheme) -> Integers:
    """The largest n of the figures that count in each unit's group, units first."""
    groups, leaves = len(scheme.groups), len(scheme.leaves())
    answers = np.zeros((rows // max(groups, 1), leaves, groups), dtype=np.int64)
    answers[positions(means, "unit"), positions(means, "indicator"), positions(means, "group")] = means["n"]
    rated = weights[weights["group"].notna()]
    counts = np.zeros(answers.shape, dtype=bool)
    place = positions(rated, "unit"), positions(rated, "indicator"), positions(rated, "group")
    counts[place] = rated["weight_used"] > 0
    return np.asarray(np.where(counts, answers, 0).max(axis=1, initial=0).ravel(), dtype=np.int64)
