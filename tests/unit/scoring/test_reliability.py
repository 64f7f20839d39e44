from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.frames import InputError
from scoring.reliability import (
    Interval,
    Metric,
    Raters,
    bootstrap_interval,
    can_rank,
    cronbach_alpha,
    fleiss_kappa,
    icc_one_way,
    icc_two_way,
    kendall_w,
    krippendorff_alpha,
    label_alpha,
    ratings_by_unit,
)

METRICS: tuple[Metric, ...] = ("nominal", "ordinal", "interval", "ratio")
NAN = float("nan")


def dice(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def panel(units: int = 12, raters: int = 4, missing: float = 0.0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Ratings 0 to 10 of units that differ, by raters who err."""
    chance = dice(5)
    table = np.clip(np.round(5 + 2 * chance.normal(size=(units, 1)) + chance.normal(size=(units, raters))), 0, 10)
    table[chance.random((units, raters)) < missing] = np.nan
    return table


def pairwise_alpha(table: np.ndarray[tuple[int, int], np.dtype[np.float64]], metric: Metric) -> float:
    """Alpha by its definition: every pair of ratings inside a unit against every pair of pairable ratings."""
    units = [row[~np.isnan(row)] for row in table]
    units = [row for row in units if len(row) > 1]
    everything = np.concatenate(units)

    def gap(a: float, b: float) -> float:
        if metric == "ordinal":
            low, high = min(a, b), max(a, b)
            between = ((everything >= low) & (everything <= high)).sum()
            return float(between - ((everything == low).sum() + (everything == high).sum()) / 2) ** 2
        ratio = ((a - b) / (a + b)) ** 2 if a + b else 0.0
        return {"nominal": float(a != b), "interval": (a - b) ** 2, "ratio": ratio}[metric]

    inside = sum(sum(gap(a, b) for a in row for b in row) / (len(row) - 1) for row in units)
    chance = sum(gap(a, b) for a in everything for b in everything) / (len(everything) - 1)
    return float(1 - inside / chance)


@pytest.mark.parametrize("metric", METRICS)
def test_alpha_is_its_definition_over_all_pairs(metric: Metric) -> None:
    table = panel(missing=0.3)
    assert krippendorff_alpha(table, raters="columns", metric=metric) == pytest.approx(pairwise_alpha(table, metric))


@pytest.mark.parametrize("metric", METRICS)
def test_alpha_of_full_agreement_is_one_and_of_opposites_below_zero(metric: Metric) -> None:
    assert krippendorff_alpha([[0, 0], [1, 1], [7, 7]], raters="columns", metric=metric) == 1
    assert krippendorff_alpha([[0, 7], [7, 0], [0, 7]], raters="columns", metric=metric) < 0


@pytest.mark.parametrize("metric", METRICS)
def test_alpha_is_unknown_where_ratings_do_not_differ_or_meet(metric: Metric) -> None:
    for table in ([[3, 3], [3, 3]], [[1, NAN], [NAN, 2]], [[NAN]], [[0.3, 0.1 + 0.2], [0.3, 0.3]]):
        assert np.isnan(krippendorff_alpha(table, raters="columns", metric=metric))


def test_alpha_keeps_its_value_when_raters_or_units_change_places() -> None:
    table = panel(missing=0.3)
    alpha = krippendorff_alpha(table, raters="columns")
    assert krippendorff_alpha(table.T, raters="rows") == alpha
    assert krippendorff_alpha(table[:, ::-1], raters="columns") == pytest.approx(alpha, rel=1e-12)
    assert krippendorff_alpha(table[::-1], raters="columns") == pytest.approx(alpha, rel=1e-12)
    assert krippendorff_alpha(np.exp(table), raters="columns") == pytest.approx(alpha, rel=1e-12)


def test_a_ratio_scale_refuses_values_below_zero_and_a_metric_must_exist() -> None:
    with pytest.raises(InputError, match="a ratio scale starts at zero"):
        krippendorff_alpha([[1, 1], [-1, 2]], raters="columns", metric="ratio")
    with pytest.raises(InputError, match="metric 'cosine' is none of nominal, ordinal, interval, ratio"):
        krippendorff_alpha([[1, 2]], raters="columns", metric="cosine")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2], [3]], "rows of equal length"),
        ([["good", "bad"]], "a table of numbers"),
        ([1, 2, 3], "not 1 dimensions"),
        ([[]], "is empty"),
        ([[1, np.inf]], "infinite"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(table: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ratings_by_unit(table, raters="rows")


@pytest.mark.parametrize("place", ["row", "", None])
def test_where_raters_stand_must_be_said(place: Raters) -> None:
    with pytest.raises(InputError, match="raters stand in 'rows' or in 'columns'"):
        ratings_by_unit([[1, 2]], raters=place)


def test_a_frame_with_missing_whole_numbers_is_a_table() -> None:
    frame = pd.DataFrame({"first": [1, None, 3], "second": [1, 2, None]}, dtype="Int64")
    expected = np.array([[1, 1], [NAN, 2], [3, NAN]])
    np.testing.assert_array_equal(ratings_by_unit(frame, raters="columns"), expected)


def test_one_way_correlations_of_unequal_numbers_follow_the_variance_components() -> None:
    found = icc_one_way([[1, 3, NAN], [6, NAN, NAN], [NAN, NAN, NAN], [8.0, 9, 10]], raters="columns")
    n0 = (6 - (4 + 1 + 9) / 6) / 2
    between = (2 * (2 - 37 / 6) ** 2 + (6 - 37 / 6) ** 2 + 3 * (9 - 37 / 6) ** 2) / 2
    within = (2 + 0 + 2) / 3
    tau2 = (between - within) / n0
    assert (found.raters, found.between, found.within) == pytest.approx((n0, between, within))
    assert (found.single, found.average) == pytest.approx((tau2 / (tau2 + within), tau2 / (tau2 + within / n0)))


def test_who_sat_where_is_of_no_effect_in_one_way() -> None:
    table = panel(missing=0.3)
    mixed = dice(2).permuted(table, axis=1)
    assert icc_one_way(mixed, raters="columns").single == pytest.approx(icc_one_way(table.T, raters="rows").single)


def test_one_way_correlations_may_be_below_zero() -> None:
    found = icc_one_way([[1, 9], [9, 1], [2, 8]], raters="columns")
    assert found.single == pytest.approx(-1)
    assert np.isnan(found.average)


@pytest.mark.parametrize(
    ("table", "raters"), [([[1, 2, 3]], 3), ([[1], [2]], 1), ([[1, NAN], [NAN, 5]], 1), ([[NAN, NAN]], 0)]
)
def test_too_few_ratings_have_no_one_way_correlation(table: list[list[float]], raters: float) -> None:
    found = icc_one_way(table, raters="columns")
    assert np.isnan([found.single, found.average, found.between, found.within]).all()
    assert found.raters == raters


def test_equal_ratings_have_no_correlation_whatever_rounding_leaves() -> None:
    same = np.full((7, 3), 0.1) + 0.2
    one, two = icc_one_way(same, raters="columns"), icc_two_way(same, raters="columns")
    assert np.isnan([one.single, one.average, two.single, two.average, two.single_fixed, two.average_fixed]).all()


def test_a_constant_severity_counts_for_drawn_raters_only() -> None:
    table = panel(raters=1) + np.array([0, 2, 4])
    found = icc_two_way(table, raters="columns")
    assert (found.single_fixed, found.average_fixed) == pytest.approx((1, 1))
    assert found.single < found.average < 1
    assert found.residual == pytest.approx(0)


def test_the_mean_squares_of_two_ways_add_up_to_the_spread() -> None:
    table = panel()
    found = icc_two_way(table.T, raters="rows")
    units, k = table.shape
    parts = found.between * (units - 1) + found.raters * (k - 1) + found.residual * (units - 1) * (k - 1)
    assert parts == pytest.approx(((table - table.mean()) ** 2).sum())


def test_the_average_of_fixed_raters_is_cronbachs_alpha() -> None:
    table = panel()
    assert icc_two_way(table, raters="columns").average_fixed == pytest.approx(cronbach_alpha(table))


@pytest.mark.parametrize("table", [[[1, 2, 3]], [[1], [2], [3]]])
def test_one_unit_or_one_rater_has_no_two_way_correlation(table: list[list[float]]) -> None:
    found = icc_two_way(table, raters="columns")
    assert np.isnan([found.single, found.average, found.single_fixed, found.average_fixed]).all()
    assert np.isnan([found.between, found.raters, found.residual]).all()


def test_complete_designs_say_what_is_missing() -> None:
    with pytest.raises(InputError, match="two-way intraclass correlation needs a complete table: 1 of 4"):
        icc_two_way([[1.0, 2], [3, NAN]], raters="columns")
    with pytest.raises(InputError, match="Kendall's W needs a complete table: 2 of 4"):
        kendall_w([[1, NAN], [3, NAN]], raters="columns")
    with pytest.raises(InputError, match="Fleiss' kappa needs a complete table"):
        fleiss_kappa([[1, NAN]])


def test_the_same_order_by_all_raters_is_full_concordance_with_and_without_ties() -> None:
    assert kendall_w([[1, 2, 3], [10, 20, 30]], raters="rows") == 1
    assert kendall_w([[1, 1, 3], [10, 10, 30]], raters="rows") == pytest.approx(1)
    assert kendall_w([[1, 1, 3], [10, 10, 30]], raters="columns") == pytest.approx(1)
    assert kendall_w([[1, 2, 3], [3, 2, 1]], raters="rows") == 0


def test_values_equal_to_twelve_digits_are_ties() -> None:
    assert kendall_w([[0.1 + 0.2, 0.3, 1], [2.0, 2, 3]], raters="rows") == pytest.approx(1)


@pytest.mark.parametrize("table", [[[1, 2, 3]], [[1], [2]], [[4, 4, 4], [2, 2, 2]]])
def test_concordance_needs_two_raters_two_units_and_an_order(table: list[list[float]]) -> None:
    assert np.isnan(kendall_w(table, raters="rows"))


def test_kappa_is_one_for_agreement_and_unknown_for_a_single_category() -> None:
    assert fleiss_kappa([[3, 0], [0, 3]]) == 1
    assert fleiss_kappa([[1, 1], [1, 1]]) == -1
    assert np.isnan(fleiss_kappa([[3, 0], [3, 0]]))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[2, -1]], "negative or not whole"),
        ([[1.5, 0.5]], "negative or not whole"),
        ([[2, 0], [2, 1]], "equally many ratings of each unit, not 2 to 3"),
        ([[1, 0], [0, 1]], "at least two ratings"),
    ],
)
def test_kappa_refuses_what_are_no_counts_of_one_panel(counts: list[list[float]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fleiss_kappa(counts)


def test_cronbachs_alpha_takes_each_covariance_over_the_units_with_both_items() -> None:
    table = panel(missing=0.2)
    k = table.shape[1]
    covariances = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            both = ~np.isnan(table[:, i]) & ~np.isnan(table[:, j])
            covariances[i, j] = np.cov(table[both, i], table[both, j])[0, 1]
    expected = k / (k - 1) * (1 - np.trace(covariances) / covariances.sum())
    assert cronbach_alpha(table) == pytest.approx(expected)


@pytest.mark.parametrize(
    "table",
    [[[1], [2], [3]], [[1, NAN], [2, NAN], [3, 4]], [[0.3, 0.3]] * 7, [[1, 2], [2, 1]], [[1, 2]], [[NAN, NAN]]],
)
def test_cronbachs_alpha_needs_two_items_that_vary_together(table: list[list[float]]) -> None:
    assert np.isnan(cronbach_alpha(table))


def test_the_interval_depends_on_the_seed_and_not_on_the_order_of_units() -> None:
    table = panel(missing=0.2)
    alpha = partial(krippendorff_alpha, raters="columns")
    found = bootstrap_interval(alpha, table, dice(), draws=100)
    assert bootstrap_interval(alpha, table[::-1], dice(), draws=100) == found
    assert bootstrap_interval(alpha, table, dice(2), draws=100) != found
    assert found.low < alpha(table) < found.high


def test_a_more_certain_interval_is_wider() -> None:
    alpha = partial(krippendorff_alpha, raters="columns", metric="interval")
    wide = bootstrap_interval(alpha, panel(), dice(), draws=200, probability=0.99)
    narrow = bootstrap_interval(alpha, panel(), dice(), draws=200, probability=0.5)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    values = dice(3).normal(size=(400, 1))
    found = bootstrap_interval(lambda rows: float(rows.mean()), values, dice())
    half = 1.96 * values.std() / 20
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.15 * half)
    assert found.draws == 1000


def test_draws_without_a_value_are_left_out_and_counted() -> None:
    alpha = partial(krippendorff_alpha, raters="columns")
    found = bootstrap_interval(alpha, [[1, 1], [2, 3]], dice(), draws=400)
    assert 250 < found.draws < 350
    nothing = bootstrap_interval(alpha, [[1, 1], [1, 1]], dice(), draws=10)
    assert (np.isnan(nothing.low), np.isnan(nothing.high), nothing.draws) == (True, True, 0)
    assert isinstance(nothing, Interval)


def test_an_interval_needs_a_draw_and_a_probability() -> None:
    with pytest.raises(InputError, match="at least one draw is needed, not 0"):
        bootstrap_interval(cronbach_alpha, panel(), dice(), draws=0)
    for probability in (0, 1, 95):
        with pytest.raises(InputError, match="lies between 0 and 1"):
            bootstrap_interval(cronbach_alpha, panel(), dice(), probability=probability)


def test_a_bound_belongs_to_the_better_word() -> None:
    words = {0.8: "firm", 0.1 * 8 - 1e-16: "firm", 0.7999: "tentative", 0.667: "tentative", 0.6669: "weak", -1: "weak"}
    assert {alpha: label_alpha(alpha) for alpha in words} == words
    assert label_alpha(NAN) == "unknown"
    assert can_rank(0.7 - 1e-16)
    assert not can_rank(NAN)
