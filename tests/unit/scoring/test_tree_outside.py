"""Group-outside: each group's own tree first, then the mean of the groups at every node."""

import math
from dataclasses import replace

import numpy as np
import pytest

from scoring.scheme import Cap, Coverage, Group, Node, Scheme
from scoring.tree import Values, evaluate, weights_of
from tests.unit.scoring.small_trees import X, assert_accounted, figures, flat, given, part, rated


def outside(*children: Node, **weights: str) -> Scheme:
    groups = tuple(Group(code, "anonymous", (1, 1, 1), (), part(weight)) for code, weight in weights.items())
    return Scheme("demo", groups, Node("top", part("1"), children=children), (), order="group-outside")


def ratings(*units: list[list[float]], given: list[float] | None = None) -> Values:
    """Ratings of each unit, indicators in rows and groups in columns, and the same given figures for all."""
    rated = np.array(units)
    own = np.full(rated.shape[:2], X) if given is None else np.tile(given, (len(units), 1))
    return Values(rated, own, np.ones(own.shape, dtype=bool))


BOTH = rated("q", "0.8", citizens="0.5", experts="0.5")
CITIZENS = rated("r", "0.2", citizens="1")
PAIR = outside(BOTH, CITIZENS, citizens="0.75", experts="0.25")


def test_each_groups_own_index_is_weighted_at_the_top() -> None:
    scores = evaluate(ratings([[50, 90], [100, X]]), PAIR)
    assert scores.by_group.tolist() == [[60, 90]]
    assert scores.score == pytest.approx(np.array([[67.5, 60, 100]]))
    assert scores.group_nominal.tolist() == [[0.75, 0.25]]
    assert scores.group_used.tolist() == [[0.75, 0.25]]
    assert scores.weight_used[0] == pytest.approx(np.array([[0.6, 0.25, 0], [0.15, 0, 0]]))
    assert scores.weight_nominal[0] == pytest.approx(np.array([[0.6, 0.25, 0], [0.15, 0, 0]]))
    assert scores.effective_used[0] == pytest.approx([1, 0.85, 0.15])
    assert scores.within_used[0] == pytest.approx([1, 0.85, 0.15])
    assert scores.within_nominal[0] == pytest.approx([1, 0.85, 0.15])
    assert scores.share_used[0].tolist() == [[0.75, 0.25], [1, 0]]
    assert scores.before_cap.tolist() == scores.score.tolist()
    assert scores.exists.all()
    assert scores.present.all()
    assert scores.covered.all()
    assert not scores.capped.any()


def test_the_orders_differ_where_groups_rate_different_indicators() -> None:
    values = ratings([[50, 90], [100, X]])
    inside = evaluate(values, replace(PAIR, order="group-inside"))
    assert inside.score[0, 0] == pytest.approx(0.8 * 70 + 0.2 * 100)
    assert evaluate(values, PAIR).score[0, 0] == pytest.approx(67.5)


def test_a_group_that_is_absent_leaves_its_weight_to_the_others() -> None:
    scores = evaluate(ratings([[50, X], [100, X]], [[X, 90], [X, X]], [[X, X], [X, X]]), PAIR)
    assert scores.score[:, 0] == pytest.approx([60, 90, X], nan_ok=True)
    assert scores.by_group == pytest.approx(np.array([[60, X], [X, 90], [X, X]]), nan_ok=True)
    assert scores.group_used.tolist() == [[1, 0], [0, 1], [0, 0]]
    assert scores.group_nominal.tolist() == [[0.75, 0.25]] * 3
    assert scores.present.tolist() == [[True, True, True], [True, True, False], [False, False, False]]
    assert scores.within_used.tolist() == [[1, 0.8, pytest.approx(0.2)], [1, 1, 0], [0, 0, 0]]
    assert not scores.weight_used[2].any()


def test_what_a_group_leaves_out_goes_to_its_own_other_indicators() -> None:
    scores = evaluate(ratings([[X, 90], [100, X]]), PAIR)
    assert scores.by_group.tolist() == [[100, 90]]
    assert scores.score[0] == pytest.approx([97.5, 90, 100])
    assert scores.weight_used[0, :, :2].tolist() == [[0, 0.25], [0.75, 0]]
    assert scores.effective_used[0].tolist() == [1, 0.25, 0.75]
    assert scores.share_used[0].tolist() == [[0, 1], [1, 0]]


def test_administrative_figures_are_in_every_groups_index() -> None:
    scheme = outside(BOTH, given("w", "0.2"), citizens="0.75", experts="0.25")
    scores = evaluate(ratings([[50, 90], [X, X]], [[50, X], [X, X]], [[X, X], [X, X]], given=[X, 10]), scheme)
    assert scores.by_group == pytest.approx(np.array([[42, 74], [42, X], [10, 10]]), nan_ok=True)
    assert scores.score[:, 0] == pytest.approx([50, 42, 10])
    assert scores.weight_used[:, 1, 2] == pytest.approx([0.2, 0.2, 1])
    assert scores.weight_nominal[0] == pytest.approx(np.array([[0.6, 0.2, 0], [0, 0, 0.2]]))
    assert scores.share_used[0].tolist() == [[0.75, 0.25], [0, 0]]
    assert scores.score[:, 2].tolist() == [10, 10, 10]
    assert scores.group_used.tolist() == [[0.75, 0.25], [1, 0], [0.75, 0.25]]


def test_a_group_of_weight_0_is_shown_and_does_not_speak_for_what_is_given() -> None:
    scheme = outside(BOTH, given("w", "0.2"), citizens="1", experts="0")
    scores = evaluate(ratings([[50, 90], [X, X]], [[X, 90], [X, X]], given=[X, 10]), scheme)
    assert scores.by_group == pytest.approx(np.array([[42, 74], [10, 74]]))
    assert scores.score[:, 0] == pytest.approx([42, 10])
    assert scores.group_used.tolist() == [[1, 0], [1, 0]]
    assert scores.score[1, 1:] == pytest.approx([X, 10], nan_ok=True)


def test_a_group_that_rates_nothing_has_no_part_in_the_nominal_weights() -> None:
    scheme = outside(BOTH, CITIZENS, citizens="0.5", experts="0.25", mayors="0.25")
    scores = evaluate(ratings([[50, 90, X], [100, X, 7]]), scheme)
    assert scores.group_nominal[0] == pytest.approx([2 / 3, 1 / 3, 0])
    assert scores.by_group == pytest.approx(np.array([[60, 90, X]]), nan_ok=True)
    assert scores.score[0, 0] == pytest.approx(70)


def test_an_indicator_that_does_not_apply_does_not_exist_for_any_group() -> None:
    values = ratings([[50, 90], [100, X]])
    values.applies[0, 0] = False
    scores = evaluate(values, PAIR)
    assert scores.score[0] == pytest.approx([100, X, 100], nan_ok=True)
    assert scores.exists.tolist() == [[True, False, True]]
    assert scores.group_nominal.tolist() == [[1, 0]]
    assert scores.within_nominal[0].tolist() == [1, 0, 1]


def test_rules_hold_in_each_groups_own_tree() -> None:
    tree = replace(PAIR.tree, coverage=Coverage(part("0.75")), caps=(Cap("q", part("60"), part("40")),))
    values = ratings([[50, 90], [100, X]], [[X, 90], [100, X]], [[X, 59], [100, X]], [[X, X], [100, X]])
    scores = evaluate(values, replace(PAIR, tree=tree))
    assert scores.by_group == pytest.approx(np.array([[40, 90], [X, 90], [X, 40], [X, X]]), nan_ok=True)
    assert scores.score[:, 0] == pytest.approx([0.75 * 40 + 0.25 * 90, 90, 40, X], nan_ok=True)
    assert scores.before_cap[:, 0] == pytest.approx([67.5, 90, 59, X], nan_ok=True)
    assert scores.capped[:, 0].tolist() == [True, False, True, False]
    assert scores.covered[:, 0].tolist() == [True, True, True, False]
    assert scores.remainder[:, 0] == pytest.approx([-15, 0, -19, 0])
    assert_accounted(scores, values)


def test_a_node_that_nobody_says_anything_about_is_not_short_of_coverage() -> None:
    tree = replace(PAIR.tree, coverage=Coverage(part("0.75")))
    scores = evaluate(ratings([[X, X], [X, X]]), replace(PAIR, tree=tree))
    assert scores.covered.all()


def test_a_cap_in_the_tree_of_a_group_that_does_not_count_does_not_count() -> None:
    scheme = outside(BOTH, citizens="1", experts="0")
    scheme = replace(scheme, tree=replace(scheme.tree, caps=(Cap("q", part("60"), part("40")),)))
    scores = evaluate(ratings([[70, 50]]), scheme)
    assert not scores.capped.any()
    assert (scores.score[0, 0], scores.by_group[0].tolist()) == (70, [70, 40])


def test_gaps_that_count_as_the_lowest_value_are_accounted_for() -> None:
    low = replace(BOTH, output=(part("1"), part("100")))
    tree = replace(PAIR.tree, children=(low, CITIZENS), missing="lowest")
    values = ratings([[X, 90], [100, X]])
    scores = evaluate(values, replace(PAIR, tree=tree))
    assert scores.by_group == pytest.approx(np.array([[20.8, 90]]))
    assert scores.remainder[0] == pytest.approx([0, 0.6, 0])
    assert_accounted(scores, values)
    assert scores.weight_used[0] == pytest.approx(np.array([[0, 0.25, 0], [0.15, 0, 0]]))


def test_gradients_of_all_nodes_are_finite_differences() -> None:
    inner = Node("d", part("0.7"), children=(BOTH, CITIZENS), aggregation="geometric")
    scheme = outside(inner, given("w", "0.3"), citizens="0.6", experts="0.4")
    scheme = replace(scheme, tree=replace(scheme.tree, aggregation="harmonic"))
    values = ratings([[50, 90], [60, X]], [[X, 40], [70, X]], [[30, X], [X, X]], given=[X, 20])
    values = Values(
        np.concatenate([values.rated, np.full((3, 1, 2), X)], axis=1),
        np.array([[X, X, 20.0]] * 3),
        np.ones((3, 3), dtype=bool),
    )
    scores = evaluate(values, scheme)
    assert_accounted(scores, values)
    for leaf in range(3):
        for slot in range(3):
            step = np.zeros((3, 3, 3))
            step[:, leaf, slot] = 1e-4
            moved = (
                Values(values.rated + sign * step[:, :, :2], values.given + sign * step[:, :, 2], values.applies)
                for sign in (1, -1)
            )
            up, down = (evaluate(found, scheme).score for found in moved)
            assert scores.gradient[:, :, leaf, slot] == pytest.approx(np.nan_to_num(up - down) / 2e-4, abs=1e-6)
    top = evaluate(values, scheme, gradient="top")
    assert top.gradient == pytest.approx(scores.gradient[:, :1], abs=1e-15)
    none = evaluate(values, scheme, gradient=False)
    assert none.gradient.shape == (3, 0, 3, 3)
    assert np.isnan(none.remainder).all()
    assert none.remainder.shape == none.score.shape == (3, 5)


def test_weights_of_groups_may_be_given_for_each_unit() -> None:
    weights = replace(weights_of(PAIR), outside=np.array([[0.75, 0.25], [1.0, 3.0]]))
    scores = evaluate(ratings([[50, 90], [100, X]], [[50, 90], [100, X]]), PAIR, weights)
    assert scores.score[:, 0] == pytest.approx([67.5, 82.5])
    assert scores.group_used.tolist() == [[0.75, 0.25], [0.25, 0.75]]


def test_a_scheme_without_groups_is_climbed_once() -> None:
    scheme = replace(flat("0.5", "0.5"), order="group-outside")
    assert evaluate(figures([10, 20]), scheme).score[0, 0] == 15


def test_a_tree_of_no_unit_is_empty() -> None:
    values = Values(np.empty((0, 2, 2)), np.empty((0, 2)), np.empty((0, 2), dtype=bool))
    assert evaluate(values, PAIR).gradient.shape == (0, 3, 2, 3)


def test_copeland_compares_units_group_by_group() -> None:
    scheme = replace(PAIR, tree=replace(PAIR.tree, aggregation="copeland"))
    scores = evaluate(ratings([[50, 90], [60, X]], [[70, 80], [90, X]], [[10, X], [10, X]]), scheme)
    assert scores.by_group == pytest.approx(np.array([[0, 1], [2, -1], [-2, X]]), nan_ok=True)
    assert scores.score[:, 0] == pytest.approx([0.25, 1.25, -2])
    assert math.isnan(scores.gradient[0, 0, 0, 0])
