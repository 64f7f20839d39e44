"""The table of contributions: a row for each figure, and for what no figure accounts for."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, settings
from hypothesis import given as every
from hypothesis import strategies as st

from scoring.combine import Combined, combine
from scoring.explain import Grown, explain
from scoring.frames import InputError, key
from scoring.scheme import Cap, Scheme
from scoring.tree import Values
from tests.unit.scoring.trees import X, asked, branch, draw_values, figure, group, scheme, schemes

NUMBERS = ["weight_nominal", "weight_used", "score", "contribution"]


def grow(values: Values, whole: Scheme) -> tuple[pd.DataFrame, Combined]:
    """Contributions of units U0, U1, … with these figures."""
    units = [f"U{unit}" for unit in range(len(values.rated))]
    leaves, groups = [leaf.code for leaf in whole.leaves()], [part.code for part in whole.groups]
    rated, own = np.nonzero(~np.isnan(values.rated)), np.nonzero(~np.isnan(values.given))
    means = pd.DataFrame({"unit": key(rated[0], units), "indicator": key(rated[1], leaves)})
    means = means.assign(group=key(rated[2], groups), mean=values.rated[rated])
    figures = pd.DataFrame({"unit": key(own[0], units), "indicator": key(own[1], leaves), "value": values.given[own]})
    people = pd.DataFrame({"unit": key([], units), "group": key([], groups), "n": np.empty(0, dtype=np.int64)})
    found = combine(means, people, pd.DataFrame({"unit": units}), whole, figures)
    return explain(found.weights, Grown(found.given, found.values, found.scores, whole)), found


def mixed(method: str = "arithmetic", **over: object) -> Scheme:
    leaves = asked("ease", "0.6", citizens="0.5", experts="0.5"), figure("cost", "0.4")
    return scheme(branch("score", *leaves, aggregation=method, **over), group("citizens"), group("experts"))


def values(*rows: tuple[float, float, float]) -> Values:
    """What citizens and experts say of ease, and what it costs."""
    table = np.array(rows)
    rated, own = np.full((len(rows), 2, 2), X), np.full((len(rows), 2), X)
    rated[:, 0], own[:, 1] = table[:, :2], table[:, 2]
    return Values(rated, own, np.ones(own.shape, dtype=bool))


def test_rows_stand_by_unit_indicator_and_group_with_weights_in_percent() -> None:
    table, _ = grow(values((80, 60, 20), (X, 50, X)), mixed())
    assert list(table.columns) == [
        "weight_nominal",
        "weight_used",
        "score",
        "unit",
        "indicator",
        "group",
        "contribution",
    ]
    assert table[["unit", "indicator", "group"]].to_numpy().tolist() == [
        ["U0", "ease", "citizens"],
        ["U0", "ease", "experts"],
        ["U0", "cost", ""],
        ["U1", "ease", "citizens"],
        ["U1", "ease", "experts"],
        ["U1", "cost", ""],
    ]
    expected = [[30, 30, 80, 24], [30, 30, 60, 18], [40, 40, 20, 8], [30, 0, X, 0], [30, 100, 50, 50], [40, 0, X, 0]]
    assert table[NUMBERS].to_numpy() == pytest.approx(np.array(expected, dtype=np.float64), nan_ok=True)
    assert table.index.tolist() == [0, 1, 2, 3, 4, 5]


def test_with_rated_indicators_only_the_weights_keep_their_rows() -> None:
    whole = scheme(branch("score", asked("ease", citizens=1)), group("citizens"))
    data = Values(np.array([[[80.0]], [[X]]]), np.full((2, 1), X), np.ones((2, 1), dtype=bool))
    table, found = grow(data, whole)
    assert table.drop(columns="contribution").equals(found.weights)
    assert table["contribution"].tolist() == [80.0, 0.0]


def test_without_a_tree_a_contribution_is_weight_times_score() -> None:
    weights = pd.DataFrame({"weight_used": [50.0, 0.0, 25.0], "score": [80.0, 70.0, 60.0]})
    assert explain(weights)["contribution"].tolist() == [40.0, 0.0, 15.0]


def test_what_a_cap_takes_has_a_row_of_the_node_after_its_figures() -> None:
    below = branch(
        "d", figure("a", "0.5"), figure("b", "0.5"), weight="0.5", caps=(Cap("a", Fraction(40), Fraction(45)),)
    )
    whole = scheme(branch("score", below, figure("c", "0.5")))
    own = np.array([[30.0, 90.0, 80.0], [50.0, 90.0, 80.0]])
    table, _ = grow(Values(np.empty((2, 3, 0)), own, np.ones((2, 3), dtype=bool)), whole)
    assert table[["unit", "indicator", "contribution"]].to_numpy().tolist() == [
        ["U0", "d", -7.5],
        ["U0", "a", 7.5],
        ["U0", "b", 22.5],
        ["U0", "c", 40.0],
        ["U1", "a", 12.5],
        ["U1", "b", 22.5],
        ["U1", "c", 40.0],
    ]
    cap = table.iloc[0]
    assert (cap["group"], cap["weight_nominal"], cap["weight_used"]) == ("", 0.0, 0.0)
    assert np.isnan(cap["score"])


def test_a_missing_child_that_counts_as_its_lowest_value_has_a_row_after_its_own() -> None:
    table, _ = grow(values((80, 60, X)), mixed(missing="lowest"))
    last = table[table["indicator"] == "cost"]
    assert last["contribution"].tolist() == [0.0, pytest.approx(0.4)]
    assert table["contribution"].sum() == pytest.approx(42.4)


def test_under_a_geometric_mean_a_contribution_is_the_derivative_times_the_figure() -> None:
    table, _ = grow(values((100, 50, 75)), mixed("geometric"))
    # Every child of 75 points: 60 % of them from ease, two thirds of which the citizens' 100 of 150.
    assert table["contribution"].to_numpy() == pytest.approx([30, 15, 30])


def test_outranking_is_explained_by_shapleys_value() -> None:
    table, _ = grow(values((9, 9, 1), (5, 5, 5), (2, 2, 9)), mixed("copeland"))
    first = table[table["unit"] == "U0"]
    assert first["contribution"].to_numpy() == pytest.approx([1.5, 1.5, -1])
    assert first["contribution"].sum() == pytest.approx(2)


def test_a_unit_without_a_score_has_contributions_of_zero() -> None:
    table, _ = grow(values((X, X, X)), mixed("harmonic"))
    assert table["contribution"].tolist() == [0.0, 0.0, 0.0]


@settings(max_examples=60, deadline=None)
@every(schemes(), st.integers(0, 10**6))
def test_contributions_sum_to_the_score_of_every_unit(drawn: Scheme, seed: int) -> None:
    try:
        table, found = grow(draw_values(drawn, 5, seed), drawn)
    except InputError:
        assume(False)  # a mean that must lie above 0 does not
        raise
    sums = table.assign(unit=table["unit"].astype("str")).groupby("unit")["contribution"].sum()
    totals = sums.reindex([f"U{unit}" for unit in range(5)]).fillna(0.0).to_numpy()
    assert totals == pytest.approx(np.nan_to_num(found.scores.score[:, 0]), abs=1e-9)
