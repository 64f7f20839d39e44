"""What is asked of the weights and figures of a result: exact answers on small tables."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from scoring.audit import (
    alphas,
    correlate,
    correlation_ratio,
    dominance,
    find_constant,
    flag_pairs,
    gap_share,
    kendall,
    map_coverage,
    pearson,
    remove_each,
    spearman,
)
from scoring.frames import InputError
from scoring.scheme import Cap, Node, Scheme
from scoring.tree import Values
from tests.unit.scoring.trees import X, asked, branch, figure, given, group, node_rows, scheme

ROWS = [[3.0, 9.0], [1.0, 2.0], [4.0, 2.0], [1.0, 7.0], [5.0, 8.0], [X, 1.0], [2.0, X]]


def columns() -> tuple[list[float], list[float]]:
    return [row[0] for row in ROWS], [row[1] for row in ROWS]


def both() -> tuple[list[float], list[float]]:
    return [row[0] for row in ROWS[:5]], [row[1] for row in ROWS[:5]]


def test_correlations_on_pairs_agree_with_another_package() -> None:
    x, y = columns()
    a, b = both()
    assert pearson(x, y) == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-12)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    assert kendall(x, y) == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-12)


@pytest.mark.parametrize("measure", [pearson, spearman, kendall, correlation_ratio])
def test_two_units_or_no_spread_have_no_correlation(measure: object) -> None:
    assert callable(measure)
    assert np.isnan(measure([1, 2, X, 4], [2, 1, 5, X]))
    assert np.isnan(measure([7, 7, 7 + 1e-13], [1, 2, 3]))
    assert np.isnan(measure([1, 2, 3], [7, 7 + 1e-13, 7]))
    assert not np.isnan(measure([1, 2, 3], [3, 1, 2]))


def test_the_last_bit_makes_no_order() -> None:
    x = [0.3, 0.1 + 0.2, 1.0, 2.0]
    assert kendall(x, [1, 2, 3, 4]) == pytest.approx(5 / np.sqrt(30))
    assert spearman(x, [1, 1, 3, 4]) == 1


def test_a_perfect_correlation_is_exactly_one() -> None:
    x = np.array([0.1, 0.2, 0.7, 0.3])
    assert pearson(x, 3 * x) == 1
    assert pearson(x, -x) == -1


def test_a_matrix_of_correlations_has_every_pair_of_columns() -> None:
    table = np.array([[1, 3, X], [2, 2, 1.0], [3, 1, 2.0], [9, 0, 5.0]])
    found = correlate(table, "spearman")
    assert found == pytest.approx(np.array([[1, -1, 1], [-1, 1, -1], [1, -1, 1]]))
    assert correlate(table)[0, 1] == pearson(table[:, 0], table[:, 1])
    assert np.isnan(correlate([[1.0], [1.0], [1.0]])).all()


def test_a_method_or_table_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="^correlation: 'tau' is no method; allowed are pearson, spearman, kendall$"):
        correlate([[1]], "tau")
    with pytest.raises(InputError, match="^correlation: values have 1 dimensions; allowed are 2, units and columns$"):
        correlate([1, 2])


def test_pairs_are_flagged_beyond_the_bounds_and_not_on_them() -> None:
    rs = {"b": 0.9, "c": 0.91, "d": -0.4, "e": -0.41, "f": -0.95}
    matrix = np.zeros((6, 6))
    matrix[0, 1:] = list(rs.values())
    assert flag_pairs(matrix, ["a", *rs]).to_numpy().tolist() == [
        ["a", "c", 0.91, "double_counting"],
        ["a", "e", -0.41, "trade_off"],
        ["a", "f", -0.95, "double_counting"],
        ["a", "f", -0.95, "trade_off"],
    ]
    assert list(flag_pairs([[1.0, X], [X, 1.0]], ["a", "b"]).columns) == ["first", "second", "correlation", "flag"]
    assert flag_pairs([[1.0, X], [X, 1.0]], ["a", "b"]).empty


def test_the_correlation_ratio_is_the_share_between_classes() -> None:
    # Classes (1, 2), (3, 4), (5, 6) with means 1.5, 3, 4.5 around 3: 9 of 13 squares.
    found = correlation_ratio([1, 2, 3, 4, 5, 6], [1, 2, 2, 4, 5, 4], classes=3)
    assert found == pytest.approx(9 / (9 + 0.5 + 2 + 0.5))
    tied = correlation_ratio([1, 1, 1, 1, 5, 6], [1, 2, 3, 4, 5, 9], classes=3)
    assert tied == pytest.approx((4 * 1.5**2 + 2 * 3**2) / 40)
    assert correlation_ratio([1, 2, 3, 4], [1, 2, 3, 4]) == 1
    assert correlation_ratio([1, 2, 3, 4], [1, 1, 3, 3], classes=2) == 1
    with pytest.raises(InputError, match="^correlation ratio: 1 classes; allowed are 2 or more$"):
        correlation_ratio([1, 2, 3], [1, 2, 3], classes=1)


def test_alpha_stands_for_each_node_that_has_children() -> None:
    whole = scheme(
        branch("score", branch("d", figure("a", "0.5"), figure("b", "0.5"), weight="0.5"), figure("c", "0.5"))
    )
    table = alphas(node_rows(whole, given([[1, 2, 9], [2, 2, 5], [3, 4, 2]])), whole)
    assert table["node"].tolist() == ["score", "d"]
    assert table["children"].tolist() == [2, 2]
    assert table["alpha"].to_numpy()[1] == pytest.approx(12 / 13)
    none = alphas(pd.DataFrame({"unit": [], "node": [], "score": np.empty(0)}), whole)
    assert none["alpha"].isna().all()


def removal_tree() -> Scheme:
    below = branch("d", figure("a", "0.5"), figure("b", "0.5"), weight="0.5")
    return scheme(branch("score", below, figure("c", "0.5")))


def test_leaving_out_a_node_gives_its_weight_to_its_siblings() -> None:
    found = remove_each(given([[80, 40, 10], [60, 20, 50], [30, 90, 45]]), removal_tree())
    assert found.scores.to_numpy() == pytest.approx(np.array([[35, 10, 60], [45, 50, 40], [52.5, 45, 60]]))
    assert found.scores.columns.tolist() == ["nominal", "d", "c"]
    assert found.ranks.to_numpy().tolist() == [[3, 3, 1], [2, 1, 3], [1, 2, 1]]
    assert found.summary.to_numpy().tolist() == [["d", pytest.approx(2 / 3), 1.0], ["c", 1.0, 2.0]]


def test_any_node_below_the_top_can_be_left_out_whatever_the_aggregation() -> None:
    tree = branch(
        "score",
        figure("a", "0.5"),
        figure("b", "0.5"),
        aggregation="minimum",
        caps=(Cap("a", Fraction(50), Fraction(1)),),
    )
    found = remove_each(given([[20, 60], [70, 40]]), scheme(tree), ["a"])
    assert found.scores.to_numpy().tolist() == [[1, 60], [40, 40]]


def test_units_without_a_score_have_no_rank_and_no_shift() -> None:
    found = remove_each(given([[X, 40, X], [60, 20, X], [X, X, 5]]), removal_tree(), ["c", "a"])
    assert found.scores["c"].to_numpy() == pytest.approx([40, 40, X], nan_ok=True)
    assert found.ranks["nominal"].tolist() == [1, 1, 3]
    assert found.ranks["c"].isna().tolist() == [False, False, True]
    assert found.ranks["a"].tolist() == [1, 2, 3]
    assert found.summary["mean_shift"].to_numpy() == pytest.approx([0, 1 / 3])
    nobody = remove_each(given([[X, X, X]]), removal_tree())
    assert nobody.summary[["mean_shift", "max_shift"]].isna().all(axis=None)


@pytest.mark.parametrize("code", ["score", "moon"])
def test_the_top_or_a_stranger_cannot_be_left_out(code: str) -> None:
    with pytest.raises(InputError, match=f"^remove: '{code}' is no node below the top; allowed are d, a, b, c$"):
        remove_each(given([[1, 2, 3]]), removal_tree(), ["a", code])


def test_dominance_wants_never_worse_and_once_better() -> None:
    found = dominance([[3, 3], [3, 3], [2, 3], [1, 4]])
    assert np.argwhere(found.over).tolist() == [[0, 2], [1, 2]]
    assert found.pairs == 2
    assert found.share == pytest.approx(2 / 6)
    close = dominance([[0.3, 1], [0.1 + 0.2, 1]])
    assert (close.pairs, close.share) == (0, 0.0)


def test_dominance_compares_what_both_have() -> None:
    found = dominance(np.array([[3, X], [2, 9], [X, 8]]))
    assert np.argwhere(found.over).tolist() == [[0, 1], [1, 2]]
    assert found.share == 1.0
    assert np.isnan(dominance(np.array([[3, X], [X, 2]])).share)


def test_coverage_counts_the_figures_asked_for() -> None:
    law = Node("law", Fraction(1, 4), points=5, shares=(("citizens", Fraction(0)), ("experts", Fraction(1))))
    tree = branch("score", asked("ease", "0.5", citizens="0.5", experts="0.5"), law, figure("cost", "0.25"))
    whole = scheme(tree, group("citizens"), group("experts"))
    rated = np.array([[[50, X], [50, 50], [50, 50]], [[X, X], [50, X], [50, 50]]])
    values = Values(
        rated, np.array([[9.0, 9.0, X], [9.0, 9.0, 9.0]]), np.array([[True, True, True], [True, False, True]])
    )
    assert map_coverage(values, whole, ["U0", "U1"]).to_numpy().tolist() == [
        ["U0", "score", 2, 4, 0.5],
        ["U0", "ease", 1, 2, 0.5],
        ["U0", "law", 1, 1, 1.0],
        ["U0", "cost", 0, 1, 0.0],
        ["U1", "score", 1, 3, pytest.approx(1 / 3)],
        ["U1", "ease", 0, 2, 0.0],
        ["U1", "cost", 1, 1, 1.0],
    ]


def test_an_indicator_is_constant_when_more_than_half_are_the_same() -> None:
    table = [[5, 1, X, 0.1 + 0.2], [5, 1, X, 0.3], [7, 2, X, 1]]
    assert find_constant(table, ["a", "b", "none", "bit"]).to_numpy().tolist() == [
        ["a", 5.0, 2 / 3],
        ["b", 1.0, 2 / 3],
        ["bit", 0.3, 2 / 3],
    ]
    assert find_constant([[1], [1], [2], [3]], ["half"]).empty
    assert list(find_constant([[1], [2]], ["a"]).columns) == ["indicator", "value", "share"]


def test_social_evaluation_made_ninety_two_percent_of_the_gap_in_hangzhou() -> None:
    """Hangzhou 2005, first unit over last: 5.9547 points, 5.4927 of them from an evaluation that weighs one half."""
    found = gap_share(
        pd.Series({"social evaluation": 42.61, "everything else": 45.09}),
        pd.Series({"social evaluation": 42.61 - 5.4927, "everything else": 45.09 - (5.9547 - 5.4927)}),
    ).set_index("part")
    assert found["gap"].sum() == pytest.approx(5.9547)
    assert round(found["share"].to_dict()["social evaluation"]) == 92
    assert found["share"].sum() == pytest.approx(100)


def test_a_part_that_one_unit_lacks_counts_nothing_for_it() -> None:
    found = gap_share(pd.Series({"a": 10.0, "b": 2.0}), pd.Series({"b": 5.0, "c": 1.0}))
    assert found.to_numpy().tolist() == [
        ["a", 10.0, pytest.approx(1000 / 6)],
        ["b", -3.0, -50.0],
        ["c", -1.0, pytest.approx(-100 / 6)],
    ]
    level = gap_share(pd.Series({"a": 1.0, "b": 2.0}), pd.Series({"a": 2.0, "b": 1.0}))
    assert level["share"].isna().all()


def test_contributions_that_are_none_are_refused() -> None:
    fine = pd.Series({"a": 1.0})
    with pytest.raises(InputError, match="^gap: part 'a' stands twice; allowed is once$"):
        gap_share(fine, pd.Series([1.0, 2.0], index=["a", "a"]))
    with pytest.raises(InputError, match="^gap: part 'b' has no contribution; allowed is a number, 0 for nothing$"):
        gap_share(pd.Series({"a": 1.0, "b": X}), fine)
