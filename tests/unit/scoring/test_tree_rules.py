"""What may overrule a node: coverage, gaps that count as the lowest value, caps."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scoring.frames import InputError
from scoring.scheme import Cap, Coverage, Node, Normaliser
from scoring.tree import evaluate
from tests.unit.scoring.small_trees import (
    HALF,
    X,
    assert_accounted,
    figures,
    flat,
    given,
    part,
    scheme,
    top,
    two_levels,
)


@pytest.mark.parametrize(
    ("share", "expected"), [("0", [50, 40]), ("0.5", [50, 40]), ("0.51", [50, X]), ("0.75", [50, X]), ("1", [X, X])]
)
def test_a_node_is_missing_when_strictly_fewer_children_are_there(share: str, expected: list[float]) -> None:
    asked = flat("0.1", "0.2", "0.3", "0.4", coverage=Coverage(part(share)))
    scores = evaluate(figures([50, 50, 50, X], [40, 40, X, X]), asked)
    assert scores.score[:, 0] == pytest.approx(expected, nan_ok=True)
    assert scores.covered[:, 0].tolist() == [not math.isnan(value) for value in expected]
    assert scores.covered[:, 1:].all()


@pytest.mark.parametrize(("share", "is_there"), [("0.3", True), ("0.31", False)])
def test_coverage_may_count_the_weight_of_the_children(share: str, is_there: bool) -> None:
    asked = flat("0.1", "0.2", "0.7", coverage=Coverage(part(share), weighted=True))
    assert 0.1 + 0.2 != 0.3
    scores = evaluate(figures([50, 50, X]), asked)
    assert scores.present[:, 0].tolist() == [is_there]


def test_coverage_at_the_last_bit_is_not_below() -> None:
    asked = flat("0.7", "0.1", "0.2", coverage=Coverage(part("0.8"), weighted=True))
    assert 0.7 + 0.1 < 0.8
    assert top(figures([50, 50, X]), asked) == [50]


def test_a_number_of_children_may_be_needed() -> None:
    asked = flat("0.4", "0.3", "0.3", coverage=Coverage(count=2))
    assert top(figures([50, X, 50], [50, X, X]), asked) == pytest.approx([50, X], nan_ok=True)


def test_coverage_looks_only_at_children_that_exist_and_count() -> None:
    asked = flat("0.5", "0.5", "0", coverage=Coverage(part("0.75")))
    values = figures([50, 60, X], [50, X, X], [X, X, 70])
    values.applies[1, 1] = False
    scores = evaluate(values, asked)
    assert scores.score[:, 0] == pytest.approx([55, 50, X], nan_ok=True)
    assert scores.covered[:, 0].tolist() == [True, True, True]


def test_a_node_of_which_nothing_is_there_is_missing_but_not_for_its_coverage() -> None:
    scores = evaluate(figures([X, X]), flat("0.5", "0.5", coverage=Coverage(part("0.5"), count=1)))
    assert scores.present[:, 0].tolist() == [False]
    assert scores.covered[:, 0].tolist() == [True]


def test_a_node_that_is_missing_for_its_coverage_is_missing_above_too() -> None:
    asked = two_levels(below={"coverage": Coverage(part("0.75"))})
    values = figures([40, X, 10])
    scores = evaluate(values, asked)
    assert scores.score[0] == pytest.approx([10, X, 40, X, 10], nan_ok=True)
    assert scores.within_used[0].tolist() == [1, 0, 1, 0, 1]
    assert scores.effective_used[0].tolist() == [1, 0, 0, 0, 1]
    assert scores.gradient[0, :, :, 0].tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert_accounted(scores, values)
    again = evaluate(values, replace(asked, tree=replace(asked.tree, coverage=Coverage(part("0.75")))))
    assert np.isnan(again.score[0, 0])
    assert again.within_used[0, 0] == 0


def test_a_missing_child_may_count_as_its_lowest_value() -> None:
    low = (given("a", "0.75", output=(part("1"), part("100"))), given("b", "0.25", floor=part("2")))
    bounded = tuple(replace(leaf, normaliser=Normaliser("minmax", "period", clip=True)) for leaf in low)
    asked = scheme(Node("top", Fraction(1), children=bounded, missing="lowest"))
    values = figures([X, 50], [50, X], [X, X])
    scores = evaluate(values, asked)
    assert scores.score == pytest.approx(np.array([[13.25, X, 50], [38, 50, X], [X, X, X]]), nan_ok=True)
    assert scores.present.tolist() == [[True, False, True], [True, True, False], [False, False, False]]
    assert scores.within_used.tolist() == [[1, 0.75, 0.25], [1, 0.75, 0.25], [0, 0, 0]]
    assert scores.remainder.tolist() == [[0, 0.75, 0], [0, 0, 0.5], [0, 0, 0]]
    assert scores.gradient[:, 0, :, 0].tolist() == [[0, 0.25], [0.75, 0], [0, 0]]
    assert_accounted(scores, values)


def test_a_child_that_does_not_exist_or_has_weight_0_never_counts_as_its_lowest_value() -> None:
    asked = flat("0.5", "0.5", "0", missing="lowest")
    values = figures([50, X, X], [50, X, X])
    values.applies[0, 1] = False
    scores = evaluate(values, asked)
    assert scores.score[:, 0].tolist() == [50, 25]
    assert scores.remainder.tolist() == [[0, 0, 0, 0], [0, 0, 0, 0]]


def test_a_dimension_short_of_coverage_counts_as_its_lowest_value_and_its_figures_do_not() -> None:
    asked = two_levels(missing="lowest", below={"coverage": Coverage(part("1"))})
    for_ten = replace(asked, tree=_with_range(asked.tree, part("10")))
    values = figures([40, X, 60])
    scores = evaluate(values, for_ten)
    assert scores.score[0] == pytest.approx([30, X, 40, X, 60], nan_ok=True)
    assert scores.gradient[0, 0, :, 0] == pytest.approx([0, 0, 0.4])
    assert scores.remainder[0] == pytest.approx([0, 6, 0, 0, 0])
    assert_accounted(scores, values)


def _with_range(node: Node, low: Fraction) -> Node:
    children = tuple(_with_range(child, low) for child in node.children)
    return replace(node, children=children, output=(low, part("100")))


def test_coverage_is_asked_before_gaps_are_filled() -> None:
    asked = flat("0.5", "0.5", missing="lowest", coverage=Coverage(part("0.75")))
    scores = evaluate(figures([50, X]), asked)
    assert np.isnan(scores.score[0, 0])
    assert not scores.covered[0, 0]
    assert scores.remainder[0].tolist() == [0, 0, 0]


def test_a_gap_without_a_lowest_value_cannot_be_filled() -> None:
    leaves = (given("a", "0.5"), Node("b", HALF, normaliser=Normaliser("zscore")))
    asked = scheme(Node("top", Fraction(1), children=leaves, missing="lowest"))
    assert top(figures([50, 30], [X, 30]), asked) == [40, 15]
    with pytest.raises(InputError, match="^top: b is missing and has no lowest value; allowed is a bounded range$"):
        evaluate(figures([50, X]), asked)


CAPPED = (Cap("a", part("30"), part("45")), Cap("b", part("20"), part("35")))


def test_a_critical_child_below_its_threshold_caps_the_node() -> None:
    values = figures([30, 90], [29.9, 90], [29.9, 19], [29.9, 40], [X, 90], [X, X])
    scores = evaluate(values, flat("0.5", "0.5", caps=CAPPED))
    assert scores.score[:, 0] == pytest.approx([60, 45, 24.45, 34.95, 90, X], nan_ok=True)
    assert scores.before_cap[:, 0] == pytest.approx([60, 59.95, 24.45, 34.95, 90, X], nan_ok=True)
    assert scores.capped[:, 0].tolist() == [False, True, False, False, False, False]
    assert scores.capped[:, 1:].sum() == 0
    assert scores.gradient[1, 0, :, 0].tolist() == [0.5, 0.5]
    assert scores.remainder[1] == pytest.approx([-14.95, 0, 0])
    assert_accounted(scores, values)


def test_of_several_caps_the_lowest_limit_counts() -> None:
    asked = flat("0.01", "0.01", "0.98", caps=CAPPED)
    assert top(figures([0, 0, 90], [0, 50, 90], [50, 0, 90]), asked) == [35, 45, 35]


def test_a_child_at_its_threshold_but_for_the_last_bit_caps_nothing() -> None:
    asked = flat("0.5", "0.5", caps=(Cap("a", part("0.3"), part("0.1")),))
    assert top(figures([0.3 - 1e-16, 1.0], [0.3 - 1e-9, 1.0]), asked) == [pytest.approx(0.65), 0.1]


def test_a_child_of_weight_0_caps_and_a_missing_child_that_counts_as_its_lowest_value_caps_too() -> None:
    cap = (Cap("a", part("30"), part("45")),)
    assert top(figures([10, 90]), flat("0", "1", caps=cap)) == [45]
    assert top(figures([X, 99]), flat("0.1", "0.9", caps=cap)) == [99]
    assert top(figures([X, 99]), flat("0.1", "0.9", caps=cap, missing="lowest")) == [45]


def test_a_cap_below_lowers_what_is_above_and_the_remainder_says_by_how_much() -> None:
    asked = two_levels(below={"caps": (Cap("b", part("50"), part("20")),)}, caps=(Cap("d", part("25"), part("16")),))
    values = figures([80, 40, 10], [80, 50, 10])
    scores = evaluate(values, asked)
    assert scores.score[:, :2] == pytest.approx(np.array([[16, 20], [0.6 * 72.5 + 4, 72.5]]))
    assert scores.before_cap[0, :2] == pytest.approx([16, 70])
    assert scores.remainder[0] == pytest.approx([0, -30, 0, 0, 0])
    assert scores.gradient[0, 0, :, 0] == pytest.approx([0.45, 0.15, 0.4])
    assert_accounted(scores, values)
    lower = replace(asked, tree=replace(asked.tree, caps=(Cap("d", part("25"), part("15")),)))
    scores = evaluate(values, lower)
    assert scores.remainder[0] == pytest.approx([-1, -30, 0, 0, 0])
    assert_accounted(scores, values)


def test_a_cap_in_a_tree_that_is_not_arithmetic_is_accounted_for() -> None:
    asked = two_levels(aggregation="geometric", below={"caps": (Cap("b", part("50"), part("20")),)})
    values = figures([80, 40, 10], [80, 60, X])
    scores = evaluate(values, asked)
    assert scores.score[0, 0] == pytest.approx(20**0.6 * 10**0.4)
    assert scores.remainder[0, 1] == pytest.approx(0.6 * scores.score[0, 0] / 20 * (20 - 70))
    assert_accounted(scores, values)
