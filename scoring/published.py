"""A published result scored again from its published parts alone, by the stage that scored it.

Anybody can do it: the figures of the indicators, the findings and the scheme are public. A unit with a part that is
withheld cannot be scored by a reader; it is named, with the number of such parts, and not guessed.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from scoring.combine import combine
from scoring.frames import InputError, Integers, key, need, significant
from scoring.rank import adjust
from scoring.scheme import Scheme

GRADES: Final = "grades"
FIGURE: Final = ("unit", "indicator", "group", "value", "withheld")


def score_again(figures: pd.DataFrame, findings: pd.DataFrame, units: Sequence[str], scheme: Scheme) -> pd.DataFrame:
    """One row a unit: ``unit``, ``score`` (NaN where it cannot be told) and ``hidden``, how many parts are withheld.

    ``figures`` has unit, indicator, group ("" for an administrative figure), value on the indicator's range (NaN where
    nobody answered) and withheld ("" where it is shown); ``findings`` the columns of adjustments. Where the scheme
    publishes grades alone no unit can be scored, and every figure counts as withheld.

    Raises:
        InputError: a column is missing, or a row does not fit the units or the scheme.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Group, Node
    >>> leaves = [Node(code, Fraction(1, 2), shares=(("all", Fraction(1)),), points=5) for code in ("ease", "speed")]
    >>> tree = Node("score", Fraction(1), children=tuple(leaves))
    >>> scheme = Scheme("demo", (Group("all", "anonymous", (1, 1, 1), ()),), tree, ())
    >>> rows = [("U1", "ease", "all", 80.0, ""), ("U1", "speed", "all", 61.5, "")]
    >>> rows = [*rows, ("U2", "ease", "all", None, "primary")]
    >>> figures = pd.DataFrame(rows, columns=list(FIGURE))
    >>> findings = pd.DataFrame(columns=["unit", "kind", "code", "points", "source", "reason"])
    >>> score_again(figures, findings, ["U1", "U2"], scheme).values.tolist()
    [['U1', 70.75, 0], ['U2', nan, 1]]
    """
    need(figures, "figures", FIGURE)
    listed = pd.DataFrame({"unit": list(units)}, dtype="str")
    is_hidden = (figures["withheld"] != "") | (scheme.publication == GRADES)
    hidden = figures["unit"][is_hidden].value_counts().reindex(listed["unit"]).fillna(0).to_numpy(dtype=np.int64)
    shown = figures[~is_hidden & figures["value"].notna()]
    rated, given = shown[shown["group"] != ""], shown[shown["group"] == ""]
    codes = {"unit": list(units), "indicator": [leaf.code for leaf in scheme.leaves()]}
    groups = {**codes, "group": [group.code for group in scheme.groups]}
    none = pd.DataFrame({"unit": key([], codes["unit"]), "group": key([], groups["group"]), "n": np.zeros(0, np.int64)})
    combined = combine(_keyed(rated, groups, "mean"), none, listed, scheme, _keyed(given, codes, "value"))
    found = adjust(findings, listed, scheme)
    score = significant(combined.scores.score[:, 0] + found.bonus - found.deduction)
    return pd.DataFrame({"unit": listed["unit"], "score": np.where(hidden > 0, np.nan, score), "hidden": hidden})


def _keyed(rows: pd.DataFrame, codes: dict[str, list[str]], name: str) -> pd.DataFrame:
    keys = {column: key(_places(rows, column, known), known) for column, known in codes.items()}
    return pd.DataFrame({**keys, name: rows["value"].to_numpy(dtype=np.float64)})


def _places(rows: pd.DataFrame, column: str, known: list[str]) -> Integers:
    at = pd.Index(known, dtype="str").get_indexer(pd.Index(rows[column], dtype="str"))
    if (at < 0).any():
        raise InputError(f"figures: {column} {rows[column].iloc[int(np.argmin(at))]!r} is not known")
    return np.asarray(at, dtype=np.int64)
