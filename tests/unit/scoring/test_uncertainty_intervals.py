"""Intervals beyond the plain mean: other ranges, estimators, aggregations and orders, administrative figures."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from scoring.scheme import Scheme, parse_scheme
from scoring.uncertainty import intervals, top_spread
from scoring.uncertainty.intervals import composed
from scoring.uncertainty.robust import sign_test_rank
from tests.unit.scoring.bounded import Round, asked, scheme_of
from tests.unit.scoring.rounds import cell, form, group, leaf

Array = npt.NDArray[Any]
FIVE = np.array([5, 2, 4, 4, 1, 5, 3, 4, 5, 2, 4, 5])
"""Codes of one question; a second one is given by OTHER."""
OTHER = np.array([4, 2, 5, 3, 1, 4, 3, 5, 4, 2, 3, 5])


def one(codes: Array | Sequence[int], citizens: dict[str, Any] | None = None, **over: Any) -> Round:
    """One question asked of citizens."""
    scheme = scheme_of(asked("ease", 100, **over), **(citizens or {}))
    return Round(scheme, {"citizens": [[int(code)] for code in codes]})


def t_interval(values: Array, lowest: float = 0, highest: float = 100) -> tuple[float, float, float]:
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    return float(values.mean()), max(float(low), lowest), min(float(high), highest)


def test_an_output_range_and_a_direction_move_the_interval_along() -> None:
    found = one(FIVE, range=[20, 60], direction="down")
    expected = t_interval(60 - 10.0 * (FIVE - 1), 20, 60)
    assert found.mean("ease") == pytest.approx(expected)
    assert found.node("ease") == pytest.approx(expected)
    assert found.node("score") == pytest.approx(expected)
    assert found.group("citizens") == pytest.approx(expected)


def test_an_interval_ends_where_its_range_ends() -> None:
    found = one([5, 5, 5, 1], range=[20, 60])
    assert found.mean("ease") == (50, 20, 60)
    assert found.node("score") == (50, 20, 60)
    assert found.group("citizens") == (50, 20, 60)


def test_a_share_of_favourable_answers_has_the_interval_of_zeros_and_ones() -> None:
    expected = t_interval(100.0 * (FIVE >= 4))
    found = one(FIVE, rescale="favourable")
    assert found.mean("ease") == pytest.approx(expected)
    assert found.node("score") == pytest.approx(expected)


def test_answers_that_differ_but_are_worth_the_same_are_given_half_an_answer_on_each_level() -> None:
    found = one([5, 4, 5, 4], rescale="favourable")
    counts, values = np.array([4.0, 2.5]), np.array([100.0, 40.0])
    mean = counts @ values / counts.sum()
    square = (4 * 100.0**2 + 2.5 * 0.4 * 100.0**2) / counts.sum()
    half = stats.t.ppf(0.975, 3) * math.sqrt((square - mean**2) / 4)
    assert found.mean("ease") == pytest.approx((100, 100 - half, 100))
    assert found.node("score") == pytest.approx((100, 100 - half, 100))


def test_unequal_steps_keep_the_sign_between_two_questions() -> None:
    """One question falls where the other rises, so that the composite varies less than either."""
    values = np.array([0.0, 10, 50, 90, 100])
    scheme = scheme_of(asked("ease", rescale="levels", levels=[0, 10, 50, 90, 100]), asked("delay", direction="down"))
    codes = np.column_stack([FIVE, OTHER])
    found = Round(scheme, {"citizens": codes.tolist()}).node("score")
    own = values[FIVE - 1]
    slope = own.std() / FIVE.std()
    linear = slope * (FIVE - FIVE.mean()) / 2 + (-25.0) * (OTHER - OTHER.mean()) / 2
    centre = (own.mean() + (100 - 25.0 * (OTHER - 1)).mean()) / 2
    half = stats.t.ppf(0.975, 11) * stats.sem(linear)
    assert found == pytest.approx((centre, centre - half, centre + half))


def test_a_geometric_mean_has_the_error_that_a_bootstrap_of_respondents_shows() -> None:
    rng = np.random.default_rng(11)
    mood = rng.normal(size=(200, 1))
    codes = np.clip(np.rint(3.3 + 0.8 * mood + 0.7 * rng.normal(size=(200, 2)) + [0.6, -0.9]), 1, 5).astype(np.int64)
    codes[rng.random(codes.shape) < 0.1] = 6
    parts = [asked("ease", 70, range=[1, 100]), asked("speed", 30, range=[1, 100])]
    found = Round(scheme_of(*parts, top={"aggregation": "geometric"}), {"citizens": codes.tolist()})
    values = np.where(codes <= 5, 1 + 99 * (codes - 1) / 4, np.nan)
    score, low, high = found.node("score")
    shares = np.array([0.7, 0.3])
    assert score == pytest.approx(np.exp(shares @ np.log(np.nanmean(values, axis=0))))
    again = values[rng.integers(0, 200, (3000, 200))]
    draws = np.exp(np.log(np.nanmean(again, axis=1)) @ shares)
    assert (high - low) / 2 / stats.t.ppf(0.975, 180) == pytest.approx(draws.std(), rel=0.04)
    _, group_low, group_high = found.group("citizens")
    linear = np.nanmean(again, axis=1) @ found.combined.scores.weight_used[0, :, 0]
    assert (group_high - group_low) / 2 / stats.t.ppf(0.975, 180) == pytest.approx(linear.std(), rel=0.04)


def winsorised(values: Array, cut: int) -> Array:
    ordered = np.sort(values)
    return np.asarray(np.clip(ordered, ordered[cut], ordered[-cut - 1]))


def test_a_trimmed_mean_has_the_error_of_tukey_and_mclaughlin() -> None:
    values = 25.0 * (FIVE - 1)
    found = one(FIVE, {"estimator": "trimmed", "trim": 20})
    mean = stats.trim_mean(values, 0.2)
    error = winsorised(values, 2).std(ddof=1) / math.sqrt(12) / (1 - 2 * 2 / 12)
    half = stats.t.ppf(0.975, 12 - 2 * 2 - 1) * error
    expected = (mean, max(mean - half, 0), min(mean + half, 100))
    assert found.mean("ease") == pytest.approx(expected)
    assert found.node("ease") == pytest.approx(found.mean("ease"))
    spread = top_spread(found.combined.values, found.evidence, found.scheme)
    assert spread.variance.tolist() == pytest.approx([error**2])


def test_a_winsorised_mean_has_the_error_of_dixon_and_tukey() -> None:
    values = 25.0 * (FIVE - 1)
    found = one(FIVE, {"estimator": "winsorised", "trim": 20})
    pulled = winsorised(values, 2)
    error = pulled.std(ddof=1) / math.sqrt(12) * 11 / 7
    half = stats.t.ppf(0.975, 7) * error
    assert found.mean("ease") == pytest.approx((pulled.mean(), pulled.mean() - half, min(pulled.mean() + half, 100)))
    assert math.sqrt(top_spread(found.combined.values, found.evidence, found.scheme).variance[0]) == pytest.approx(
        error
    )


def test_where_trimming_leaves_no_spread_the_plain_error_stands() -> None:
    codes = np.array([1, *[4] * 9])
    values = 25.0 * (codes - 1)
    found = one(codes, {"estimator": "trimmed"})
    half = stats.t.ppf(0.975, 9) * stats.sem(values)
    assert found.mean("ease") == pytest.approx((75, 75 - half, 75 + half))


def test_a_median_lies_between_two_order_statistics() -> None:
    codes = np.array([1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 5, 5])
    found = one(codes, {"estimator": "median"})
    assert found.mean("ease") == (50, 50, 75)  # the 6th and the 15th of 20
    plain = stats.t.ppf(0.975, 19) * stats.sem(25.0 * (codes - 1))
    variance = (12.5 / plain) ** 2 * stats.sem(25.0 * (codes - 1)) ** 2
    assert top_spread(found.combined.values, found.evidence, found.scheme).variance[0] == pytest.approx(variance)
    assert one(codes, {"estimator": "median"}, direction="down").mean("ease") == (50, 25, 50)


def test_a_median_of_too_few_answers_may_lie_anywhere_on_the_scale() -> None:
    assert one([3, 4, 4, 4, 5], {"estimator": "median"}).mean("ease") == (75, 0, 100)
    assert one([3, 4, 4, 4, 4, 5], {"estimator": "median"}).mean("ease") == (75, 50, 100)


def test_a_median_that_all_order_statistics_share_keeps_the_mean_s_error_in_the_composite() -> None:
    codes = np.array([1, *[4] * 30])
    found = one(codes, {"estimator": "median"})
    assert found.mean("ease") == (75, 75, 75)
    error = stats.sem(25.0 * (codes - 1))
    assert top_spread(found.combined.values, found.evidence, found.scheme).variance[0] == pytest.approx(error**2)


@pytest.mark.parametrize("answers", [1, 5, 6, 9, 20, 100, 999, 1000, 1001, 2500])
def test_order_statistics_are_those_of_the_sign_test(answers: int) -> None:
    assert sign_test_rank(answers) == pytest.approx(stats.binom.ppf(0.025, answers, 0.5), abs=int(answers > 1000))
    assert stats.binom.cdf(sign_test_rank(answers) - 1, answers, 0.5) <= 0.0255


def test_a_shrunk_figure_keeps_the_interval_of_its_own_answers() -> None:
    rng = np.random.default_rng(3)
    asks = form("citizens", "citizens", ["ease"])
    more = [cell(f"U{u:02d}", asks, "all", rng.integers(1 + u % 3, 6, (8, 1)).tolist()) for u in range(2, 8)]
    scheme = scheme_of(asked("ease", 100), shrinkage="empirical-bayes")
    names = {f"U{u:02d}": "A" for u in range(1, 8)}
    found = Round(scheme, {"citizens": [[int(code)] for code in FIVE]}, more=more, units=names)
    line = found.means[found.means["unit"] == "U01"].iloc[0]
    mean, low, high = t_interval(25.0 * (FIVE - 1))
    assert line["mean"] == line["shrunk"] != line["mean_plain"]
    assert (line["mean_plain"], line["low"], line["high"]) == pytest.approx((mean, low, high))


@pytest.mark.parametrize("estimator", ["trimmed", "winsorised", "median"])
def test_a_shrunk_robust_figure_keeps_the_interval_of_the_robust_one(estimator: str) -> None:
    plain, shrunk = (one(FIVE, {"estimator": estimator, "shrinkage": kind}) for kind in ("none", "empirical-bayes"))
    assert shrunk.mean("ease")[1:] == plain.mean("ease")[1:]


def test_administrative_figures_have_no_sampling_error() -> None:
    length = {"code": "length", "weight": 50, "normaliser": {"method": "goalposts", "low": 0, "high": 10, "clip": True}}
    figures = pd.DataFrame({"indicator": ["length"], "value": [80.0]})
    found = Round(scheme_of(asked("ease"), length), {"citizens": [[int(c)] for c in FIVE]}, figures=figures)
    mean, low, high = t_interval(25.0 * (FIVE - 1), -math.inf, math.inf)
    assert found.node("length") == (80, 80, 80)
    assert found.node("score") == pytest.approx(((mean + 80) / 2, (low + 80) / 2, (high + 80) / 2))
    assert found.group("citizens") == pytest.approx((mean, low, high))


def test_a_copeland_node_has_no_interval() -> None:
    scheme = scheme_of(asked("ease"), asked("speed"), top={"aggregation": "copeland"})
    codes = np.column_stack([FIVE, OTHER])
    found = Round(scheme, {"citizens": codes.tolist()})
    score, low, high = found.node("score")
    assert score == 0
    assert math.isnan(low)
    assert math.isnan(high)
    assert found.node("ease") == pytest.approx(t_interval(25.0 * (FIVE - 1)))


def outside() -> Scheme:
    groups = [
        {**group(name, (1, 1, 1), {"all": 100}), "weight": share} for name, share in (("citizens", 60), ("b", 40))
    ]
    both = [{"code": "ease", "weight": 50, "points": 5, "groups": {"citizens": 50, "b": 50}}, leaf("speed", 50, "b")]
    tree = {"code": "score", "children": both}
    bands = [{"code": "A", "from": 0}]
    return parse_scheme({"code": "s", "order": "group-outside", "groups": groups, "tree": tree, "bands": bands})


def test_with_groups_outside_each_group_has_the_interval_of_its_own_index() -> None:
    b = np.column_stack([OTHER, FIVE])
    found = Round(outside(), {"citizens": [[int(code)] for code in FIVE], "b": b.tolist()})
    first, second = 25.0 * (FIVE - 1), 25.0 * (b - 1).mean(axis=1)
    assert found.group("citizens") == pytest.approx(t_interval(first))
    assert found.group("b") == pytest.approx(t_interval(second))
    parts = (0.6 * stats.sem(first)) ** 2, (0.4 * stats.sem(second)) ** 2
    freedom = sum(parts) ** 2 / sum(part**2 / 11 for part in parts)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    centre = 0.6 * first.mean() + 0.4 * second.mean()
    assert found.node("score") == pytest.approx((centre, centre - half, centre + half))


def test_a_group_that_rates_nothing_has_the_range_of_the_whole() -> None:
    groups = [group("citizens", (1, 1, 1), {"all": 100}), group("idle", (1, 1, 1), {"all": 100})]
    tree = {"code": "score", "children": [asked("ease", 100, range=[1, 10])]}
    mapping = {"code": "s", "groups": groups, "tree": tree, "bands": [{"code": "A", "from": 0}]}
    found = Round(parse_scheme(mapping), {"citizens": [[int(code)] for code in FIVE]})
    assert all(math.isnan(value) for value in found.group("idle"))


def test_covariances_are_those_of_the_respondents_own_parts() -> None:
    codes = np.column_stack([FIVE, OTHER])
    found = Round(scheme_of(asked("ease"), asked("speed")), {"citizens": codes.tolist()})
    targets = np.array([[0.2, 0.8], [1.0, -0.5], [0.0, 0.0]])
    matrix, spread = composed(targets[None, :, :, None], found.evidence)
    expected = np.cov(25.0 * (codes - 1) @ targets.T, rowvar=False) / 12
    assert matrix[0] == pytest.approx(expected)
    assert spread.variance[0] == pytest.approx(np.diag(expected))
    assert spread.freedom[0] == pytest.approx([11, 11, 1])


def test_taking_units_piece_by_piece_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = form("citizens", "citizens", ["ease", "speed"])
    rng = np.random.default_rng(4)
    more = [cell(f"U{u:02d}", asks, "all", rng.integers(1, 6, (9, 2)).tolist()) for u in range(2, 6)]
    scheme = scheme_of(asked("ease", 30), asked("speed", 70))
    names = {f"U{u:02d}": "A" for u in range(1, 6)}
    codes = np.column_stack([FIVE, OTHER]).tolist()
    whole = Round(scheme, {"citizens": codes}, more=more, units=names)
    monkeypatch.setattr(intervals, "UNITS", 2)
    parts = Round(scheme, {"citizens": codes}, more=more, units=names)
    for table_of in ("nodes", "groups"):
        for bound in ("low", "high"):
            expected = getattr(whole, table_of)[bound].to_numpy()
            assert getattr(parts, table_of)[bound].to_numpy() == pytest.approx(expected)


def test_a_robust_group_may_leave_an_indicator_to_others() -> None:
    groups = [
        {**group("citizens", (1, 1, 1), {"all": 100}), "estimator": "median"},
        group("b", (1, 1, 1), {"all": 100}),
    ]
    tree = {"code": "score", "children": [asked("ease"), leaf("speed", 50, "b")]}
    mapping = {"code": "s", "groups": groups, "tree": tree, "bands": [{"code": "A", "from": 0}]}
    found = Round(parse_scheme(mapping), {"citizens": [[int(c)] for c in FIVE], "b": [[int(c)] for c in OTHER]})
    assert found.mean("ease") == (75, 25, 100)
    assert found.mean("speed") == pytest.approx(t_interval(25.0 * (OTHER - 1)))
