"""What changed between two periods or units, and what a unit is good at: exact on small tables."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from scoring.change import Peers, Period, Rule, explain_against_category, explain_gaps, split_change, strengths
from scoring.frames import InputError
from scoring.scheme import Cap, Coverage, Scheme
from scoring.tree import Values, evaluate
from tests.unit.scoring.trees import X, asked, branch, draw_values, figure, given, group, scheme

CAUSES = ["data", "weights", "coverage"]


def pair(ease: str = "0.5", cost: str = "0.5", **over: object) -> Scheme:
    return scheme(branch("score", figure("ease", ease), figure("cost", cost), **over))


def split(before: list[float], after: list[float], old: Scheme, new: Scheme) -> list[float]:
    found = split_change(Period(["U1"], given([before]), old), Period(["U1"], given([after]), new))
    return [float(x) for x in found[["before", "after", "change", *CAUSES]].to_numpy()[0]]


def test_new_figures_under_the_same_scheme_are_data() -> None:
    assert split([60, 40], [80, 20], pair(), pair()) == pytest.approx([50, 50, 0, 0, 0, 0])
    assert split([60, 40], [80, 40], pair(), pair()) == pytest.approx([50, 60, 10, 10, 0, 0])


def test_new_weights_on_the_same_figures_are_weights() -> None:
    assert split([60, 40], [60, 40], pair(), pair("0.75", "0.25")) == pytest.approx([50, 55, 5, 0, 5, 0])


def test_a_figure_that_comes_or_goes_is_coverage_and_no_data() -> None:
    assert split([60, X], [60, 20], pair(), pair()) == pytest.approx([60, 40, -20, 0, 0, -20])
    assert split([60, 20], [60, X], pair(), pair()) == pytest.approx([40, 60, 20, 0, 0, 20])


def test_two_causes_share_what_they_make_together() -> None:
    # Data alone 10, after the weights 15; weights alone 5, after the data 10.
    assert split([60, 40], [80, 40], pair(), pair("0.75", "0.25"))[2:] == pytest.approx([20, 12.5, 7.5, 0])


def test_three_causes_are_averaged_over_six_orders() -> None:
    found = split([60, X], [80, 20], pair(), pair("0.75", "0.25"))
    # Scores as data, weights and coverage turn: 60, 80 (d), 60 (w), 80 (dw), 40 (c), 50 (dc), 50 (wc), 65 (dwc).
    data = (2 * 20 + (80 - 60) + (50 - 40) + 2 * (65 - 50)) / 6
    weights = (2 * 0 + (80 - 80) + (50 - 40) + 2 * (65 - 50)) / 6
    coverage = (2 * -20 + (50 - 80) + (50 - 60) + 2 * (65 - 80)) / 6
    assert found == pytest.approx([60, 65, 5, data, weights, coverage])
    assert data + weights + coverage == pytest.approx(5)


def test_units_of_both_periods_stand_in_the_order_of_the_later() -> None:
    before = Period(["A", "B", "C"], given([[10, 10], [20, 20], [30, 30]]), pair())
    after = Period(["D", "C", "A"], given([[1, 1], [33, 33], [14, 14]]), pair())
    found = split_change(before, after)
    assert found.columns.tolist() == ["unit", "before", "after", "change", *CAUSES]
    assert found[["unit", "before", "after", "data"]].to_numpy().tolist() == [["C", 30, 33, 3], ["A", 10, 14, 4]]


def test_indicators_and_groups_are_matched_by_code() -> None:
    old = scheme(branch("score", asked("ease", "0.5", peers=1, citizens=0), asked("speed", "0.5", citizens=1)),
                 group("peers"), group("citizens"))  # fmt: skip
    new = scheme(branch("score", asked("speed", "0.5", citizens=1), asked("ease", "0.5", citizens=0, peers=1)),
                 group("citizens"), group("peers"))  # fmt: skip
    rated = np.array([[[80.0, X], [X, 40.0]]])
    before = Values(rated, np.full((1, 2), X), np.ones((1, 2), dtype=bool))
    after = Values(rated[:, ::-1, ::-1].copy(), np.full((1, 2), X), np.ones((1, 2), dtype=bool))
    found = split_change(Period(["U1"], before, old), Period(["U1"], after, new))
    assert found[["before", "after", *CAUSES]].to_numpy()[0] == pytest.approx([60, 60, 0, 0, 0])


def test_an_indicator_that_is_new_or_gone_counts_for_the_scheme_that_has_it() -> None:
    old, new = pair(), scheme(branch("score", figure("ease", "0.5"), figure("law", "0.5")))
    found = split_change(Period(["U1"], given([[60, 40]]), old), Period(["U1"], given([[60, 90]]), new))
    assert found[["before", "after"]].to_numpy()[0] == pytest.approx([50, 75])
    # Either alone leaves ease by itself, 60; the other then brings 75.
    assert found[CAUSES].to_numpy()[0] == pytest.approx([0, (10 + 15) / 2, (10 + 15) / 2])


def test_an_indicator_that_does_not_apply_any_more_is_coverage() -> None:
    asked_now = Values(np.empty((1, 2, 0)), np.array([[60.0, 20.0]]), np.array([[True, False]]))
    found = split_change(Period(["U1"], given([[60, 20]]), pair()), Period(["U1"], asked_now, pair()))
    assert found[["before", "after", *CAUSES]].to_numpy()[0] == pytest.approx([40, 60, 0, 0, 20])


def test_a_mixture_without_a_score_leaves_the_causes_open() -> None:
    strict = pair(coverage=Coverage(Fraction(1)))
    found = split([60, X], [60, 20], pair(), strict)
    assert found[:3] == pytest.approx([60, 40, -20])
    assert np.isnan(found[3:]).all()
    assert np.isnan(split([X, X], [60, 20], pair(), pair())[2:]).all()


def test_units_that_do_not_match_are_refused_by_period() -> None:
    fine = Period(["U1"], given([[1, 1]]), pair())
    with pytest.raises(InputError, match="^after: 2 units for 1 rows; allowed are as many$"):
        split_change(fine, replace(fine, units=["U1", "U2"]))
    with pytest.raises(InputError, match="^before: unit 'U1' stands twice; allowed is once$"):
        split_change(Period(["U1", "U1"], given([[1, 1], [2, 2]]), pair()), fine)


@settings(max_examples=25, deadline=None)
@every(st.integers(0, 10**6), st.sampled_from(["arithmetic", "geometric", "median", "minimum"]))
def test_the_causes_sum_to_the_change(seed: int, method: str) -> None:
    old = scheme(branch("score", asked("a", "0.6", citizens="0.5", experts="0.5"), figure("b", "0.4")),
                 group("citizens"), group("experts"))  # fmt: skip
    new = replace(old, tree=replace(old.tree, aggregation=method))
    units = ["U0", "U1", "U2"]
    found = split_change(
        Period(units, draw_values(old, 3, seed), old), Period(units, draw_values(old, 3, seed + 1), new)
    )
    known = found.dropna()
    assert known[CAUSES].sum(axis=1).to_numpy() == pytest.approx(known["change"].to_numpy(), abs=1e-9)


def capped() -> Scheme:
    leaves = asked("ease", "0.5", citizens="0.5", experts="0.5"), figure("cost", "0.5")
    cap = Cap("cost", Fraction(30), Fraction(40))
    return scheme(branch("score", *leaves, caps=(cap,)), group("citizens"), group("experts"))


def test_gaps_have_rows_for_figures_and_for_what_caps_take() -> None:
    rated = np.array([[[80.0, 60.0], [X, X]], [[80.0, 40.0], [X, X]]])
    values = Values(rated, np.array([[X, 20.0], [X, 60.0]]), np.ones((2, 2), dtype=bool))
    found = explain_gaps(values, values, capped(), ["U0", "U1"], rows=[1, 1])
    assert found.to_numpy().tolist() == [
        ["U0", "score", "", -5.0],
        ["U0", "ease", "experts", 5.0],
        ["U0", "cost", "", -20.0],
    ]
    score = evaluate(values, capped(), gradient=False).score[:, 0]
    assert found["contribution"].sum() == pytest.approx(score[0] - score[1])


def test_a_former_period_is_compared_row_by_row() -> None:
    found = explain_gaps(given([[80, 40], [50, 50]]), given([[60, 40], [50, 90]]), pair(), ["A", "B"])
    assert found.to_numpy().tolist() == [["A", "ease", "", 10.0], ["B", "cost", "", -20.0]]


def test_a_category_is_compared_with_its_average_unit() -> None:
    values = given([[80, 40], [60, 60], [10, 10]])
    found = explain_against_category(values, pair(), ["A", "B", "C"], ["x", "x", "y"])
    assert found.to_numpy().tolist() == [
        ["A", "ease", "", 5.0],
        ["A", "cost", "", -5.0],
        ["B", "ease", "", -5.0],
        ["B", "cost", "", 5.0],
    ]


def test_names_that_do_not_match_the_rows_are_refused() -> None:
    values = given([[80, 40]])
    with pytest.raises(InputError, match="^gaps: 2 units for 1 rows; allowed are as many$"):
        explain_gaps(values, values, pair(), ["A", "B"])
    with pytest.raises(InputError, match="^gaps: 0 categories for 1 rows; allowed are as many$"):
        explain_against_category(values, pair(), ["A"], [])


FIGURES = pd.DataFrame(
    {"a": [90, 80, 70, 60, 50], "b": [10, 20, 30, 40, 50], "c": [5, 5, 5, 5, 5], "d": [50, X, 40, 60, X]},
    index=["U1", "U2", "U3", "U4", "U5"],
    dtype=np.float64,
)


def test_strengths_need_a_rank_and_a_gap_above_the_others() -> None:
    found = strengths(Peers(FIGURES), "U1")
    assert found.columns.tolist() == [
        "kind", "indicator", "rank", "of", "value", "benchmark", "gap", "low", "high", "sure",
    ]  # fmt: skip
    assert found[["kind", "indicator", "rank", "of", "value", "benchmark", "gap"]].to_numpy().tolist() == [
        ["strength", "a", 1, 5, 90, 65, 25],
        ["weakness", "b", 5, 5, 10, 35, -25],
    ]
    assert found[["low", "high"]].isna().all(axis=None)
    assert not found["sure"].any()


def test_an_interval_that_holds_zero_is_not_sure() -> None:
    errors = FIGURES * 0 + 3.0
    errors.loc["U1", "b"] = 12.7
    found = strengths(Peers(FIGURES, errors), "U1")
    reach = 1.959963984540054 * np.sqrt(9 + 36 / 16)
    assert found[["low", "high"]].to_numpy()[0] == pytest.approx([25 - reach, 25 + reach])
    assert found["sure"].tolist() == [True, False]
    errors.loc["U1", "b"] = 12.6
    assert strengths(Peers(FIGURES, errors), "U1")["sure"].tolist() == [True, True]


def test_a_fixed_benchmark_has_no_error() -> None:
    peers = Peers(FIGURES, FIGURES * 0 + 2.0, [70, 70, 5, 70])
    found = strengths(peers, "U3", Rule(distinct=0.0))
    assert found["indicator"].tolist() == ["b", "d"]
    assert found["kind"].tolist() == ["weakness", "weakness"]
    assert found["benchmark"].tolist() == [70, 70]
    assert found["high"].to_numpy() == pytest.approx([-40 + 3.919927969080108, -30 + 3.919927969080108])


def test_indicators_with_few_distinct_values_are_dropped() -> None:
    values = pd.DataFrame({"a": [1.0, 2, 2, 2, 2], "b": [1.0, 1, 1, 1, 1]}, index=list("VWXYZ"))
    peers = Peers(values, benchmark=[0.0, 0.0])
    assert strengths(peers, "V")["indicator"].tolist() == ["b", "a"]
    assert strengths(peers, "V", Rule(distinct=0.4))["indicator"].tolist() == ["a"]
    assert strengths(peers, "V", Rule(distinct=0.41)).empty


def test_at_most_so_many_are_named_the_best_and_the_worst() -> None:
    values = pd.DataFrame({f"i{at}": [9.0 - at, 5.0, 0.5 * at] for at in range(8)}, index=["A", "B", "C"])
    found = strengths(Peers(values, benchmark=np.full(8, 5.5)), "A", Rule(count=2))
    assert found[["kind", "indicator", "rank"]].to_numpy().tolist() == [
        ["strength", "i0", 1],
        ["strength", "i1", 1],
        ["weakness", "i6", 2],
        ["weakness", "i7", 3],
    ]


def test_without_a_gap_the_rank_decides_and_names_none_twice() -> None:
    found = strengths(Peers(FIGURES), "U2", Rule(gap=False, distinct=0.0, count=2))
    assert found[["kind", "indicator", "rank"]].to_numpy().tolist() == [
        ["strength", "c", 1],
        ["strength", "a", 2],
        ["weakness", "b", 4],
    ]


def test_the_shared_last_place_may_be_left_out() -> None:
    values = pd.DataFrame({"a": [1.0, 1, 5], "b": [2.0, 3, 5]}, index=["A", "B", "C"])
    rule = Rule(drop_last=True)
    assert strengths(Peers(values), "A", rule).empty
    assert strengths(Peers(values), "B", rule)["indicator"].tolist() == ["b"]
    assert strengths(Peers(values), "A")["indicator"].tolist() == ["a", "b"]


def test_a_unit_alone_has_no_benchmark_and_a_missing_figure_no_row() -> None:
    found = strengths(Peers(FIGURES.loc[["U1"]]), "U1", Rule(gap=False))
    assert found["benchmark"].isna().all()
    assert strengths(Peers(FIGURES), "U2", Rule(gap=False, distinct=0.0))["indicator"].tolist() == ["c", "a", "b"]


def test_peers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="^strengths: unit 'U9' stands 0 times; allowed is once$"):
        strengths(Peers(FIGURES), "U9")
    with pytest.raises(InputError, match="^strengths: unit 'U1' stands 2 times; allowed is once$"):
        strengths(Peers(FIGURES.loc[["U1", "U1"]]), "U1")
    with pytest.raises(InputError, match=r"^strengths: errors of shape \(5, 1\); allowed is .* values, \(5, 4\)$"):
        strengths(Peers(FIGURES, FIGURES[["a"]]), "U1")
    with pytest.raises(InputError, match=r"^strengths: benchmark of shape \(2,\); allowed is \(4,\)$"):
        strengths(Peers(FIGURES, benchmark=[1, 2]), "U1")
