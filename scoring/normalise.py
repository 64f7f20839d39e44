"""Stage 5: every figure on the same 0 to 100; the scale is absolute, so that adding a unit moves no other unit."""

import pandas as pd

PANEL_POINTS = 101


def normalise(means: pd.DataFrame) -> pd.DataFrame:
    """Adds mean and sd on 0 to 100: 100 (code - 1) / (points - 1); a 0 is a value, not a missing one.

    ``raw_mean`` is what the form shows: points from 1 up, or 0 to 100 for a panel of 101 points.
    """
    step = 100 / (means["points"] - 1)
    shown = means["raw_mean"].where(means["points"] != PANEL_POINTS, means["raw_mean"] - 1)
    scaled = means.assign(mean=(means["raw_mean"] - 1) * step, sd=means["raw_sd"] * step, raw_mean=shown)
    return scaled.drop(columns=["points", "raw_sd"])
