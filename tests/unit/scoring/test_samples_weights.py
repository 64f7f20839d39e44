"""Raking, post-stratification and trimming: what is kept, what is refused and what is reported."""

from typing import Any

import numpy as np
import pytest

from scoring.frames import InputError
from scoring.samples import design_effect, effective_n, post_stratify, rake, rake_table, trim
from scoring.samples.rake import LOOPS

SEX = ["w", "w", "m", "m", "m"]
AGE = ["old", "young", "old", "young", "young"]
TOTALS = {"sex": {"w": 60.0, "m": 40.0}, "age": {"old": 50.0, "young": 50.0}}


def sums(weights: object, values: list[str]) -> dict[str, float]:
    found = dict.fromkeys(values, 0.0)
    for weight, value in zip(np.asarray(weights), values, strict=True):
        found[value] += float(weight)
    return found


def test_raked_weights_meet_every_total() -> None:
    found = rake([1, 1, 1, 1, 1], {"sex": SEX, "age": AGE}, TOTALS)
    assert sums(found.weights, SEX) == pytest.approx(TOTALS["sex"], rel=1e-8)
    assert sums(found.weights, AGE) == pytest.approx(TOTALS["age"], rel=1e-8)
    assert found.converged
    assert 1 < found.loops < 50
    assert found.error < 1e-8
    assert not found.trimmed.any()


def test_raking_keeps_the_design_weights_in_proportion() -> None:
    design = [1, 1, 2, 3, 9]
    found = rake(design, {"sex": SEX, "age": AGE}, TOTALS).weights
    assert found[4] / found[3] == pytest.approx(3)
    even = rake([1] * 5, {"sex": SEX, "age": AGE}, TOTALS).weights
    assert even[4] == pytest.approx(even[3])
    assert found != pytest.approx(even)


def test_totals_may_be_shares_and_a_category_of_total_0_may_be_empty() -> None:
    whole = rake([1] * 5, {"sex": SEX, "age": AGE}, TOTALS).weights
    shares = {name: {key: value / 100 for key, value in totals.items()} | {"?": 0.0} for name, totals in TOTALS.items()}
    assert rake([1] * 5, {"sex": SEX, "age": AGE}, shares).weights == pytest.approx(whole / 100)


def test_rows_of_a_category_whose_total_is_0_count_nothing() -> None:
    found = rake([1, 1, 1], {"sex": ["w", "m", "?"]}, {"sex": {"w": 3, "m": 1, "?": 0}})
    assert found.weights.tolist() == [3, 1, 0]
    assert (found.error, found.loops) == (0, 1)


def test_trimmed_weights_are_trimmed_and_say_so() -> None:
    age = ["old"] + ["young"] * 9
    totals = {"age": {"old": 50.0, "young": 50.0}}
    wild = rake([1] * 10, {"age": age}, totals)
    assert wild.weights[0] / wild.weights[1] == pytest.approx(9)
    held = rake([1] * 10, {"age": age}, totals, (0.2, 5.0))
    assert held.weights[0] / held.weights[1] == pytest.approx(5)
    assert held.trimmed.tolist() == [True] + [False] * 9
    assert held.weights.sum() == pytest.approx(100)
    assert held.error == pytest.approx(1 - 5 / 14 * 2)
    assert wild.error < 1e-12
    assert held.converged


def test_light_weights_are_raised_too_and_the_rest_keeps_its_ratios() -> None:
    found = trim([1, 10, 10, 12, 80])
    assert found.raised.tolist() == [True, False, False, False, False]
    assert found.lowered.tolist() == [False, False, False, False, True]
    assert found.weights / found.weights[1] == pytest.approx([0.2, 1, 1, 1.2, 5])
    assert found.weights.sum() == pytest.approx(113)


def test_the_bounds_themselves_are_allowed() -> None:
    found = trim([2, 10, 50])
    assert found.weights.tolist() == [2, 10, 50]
    assert not (found.raised | found.lowered).any()
    narrow = trim([2, 10, 50], bounds=(1, 1))
    assert narrow.weights == pytest.approx([62 / 3] * 3)


def test_a_row_that_stands_for_many_counts_as_many_in_the_median() -> None:
    assert trim([1, 10], [5, 1]).weights == pytest.approx([1.5, 7.5])
    assert trim([1, 10], [1, 5]).weights == pytest.approx([2 * 51 / 52, 10 * 51 / 52])


def test_a_weight_of_0_stays_0_and_is_no_part_of_the_median() -> None:
    found = trim([0, 0, 0, 2, 2, 30], [1, 1, 1, 1, 1, 1])
    assert found.weights == pytest.approx([0, 0, 0, 34 / 7, 34 / 7, 170 / 7])
    assert found.raised.tolist() == [False] * 6
    assert trim([3, 0], [0, 1]).weights.tolist() == [3, 0]
    assert trim([3, 0], [0, 1]).lowered.tolist() == [False, False]


def test_effective_n_is_the_n_for_equal_weights_and_less_for_others() -> None:
    assert effective_n([3, 3, 3]) == 3
    assert effective_n([1, 3]) == 1.6
    assert effective_n([1, 3], [10, 0]) == 10
    assert effective_n([1, 3], [3, 1]) == 3
    assert effective_n([0, 0]) == 0


def test_the_design_effect_counts_rows_with_a_weight_only() -> None:
    assert design_effect([1, 3]) == 1.25
    assert design_effect([1, 3, 0]) == 1.25
    assert design_effect([1, 3], [3, 1]) == pytest.approx(4 / 3)
    assert np.isnan(design_effect([0.0]))


@pytest.mark.parametrize(
    ("weights", "counts", "said"),
    [
        ([1, 2], [1], "weights of shape (2,) with counts of shape (1,); allowed: one a row"),
        ([[1]], [[1]], "weights of shape (1, 1) with counts of shape (1, 1); allowed: one a row"),
        ([1, -2], None, "weight -2 in row 1; allowed: finite numbers from 0 up"),
        ([1, np.inf], None, "weight inf in row 1; allowed: finite numbers from 0 up"),
        ([1, 1], [np.nan, 1], "count nan in row 0; allowed: finite numbers from 0 up"),
    ],
)
def test_weights_that_are_none_are_refused(weights: object, counts: object, said: str) -> None:
    for question in (effective_n, design_effect, trim):
        with pytest.raises(InputError) as refused:
            question(np.array(weights), counts if counts is None else np.array(counts))
        assert str(refused.value) == said


@pytest.mark.parametrize("bounds", [(-0.1, 5.0), (1.1, 5.0), (0.2, 0.9)])
def test_bounds_that_leave_out_the_median_are_refused(bounds: tuple[float, float]) -> None:
    with pytest.raises(InputError) as refused:
        trim([1], bounds=bounds)
    said = f"bounds {bounds[0]:g} and {bounds[1]:g}; allowed: from 0 to 1 below, 1 or more above"
    assert str(refused.value) == said


def test_an_empty_category_is_refused_with_advice() -> None:
    with pytest.raises(InputError) as refused:
        rake([1, 1], {"age": ["young", "young"]}, {"age": {"young": 30, "old": 70}})
    assert str(refused.value) == "age: nobody in 'old'; merge it with another category or leave age out"
    with pytest.raises(InputError) as refused:
        post_stratify([1], ["a"], {"a": 1, "b": 1})
    assert str(refused.value) == "stratum: nobody in 'b'; merge it with another category or leave stratum out"


@pytest.mark.parametrize(
    ("design", "traits", "targets", "said"),
    [
        ([1], ["x"], {"a": 1, "b": 1}, "age: 'x' has no total; allowed: a, b"),
        ([1, 1], ["a"], {"a": 1}, "age: 1 categories for 2 weights; allowed: one a row"),
        ([1, 0], ["a", "a"], {"a": 1}, "a design weight is 0; allowed: above 0, or leave the row out"),
        ([1], ["a"], {"a": 0}, "totals [0.0]; allowed: finite, from 0 up, not all 0"),
        ([1], ["a"], {"a": np.nan}, "totals [nan]; allowed: finite, from 0 up, not all 0"),
        ([1, 1], ["a", "b"], {"a": 2, "b": -1}, "totals [2.0, -1.0]; allowed: finite, from 0 up, not all 0"),
    ],
)
def test_raking_refuses_what_does_not_fit(design: Any, traits: Any, targets: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        rake(design, {"age": traits}, {"age": targets})
    assert str(refused.value) == said


def test_traits_and_targets_have_the_same_variables() -> None:
    with pytest.raises(InputError) as refused:
        rake([1], {"age": ["a"]}, {"sex": {"a": 1}})
    assert str(refused.value) == "traits of ['age'] with targets of ['sex']; allowed: the same variables"
    with pytest.raises(InputError) as refused:
        rake([1], {}, {})
    assert str(refused.value) == "traits of [] with targets of []; allowed: the same variables"


def test_totals_that_cannot_all_hold_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        rake([1, 1], {"sex": ["w", "m"], "age": ["a", "a"]}, {"sex": {"w": 2, "m": 1}, "age": {"a": 4}})
    assert str(refused.value) == "totals of the variables sum to [3.0, 4.0]; allowed: one sum for all"
    rake([1, 1], {"sex": ["w", "m"], "age": ["a", "a"]}, {"sex": {"w": 0.1, "m": 0.2}, "age": {"a": 0.3}})


def test_totals_that_the_filled_cells_cannot_meet_end_after_all_loops_and_say_so() -> None:
    found = rake_table([[1, 1], [0, 1]], [([0], [1, 3]), ([1], [3, 1])])
    assert not found.converged
    assert found.loops == LOOPS == 500
    assert found.error > 0.1
    assert found.weights[1, 0] == 0


def test_a_table_keeps_its_shape() -> None:
    found = rake_table([[1, 2, 3], [4, 5, 6]], [([0, 1], [[6, 5, 4], [3, 2, 1]])])
    assert found.weights == pytest.approx(np.array([[6, 5, 4], [3, 2, 1]]))
    assert found.trimmed.shape == (2, 3)


@pytest.mark.parametrize(
    ("cells", "margins", "said"),
    [
        ([[1, 1]], [([1], [1, 2, 3])], "totals of shape (3,) along axes [1]; allowed: (2,)"),
        ([[1, 1]], [([0, 1], [1, 2])], "totals of shape (2,) along axes [0, 1]; allowed: (1, 2)"),
        ([[0, 1]], [([1], [2, 3])], "category 0 has a total of 2 but no weight; merge it with another"),
        ([[1, 1]], [], "no totals to rake to; allowed: one variable or more"),
    ],
)
def test_a_table_that_cannot_be_raked_is_refused(cells: Any, margins: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        rake_table(np.array(cells), margins)
    assert str(refused.value) == said
