"""Stage 8: why the score is what it is: every figure's part of the composite, exact for every aggregation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.attribution import Division, divide_scores
from scoring.frames import LEVELS, SIGNIFICANT_DIGITS, Floats, Integers, positions
from scoring.scheme import Scheme
from scoring.tree import Values

ABSENT, HIDDEN, OVERSEER = LEVELS[:3]
NOTHING = 1e-12


@dataclass(frozen=True)
class Grown:
    """What a tree of any kind was grown from.

    ``given`` is a frame of unit, indicator, weight_nominal, weight_used (percent) and score, a row for each unit and
    administrative indicator; ``values`` are the figures of all units under ``scheme``.
    """

    given: pd.DataFrame
    values: Values
    scheme: Scheme


def explain(weights: pd.DataFrame, grown: Grown | None = None) -> pd.DataFrame:
    """Adds ``contribution`` in points of the composite; a unit's sum to its score before bonus and deductions.

    ``weights`` has unit, indicator, group, weight_nominal, weight_used (percent) and score, a row for each figure of a
    group; what is missing adds nothing. With ``grown`` come rows for administrative figures (group "") and for points
    that belong to no figure: a row of a node (group "", weights 0, no score) says what a cap there took away, or what
    a missing child counted for that stands at its lowest value. Without, every node is an arithmetic mean and every
    indicator rated: the contribution is weight times score.

    Raises:
        InputError: a copeland node has more than 12 children.

    >>> rows = {"unit": ["U1", "U1"], "indicator": ["ease", "speed"], "group": "citizens"}
    >>> weights = pd.DataFrame({**rows, "weight_nominal": 50.0, "weight_used": [100.0, 0.0], "score": [80.0, np.nan]})
    >>> explain(weights)["contribution"].tolist()
    [80.0, 0.0]
    """
    if grown is None:
        points = weights["weight_used"] / 100 * weights["score"]
        return weights.assign(contribution=points.where(weights["weight_used"] > 0, 0.0))
    found = divide_scores(grown.values, grown.scheme)
    codes = [str(code) for code in weights["unit"].cat.categories]
    own = positions(weights, "unit"), positions(weights, "indicator"), positions(weights, "group")
    rated = _rows(weights, own, found.figures[own], grown.scheme)
    other = positions(grown.given, "unit"), positions(grown.given, "indicator")
    last = np.full(len(grown.given), len(grown.scheme.groups))
    given = _rows(grown.given.assign(group=""), (*other, last), found.figures[(*other, last)], grown.scheme)
    table = pd.concat([rated, given, _node_rows(found, codes, grown.scheme)])
    order = np.lexsort([table[column] for column in ("slot", "place", "row")])
    return table.iloc[order].drop(columns=["slot", "place", "row"]).reset_index(drop=True)


def _rows(frame: pd.DataFrame, at: tuple[Integers, ...], points: Floats, scheme: Scheme) -> pd.DataFrame:
    """The frame with contributions, keys as text, and where each row belongs."""
    leaves = np.array([place for place, node in enumerate(scheme.nodes()) if not node.children], dtype=np.int64)
    text = {column: frame[column].astype("str") for column in ("unit", "indicator", "group")}
    kept = frame[["weight_nominal", "weight_used", "score"]]
    return kept.assign(**text, contribution=points, row=at[0], place=leaves[at[1]], slot=at[2])


def _node_rows(found: Division, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    unit, place = np.nonzero(np.abs(found.nodes) > NOTHING)
    names = np.array([node.code for node in scheme.nodes()], dtype=object)
    return pd.DataFrame(
        {
            "unit": pd.Series(np.array(codes, dtype=object)[unit], dtype="str"),
            "indicator": pd.Series(names[place], dtype="str"),
            "group": pd.Series("", index=range(len(unit)), dtype="str"),
            "weight_nominal": 0.0,
            "weight_used": 0.0,
            "score": np.nan,
            "contribution": found.nodes[unit, place],
            "row": unit,
            "place": place,
            "slot": len(scheme.groups) + 1,
        }
    )


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
