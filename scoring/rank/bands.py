"""Bands: absolute from a bound upwards, or by quota of the ranked units, overall or inside a category."""

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, Integers
from scoring.rank.places import rank_scores
from scoring.rank.rounding import round_half_up
from scoring.scheme import Limit, Scheme


def grade(score: Floats, ranked: Flags, category: pd.Series, scheme: Scheme) -> Integers:
    """Position of each ranked unit's band among the scheme's, -1 for the others; shape (units,).

    Absolute bands include their lower bound and look at the score rounded half up to the scheme's decimals. A quota
    band reaches down to the place that its cumulated share of the ranked units rounds to (half up); units that tie
    stay together, in the better band.
    """
    found = np.full(len(score), -1, dtype=np.int64)
    if scheme.banding == "absolute":
        found[ranked] = [_absolute(x, scheme) for x in score[ranked]]
        return found
    pool = category.to_numpy() if scheme.banding == "category" else np.zeros(len(score))
    for _, members in pd.Series(np.flatnonzero(ranked)).groupby(pool[ranked], sort=True):
        inside = members.to_numpy()
        found[inside] = _by_quota(score[inside], scheme)
    return found


def limit_band(band: int, limits: tuple[Limit, ...], scheme: Scheme) -> tuple[int, str]:
    """The band after the worst of the findings that bound it, and that finding's code (empty when none moved it)."""
    order = [known.code for known in scheme.bands]
    worst = max(limits, key=lambda limit: (order.index(limit.band), limit.code), default=None)
    if worst is None or order.index(worst.band) <= band:
        return band, ""
    return order.index(worst.band), worst.code


def _absolute(score: float, scheme: Scheme) -> int:
    shown = round_half_up(score, scheme.score_decimals)
    return next((at for at, band in enumerate(scheme.bands) if shown >= band.start), len(scheme.bands) - 1)


def _by_quota(score: Floats, scheme: Scheme) -> list[int]:
    shares = np.cumsum([float(band.share or 0) for band in scheme.bands])
    reach = [int(round_half_up(share * len(score), 0)) for share in shares]
    ranks = rank_scores(score, scheme)
    return [next((at for at, last in enumerate(reach) if rank <= last), len(reach) - 1) for rank in ranks]
