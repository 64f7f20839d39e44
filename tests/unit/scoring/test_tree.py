"""The tree with groups inside each indicator: shares, gaps, what does not apply, weights, refusals."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scoring.frames import InputError
from scoring.scheme import Group, Node
from scoring.tree import Values, Weights, evaluate, weights_of
from tests.unit.scoring.small_trees import (
    X,
    assert_accounted,
    figures,
    flat,
    given,
    part,
    rated,
    scheme,
    top,
    two_levels,
)


def test_nominal_weights_are_those_of_the_scheme() -> None:
    tree = Node("top", Fraction(1), children=(rated("q", "0.3", citizens="0.8", experts="0.2"), given("c", "0.7")))
    found = weights_of(scheme(tree, "experts", "citizens"))
    assert found.within.tolist() == [1, 0.3, 0.7]
    assert found.shares.tolist() == [[0.2, 0.8], [0, 0]]
    assert found.outside.tolist() == [0, 0]


def test_the_weight_of_a_group_counts_only_with_order_group_outside() -> None:
    asked = scheme(Node("top", Fraction(1), children=(given("c", "1"),)))
    people = (Group("a", "anonymous", (1, 1, 1), (), part("0.4")), Group("b", "anonymous", (1, 1, 1), ()))
    assert weights_of(replace(asked, groups=people)).outside.tolist() == [0, 0]
    assert weights_of(replace(asked, groups=people, order="group-outside")).outside.tolist() == [0.4, 0]


def test_groups_are_put_together_inside_the_indicator_first() -> None:
    tree = Node(
        "top", Fraction(1), children=(rated("q", "0.5", citizens="0.8", experts="0.2"), rated("r", "0.5", experts="1"))
    )
    values = Values(
        np.array(
            [[[50, 100], [X, 20]], [[X, 100], [X, 20]], [[50, X], [X, X]], [[X, X], [X, X]], [[50, 100], [70, 20]]]
        ),
        np.full((5, 2), X),
        np.ones((5, 2), dtype=bool),
    )
    scores = evaluate(values, scheme(tree, "citizens", "experts"))
    assert scores.score == pytest.approx(
        np.array([[40, 60, 20], [60, 100, 20], [50, 50, X], [X, X, X], [40, 60, 20]]), nan_ok=True
    )
    assert scores.share_used.tolist() == [
        [[0.8, 0.2], [0, 1]], [[0, 1], [0, 1]], [[1, 0], [0, 0]], [[0, 0], [0, 0]], [[0.8, 0.2], [0, 1]],
    ]  # fmt: skip
    assert scores.weight_used[0].tolist() == [[0.4, 0.1, 0], [0, 0.5, 0]]
    assert scores.weight_nominal[2].tolist() == [[0.4, 0.1, 0], [0, 0.5, 0]]
    assert scores.by_group == pytest.approx(
        np.array([[50, 100 / 3], [X, 60], [50, X], [X, X], [50, 100 / 3]]), nan_ok=True
    )
    assert scores.group_nominal[3] == pytest.approx([0.4, 0.6])
    assert scores.group_used[2].tolist() == [1, 0]
    assert scores.group_used[3].tolist() == [0, 0]
    assert_accounted(scores, values)


def test_what_is_missing_leaves_its_weight_to_its_siblings_level_by_level() -> None:
    scores = evaluate(figures([40, 80, 10], [X, 80, 10], [X, X, 10], [40, 80, X]), two_levels())
    assert scores.score == pytest.approx(
        np.array([[34, 50, 40, 80, 10], [52, 80, X, 80, 10], [10, X, X, X, 10], [50, 50, 40, 80, X]]), nan_ok=True
    )
    assert scores.within_used[1].tolist() == [1, 0.6, 0, 1, 0.4]
    assert scores.within_used[2].tolist() == [1, 0, 0, 0, 1]
    assert scores.within_nominal[2].tolist() == [1, 0.6, 0.75, 0.25, 0.4]
    assert scores.effective_nominal[1] == pytest.approx([1, 0.6, 0.45, 0.15, 0.4])
    assert scores.effective_used[3] == pytest.approx([1, 1, 0.75, 0.25, 0])
    assert scores.present[2].tolist() == [True, False, False, False, True]
    assert scores.exists.all()
    assert scores.covered.all()
    assert not scores.capped.any()
    assert scores.gradient[1, 0, :, 0] == pytest.approx([0, 0.6, 0.4])
    assert scores.gradient[0, 1, :, 0] == pytest.approx([0.75, 0.25, 0])
    assert scores.gradient[0, 4, :, 0].tolist() == [0, 0, 1]
    assert scores.gradient[2, 1].tolist() == [[0], [0], [0]]
    assert not scores.remainder.any()


def test_an_indicator_that_does_not_apply_is_out_of_the_nominal_weights_too() -> None:
    values = figures([40, 80, 10], [40, 80, 10])
    values.applies[0, 0] = values.applies[1, :2] = False
    scores = evaluate(values, two_levels())
    assert scores.score == pytest.approx(np.array([[52, 80, X, 80, 10], [10, X, X, X, 10]]), nan_ok=True)
    assert scores.within_nominal[0].tolist() == [1, 0.6, 0, 1, 0.4]
    assert scores.within_nominal[1].tolist() == [1, 0, 0, 0, 1]
    assert scores.exists.tolist() == [[True, True, False, True, True], [True, False, False, False, True]]
    assert scores.weight_nominal[1, :, 0].tolist() == [0, 0, 1]


def test_a_rated_figure_where_the_indicator_does_not_apply_is_ignored() -> None:
    tree = Node("top", Fraction(1), children=(rated("q", "0.5", citizens="1"), rated("r", "0.5", citizens="1")))
    applies = np.array([[True, False], [True, True]])
    values = Values(np.array([[[50.0], [90.0]], [[50.0], [90.0]]]), np.full((2, 2), X), applies)
    scores = evaluate(values, scheme(tree, "citizens"))
    assert scores.score[:, 0].tolist() == [50, 70]
    assert scores.weight_nominal[:, :, 0].tolist() == [[1, 0], [0.5, 0.5]]


def test_a_given_figure_of_a_rated_indicator_and_a_rating_of_a_given_one_are_ignored() -> None:
    tree = Node("top", Fraction(1), children=(rated("q", "0.5", citizens="1"), given("c", "0.5")))
    values = Values(np.array([[[50.0], [90.0]]]), np.array([[77.0, 10.0]]), np.ones((1, 2), dtype=bool))
    scores = evaluate(values, scheme(tree, "citizens"))
    assert scores.score.tolist() == [[30, 50, 10]]
    assert scores.weight_used.tolist() == [[[0.5, 0], [0, 0.5]]]
    assert scores.weight_nominal.tolist() == [[[0.5, 0], [0, 0.5]]]
    assert scores.by_group.tolist() == [[50]]
    assert scores.gradient[0, 0].tolist() == [[0.5, 0], [0, 0.5]]


def test_an_indicator_of_weight_0_has_a_score_and_does_not_count() -> None:
    scores = evaluate(figures([40, 80], [X, 80]), flat("1", "0"))
    assert scores.score == pytest.approx(np.array([[40, 40, 80], [X, X, 80]]), nan_ok=True)
    assert scores.gradient[:, 0, :, 0].tolist() == [[1, 0], [0, 0]]


def test_each_node_has_its_own_aggregation() -> None:
    asked = two_levels(aggregation="geometric", below={"aggregation": "harmonic"})
    scores = evaluate(figures([20, 60, 10]), asked)
    harmonic = 1 / (0.75 / 20 + 0.25 / 60)
    assert scores.score[0, :2] == pytest.approx([harmonic**0.6 * 10**0.4, harmonic])
    squares = flat("0.5", "0.5", aggregation="power", power=Fraction(2))
    assert top(figures([1, 7]), squares) == [pytest.approx(5)]


def test_a_refused_value_names_its_node() -> None:
    with pytest.raises(InputError, match="^d: geometric takes children above 0; one is 0$"):
        evaluate(figures([0, 60, 10]), two_levels(below={"aggregation": "geometric"}))


def test_other_weights_may_be_given_for_all_units_or_for_each() -> None:
    values, asked = figures([40, 80, 10], [40, 80, 10]), two_levels()
    nominal = weights_of(asked)
    plain = evaluate(values, asked, replace(nominal, within=np.array([1, 1, 1, 3, 1.0])))
    assert plain.score[:, 0].tolist() == [40, 40]
    assert plain.within_nominal[0].tolist() == [1, 0.5, 0.25, 0.75, 0.5]
    within = np.array([[1, 0.5, 0.5, 0.5, 0.5], [1, 0.0, 0.5, 0.5, 1.0]])
    own = evaluate(values, asked, replace(nominal, within=within))
    assert own.score[:, 0].tolist() == [35, 10]
    assert own.score[1, 1] == 60


def test_shares_of_groups_may_be_given_for_each_unit() -> None:
    tree = Node("top", Fraction(1), children=(rated("q", "1", citizens="0.8", experts="0.2"),))
    asked = scheme(tree, "citizens", "experts")
    values = Values(np.array([[[50.0, 100.0]], [[50.0, 100.0]]]), np.full((2, 1), X), np.ones((2, 1), dtype=bool))
    shares = np.array([[[1.0, 1.0]], [[3.0, 0.0]]])
    scores = evaluate(values, asked, Weights(np.array([1.0, 1.0]), shares, np.zeros(2)))
    assert scores.score[:, 0].tolist() == [75, 50]
    assert scores.weight_nominal[:, 0, :2].tolist() == [[0.5, 0.5], [1, 0]]


def test_a_tree_of_no_unit_is_empty() -> None:
    scores = evaluate(Values(np.empty((0, 3, 0)), np.empty((0, 3)), np.empty((0, 3), dtype=bool)), two_levels())
    assert scores.score.shape == (0, 5)
    assert scores.gradient.shape == (0, 5, 3, 1)


VALUES = figures([40, 80, 10])
WRONG_VALUES = [
    (replace(VALUES, rated=np.empty((1, 2, 0))), "values.rated has shape (1, 2, 0); allowed is (1, 3, 0)"),
    (replace(VALUES, given=np.empty((2, 3))), "values.given has shape (2, 3); allowed is (1, 3)"),
    (replace(VALUES, applies=np.ones((3, 1), dtype=bool)), "values.applies has shape (3, 1); allowed is (1, 3)"),
    (
        replace(VALUES, given=np.array([[40, -math.inf, 10]])),
        "values.given holds an infinite figure; allowed are finite ones, and NaN where missing",
    ),
]
NOMINAL = weights_of(two_levels())
WRONG_WEIGHTS = [
    (replace(NOMINAL, within=np.ones(4)), "weights.within has shape (4,); allowed are (5,) and (1, 5)"),
    (replace(NOMINAL, shares=np.ones((5, 0))), "weights.shares has shape (5, 0); allowed are (3, 0) and (1, 3, 0)"),
    (replace(NOMINAL, outside=np.ones(1)), "weights.outside has shape (1,); allowed are (0,) and (1, 0)"),
    (
        replace(NOMINAL, within=np.array([1, 1, -0.5, 1, 1])),
        "weights.within holds a negative or infinite weight; allowed are finite numbers from 0",
    ),
    (
        replace(NOMINAL, within=np.array([1, 1, math.nan, 1, 1])),
        "weights.within holds a negative or infinite weight; allowed are finite numbers from 0",
    ),
]


@pytest.mark.parametrize(("values", "said"), WRONG_VALUES)
def test_values_must_fit_the_scheme(values: Values, said: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(values, two_levels())
    assert str(caught.value) == said


@pytest.mark.parametrize(("weights", "said"), WRONG_WEIGHTS)
def test_weights_must_fit_the_scheme(weights: Weights, said: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(VALUES, two_levels(), weights)
    assert str(caught.value) == said
