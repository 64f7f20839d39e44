"""Stage 8: why the score is what it is. An arithmetic mean is explained exactly: each part adds weight times value."""

import numpy as np
import pandas as pd

from scoring.frames import LEVELS, SIGNIFICANT_DIGITS

ABSENT, HIDDEN, OVERSEER = LEVELS[:3]


def explain(weights: pd.DataFrame) -> pd.DataFrame:
    """Adds ``contribution`` in points of the composite; a unit's sum to its score. What is missing adds nothing."""
    points = weights["weight_used"] / 100 * weights["score"]
    return weights.assign(contribution=points.where(weights["weight_used"] > 0, 0.0))


def name_gaps(groups: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """What a reader must know about missing data, as rows of ``problems``.

    ``group_absent``: no answer, its weight (percent, the detail) went to the others. ``group_below_minimum``: too few
    responses (the detail) to publish. ``indicator_without_answers``: from a group (the detail) that answered others.
    """
    weighted = groups[groups["weight_nominal"] > 0]
    absent = weighted[weighted["level"] == ABSENT]
    small = weighted[weighted["level"].isin([HIDDEN, OVERSEER])]
    silent = set(zip(absent["unit"], absent["group"], strict=True))
    empty = weights[(weights["weight_nominal"] > 0) & weights["score"].isna()]
    pairs = zip(empty["unit"], empty["group"], strict=True)
    empty = empty[np.array([pair not in silent for pair in pairs], dtype=bool)]
    share = absent["weight_nominal"].map(f"{{:.{SIGNIFICANT_DIGITS}g}}".format)
    return pd.concat(
        [
            _gap(absent, "group", "group_absent", share),
            _gap(small, "group", "group_below_minimum", small["n"].astype("str")),
            _gap(empty, "indicator", "indicator_without_answers", empty["group"].astype("str")),
        ]
    )


def _gap(rows: pd.DataFrame, column: str, code: str, detail: "pd.Series[str]") -> pd.DataFrame:
    columns = {"unit": rows["unit"].astype("str"), "node": rows[column].astype("str"), "code": code}
    return pd.DataFrame(columns | {"detail": detail})
