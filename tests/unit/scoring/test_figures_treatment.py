"""Denominators, imputation and outliers on plain arrays, in exact numbers."""

import math

import numpy as np
import pytest
from scipy import stats

from scoring.figures import denominate, excess_kurtosis, impute, skewness, treat
from scoring.frames import Floats, InputError

X = math.nan
LONG_TAIL = [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 30.0]


def a(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def same(found: Floats, *known: float) -> None:
    np.testing.assert_allclose(found, known, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("method", "categories", "said"),
    [
        (
            "guess",
            [],
            "imputation 'guess'; allowed are none, mean, median, category-mean, category-median, last",
        ),
        ("last", [], "0 of what should be one earlier figure for each of 2 units"),
        ("category-mean", ["a"], "1 of what should be one category for each of 2 units"),
    ],
)
def test_an_imputation_without_what_it_goes_by_is_refused(method: str, categories: list[str], said: str) -> None:
    with pytest.raises(InputError) as refusal:
        impute(a(1, 2), method, categories=categories)
    assert str(refusal.value) == said


def test_a_figure_is_divided_by_a_positive_denominator_only() -> None:
    quotients, lost = denominate(a(6, 0, 5, 5, 5, X, 1e300), a(3, 2, 0, -2, X, 0, 1e-300))
    same(quotients, 2, 0, X, X, X, X, X)
    assert lost.tolist() == [False, False, True, True, True, False, True]


def test_missing_figures_are_replaced_by_what_the_method_says_and_flagged() -> None:
    values, categories = a(1, X, 3, 8, X, 30), ["a", "a", "a", "b", "b", "b"]
    known: dict[str, tuple[float, float]] = {
        "none": (X, X),
        "mean": (10.5, 10.5),
        "median": (5.5, 5.5),
        "category-mean": (2, 19),
        "category-median": (2, 19),
        "last": (7, X),
    }
    for method, (first, second) in known.items():
        filled, flags = impute(values, method, categories=categories, earlier=a(9, 7, 9, 9, X, 9))
        same(filled, 1, first, 3, 8, second, 30)
        assert flags.tolist() == [False, not math.isnan(first), False, False, not math.isnan(second), False]


def test_the_middle_of_a_category_is_its_mean_or_its_median() -> None:
    values = a(1, 2, 9, X, X)
    categories = ["a", "a", "a", "a", "b"]
    same(impute(values, "category-mean", categories=categories)[0], 1, 2, 9, 4, X)
    same(impute(values, "category-median", categories=categories)[0], 1, 2, 9, 2, X)
    same(impute(a(X, X), "mean")[0], X, X)


def test_skewness_and_kurtosis_are_those_of_the_bias_corrected_definitions() -> None:
    values = a(*LONG_TAIL)
    assert skewness(np.append(values, X)) == pytest.approx(stats.skew(values, bias=False), rel=1e-12)
    assert excess_kurtosis(np.append(values, X)) == pytest.approx(stats.kurtosis(values, bias=False), rel=1e-12)
    assert skewness(values * 1e200) == pytest.approx(skewness(values), rel=1e-9)
    assert excess_kurtosis(a(1, 2, 4) * 1) != excess_kurtosis(a(1, 2, 4, 5))


def test_too_few_or_equal_figures_have_no_skewness() -> None:
    assert math.isnan(skewness(a(1, 2, X)))
    assert skewness(a(1, 2, 4)) == pytest.approx(0.9352195295828244, rel=1e-12)
    assert math.isnan(excess_kurtosis(a(1, 2, 4, X)))
    assert excess_kurtosis(a(1, 2, 4, 5)) == pytest.approx(-3.3, rel=1e-12)
    assert math.isnan(skewness(a(0.3, 0.1 + 0.2, 0.3)))
    assert math.isnan(skewness(a()))
    assert treat(a(2, 2, 2, 2, X)).method == "none"


def test_a_distribution_without_a_long_tail_is_left_alone() -> None:
    done = treat(a(1, 2, 3, X, 10))
    same(done.values, 1, 2, 3, X, 10)
    assert (done.method, done.passes, done.touched.sum()) == ("none", True, 0)
    assert done.skewness[0] == done.skewness[1] == pytest.approx(1.763632614803888)
    assert done.kurtosis[0] == done.kurtosis[1] == pytest.approx(3.228)


def test_one_far_point_is_replaced_by_the_next_on_its_side() -> None:
    for sign in (1.0, -1.0):
        done = treat(sign * a(*LONG_TAIL, X))
        same(sign * done.values, 1, 2, 2, 3, 3, 3, 4, 4, 4, X)
        assert (done.method, done.passes) == ("winsorised", True)
        assert done.touched.tolist() == [False] * 8 + [True, False]
        assert done.skewness == pytest.approx(
            (sign * stats.skew(LONG_TAIL, bias=False), stats.skew(done.values[:-1], bias=False))
        )


def test_points_are_replaced_one_after_the_other_until_the_test_passes() -> None:
    values = a(*range(1, 21), 60, 200, 300)
    done = treat(values)
    assert done.method == "winsorised"
    same(done.values, *range(1, 21), 60, 60, 60)
    assert done.touched.sum() == 2
    assert abs(done.skewness[1]) <= 2 or done.kurtosis[1] <= 3.5


def test_tied_extremes_move_together_and_never_more_than_five() -> None:
    five = treat(a(*range(60), *[1000] * 5))
    same(five.values, *range(60), *[59] * 5)
    assert (five.method, int(five.touched.sum())) == ("winsorised", 5)
    six = treat(a(*range(80), *[1000] * 6))
    assert six.method == "log"


def test_after_five_points_the_figures_as_they_came_go_on_logarithms() -> None:
    values = a(*range(60), *range(1000, 1080, 10), X)
    done = treat(values)
    logs = np.log(values + 0.01 * 1070)
    known = 1070 * (logs - logs[0]) / (logs[67] - logs[0])
    same(done.values, *known)
    assert (done.method, done.passes) == ("log", True)
    assert done.touched.tolist() == [False, *[True] * 66, False, False]
    assert done.skewness == pytest.approx((2.4181707083898414, 1.647157121413889))
    assert done.kurtosis == pytest.approx((3.995353961751989, 2.1362418698989214))
    mirrored = treat(5 - values)
    same(5 - mirrored.values, *known)
    assert mirrored.skewness == pytest.approx((-2.4181707083898414, -1.647157121413889))


def test_what_even_logarithms_do_not_cure_is_told() -> None:
    done = treat(a(*[0] * 200, *[1] * 6))
    assert (done.method, done.passes) == ("log", False)
    same(done.values, *[0] * 200, *[1] * 6)
    assert not done.touched.any()
