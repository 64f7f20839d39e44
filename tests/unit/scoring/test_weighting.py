"""Each way to weights refuses what it cannot use by name, and says what is allowed."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scoring.weighting import (
    RANDOM_INDEX,
    Judgements,
    allocate_budget,
    compare_pairs,
    diagnose_component,
    diagnose_critic,
    diagnose_entropy,
    equal_weights,
    merge_judgements,
    order_centroids,
    prioritise,
    prioritise_two_levels,
    read_judgements,
    swing_weights,
)

AB = ("a", "b")
ABC = ("a", "b", "c")
TWO = compare_pairs(AB, [("a", "b", 2)])
CIRCLE = [("a", "b", 9.0), ("b", "c", 9.0), ("c", "a", 9.0)]
ELEVEN = [f"n{number}" for number in range(11)]

REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: equal_weights([]), "equal weights: no name given; allowed are one or more"),
    (lambda: equal_weights(["a", "a"]), "equal weights: 'a' is named 2 times; allowed is once"),
    (lambda: allocate_budget([[60, 40]], [], AB), "budget, rows: no name given"),
    (lambda: allocate_budget([[60, 40]], ["m"], ["a", "a"]), "budget, columns: 'a' is named 2 times"),
    (
        lambda: allocate_budget([60, 40], ["m"], AB),
        "budget: shape (2,); allowed is (1, 2), one column each for ['a', 'b']",
    ),
    (lambda: allocate_budget([[60, np.nan]], ["m"], AB), "budget: 'm', 'b': nan; allowed are finite numbers"),
    (lambda: allocate_budget([[110, -10]], ["m"], AB), "budget: 'm' gives 'b' -10 points; allowed are 0 to 100"),
    (lambda: allocate_budget([[60, 41]], ["m"], AB), "budget: 'm' gives 101 points in all; allowed is 100"),
    (lambda: allocate_budget([[60, 39]], ["m"], AB), "budget: 'm' gives 99 points in all; allowed is 100"),
    (lambda: allocate_budget([[60, 40]], ["m"], AB, trim=0.5), "budget: trim 0.5; allowed are 0 to below 0.5"),
    (lambda: allocate_budget([[60, 40]], ["m"], AB, trim=-0.1), "budget: trim -0.1; allowed are 0 to below 0.5"),
    (
        lambda: allocate_budget(100 * np.eye(3), ABC, ABC, trim=0.34),
        "budget: trim 0.34 leaves every node of ['a', 'b', 'c'] without points; allowed is less",
    ),
    (lambda: order_centroids([[1, 2]], AB), "ranks: shape (1, 2); allowed is (2,), one number each for ['a', 'b']"),
    (lambda: order_centroids([1, 2], ABC), "ranks: shape (2,); allowed is (3,)"),
    (lambda: order_centroids([1, np.inf], AB), "ranks: 'b' has inf; allowed are finite numbers"),
    (lambda: swing_weights([100, 101], AB), "swing: 'b' has 101 points; allowed are 0 to 100"),
    (lambda: swing_weights([100, -1], AB), "swing: 'b' has -1 points; allowed are 0 to 100"),
    (lambda: swing_weights([[90, 10]], AB), "swing: shape (1, 2); allowed is (2,), one number each for ['a', 'b']"),
    (lambda: swing_weights([90, 10], AB), "swing: the largest is 'a' with 90 points; allowed is 100"),
    (lambda: read_judgements([[1.0, 10.0], [0.1, 1.0]], AB), "judgements: 'a' over 'b' is 10; allowed are 1/9 to 9"),
    (lambda: read_judgements([[1, 0], [0, 1]], AB), "judgements: 'a' over 'b' is 0; allowed are 1/9 to 9"),
    (lambda: read_judgements([[2, 1], [1, 1]], AB), "judgements: 'a' over 'a' is 2; allowed is 1"),
    (
        lambda: read_judgements([[1.0, 4.0], [0.5, 1.0]], AB),
        "judgements: 'a' over 'b' is 4; allowed is 2, one over its mirror",
    ),
    (lambda: compare_pairs(AB, [("a", "z", 2)]), "judgements: 'z' is unknown; allowed are ['a', 'b']"),
    (lambda: compare_pairs(AB, [("a", "a", 2)]), "'a' over 'a' is 2; allowed is one value a pair of two"),
    (lambda: compare_pairs(AB, [("a", "b", 2), ("b", "a", 3)]), "'b' over 'a' is 3; allowed is one value a pair"),
    (lambda: compare_pairs(AB, [("a", "b", 9.1)]), "judgements: 'a' over 'b' is 9.1; allowed are 1/9 to 9"),
    (lambda: compare_pairs(AB, [("a", "b", 0.1)]), "judgements: 'a' over 'b' is 0.1; allowed are 1/9 to 9"),
    (lambda: compare_pairs(AB, []), "judgements: 'a' over 'b' is missing; allowed are 1/9 to 9"),
    (lambda: merge_judgements([]), "panel: 0 members; allowed are one or more"),
    (
        lambda: merge_judgements([TWO, compare_pairs(["b", "a"], [("a", "b", 2)])]),
        "panel: member 2 compares ['b', 'a']; allowed is ['a', 'b']",
    ),
    (
        lambda: prioritise(TWO, table="mine"),
        "random index: table 'mine' is unknown; allowed are ['saaty_1980', 'saaty_2005']",
    ),
    (
        lambda: prioritise(read_judgements(np.ones((11, 11)), ELEVEN)),
        "judgements: 11 nodes under one parent; allowed are 1 to 10 (saaty_1980)",
    ),
    (
        lambda: prioritise_two_levels(TWO, {"a": TWO}),
        "hierarchy: 'b' has no comparisons below; allowed are exactly ['a', 'b']",
    ),
    (
        lambda: prioritise_two_levels(TWO, {"a": TWO, "b": TWO, "c": TWO}),
        "hierarchy: 'c' is not a top node; allowed are exactly ['a', 'b']",
    ),
    (lambda: diagnose_entropy(3.0, AB), "entropy: 0 units; allowed are two or more"),
    (lambda: diagnose_entropy([[1, 2]], AB), "entropy: 1 units; allowed are two or more"),
    (
        lambda: diagnose_entropy([[1.0, 2.0], [np.nan, 1.0]], AB),
        "entropy: 'unit 1', 'a': nan; allowed are finite numbers",
    ),
    (lambda: diagnose_entropy([[1, 2], [1, -2]], AB), "entropy: 'b' of unit 1 is -2; allowed is 0 or more"),
    (lambda: diagnose_entropy([[1, 0], [2, 0]], AB), "entropy: 'b' is 0 for all units; allowed is a sum above 0"),
    (lambda: diagnose_entropy([[1, 3], [1, 3]], AB), "entropy: ['a', 'b'] carry no information apart; allowed is some"),
    (lambda: diagnose_critic([[1, 0.3], [2, 0.3]], AB), "CRITIC: 'b' is 0.3 for all units; allowed is what varies"),
    (lambda: diagnose_critic([[1, 3], [2, 6]], AB), "CRITIC: ['a', 'b'] carry no information apart; allowed is some"),
    (lambda: diagnose_component([[0, 3], [0, 6]], AB), "first component: 'a' is 0 for all units"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_cannot_be_used_is_refused_by_name(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_a_budget_shows_centre_and_spread_in_points() -> None:
    budget = allocate_budget([[20, 80], [30, 70], [40, 60], [90, 10]], ["m1", "m2", "m3", "m4"], AB)
    assert budget.weights == pytest.approx([0.45, 0.55])
    assert budget.centre == pytest.approx([45, 55])
    assert budget.sd == pytest.approx([np.sqrt(2900 / 3)] * 2)
    assert budget.trimmed == 0


def test_a_trimmed_budget_leaves_out_whole_members_at_each_end_and_is_scaled() -> None:
    points = [[0, 10, 90], [10, 30, 60], [20, 40, 40], [90, 10, 0]]
    budget = allocate_budget(points, ["m1", "m2", "m3", "m4"], ABC, trim=0.25)
    assert budget.trimmed == 1
    assert budget.centre == pytest.approx([15, 20, 50])
    assert budget.weights == pytest.approx(np.array([15, 20, 50]) / 85)


def test_a_trim_that_is_a_whole_number_of_members_but_for_rounding_counts_whole() -> None:
    members = [f"m{number}" for number in range(100)]
    points = np.column_stack([np.arange(100), 100 - np.arange(100)])
    assert 100 * 0.29 < 29
    assert allocate_budget(points, members, AB, trim=0.29).trimmed == 29


def test_trimming_always_leaves_someone() -> None:
    assert allocate_budget([[60, 40], [20, 80]], ["m", "n"], AB, trim=0.4999999999).trimmed == 0


def test_one_member_alone_has_no_spread() -> None:
    budget = allocate_budget([[100, 0]], ["m"], AB)
    assert budget.weights.tolist() == [1, 0]
    assert np.isnan(budget.sd).all()


def test_points_may_miss_100_by_the_rounding_of_thirds() -> None:
    third = 100 / 3
    assert allocate_budget([[third, third, 33.3333334]], ["m"], ABC).weights.sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("ranks", [[1, 2, 2, 4], [1, 2.5, 2.5, 4], [-3, 10, 10, 11]])
def test_only_the_order_counts_and_ties_share_their_places(ranks: list[float]) -> None:
    places = [25 / 12 / 4, 13 / 12 / 4, 7 / 12 / 4, 1 / 4 / 4]
    tied = (places[1] + places[2]) / 2
    assert order_centroids(ranks, ["a", "b", "c", "d"]) == pytest.approx([places[0], tied, tied, places[3]])


def test_all_tied_is_equal() -> None:
    assert order_centroids([7, 7, 7], ABC) == pytest.approx(equal_weights(ABC))


def test_a_swing_of_nothing_weighs_nothing() -> None:
    assert swing_weights([0, 100], AB).tolist() == [0, 1]


def test_consistent_judgements_give_back_their_weights_with_ratio_zero() -> None:
    weights = np.array([0.5, 0.3, 0.1, 0.1])
    found = prioritise(read_judgements(weights[:, None] / weights, ["a", "b", "c", "d"]))
    assert found.weights == pytest.approx(weights)
    assert found.lambda_max == pytest.approx(4)
    assert 0 <= found.consistency_ratio < 1e-12
    assert not found.is_inconsistent


def test_judgements_in_a_circle_are_flagged() -> None:
    """a over b over c over a, each 9 times: lambda = 1 + 9 + 1/9, no node is ahead."""
    found = prioritise(compare_pairs(ABC, CIRCLE))
    assert found.weights == pytest.approx([1 / 3] * 3)
    assert found.lambda_max == pytest.approx(1 + 9 + 1 / 9)
    assert found.consistency_index == pytest.approx((1 + 9 + 1 / 9 - 3) / 2)
    assert found.consistency_ratio == pytest.approx(found.consistency_index / 0.58)
    assert found.is_inconsistent


def test_the_flag_starts_above_a_tenth() -> None:
    at = prioritise(TWO)
    assert not type(at)(AB, at.weights, 2.0, 0.1, 1.0, 0.10, "saaty_1980").is_inconsistent
    assert type(at)(AB, at.weights, 2.0, 0.1, 1.0, 0.1001, "saaty_1980").is_inconsistent


@pytest.mark.parametrize("table", sorted(RANDOM_INDEX))
def test_one_or_two_nodes_cannot_contradict_each_other(table: str) -> None:
    two = prioritise(TWO, table=table)
    assert two.weights == pytest.approx([2 / 3, 1 / 3])
    one = prioritise(compare_pairs(["a"], []), table=table)
    assert one.weights.tolist() == [1]
    assert (two.consistency_ratio, one.consistency_ratio, one.table) == (0, 0, table)


def test_the_result_names_its_table_and_shows_the_random_index() -> None:
    found = prioritise(read_judgements(np.ones((10, 10)), ELEVEN[:10]), table="saaty_2005")
    assert (found.table, found.random_index) == ("saaty_2005", 1.49)


def test_a_group_that_disagrees_in_mirror_image_is_indifferent() -> None:
    merged = merge_judgements([TWO, compare_pairs(AB, [("b", "a", 2)])])
    assert merged.matrix == pytest.approx(np.ones((2, 2)))


def test_the_ends_of_the_scale_are_allowed() -> None:
    assert compare_pairs(AB, [("a", "b", 1 / 9)]).matrix[1, 0] == pytest.approx(9)
    assert isinstance(read_judgements([[1.0, 9.0], [1 / 9, 1.0]], AB), Judgements)


def test_a_hierarchy_names_the_levels_to_look_at_again() -> None:
    circle = compare_pairs(ABC, CIRCLE)
    found = prioritise_two_levels(circle, {"a": circle, "b": TWO, "c": compare_pairs(["x"], [])})
    assert found.inconsistent == ("", "a")
    assert found.weights == pytest.approx({"a": 1 / 9 + 2 / 9, "b": 1 / 9 + 1 / 9, "c": 1 / 9, "x": 1 / 3})
    assert list(found.below) == ["a", "b", "c"]
    assert found.top.names == ABC


def test_a_zero_is_a_value_to_the_entropy() -> None:
    assert diagnose_entropy([[0, 1], [4, 1]], AB) == pytest.approx([1, 0])


def test_a_constant_indicator_gets_no_entropy_weight_in_spite_of_rounding() -> None:
    assert diagnose_entropy([[0.1, 1], [0.1, 2], [0.1 + 1e-17, 4]], AB).tolist() == [0, 1]


def test_opposite_indicators_load_with_both_signs_and_the_larger_or_first_is_positive() -> None:
    found = diagnose_component([[1, 9], [2, 8], [3, 7]], AB)
    assert found.loadings == pytest.approx([np.sqrt(0.5), -np.sqrt(0.5)])
    assert found.weights == pytest.approx([0.5, 0.5])
    assert found.explained == pytest.approx(1)


def test_the_first_component_is_that_of_the_standardised_data() -> None:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4)) * [1, 10, 100, 1000] + 5
    standard = (table - table.mean(axis=0)) / table.std(axis=0)
    _, spread, axes = np.linalg.svd(standard, full_matrices=False)
    found = diagnose_component(table, ["a", "b", "c", "d"])
    assert found.weights == pytest.approx(axes[0] ** 2)
    assert found.explained == pytest.approx(spread[0] ** 2 / (spread**2).sum())
    assert found.loadings[np.abs(found.loadings).argmax()] > 0
