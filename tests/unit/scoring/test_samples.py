"""Robust means, intervals of shares and shrinkage on hand-sized input."""

import numpy as np
import pytest

from scoring.frames import InputError
from scoring.samples import median, shrink, shrink_known, trimmed_mean, wilson, winsorised_mean


def nan(values: object) -> list[bool]:
    return [bool(flag) for flag in np.isnan(np.asarray(values))]


def test_the_median_stands_half_way_only_when_the_middle_falls_between_two_levels() -> None:
    assert median([[2, 2, 0], [2, 3, 0], [3, 2, 0], [1, 0, 1], [0, 0, 7]], [0, 10, 30]).tolist() == [5, 10, 0, 15, 30]


def test_the_order_of_the_levels_does_not_matter() -> None:
    assert median([[2, 0, 2]], [10, 30, 0]).tolist() == [5]
    assert trimmed_mean([[1, 1, 1, 1]], [50, 0, 10, 20], 0.25).tolist() == [15]


def test_a_weighted_median_is_that_of_the_heavier_half() -> None:
    assert median([[0.1, 0.2, 0.7]], [0, 50, 100]).tolist() == [100]
    assert median([[0.1 + 0.2, 0.3, 0.6]], [0, 50, 100]).tolist() == [75]


def test_only_whole_answers_are_cut() -> None:
    values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 50]
    assert trimmed_mean([[1] * 10], values, 0.1).tolist() == pytest.approx([4.5])
    assert trimmed_mean([[1] * 9 + [0]], values, 0.1).tolist() == pytest.approx([4])
    assert trimmed_mean([[1] * 10], values, 0.19).tolist() == pytest.approx([4.5])
    assert trimmed_mean([[1] * 10], values, 0.2).tolist() == pytest.approx([4.5])
    assert trimmed_mean([[0, 0, 1, 0, 0, 0, 0, 0, 0, 9]], values, 0.1).tolist() == pytest.approx([50])


def test_a_share_that_gives_a_whole_number_is_not_spoilt_by_its_last_bit() -> None:
    assert 0.29 * 100 < 29
    masses = [[29, 42, 29]]
    assert trimmed_mean(masses, [0, 5, 100], 0.29).tolist() == pytest.approx([5])
    assert trimmed_mean([[30, 41, 29]], [0, 5, 100], 0.29).tolist() == pytest.approx([41 * 5 / 42])


def test_each_row_may_have_a_share_of_its_own() -> None:
    masses = [[1, 1, 1, 1], [1, 1, 1, 1]]
    assert trimmed_mean(masses, [0, 1, 2, 9], [0.0, 0.25]).tolist() == [3, 1.5]
    assert winsorised_mean(masses, [0, 1, 2, 9], [0.0, 0.25]).tolist() == [3, 1.5]


def test_pulled_answers_count_and_cut_ones_do_not() -> None:
    masses, values = [[1, 2, 6, 1]], [0, 10, 40, 100]
    assert trimmed_mean(masses, values, 0.1).tolist() == pytest.approx([(2 * 10 + 6 * 40) / 8])
    assert winsorised_mean(masses, values, 0.1).tolist() == pytest.approx([(3 * 10 + 7 * 40) / 10])
    assert trimmed_mean(masses, values, 0.2).tolist() == pytest.approx([(1 * 10 + 5 * 40) / 6])
    assert winsorised_mean(masses, values, 0.2).tolist() == pytest.approx([(3 * 10 + 7 * 40) / 10])


def test_equal_weights_change_nothing_and_weights_cut_their_part_of_the_whole() -> None:
    counts, values = np.array([[1.0, 2.0, 6.0, 1.0]]), [0, 10, 40, 100]
    for estimate in (trimmed_mean, winsorised_mean):
        assert estimate(counts * 0.3, values, 0.2, [10]) == pytest.approx(estimate(counts, values, 0.2))
    heavy = [[0.05, 0.15, 0.6, 0.2]]
    assert trimmed_mean(heavy, values, 0.1, [10]).tolist() == pytest.approx([(0.1 * 10 + 0.6 * 40 + 0.1 * 100) / 0.8])
    assert winsorised_mean(heavy, values, 0.1, [10]).tolist() == pytest.approx([0.2 * 10 + 0.6 * 40 + 0.2 * 100])
    assert trimmed_mean(heavy, values, 0.1, [9]).tolist() == pytest.approx([0.15 * 10 + 0.6 * 40 + 0.2 * 100])


def test_without_an_answer_there_is_no_figure_and_a_zero_is_one() -> None:
    masses = [[0, 0], [3, 0]]
    assert nan(median(masses, [0, 100])) == [True, False]
    assert nan(trimmed_mean(masses, [0, 100], 0.1, [0, 3])) == [True, False]
    assert nan(winsorised_mean(masses, [0, 100], 0.1)) == [True, False]
    assert winsorised_mean(masses, [0, 100], 0.1)[1] == 0


@pytest.mark.parametrize(
    ("masses", "values", "said"),
    [
        ([1, 2], [1, 2], r"masses of shape (2,) with values of shape (2,); allowed: one value a level"),
        ([[1, 2]], [1, 2, 3], r"masses of shape (1, 2) with values of shape (3,); allowed: one value a level"),
        ([[]], [], r"masses of shape (1, 0) with values of shape (0,); allowed: one value a level"),
        ([[1, -1]], [1, 2], "a mass is negative or not finite; allowed: 0 or more"),
        ([[1, np.nan]], [1, 2], "a mass is negative or not finite; allowed: 0 or more"),
    ],
)
def test_masses_that_are_none_are_refused(masses: object, values: object, said: str) -> None:
    with pytest.raises(InputError) as refused:
        median(np.array(masses), np.array(values))
    assert str(refused.value) == said


@pytest.mark.parametrize("share", [-0.1, 0.5, float("nan")])
def test_a_share_that_leaves_nothing_is_refused(share: float) -> None:
    with pytest.raises(InputError) as refused:
        trimmed_mean([[1]], [1], share)
    assert str(refused.value) == f"a share of {share} at each end; allowed: at least 0 and below 0.5"


def test_bounds_of_a_share_stay_between_0_and_1_and_mirror_each_other() -> None:
    low, high = wilson([0, 29, 7.5], [29, 29, 10.25])
    assert (low[0], high[1]) == (0, 1)
    assert high[0] == pytest.approx(1 - low[1])
    assert high[0] == pytest.approx(0.1169697985)
    for bound in (low[2], high[2]):  # where the share stands 1.96 standard errors away
        assert abs(7.5 / 10.25 - bound) == pytest.approx(1.959964 * (bound * (1 - bound) / 10.25) ** 0.5)


def test_a_wider_probability_gives_a_wider_interval() -> None:
    assert wilson(5, 10, 0.5)[0] == pytest.approx(0.3956999154)
    assert wilson(5, 10)[0] == pytest.approx(0.2365930905)


def test_noise_in_the_last_bit_of_a_share_is_no_error() -> None:
    low, high = wilson(10 + 1e-14, 10.0)
    assert float(low) == pytest.approx(0.7224672001)
    assert high == 1


def test_a_share_of_nobody_has_no_interval() -> None:
    assert [nan(bound) for bound in wilson([0, 1], [0, 2])] == [[True, False], [True, False]]


@pytest.mark.parametrize(
    ("successes", "n", "probability", "said"),
    [
        ([1, 4], [2, 3], 0.95, "4 successes of 3; allowed: from 0 to n"),
        ([-1, 4], 5, 0.95, "-1 successes of 5; allowed: from 0 to n"),
        (1, 2, 0.0, "an interval of probability 0.0; allowed: between 0 and 1"),
        (1, 2, 1, "an interval of probability 1; allowed: between 0 and 1"),
    ],
)
def test_a_share_that_cannot_be_is_refused(successes: object, n: object, probability: float, said: str) -> None:
    with pytest.raises(InputError) as refused:
        wilson(np.array(successes), np.array(n), probability)
    assert str(refused.value) == said


def test_small_units_are_drawn_more_than_large_ones() -> None:
    found = shrink([40, 50, 60, 70, 80], [2, 4, 4, 4, 16], [400, 400, 400, 400, 400])
    assert found.within == 400
    n = np.array([2.0, 4, 4, 4, 16])
    grand = (n @ [40, 50, 60, 70, 80]) / 30
    square = (n @ (np.array([40, 50, 60, 70, 80]) - grand) ** 2) / 4
    assert found.between == pytest.approx((square - 400) / ((30 - (n @ n) / 30) / 4))
    assert found.reliability == pytest.approx(found.between / (found.between + 400 / n))
    assert found.mean == pytest.approx((found.reliability @ [40, 50, 60, 70, 80]) / found.reliability.sum())
    assert found.values == pytest.approx(found.mean + found.reliability * (np.array([40, 50, 60, 70, 80]) - found.mean))
    assert found.note == ""


def test_the_spread_is_pooled_over_units_that_have_one() -> None:
    found = shrink([10, 20, 30, 40, 90], [3, 2, 2, 2, 1], [3.0, 9.0, 9.0, 9.0, np.nan])
    assert found.within == pytest.approx((2 * 3 + 9 + 9 + 9) / 5)
    assert not np.isnan(found.values).any()


def test_a_unit_without_a_mean_is_left_out_and_stays_so() -> None:
    known = shrink([40, 50, 60, 70, 80], [4] * 5, [400] * 5)
    gap = shrink([40, 50, 60, np.nan, 70, 80], [4, 4, 4, 0, 4, 4], [400, 400, 400, np.nan, 400, 400])
    assert nan(gap.values) == nan(gap.reliability) == [False, False, False, True, False, False]
    assert np.delete(gap.values, 3) == pytest.approx(known.values)


def test_four_units_are_too_few_to_learn_from() -> None:
    found = shrink([40, 50, 60, np.nan, 70], [4, 4, 4, 4, 4], [400] * 5)
    assert found.note == "too_few_units"
    assert found.values[[0, 1, 2, 4]].tolist() == [40, 50, 60, 70]
    assert nan(found.reliability) == [True] * 5
    assert nan([found.mean, found.between, found.within]) == [True] * 3


def test_single_answers_show_no_spread_to_learn_from() -> None:
    found = shrink([40, 50, 60, 70, 80], [1] * 5, [np.nan] * 5)
    assert (found.note, found.values.tolist()) == ("spread_unknown", [40, 50, 60, 70, 80])
    assert nan(found.reliability) == [True] * 5


def test_units_that_do_not_differ_measurably_are_all_equal() -> None:
    found = shrink([49, 50, 51, 50, 50, np.nan], [4, 4, 4, 4, 9, 0], [400] * 6)
    assert (found.note, found.between, found.mean) == ("no_difference", 0, 50)
    assert found.values[:5].tolist() == [50] * 5
    assert found.reliability[:5].tolist() == [0] * 5
    assert nan(found.values) == nan(found.reliability) == [False] * 5 + [True]
    assert shrink([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3], [5] * 5, [0.0] * 5).note == "no_difference"


def test_answers_without_any_spread_need_no_drawing() -> None:
    found = shrink([40, 50, 60, 70, 80], [4] * 5, [0.0] * 5)
    assert found.values.tolist() == [40, 50, 60, 70, 80]
    assert found.reliability.tolist() == [1] * 5
    assert found.between == 250


@pytest.mark.parametrize(
    ("means", "n", "variances", "said"),
    [
        ([1, 2], [1], [1, 2], "means, n and variances of shape (2,), (1,) and (2,); allowed: one each a unit"),
        ([1, 2], [1, 2], [1], "means, n and variances of shape (2,), (2,) and (1,); allowed: one each a unit"),
        ([[1]], [[1]], [[1]], "means, n and variances of shape (1, 1), (1, 1) and (1, 1); allowed: one each a unit"),
        ([1, 2], [3, 0], [1, 2], "n of 0 for unit 1, which has a mean; allowed: above 0"),
        ([1, 2], [3, np.nan], [1, 2], "n of nan for unit 1, which has a mean; allowed: above 0"),
    ],
)
def test_means_without_their_numbers_are_refused(means: object, n: object, variances: object, said: str) -> None:
    with pytest.raises(InputError) as refused:
        shrink(np.array(means), np.array(n), np.array(variances))
    assert str(refused.value) == said


def test_a_known_variance_that_explains_everything_leaves_one_mean() -> None:
    assert shrink_known([1, 2, 3, 4, 5], 5.0)[1] == 0
    assert shrink_known([1, 2, 3, 4, 5], 6.0)[0].tolist() == [3] * 5
    assert shrink_known([2, 2, 2, 2], 0.0)[1] == 0
    assert shrink_known([1, 2, 3, 4], 0.0)[0].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("means", "variance", "said"),
    [
        ([1, 2, 3], 1.0, "means of shape (3,); allowed: four or more, none missing"),
        ([[1], [2], [3], [4]], 1.0, "means of shape (4, 1); allowed: four or more, none missing"),
        ([1, 2, 3, np.nan], 1.0, "means of shape (4,); allowed: four or more, none missing"),
        ([1, 2, 3, 4], -1.0, "variance -1; allowed: a finite number from 0 up"),
        ([1, 2, 3, 4], np.inf, "variance inf; allowed: a finite number from 0 up"),
    ],
)
def test_james_and_stein_need_four_means_and_a_variance(means: object, variance: float, said: str) -> None:
    with pytest.raises(InputError) as refused:
        shrink_known(np.array(means), variance)
    assert str(refused.value) == said
