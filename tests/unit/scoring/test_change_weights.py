"""How firmly the weights hold an order: the change that swaps two units, the range that changes nothing."""

import numpy as np
import pytest
from hypothesis import assume, settings
from hypothesis import given as every
from hypothesis import strategies as st

from scoring.change import Criteria, smallest_swap, stability
from scoring.frames import InputError
from scoring.tree import aggregate_children
from tests.unit.scoring.trees import X


def test_a_swap_needs_the_same_share_of_every_weight_or_one_weight_alone() -> None:
    criteria = Criteria(["a", "b", "c"], [[80, 60, 50], [70, 65, 48]], [5, 3, 2])
    swap = smallest_swap(criteria, 0, 1)  # 50 - 15 + 4 = 39 of 69
    assert swap.together == pytest.approx(39 / 69)
    assert swap.single == "a"
    assert [swap.relative, swap.weight] == pytest.approx([-0.78, 1.1])
    back = smallest_swap(criteria, 1, 0)
    assert (back.together, back.single, back.weight) == (swap.together, "a", swap.weight)
    for weights in ([1.1, 3, 2], [5 * (1 - 39 / 69), 3 * (1 + 39 / 69), 2 * (1 - 39 / 69)]):
        assert np.dot(weights, [10, -5, 2]) == pytest.approx(0)


def test_a_unit_better_in_everything_cannot_be_swapped() -> None:
    swap = smallest_swap(Criteria(["a", "b"], [[80, 60], [70, 50]], [1, 1]), 0, 1)
    assert (swap.together, swap.single) == (1.0, "")
    assert np.isnan([swap.relative, swap.weight]).all()
    only = smallest_swap(Criteria(["a", "b"], [[80, 60], [70, 60]], [1, 1]), 0, 1)
    assert (only.single, only.relative, only.weight) == ("a", -1.0, 0.0)


def test_units_that_are_level_need_no_change() -> None:
    swap = smallest_swap(Criteria(["a", "b"], [[80, 60], [60, 80]], [1, 1]), 0, 1)
    assert (swap.together, swap.single, swap.relative) == (0.0, "", 0.0)
    assert np.isnan(swap.weight)
    assert smallest_swap(Criteria(["a"], [[80], [80]], [1]), 0, 1).together == 0


def test_a_child_without_weight_takes_no_part_and_may_be_missing() -> None:
    swap = smallest_swap(Criteria(["a", "b", "c"], [[80.0, 60.0, X], [70.0, 65.0, 1.0]], [1, 1, 0]), 0, 1)
    assert swap.together == pytest.approx(5 / 15)
    assert swap.single == "a"
    with pytest.raises(InputError, match="^'b' is missing for one of the two units; allowed are units that have every"):
        smallest_swap(Criteria(["a", "b"], [[80.0, X], [70.0, 65.0]], [1, 1]), 0, 1)


@pytest.mark.parametrize(
    ("method", "power"), [("geometric", None), ("harmonic", None), ("power", 3.0), ("power", -2.0)]
)
def test_a_swap_under_another_mean_makes_its_scores_level(method: str, power: float | None) -> None:
    table = np.array([[80.0, 20.0, 50.0], [60.0, 45.0, 52.0]])
    criteria = Criteria(["a", "b", "c"], table, [5, 3, 2], method, power)
    swap = smallest_swap(criteria, 0, 1)
    weights = np.array([5.0, 3.0, 2.0])
    weights["abc".index(swap.single)] = swap.weight
    found = aggregate_children(method, table, weights, power)
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_stability_is_where_the_first_two_units_meet() -> None:
    criteria = Criteria(["a", "b", "c"], [[90, 50, 50], [50, 90, 60], [10, 20, 95]], [5, 3, 2])
    table = stability(criteria)  # 70, 64, 30
    assert table.columns.tolist() == ["child", "weight", "low", "high"]
    assert table["weight"].tolist() == [50, 30, 20]
    for row in table.to_dict("records"):
        place = "abc".index(str(row["child"]))
        others = np.where(np.arange(3) == place, 0, [5, 3, 2])
        for bound in (row["low"], row["high"]):
            if 0 < bound < 100:
                weights = others / others.sum() * (100 - bound)
                weights[place] = bound
                scores = np.sort(np.array(criteria.values) @ weights)
                assert np.diff(scores).min() == pytest.approx(0, abs=1e-9)


def test_who_is_first_may_be_firmer_than_the_whole_order() -> None:
    criteria = Criteria(["a", "b"], [[90, 80], [50, 40], [45, 50]], [7, 3])
    ranking, first = stability(criteria), stability(criteria, "first")
    assert ranking[["low", "high"]].to_numpy() == pytest.approx(np.array([[200 / 3, 100], [0, 100 / 3]]))
    assert first[["low", "high"]].to_numpy().tolist() == [[0, 100], [0, 100]]


def test_a_missing_child_is_dropped_unit_by_unit() -> None:
    criteria = Criteria(["a", "b", "c"], [[60.0, 50.0, 70.0], [X, 80.0, 30.0]], [5, 3, 2])  # 59 against 60
    found = stability(criteria).set_index("child")
    share = found["low"].to_dict()["b"] / 100
    rest = np.array([5, 2]) / 7 * (1 - share)
    one = 50 * share + 60 * rest[0] + 70 * rest[1]
    assert one == pytest.approx((80 * share + 30 * rest[1]) / (share + rest[1]))


def test_a_unit_that_has_one_child_only_is_compared_by_it() -> None:
    criteria = Criteria(["a", "b"], [[60.0, X], [40.0, 90.0], [X, X]], [1, 1])  # 60 against 65
    found = stability(criteria)
    assert found[["low", "high"]].to_numpy() == pytest.approx(np.array([[0, 60], [40, 100]]))
    nobody = stability(Criteria(["a", "b"], [[X, X], [X, X]], [1, 1]), "first")
    assert nobody[["low", "high"]].to_numpy().tolist() == [[0, 100], [0, 100]]


def test_units_that_are_level_now_may_come_apart() -> None:
    criteria = Criteria(["a", "b"], [[60, 40], [40, 60], [10, 10]], [1, 1])
    assert stability(criteria)[["low", "high"]].to_numpy().tolist() == [[0, 100], [0, 100]]


def test_a_child_with_the_whole_weight_has_no_bounds() -> None:
    found = stability(Criteria(["a", "b"], [[60, 40], [40, 60]], [1, 0]))
    assert found[["low", "high"]].isna().to_numpy().tolist() == [[True, True], [False, False]]
    assert found.iloc[1][["weight", "low", "high"]].tolist() == [0, 0, pytest.approx(50)]


@settings(max_examples=60, deadline=None)
@every(st.integers(0, 10**6), st.sampled_from(["arithmetic", "geometric", "harmonic"]), st.sampled_from([0.0, 0.25]))
def test_inside_the_bounds_no_order_changes_and_beyond_one_does(seed: int, method: str, gaps: float) -> None:
    draws = np.random.default_rng(seed)
    table = draws.uniform(1, 100, (5, 3))
    table[draws.random(table.shape) < gaps] = np.nan
    assume(not np.isnan(table).all(axis=1).any())
    weights = draws.uniform(0.1, 1, 3)
    weights /= weights.sum()

    def order(share: float) -> list[int]:
        moved = np.append(share, weights[1:] / weights[1:].sum() * (1 - share))
        return [int(at) for at in np.argsort(aggregate_children(method, table, moved))]

    now = aggregate_children(method, table, weights)
    assume(np.diff(np.sort(now)).min() > 1e-6)
    low, high = stability(Criteria(["a", "b", "c"], table, weights, method)).iloc[0][["low", "high"]] / 100
    step = 1e-6
    assert low <= weights[0] <= high
    inside = np.linspace(low + step, high - step, 9) if high - low > 2 * step else [weights[0]]
    assert all(order(share) == order(weights[0]) for share in inside if 0 < share < 1)
    beyond = [share for share in (low - step, high + step) if step < share < 1 - step]
    assert all(order(share) != order(weights[0]) for share in beyond)


def test_criteria_that_do_not_fit_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"values of shape \(1, 1\) and weights of shape \(2,\); allowed are \(units, 2\)"
    ):
        stability(Criteria(["a", "b"], [[1]], [1, 1]))
    with pytest.raises(InputError, match=r"values of shape \(2,\) and weights of shape \(2,\)"):
        stability(Criteria(["a", "b"], [1, 2], [1, 1]))
    with pytest.raises(InputError, match=r"values of shape \(1, 2\) and weights of shape \(1,\)"):
        stability(Criteria(["a", "b"], [[1, 2]], [1]))
    for weights in ([1, -1], [0, 0], [1, X]):
        with pytest.raises(
            InputError, match=r"^criteria: weights \[.*\]; allowed are finite numbers from 0, not all 0$"
        ):
            stability(Criteria(["a", "b"], [[1, 2]], weights))
    with pytest.raises(
        InputError, match="^criteria: 'median' does not weigh; allowed are arithmetic, .*harmonic, power$"
    ):
        stability(Criteria(["a", "b"], [[1, 2]], [1, 1], "median"))
    with pytest.raises(InputError, match="'power' does not weigh"):
        stability(Criteria(["a", "b"], [[1, 2]], [1, 1], "power"))
    with pytest.raises(InputError, match="^criteria: harmonic takes values above 0; one is 0$"):
        stability(Criteria(["a", "b"], [[0, 2]], [1, 1], "harmonic"))
    with pytest.raises(InputError, match="^stability: keep 'last'; allowed are ranking, first$"):
        stability(Criteria(["a", "b"], [[1, 2]], [1, 1]), "last")
