"""Stage 8: why the score is what it is: every figure's part of the composite, exact for every aggregation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.attribution import divide_scores
from scoring.frames import LEVELS, SIGNIFICANT_DIGITS, Floats, Integers, positions
from scoring.scheme import Scheme
from scoring.tree import Scores, Values

ABSENT, HIDDEN, OVERSEER = LEVELS[:3]
NOTHING = 1e-12

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Grown:
    """What a tree of any kind was grown from, and what came of it.

    ``given`` is a frame of unit, indicator, weight_nominal, weight_used (percent), score and gradient, a row for each
    unit and administrative indicator; ``values`` are the figures of all units under ``scheme`` and ``scores`` what the
    tree makes of them.
    """

    given: pd.DataFrame
    values: Values
    scores: Scores
    scheme: Scheme


def explain(weights: pd.DataFrame, grown: Grown | None = None) -> pd.DataFrame:
    """Adds ``contribution`` in points of the composite; a unit's sum to its score before bonus and deductions.

    ``weights`` has unit, indicator, group, weight_nominal, weight_used (percent), score and gradient (the derivative
    of the top's score), a row for each figure of a group; what is missing adds nothing. A figure's contribution is
    its derivative times the figure (Euler's theorem: every aggregation but copeland is homogeneous of degree one), in
    an arithmetic tree weight times figure. A copeland node is divided by Shapley's value (``scoring.attribution``).
    With ``grown`` come rows for administrative figures (group "") and for points that belong to no figure: a row of a
    node (group "", weights 0, no score) says what a cap there took away, or what a missing child counted for that
    stands at its lowest value. Without, all is arithmetic and rated.

    Raises:
        InputError: a copeland node has more than 12 children.

    >>> rows = {"unit": ["U1", "U1"], "indicator": ["ease", "speed"], "group": "citizens"}
    >>> weights = pd.DataFrame({**rows, "weight_nominal": 50.0, "weight_used": [100.0, 0.0], "score": [80.0, np.nan]})
    >>> explain(weights)["contribution"].tolist()
    [80.0, 0.0]
    """
    if grown is None:
        return weights.assign(contribution=_by_weight(weights))
    rated, given, rest = _divide(weights, grown)
    place, node = np.nonzero(np.abs(rest) > NOTHING)
    if grown.given.empty and not len(node):
        return weights.assign(contribution=rated)
    leaves = [at for at, known in enumerate(grown.scheme.nodes()) if not known.children]
    codes = [str(code) for code in weights["unit"].cat.categories]
    last = len(grown.scheme.groups)
    parts = [
        _rows(weights, rated, positions(weights, "group"), leaves),
        _rows(grown.given.assign(group=""), given, np.full(len(given), last), leaves),
        _node_rows((place, node), rest[place, node], codes, grown.scheme).assign(slot=last + 1),
    ]
    table = pd.concat(parts)
    order = np.lexsort([table[column] for column in ("slot", "place", "row")])
    return table.iloc[order].drop(columns=["slot", "place", "row"]).reset_index(drop=True)


def _divide(weights: pd.DataFrame, grown: Grown) -> tuple[Floats, Floats, Floats]:
    """Points of the groups' figures, of the administrative ones, and of the nodes (units, nodes)."""
    methods = {node.aggregation for node in grown.scheme.nodes() if node.children}
    if "copeland" not in methods:
        count = _by_weight if methods == {"arithmetic"} else _by_gradient
        return count(weights), count(grown.given), grown.scores.remainder
    found = divide_scores(grown.values, grown.scheme)
    keys = [[positions(frame, column) for column in ("unit", "indicator")] for frame in (weights, grown.given)]
    rated = found.figures[(*keys[0], positions(weights, "group"))]
    return rated, found.figures[(*keys[1], np.full(len(grown.given), -1))], found.nodes


def _by_weight(frame: pd.DataFrame) -> Floats:
    points = frame["weight_used"] / 100 * frame["score"]
    return points.where(frame["weight_used"] > 0, 0.0).to_numpy(dtype=np.float64)


def _by_gradient(frame: pd.DataFrame) -> Floats:
    points = frame["gradient"] * frame["score"]
    return points.where(frame["weight_used"] > 0, 0.0).to_numpy(dtype=np.float64)


def _rows(frame: pd.DataFrame, points: Floats, slots: Integers, leaves: list[int]) -> pd.DataFrame:
    """The frame with contributions, keys as text, and where each row belongs."""
    text = {column: frame[column].astype("str") for column in ("unit", "indicator", "group")}
    places = np.array(leaves, dtype=np.int64)[positions(frame, "indicator")]
    kept = frame[["weight_nominal", "weight_used", "score"]].assign(**text, contribution=points)
    return kept.assign(row=positions(frame, "unit"), place=places, slot=slots)


def _node_rows(at: tuple[Places, Places], points: Floats, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    names = [node.code for node in scheme.nodes()]
    keys = {
        "unit": pd.Series([codes[row] for row in at[0]], dtype="str"),
        "indicator": pd.Series([names[place] for place in at[1]], dtype="str"),
        "group": pd.Series([""] * len(points), dtype="str"),
    }
    table = pd.DataFrame(keys).assign(weight_nominal=0.0, weight_used=0.0, score=np.nan, contribution=points)
    return table.assign(row=at[0], place=at[1])


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
