"""Roll-up: what a parent office scores through the offices below it, as a weighted mean of their scores.

A child without a score is named and left out, and the weights of the others are shared out anew in proportion; it is
never taken for zero, and nothing is guessed in its place. A score that may not be seen is handed over as missing, so
that no roll-up holds it and none can be solved for it. As long as a score is missing, at least ``ENOUGH`` others must
be there: a "mean" of one or two of several would speak for those that are silent.
"""

from typing import Final

import numpy as np
import pandas as pd

ENOUGH: Final = 3


def roll_up(children: pd.DataFrame) -> pd.DataFrame:
    """One row a parent, in the order of their codes.

    Args:
        children: unit, parent, score (0-100, NaN where there is none or none may be seen); weight is optional, above
            zero, in any unit of its own; without it all children of a parent weigh the same.

    Returns:
        parent, score (NaN where too little is there), n (children with a score), of (all children), missing (their
        codes, in order).

    Raises:
        ValueError: a weight is not a number above zero.

    >>> scores = {"unit": ["a", "b", "c"], "parent": ["P"] * 3, "score": [80.0, 70.0, 60.0]}
    >>> roll_up(pd.DataFrame(scores))["score"].tolist()
    [70.0]
    >>> roll_up(pd.DataFrame({**scores, "weight": [2, 1, 1]}))["score"].tolist()
    [72.5]
    """
    table = children.assign(weight=children.get("weight", 1.0))
    weights = table["weight"].to_numpy(dtype=float)
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError("every weight must be a number above zero")
    rows = [_parent(str(parent), group) for parent, group in table.groupby("parent", sort=True)]
    return pd.DataFrame(rows, columns=["parent", "score", "n", "of", "missing"])


def _parent(code: str, children: pd.DataFrame) -> tuple[str, float, int, int, tuple[str, ...]]:
    there = children[children["score"].notna()]
    missing = tuple(sorted(children.loc[children["score"].isna(), "unit"]))
    n, of = len(there), len(children)
    is_enough = n >= (ENOUGH if missing else 1)
    score = float(np.average(there["score"], weights=there["weight"])) if is_enough else float("nan")
    return code, score, n, of, missing
