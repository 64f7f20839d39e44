"""Stage 4: one figure a unit, indicator and group: the weighted mean of its strata, with n, effective n and spread."""

import numpy as np
import pandas as pd

FIGURE = ["unit", "indicator", "group"]


def aggregate(strata: pd.DataFrame) -> pd.DataFrame:
    """Means in codes of the scale, from the weighted strata.

    With weights w of the strata and their n: mean = sum of w times the stratum's mean; effective n = 1 / sum of
    w**2 / n (Kish, for weights that are equal within a stratum); the variance is the weighted second moment times n
    / (n - 1), so that a single stratum gives the ordinary sample variance. Shares are percent: the top share counts
    answers in the upper quarter of the scale (the two best of five points), the bottom share those in the lower
    quarter.
    """
    n = strata["n"].where(strata["n"] > 0)
    rows = strata[[*FIGURE, "points", "n", "dont_know", "not_applicable"]].assign(
        raw_mean=strata["weight"] * strata["raw_mean"],
        square=strata["weight"] * strata["level_squares"] / n,
        inverse=strata["weight"] ** 2 / n,
        top_share=100 * strata["weight"] * strata["top"] / n,
        bottom_share=100 * strata["weight"] * strata["bottom"] / n,
    )
    means = rows.groupby([*FIGURE, "points"], observed=True, sort=True).sum().reset_index()
    counted = means["n"] > 0
    shown = ["raw_mean", "square", "inverse", "top_share", "bottom_share"]
    means[shown] = means[shown].where(counted)
    variance = (means["square"] - means["raw_mean"] ** 2).clip(lower=0.0)
    correction = means["n"] / (means["n"] - 1).where(means["n"] > 1)
    means = means.assign(n_effective=(1 / means["inverse"]).where(counted, 0.0), raw_sd=np.sqrt(variance * correction))
    return means.drop(columns=["square", "inverse"])
