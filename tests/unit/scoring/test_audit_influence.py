"""How much nodes drive the differences between units, against the weights they were given."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from scoring.audit import (
    effective_weights,
    importance,
    influence,
)
from scoring.frames import InputError
from scoring.scheme import Cap, Coverage, Scheme
from scoring.tree import Values, evaluate
from tests.unit.scoring.trees import X, branch, draw_values, figure, given, node_rows, scheme


def shares(whole: Scheme, values: Values) -> dict[str, float]:
    table = influence(node_rows(whole, values), whole)
    return dict(zip(table["node"], table["spread_share"], strict=True))


def test_a_weight_is_not_a_share_of_spread() -> None:
    whole = scheme(branch("score", figure("a", "0.5"), figure("b", "0.5")))
    table = influence(node_rows(whole, given([[71, 49], [70, 30], [69, 11]])), whole)
    assert list(table.columns) == [
        "node", "parent", "weight_nominal", "spread_share", "correlation_parent", "correlation_top",
    ]  # fmt: skip
    assert table["parent"].tolist() == ["score", "score"]
    assert table[["weight_nominal", "spread_share", "correlation_top"]].to_numpy() == pytest.approx(
        np.array([[50, 5, 1], [50, 95, 1]])
    )
    assert importance(table)["ratio"].to_numpy() == pytest.approx([0.1, 1.9])
    assert np.isnan(importance(table.assign(weight_nominal=0.0))["ratio"]).all()


def test_influence_looks_at_parent_and_top_and_at_scored_units_only() -> None:
    below = branch("d", figure("a", "0.25"), figure("b", "0.75"), weight="0.6", coverage=Coverage(Fraction(1)))
    whole = scheme(branch("score", below, figure("c", "0.4"), coverage=Coverage(Fraction(1))))
    rows: list[list[float]] = [[10, 20, 90], [40, 60, 30], [30, 50, 70], [80, 10, 20]]
    table = influence(node_rows(whole, given([*rows, [99, 99, X], [X, 1, 99]])), whole).set_index("node")
    scores = evaluate(given(rows), whole, gradient=False).score
    d, a = scores[:, 1], scores[:, 2]
    assert table.loc["a", "correlation_parent"] == pytest.approx(np.corrcoef(a, d)[0, 1])
    assert table.loc["a", "correlation_top"] == pytest.approx(np.corrcoef(a, scores[:, 0])[0, 1])
    assert table.loc["a", "spread_share"] == pytest.approx(25 * np.cov(a, d)[0, 1] / d.var(ddof=1))
    assert table.loc["d", "weight_nominal"] == pytest.approx(60)
    assert table.groupby("parent")["spread_share"].sum().to_numpy() == pytest.approx([100, 100])


def test_two_units_or_equal_scores_have_no_influence() -> None:
    whole = scheme(branch("score", figure("a", "0.5"), figure("b", "0.5")))
    numbers = ["spread_share", "correlation_parent", "correlation_top"]
    assert influence(node_rows(whole, given([[1, 2], [3, 4]])), whole)[numbers].isna().all(axis=None)
    level = influence(node_rows(whole, given([[10, 30], [30, 10], [20, 20]])), whole)
    assert level[numbers].isna().all(axis=None)
    assert level["weight_nominal"].tolist() == [50, 50]


@pytest.mark.parametrize("method", ["geometric", "harmonic", "power", "median", "minimum", "ampi-", "ampi+"])
def test_shares_of_spread_sum_to_the_whole_for_every_mean(method: str) -> None:
    leaves = [figure(code, weight) for code, weight in (("a", "0.5"), ("b", "0.3"), ("c", "0.2"))]
    whole = scheme(branch("score", *leaves, aggregation=method, power=Fraction(3)))
    values = draw_values(whole, 30, 4, gaps=0)
    assert sum(shares(whole, values).values()) == pytest.approx(100)


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "power"])
def test_shares_of_spread_sum_to_the_whole_where_figures_are_missing(method: str) -> None:
    leaves = [figure(code, weight) for code, weight in (("a", "0.5"), ("b", "0.3"), ("c", "0.2"))]
    whole = scheme(branch("score", *leaves, aggregation=method, power=Fraction(-2)))
    assert sum(shares(whole, draw_values(whole, 30, 4)).values()) == pytest.approx(100)


def test_a_missing_child_moves_with_its_parent_or_stands_at_its_lowest() -> None:
    rows: list[list[float]] = [[20, 60], [40, X], [60, 90]]
    whole = scheme(branch("score", figure("a", "0.5"), figure("b", "0.5")))  # 40, 40, 75
    parent, b = np.array([40, 40, 75]), np.array([60, 40, 90])
    assert shares(whole, given(rows))["b"] == pytest.approx(50 * np.cov(b, parent)[0, 1] / parent.var(ddof=1))
    whole = scheme(branch("score", figure("a", "0.5"), figure("b", "0.5"), missing="lowest"))  # 40, 20.5, 75
    parent, b = np.array([40, 20.5, 75]), np.array([60, 1, 90])
    assert shares(whole, given(rows))["b"] == pytest.approx(50 * np.cov(b, parent)[0, 1] / parent.var(ddof=1))


def test_a_child_that_does_not_apply_moves_with_its_parent_even_where_missing_is_lowest() -> None:
    whole = scheme(branch("score", figure("a", "0.5"), figure("b", "0.5"), missing="lowest"))
    values = given([[20, 60], [40, X], [60, 90]])
    asked = np.array([[True, True], [True, False], [True, True]])
    parent, b = np.array([40, 40, 75]), np.array([60, 40, 90])
    found = shares(whole, Values(values.rated, values.given, asked))
    assert found["b"] == pytest.approx(50 * np.cov(b, parent)[0, 1] / parent.var(ddof=1))


@pytest.mark.parametrize("missing", ["redistribute", "lowest"])
def test_a_child_that_nobody_has_drives_nothing(missing: str) -> None:
    whole = scheme(branch("score", figure("a", "0.5"), figure("b", "0.5"), missing=missing))
    found = shares(whole, given([[20, X], [40, X], [70, X]]))
    assert found == pytest.approx({"a": 100, "b": 0})


def test_what_caps_take_is_nobodys_share() -> None:
    whole = scheme(
        branch("score", figure("a", "0.5"), figure("b", "0.5"), caps=(Cap("a", Fraction(30), Fraction(20)),))
    )
    assert sum(shares(whole, given([[20, 60], [40, 50], [60, 90]])).values()) != pytest.approx(100)


@pytest.mark.parametrize(("method", "count"), [("copeland", 2), ("minimum", 13)])
def test_where_parts_cannot_be_told_weights_times_correlations_are_divided(method: str, count: int) -> None:
    leaves = [figure(f"i{at}", Fraction(1 + at)) for at in range(count)]
    whole = scheme(branch("score", *leaves, aggregation=method))
    values = draw_values(whole, 12, 3, gaps=0)
    scores = evaluate(values, whole, gradient=False).score
    links = [np.corrcoef(scores[:, 1 + at], scores[:, 0])[0, 1] * (1 + at) for at in range(count)]
    assert list(shares(whole, values).values()) == pytest.approx((100 * np.array(links) / sum(links)).tolist())


def test_twelve_children_of_a_minimum_are_divided_by_shapley() -> None:
    whole = scheme(branch("score", *(figure(f"i{at}", 1 + at) for at in range(12)), aggregation="minimum"))
    found = shares(whole, given([[60] * 11 + [low] for low in (10, 20, 50)]))
    assert found["i11"] == pytest.approx(100)


def test_correlations_that_pull_apart_have_no_share() -> None:
    whole = scheme(branch("score", figure("a", "0.5"), figure("b", "0.5"), aggregation="copeland"))
    rows = [("U0", 1, 3, 1), ("U1", 2, 2, 2), ("U2", 3, 1, 3)]
    table = pd.DataFrame(
        [(unit, node, score) for unit, *scores in rows for node, score in zip("ab", scores[:2], strict=True)]
        + [(unit, "score", top) for unit, _, _, top in rows],
        columns=["unit", "node", "score"],
    )
    assert influence(table, whole)["spread_share"].isna().all()


def test_a_node_that_the_scheme_lacks_is_refused() -> None:
    whole = scheme(branch("score", figure("a", 1)))
    table = pd.DataFrame({"unit": ["U0", "U0"], "node": ["z", "moon"], "score": [1.0, 2.0]})
    with pytest.raises(InputError, match="^influence: node 'moon' is not in the scheme; allowed are score, a$"):
        influence(table, whole)


def test_effective_weights_multiply_down_whatever_siblings_sum_to() -> None:
    below = branch("d", figure("a", 1), figure("b", 3), weight=6)
    found = effective_weights(scheme(branch("score", below, figure("c", 2), weight=9)))
    assert found["node"].tolist() == ["score", "d", "a", "b", "c"]
    assert found["parent"].tolist() == ["", "score", "d", "d", "score"]
    assert found["within"].to_numpy() == pytest.approx([100, 75, 25, 75, 25])
    assert found["effective"].to_numpy() == pytest.approx([100, 75, 18.75, 56.25, 25])
