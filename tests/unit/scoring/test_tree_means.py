"""Aggregations of children: hand-made numbers, gaps, refusals, and slopes against finite differences."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from scoring.frames import Floats, InputError
from scoring.tree import AGGREGATIONS, aggregate_children, slope_children

X = math.nan
ROW = [4.0, 9.0, 36.0]
WEIGHTS = [0.5, 0.25, 0.25]


def value(method: str, row: Sequence[float], weights: Sequence[float], power: float | None = None) -> float:
    return float(aggregate_children(method, np.array([row]), np.array(weights), power)[0])


def slope(method: str, row: Sequence[float], weights: Sequence[float], power: float | None = None) -> list[float]:
    found: list[float] = slope_children(method, np.array([row]), np.array(weights), power)[0].tolist()
    return found


def differences(method: str, row: Sequence[float], weights: Sequence[float], power: float | None = None) -> list[float]:
    """Central differences by each child."""
    step, found = 1e-5, []
    for place in range(len(row)):
        up, down = list(row), list(row)
        up[place] += step
        down[place] -= step
        found.append((value(method, up, weights, power) - value(method, down, weights, power)) / (2 * step))
    return found


@pytest.mark.parametrize(
    ("method", "power", "expected"),
    [
        ("arithmetic", None, 13.25),
        ("geometric", None, math.sqrt(4 * math.sqrt(9 * 36))),
        ("harmonic", None, 1 / (0.5 / 4 + 0.25 / 9 + 0.25 / 36)),
        ("power", 1, 13.25),
        ("power", 2, math.sqrt(0.5 * 16 + 0.25 * 81 + 0.25 * 1296)),
        ("power", 0.5, (0.5 * 2 + 0.25 * 3 + 0.25 * 6) ** 2),
        ("power", -1, 1 / (0.5 / 4 + 0.25 / 9 + 0.25 / 36)),
        ("power", -2, (0.5 / 16 + 0.25 / 81 + 0.25 / 1296) ** -0.5),
        ("power", 0, math.sqrt(4 * math.sqrt(9 * 36))),
        ("median", None, 6.5),
        ("minimum", None, 4.0),
        ("ampi-", None, 49 / 3 - (1393 / 3 - (49 / 3) ** 2) / (49 / 3)),
        ("ampi+", None, 49 / 3 + (1393 / 3 - (49 / 3) ** 2) / (49 / 3)),
    ],
)
def test_each_mean_is_its_formula(method: str, power: float | None, expected: float) -> None:
    assert value(method, ROW, WEIGHTS, power) == pytest.approx(expected, rel=1e-14)


def test_a_power_near_zero_is_nearly_the_geometric_mean() -> None:
    geometric = value("geometric", ROW, WEIGHTS)
    assert value("power", ROW, WEIGHTS, 1e-12) == pytest.approx(geometric, rel=1e-11)
    assert value("power", ROW, WEIGHTS, -1e-12) == pytest.approx(geometric, rel=1e-11)
    assert value("power", ROW, WEIGHTS, 1e-3) > geometric > value("power", ROW, WEIGHTS, -1e-3)


@pytest.mark.parametrize(("power", "expected"), [(2000, 36.0), (-2000, 4.0)])
def test_a_large_power_does_not_overflow_and_nears_the_extreme(power: float, expected: float) -> None:
    assert value("power", ROW, WEIGHTS, power) == pytest.approx(expected, rel=1e-3)
    assert value("power", [*ROW, X], [*WEIGHTS, 1], power) == value("power", ROW, WEIGHTS, power)
    assert np.isfinite(slope("power", [*ROW, X], [*WEIGHTS, 1], power)).all()


def test_a_power_mean_of_zeros_is_zero_and_a_zero_counts() -> None:
    assert value("power", [0, 0], [1, 1], 2) == 0
    assert value("power", [0, 9], [1, 1], 0.5) == pytest.approx(9 / 4)
    assert value("power", [0, 8], [1, 1], 2) == pytest.approx(math.sqrt(32))


def test_the_slope_of_a_power_mean_is_0_at_a_zero_and_the_weight_where_all_are_0() -> None:
    assert slope("power", [0, 0], [1, 3], 2) == [0.25, 0.75]
    assert slope("power", [0, 9], [1, 1], 0.5) == [0, pytest.approx(0.25)]


@pytest.mark.parametrize(
    ("row", "weights", "expected"),
    [
        ([1, 2, 3], [1, 1, 1], 2),
        ([3, 1, 2], [1, 1, 1], 2),
        ([1, 2, 3, 10], [1, 1, 1, 1], 2.5),
        ([1, 2, 3], [1, 1, 2], 2.5),
        ([1, 2, 3], [2, 1, 1], 1.5),
        ([1, 2, 3], [51, 24, 25], 1),
        ([1, 2, 3], [49, 24, 27], 2),
        ([5, X, 7], [1, 8, 1], 6),
        ([1, 2, 3], [0.1, 0.2, 0.3], 2.5),
        ([1, 2, 3], [0.5, 0, 0.5], 2),
    ],
)
def test_the_weighted_median_is_the_middle_or_the_mean_of_both_middles(
    row: list[float], weights: list[float], expected: float
) -> None:
    assert value("median", row, weights) == expected


@pytest.mark.parametrize(("weights", "half"), [((1, 1, 6), 0.49999999999999994), ((1, 4, 1), 0.5000000000000001)])
def test_half_a_weight_that_is_off_in_the_last_bit_is_still_half(weights: tuple[int, ...], half: float) -> None:
    tenths = np.array([*(weight / 10 for weight in weights), sum(weights) / 10])
    assert (tenths / tenths.sum()).cumsum()[2] == half
    assert value("median", [1, 2, 3, 4], tenths.tolist()) == 3.5
    assert value("median", [1, 2, 3, 4], [0.5 - 1e-9, 0, 0, 0.5 + 1e-9]) == 4
    assert value("median", [1, 2, 3, 4], [0.5 + 1e-9, 0, 0, 0.5 - 1e-9]) == 1


def test_the_minimum_and_ampi_ask_only_whether_a_weight_is_zero() -> None:
    for method in ("minimum", "ampi-", "ampi+"):
        assert value(method, ROW, [0.9, 0.05, 0.05]) == value(method, ROW, [1, 1, 1])
        assert value(method, [1, *ROW], [0, 1, 1, 1]) == value(method, ROW, [1, 1, 1])
        assert not AGGREGATIONS[method].weighted
    assert [name for name, aggregation in AGGREGATIONS.items() if aggregation.weighted] == [
        "arithmetic", "geometric", "harmonic", "power", "median", "copeland",
    ]  # fmt: skip


@pytest.mark.parametrize("method", [name for name in AGGREGATIONS if name != "copeland"])
def test_a_missing_child_leaves_its_weight_to_the_others_and_a_row_without_any_is_missing(method: str) -> None:
    values = np.array([[4, X, 36], [X, X, X], [X, 9, X], [4, 9, 36]])
    found = aggregate_children(method, values, np.array(WEIGHTS), 3)
    assert found[0] == pytest.approx(value(method, [4, 36], [0.5, 0.25], 3), rel=1e-14)
    assert math.isnan(found[1])
    assert found[2] == pytest.approx(9, rel=1e-14)
    assert found[3] == pytest.approx(value(method, ROW, WEIGHTS, 3), rel=1e-14)
    slopes = slope_children(method, values, np.array(WEIGHTS), 3)
    assert slopes[1].tolist() == [0, 0, 0]
    assert slopes[2] == pytest.approx([0, 1, 0], rel=1e-14)
    assert slopes[0] == pytest.approx(np.insert(slope(method, [4, 36], [0.5, 0.25], 3), 1, 0), rel=1e-14)


@pytest.mark.parametrize("method", [name for name in AGGREGATIONS if name != "copeland"])
def test_a_child_of_weight_0_is_as_if_missing_whatever_its_value(method: str) -> None:
    assert value(method, [-7, *ROW], [0, *WEIGHTS], 2) == pytest.approx(value(method, ROW, WEIGHTS, 2), rel=1e-14)
    assert math.isnan(value(method, [-7, 3], [0, 0], 2))
    assert slope(method, [-7, *ROW], [0, *WEIGHTS], 2)[0] == 0


def test_weights_may_differ_by_unit_and_need_not_sum_to_one() -> None:
    values = np.array([[10.0, 20.0], [10.0, 20.0]])
    assert aggregate_children("arithmetic", values, np.array([[3.0, 1.0], [5.0, 5.0]])).tolist() == [12.5, 15.0]
    assert aggregate_children("arithmetic", values, np.array([30.0, 10.0])).tolist() == [12.5, 12.5]


@pytest.mark.parametrize(
    ("method", "power"),
    [
        ("arithmetic", None), ("geometric", None), ("harmonic", None), ("power", 2.0), ("power", 0.5), ("power", -3.0),
        ("power", 0.0), ("median", None), ("minimum", None), ("ampi-", None), ("ampi+", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("weights", [[0.5, 0.25, 0.25], [0.2, 0.5, 0.3], [1.0, 1.0, 1.0]])
@pytest.mark.parametrize("row", [[36.0, 4.0, 9.5], [0.9, 0.2, 0.5]])
def test_slopes_are_finite_differences_and_make_up_the_value(
    method: str, power: float | None, weights: list[float], row: list[float]
) -> None:
    found = slope(method, row, weights, power)
    assert found == pytest.approx(differences(method, row, weights, power), abs=1e-6)
    assert np.dot(found, row) == pytest.approx(value(method, row, weights, power), rel=1e-13)


def test_children_of_equal_value_share_the_slope_of_a_kink() -> None:
    assert slope("minimum", [3, 5, 3 + 1e-14], [1, 1, 1]) == [0.5, 0, 0.5]
    assert slope("minimum", [3, 5, 4], [1, 1, 1]) == [1, 0, 0]
    assert slope("median", [5, 5, 1], [1, 1, 1]) == [0.5, 0.5, 0]
    assert slope("median", [1, 2, 2, 4], [1, 1, 1, 1]) == [0, 0.5, 0.5, 0]
    assert slope("median", [1, 2, 3, 4], [1, 1, 1, 1]) == [0, 0.5, 0.5, 0]
    assert slope("minimum", [3, 3], [0, 1]) == [0, 1]


def test_the_slope_of_copeland_is_missing_for_children_that_count() -> None:
    found = slope_children("copeland", np.array([[1.0, X], [2.0, 3.0]]), np.array([1.0, 1.0]))
    assert np.isnan(found).tolist() == [[True, False], [True, True]]
    assert found[0, 1] == 0


def test_a_mean_of_no_unit_is_empty() -> None:
    for method in AGGREGATIONS:
        assert aggregate_children(method, np.empty((0, 2)), np.array([1.0, 1.0]), 2).shape == (0,)
        assert slope_children(method, np.empty((0, 2)), np.array([1.0, 1.0]), 2).shape == (0, 2)


def refused(method: str, values: Floats, weights: Floats, power: float | None = None, node: str = "") -> str:
    with pytest.raises(InputError) as caught:
        aggregate_children(method, values, weights, power, node=node)
    with pytest.raises(InputError, match=".") as again:
        slope_children(method, values, weights, power, node=node)
    assert str(again.value) == str(caught.value)
    return str(caught.value)


ONES, TWO = np.ones(2), np.array([[5.0, 7.0], [3.0, 4.0]])


def test_an_unknown_method_names_the_allowed_ones() -> None:
    assert refused("mode", TWO, ONES) == (
        "node: aggregation 'mode'; allowed are arithmetic, geometric, harmonic, power, median, minimum, copeland, "
        "ampi-, ampi+"
    )


def test_a_power_mean_needs_a_finite_power() -> None:
    assert refused("power", TWO, ONES) == "node: power None; allowed is a finite number"
    assert refused("power", TWO, ONES, math.inf, "trust") == "trust: power inf; allowed is a finite number"


def test_shapes_must_fit() -> None:
    said = "node: weights of shape (3,) for values of shape (2, 2); allowed are (units, children) and (children,)"
    assert refused("arithmetic", TWO, np.ones(3)) == said
    said = "node: weights of shape (2,) for values of shape (2,); allowed are (units, children) and (children,)"
    assert refused("arithmetic", ONES, ONES) == said


@pytest.mark.parametrize(("weight", "said"), [(-0.5, "-0.5"), (math.nan, "nan"), (math.inf, "inf")])
def test_a_weight_is_a_finite_number_from_0(weight: float, said: str) -> None:
    found = refused("arithmetic", TWO, np.array([1.0, weight]), node="trust")
    assert found == f"trust: weight {said}; allowed are finite numbers from 0"
    nameless = refused("arithmetic", TWO, np.array([1.0, weight]))
    assert nameless == f"node: weight {said}; allowed are finite numbers from 0"


@pytest.mark.parametrize(
    ("method", "power", "low", "said"),
    [
        ("geometric", None, 0.0, "geometric takes children above 0; one is 0"),
        ("harmonic", None, 0.0, "harmonic takes children above 0; one is 0"),
        ("geometric", None, -2.5, "geometric takes children above 0; one is -2.5"),
        ("power", -1.0, 0.0, "power takes children above 0; one is 0"),
        ("power", 0.0, 0.0, "power takes children above 0; one is 0"),
        ("power", 0.5, -0.5, "power takes children from 0; one is -0.5"),
        ("ampi-", None, -3.0, "ampi- takes children whose mean is above 0; one unit has 0"),
        ("ampi+", None, -5.0, "ampi+ takes children whose mean is above 0; one unit has -1"),
    ],
)
def test_a_value_that_a_method_does_not_take_is_named(method: str, power: float | None, low: float, said: str) -> None:
    assert refused(method, np.array([[5.0, 7.0], [3.0, low]]), ONES, power, "trust") == f"trust: {said}"


def test_methods_that_take_any_value_take_negative_ones() -> None:
    assert value("arithmetic", [-3, 1], [1, 1]) == -1
    assert value("median", [-3, 1], [1, 1]) == -1
    assert value("minimum", [-3, 1], [1, 1]) == -3
    assert aggregate_children("copeland", np.array([[-3.0], [1.0]]), np.array([1.0])).tolist() == [-1, 1]
