"""The stage that puts figures together: frames in, frames out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scoring.combine import Combined, combine, gather
from scoring.frames import key
from scoring.scheme import Cap, Coverage, Group, Node, Scheme
from tests.unit.scoring.small_trees import X, given, part, rated

UNITS = pd.DataFrame({"unit": ["U01", "U02", "U03"], "category": "A"})
TREE = Node(
    "top",
    part("1"),
    children=(
        Node("d", part("0.6"), children=(rated("q", "0.5", citizens="0.8", experts="0.2"), given("w", "0.5"))),
        replace(rated("r", "0.4", experts="1"), units=("U01", "U02")),
    ),
)
GROUPS = (
    Group("citizens", "anonymous", (1, 1, 1), (), part("0.75")),
    Group("experts", "anonymous", (1, 1, 1), (), part("0.25")),
)
SCHEME = Scheme("demo", GROUPS, TREE, ())


def keyed(columns: dict[str, list[str]], **values: list[float]) -> pd.DataFrame:
    labels = {
        "unit": list(UNITS["unit"]),
        "indicator": [leaf.code for leaf in SCHEME.leaves()],
        "group": [group.code for group in GROUPS],
    }
    keys = {name: key([labels[name].index(code) for code in codes], labels[name]) for name, codes in columns.items()}
    return pd.DataFrame({**keys, **values})


MEANS = keyed(
    {
        "unit": ["U01", "U01", "U01", "U02", "U03"],
        "indicator": ["q", "q", "r", "q", "r"],
        "group": ["citizens", "experts", "experts", "citizens", "experts"],
    },
    mean=[50, 100, 20, 70, 99],
)
PEOPLE = keyed({"unit": ["U01", "U01", "U02"], "group": ["citizens", "experts", "citizens"]}, n=[7, 2, 9])
FIGURES = keyed({"unit": ["U03", "U01"], "indicator": ["w", "w"]}, value=[30, 90])


def put(scheme: Scheme = SCHEME, figures: pd.DataFrame | None = FIGURES) -> Combined:
    return combine(MEANS, PEOPLE, UNITS, scheme, figures)


def rows(frame: pd.DataFrame, *columns: str) -> list[list[object]]:
    found: list[list[object]] = [
        [value if isinstance(value, str) else round(float(value), 9) for value in row]
        for row in frame[list(columns)].astype(object).to_numpy().tolist()
    ]
    return found


def test_means_and_figures_stand_where_their_keys_say() -> None:
    values = gather(MEANS, FIGURES, list(UNITS["unit"]), SCHEME)
    assert np.array_equal(values.given, np.array([[X, 90, X], [X, X, X], [X, 30, X]]), equal_nan=True)
    assert np.array_equal(values.rated[0], np.array([[50, 100], [X, X], [X, 20]]), equal_nan=True)
    assert np.array_equal(values.rated[1:, :, 0], np.array([[70, X, X], [X, X, X]]), equal_nan=True)
    assert values.applies.tolist() == [[True, True, True], [True, True, True], [True, True, False]]
    assert np.isnan(gather(MEANS, None, list(UNITS["unit"]), SCHEME).given).all()


def test_nodes_that_exist_have_a_row_with_weights_in_percent() -> None:
    found = put().nodes
    columns = ("unit", "node", "parent", "weight_nominal", "weight_used", "effective_nominal", "effective_used")
    assert rows(found, *columns)[:5] == [
        ["U01", "top", "", 100, 100, 100, 100],
        ["U01", "d", "top", 60, 60, 60, 60],
        ["U01", "q", "d", 50, 50, 30, 30],
        ["U01", "w", "d", 50, 50, 30, 30],
        ["U01", "r", "top", 40, 40, 40, 40],
    ]
    assert rows(found, *columns)[5:] == [
        ["U02", "top", "", 100, 100, 100, 100],
        ["U02", "d", "top", 60, 100, 60, 100],
        ["U02", "q", "d", 50, 100, 30, 100],
        ["U02", "w", "d", 50, 0, 30, 0],
        ["U02", "r", "top", 40, 0, 40, 0],
        ["U03", "top", "", 100, 100, 100, 100],
        ["U03", "d", "top", 100, 100, 100, 100],
        ["U03", "q", "d", 50, 0, 50, 0],
        ["U03", "w", "d", 50, 100, 50, 100],
    ]
    scores = found.set_index(["unit", "node"])["score"]
    assert scores["U01"].to_dict() == pytest.approx({"top": 53, "d": 75, "q": 60, "w": 90, "r": 20})
    assert scores["U02"].to_dict() == pytest.approx({"top": 70, "d": 70, "q": 70, "w": X, "r": X}, nan_ok=True)
    assert found["present"].to_list() == [True] * 8 + [False] * 2 + [True, True, False, True]
    assert str(found["parent"].dtype) == "str"


def test_rated_figures_and_given_ones_have_rows_of_their_own() -> None:
    found = put()
    columns = ("unit", "indicator", "group", "weight_nominal", "weight_used", "share", "score", "gradient")
    assert rows(found.weights.fillna({"score": -1.0}), *columns) == [
        ["U01", "q", "citizens", 24, 24, 0.8, 50, 0.24],
        ["U01", "q", "experts", 6, 6, 0.2, 100, 0.06],
        ["U01", "r", "experts", 40, 40, 1, 20, 0.4],
        ["U02", "q", "citizens", 24, 100, 1, 70, 1],
        ["U02", "q", "experts", 6, 0, 0, -1, 0],
        ["U02", "r", "experts", 40, 0, 0, -1, 0],
        ["U03", "q", "citizens", 40, 0, 0, -1, 0],
        ["U03", "q", "experts", 10, 0, 0, -1, 0],
    ]
    shorter = ("unit", "indicator", "weight_nominal", "weight_used", "score", "gradient")
    assert rows(found.given.fillna({"score": -1.0}), *shorter) == [
        ["U01", "w", 30, 30, 90, 0.3],
        ["U02", "w", 30, 0, -1, 0],
        ["U03", "w", 50, 100, 30, 1],
    ]


def test_a_share_of_0_has_no_row() -> None:
    quiet = replace(TREE, children=(rated("q", "1", citizens="1", experts="0"), *TREE.children[1:]))
    means = MEANS[MEANS["indicator"] == "q"].copy()
    means["indicator"] = key([0] * len(means), ["q", "r"])
    found = combine(means, PEOPLE, UNITS, replace(SCHEME, tree=quiet)).weights
    assert [row for row in rows(found, "unit", "indicator", "group") if row[1:] == ["q", "experts"]] == []
    assert len(found) == 5


def test_groups_have_a_row_for_every_unit() -> None:
    found = put().groups
    assert rows(found.fillna({"score": -1.0}), "unit", "group", "n", "score", "weight_nominal", "weight_used") == [
        ["U01", "citizens", 7, 50, 24, 24],
        ["U01", "experts", 2, round((6 * 100 + 40 * 20) / 46, 9), 46, 46],
        ["U02", "citizens", 9, 70, 24, 100],
        ["U02", "experts", 0, -1, 46, 0],
        ["U03", "citizens", 0, -1, 40, 0],
        ["U03", "experts", 0, -1, 10, 0],
    ]
    assert str(found["n"].dtype) == "int64"


def test_with_groups_outside_their_rows_hold_their_own_index() -> None:
    found = put(replace(SCHEME, order="group-outside"))
    assert rows(found.groups.fillna({"score": -1.0}), "group", "score", "weight_nominal", "weight_used")[:4] == [
        ["citizens", 70, 75, 75],
        ["experts", 65, 25, 25],
        ["citizens", 70, 75, 100],
        ["experts", -1, 25, 0],
    ]
    top = found.nodes[found.nodes["node"] == "top"]["score"].to_list()
    assert top == pytest.approx([0.75 * 70 + 0.25 * 65, 70, 30])
    assert found.given["weight_used"].to_list() == pytest.approx([0.75 * 50 + 0.25 * 30, 0, 100])


def test_what_is_short_of_coverage_or_capped_is_named() -> None:
    strict = replace(TREE.children[0], coverage=Coverage(part("0.75")))
    tree = replace(TREE, children=(strict, TREE.children[1]), caps=(Cap("r", part("30"), part("40")),))
    found = put(replace(SCHEME, tree=tree))
    assert found.problems.to_numpy().tolist() == [
        ["U02", "d", "coverage_short", "1 of 2"],
        ["U03", "d", "coverage_short", "1 of 2"],
        ["U01", "top", "capped", "53"],
    ]
    assert found.problems.columns.to_list() == ["unit", "node", "code", "detail"]
    assert put().problems.empty
    assert {str(kind) for kind in put().problems.dtypes} == {"str"}


def test_the_arrays_behind_the_frames_are_kept() -> None:
    found = put()
    assert found.scores.gradient.shape == (3, 1, 3, 3)
    assert found.scores.score[0, 0] == pytest.approx(53)
    assert np.array_equal(found.values.given, gather(MEANS, FIGURES, list(UNITS["unit"]), SCHEME).given, equal_nan=True)


def test_no_unit_makes_no_row() -> None:
    found = combine(MEANS[:0], PEOPLE[:0], UNITS[:0], SCHEME)
    assert [len(frame) for frame in (found.nodes, found.groups, found.weights, found.given, found.problems)] == [0] * 5
