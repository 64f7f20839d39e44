"""Stage 8: why the score is what it is. An arithmetic mean is explained exactly: each part adds weight times value."""

import pandas as pd


def explain(weights: pd.DataFrame) -> pd.DataFrame:
    """Adds ``contribution`` in points of the composite; over a unit they sum to its score. What is missing adds nothing."""
    points = weights["weight_used"] / 100 * weights["score"]
    return weights.assign(contribution=points.where(weights["weight_used"] > 0, 0.0))
