"""One figure a unit, indicator and group: estimators, spread, shares with intervals, shrinkage, floor."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.aggregate import settle
from scoring.frames import COLUMNS
from scoring.samples import shrink, wilson
from tests.unit.scoring.layers import asked, build, one, scheme_of
from tests.unit.scoring.rounds import group


def alone(**over: Any) -> list[dict[str, Any]]:
    return [group("citizens", (1, 1, 1), {"all": 100}) | over]


def column(codes: list[int]) -> list[list[int]]:
    return [[code] for code in codes]


def test_every_estimate_stands_beside_the_plain_mean() -> None:
    codes = [1, 3, 4, 4, 4, 4, 4, 5, 5, 5]
    row = build(scheme_of(asked(), groups=alone()), ("U1", "citizens", "all", column(codes))).means.iloc[0]
    assert row["mean_plain"] == row["mean"] == pytest.approx(72.5)
    assert row["median"] == 75
    assert row["trimmed"] == pytest.approx((50 + 5 * 75 + 2 * 100) / 8)
    assert row["winsorised"] == pytest.approx((2 * 50 + 5 * 75 + 3 * 100) / 10)
    assert (row["n"], row["n_effective"], row["raw_mean"]) == (10, pytest.approx(10), pytest.approx(3.9))
    assert row["sd"] == pytest.approx(np.std([25 * (code - 1) for code in codes], ddof=1))


@pytest.mark.parametrize(
    ("estimator", "counts"), [("mean", 72.5), ("median", 75), ("trimmed", 78.125), ("winsorised", 77.5)]
)
def test_the_estimator_that_the_group_names_is_the_mean_that_counts(estimator: str, counts: float) -> None:
    scheme = scheme_of(asked(), groups=alone(estimator=estimator))
    row = build(scheme, ("U1", "citizens", "all", column([1, 3, 4, 4, 4, 4, 4, 5, 5, 5]))).means.iloc[0]
    assert row["mean"] == pytest.approx(counts)
    assert row["mean_plain"] == pytest.approx(72.5)


def test_each_group_has_its_own_estimator_and_trim() -> None:
    both = asked() | {"groups": {"citizens": 50, "peers": 50}}
    groups = [
        group("citizens", (1, 1, 1), {"all": 100}) | {"estimator": "trimmed", "trim": 20},
        group("peers", (1, 1, 1), {"all": 100}) | {"estimator": "trimmed", "trim": 0},
    ]
    answers = column([1, 5, 5, 5, 5])
    found = build(scheme_of(both, groups=groups), ("U1", "citizens", "all", answers), ("U1", "peers", "all", answers))
    assert one(found.means, group="citizens")["mean"] == pytest.approx(100)
    assert one(found.means, group="peers")["mean"] == pytest.approx(80)
    assert one(found.means, group="citizens")["winsorised"] == pytest.approx(100)


def test_estimates_count_strata_by_their_weight_and_not_by_their_size() -> None:
    scheme = scheme_of(asked())
    answers = ("U1", "citizens", "a", column([5] * 4)), ("U1", "citizens", "b", column([1] * 96))
    row = build(scheme, *answers).means.iloc[0]
    assert row["mean"] == pytest.approx(60)
    assert row["median"] == 100
    assert row["trimmed"] == pytest.approx(100 * 0.5 / 0.8)
    assert row["winsorised"] == pytest.approx(60)
    assert row["n_effective"] == pytest.approx(1 / (0.36 / 4 + 0.16 / 96))
    assert row["sd"] == pytest.approx((100 * 100 * 0.24 * 100 / 99) ** 0.5)


def test_an_open_channel_moves_no_estimate() -> None:
    answers = ("U1", "citizens", "a", column([2, 3, 4]))
    calm, stormy = (
        build(scheme_of(asked()), *cells)
        for cells in ((answers,), (answers, ("U1", "citizens", "open", column([5] * 9))))
    )
    pd.testing.assert_frame_equal(calm.means, stormy.means)
    assert calm.means["median"].tolist() == [50]


def test_units_and_indicators_keep_their_answers_apart() -> None:
    scheme = scheme_of(asked("ease"), asked("speed", 3), groups=alone())
    found = build(
        scheme,
        ("U1", "citizens", "all", [[1, 3], [2, 3], [2, 1]]),
        ("U2", "citizens", "all", [[5, 2], [4, 2], [4, 3]]),
    ).means
    medians = {(row["unit"], row["indicator"]): row["median"] for row in found.to_dict("records")}
    assert medians == {("U1", "ease"): 25, ("U2", "ease"): 75, ("U1", "speed"): 100, ("U2", "speed"): 50}


def test_estimates_stand_on_the_output_range_and_follow_the_direction() -> None:
    scheme = scheme_of(asked(direction="down", range=[1, 5]), groups=alone(estimator="median"))
    row = build(scheme, ("U1", "citizens", "all", column([1, 2, 2]))).means.iloc[0]
    assert (row["median"], row["mean"], row["mean_plain"]) == (4, 4, pytest.approx(13 / 3))
    assert row["sd"] == pytest.approx(np.std([5, 4, 4], ddof=1))
    assert row["raw_mean"] == pytest.approx(5 / 3)


def test_the_raw_mean_is_what_the_form_shows() -> None:
    leaves = asked("likert"), asked("panel", 101), asked("marks") | {"scale": "marks", "maximum": 4}
    del leaves[2]["points"]
    row = build(scheme_of(*leaves, groups=alone()), ("U1", "citizens", "all", [[2, 51, 3], [4, 61, 4]])).means
    assert row.set_index("indicator")["raw_mean"].to_dict() == {"likert": 3, "panel": 55, "marks": 2.5}


def test_shares_have_wilsons_interval_on_the_effective_n() -> None:
    scheme = scheme_of(asked())
    row = build(
        scheme, ("U1", "citizens", "a", column([5, 4, 3, 1])), ("U1", "citizens", "b", column([5, 2]))
    ).means.iloc[0]
    effective = 1 / (0.36 / 4 + 0.16 / 2)
    assert (row["top_share"], row["bottom_share"]) == (pytest.approx(50), pytest.approx(35))
    for end, share in (("top", 0.5), ("bottom", 0.35)):
        low, high = wilson(share * effective, effective)
        assert row[f"{end}_low"] == pytest.approx(100 * float(low))
        assert row[f"{end}_high"] == pytest.approx(100 * float(high))


def test_a_figure_without_an_answer_is_missing_and_not_zero() -> None:
    scheme = scheme_of(asked("ease", floor=10), asked("speed"), groups=alone(estimator="trimmed"))
    found = build(scheme, ("U1", "citizens", "all", [[6, 1], [7, 1]]))
    row = one(found.means, indicator="ease")
    missing = ["mean", "mean_plain", "median", "trimmed", "winsorised", "sd", "raw_mean", "shrunk", "reliability"]
    missing += ["top_share", "top_low", "top_high", "bottom_share", "bottom_low", "bottom_high"]
    assert [name for name in missing if not pd.isna(row[name])] == []
    assert (row["n"], row["n_effective"], row["dont_know"], row["not_applicable"]) == (0, 0, 1, 1)
    assert one(found.means, indicator="speed")["mean"] == 0


def test_a_single_answer_has_no_sd() -> None:
    row = build(scheme_of(asked(), groups=alone()), ("U1", "citizens", "all", [[4]])).means.iloc[0]
    assert (row["mean"], row["median"], row["trimmed"], row["winsorised"]) == (75, 75, 75, 75)
    assert pd.isna(row["sd"])
    two = build(scheme_of(asked(), groups=alone()), ("U1", "citizens", "all", [[4], [4]])).means.iloc[0]
    assert two["sd"] == 0


CITY = {f"U{place}": codes for place, codes in enumerate([[1, 2], [2, 3], [3, 3, 4], [4, 5, 5, 5], [5, 5]], start=1)}


def city(scheme: Any, **more: list[int]) -> Any:
    return build(scheme, *((unit, "citizens", "all", column(codes)) for unit, codes in (CITY | more).items()))


def test_shrunk_means_and_reliability_are_always_shown() -> None:
    found = city(scheme_of(asked(), groups=alone()))
    scaled = [25 * (np.array(codes) - 1) for codes in CITY.values()]
    expected = shrink([x.mean() for x in scaled], [len(x) for x in scaled], [x.var(ddof=1) for x in scaled])
    assert found.means["shrunk"].to_numpy() == pytest.approx(expected.values)
    assert found.means["reliability"].to_numpy() == pytest.approx(expected.reliability)
    assert 0.8 < expected.reliability[0] < expected.reliability[3] < 1
    assert found.means["mean"].tolist() == found.means["mean_plain"].tolist()
    assert found.problems == []


def test_shrunk_means_count_where_the_group_says_so() -> None:
    found = city(scheme_of(asked(), groups=alone(shrinkage="empirical-bayes")))
    assert found.means["mean"].tolist() == found.means["shrunk"].tolist()
    assert found.means["mean"].tolist() != found.means["mean_plain"].tolist()
    assert found.plain["shrunk"].isna().all()
    assert found.plain["reliability"].isna().all()
    assert found.problems == []


def test_shrinkage_starts_from_the_estimator_of_the_group() -> None:
    found = city(scheme_of(asked(), groups=alone(shrinkage="empirical-bayes", estimator="median"))).means
    expected = shrink(found["median"], found["n"], found["sd"] ** 2)
    assert found["mean"].to_numpy() == pytest.approx(expected.values)


def test_each_indicator_and_group_is_shrunk_by_itself() -> None:
    both = asked("speed") | {"groups": {"citizens": 50, "peers": 50}}
    groups = [*alone(), group("peers", (1, 1, 1), {"all": 100}) | {"shrinkage": "empirical-bayes"}]
    cells = [(f"U{at}", "citizens", "all", [[at, 6 - at], [at, 5]]) for at in range(1, 6)]
    cells += [(f"U{at}", "peers", "all", [[at], [3]]) for at in range(1, 6)]
    found = build(scheme_of(asked("ease"), both, groups=groups), *cells).means
    for _, part in found.groupby(["indicator", "group"], observed=True):
        expected = shrink(part["mean_plain"], part["n"], part["sd"] ** 2)
        assert part["shrunk"].to_numpy() == pytest.approx(expected.values)
    changed = found["mean"] != found["mean_plain"]
    assert set(found["group"][changed]) == {"peers"}


@pytest.mark.parametrize(
    ("answers", "code", "mean"),
    [
        ([[1, 2], [2, 3], [3, 4], [4, 5]], "shrinkage_too_few_units", 12.5),
        ([[1], [2], [3], [4], [5]], "shrinkage_spread_unknown", 0),
        ([[1, 5], [2, 4], [3, 3], [1, 5], [1, 5]], "shrinkage_no_difference", 50),
    ],
)
def test_what_cannot_be_shrunk_is_said(answers: list[list[int]], code: str, mean: float) -> None:
    cells = [(f"U{at}", "citizens", "all", column(codes)) for at, codes in enumerate(answers)]
    found = build(scheme_of(asked(), groups=alone(shrinkage="empirical-bayes")), *cells)
    assert found.problems == [["", "ease", code, "citizens"]]
    assert found.means["mean"].iloc[0] == mean
    quiet = build(scheme_of(asked(), groups=alone()), *cells)
    assert quiet.problems == []


def test_figures_whose_reliability_is_known_are_not_shrunk_again() -> None:
    from_model = city(scheme_of(asked(), groups=alone())).plain.assign(reliability=0.5, shrunk=7.0)
    scheme = scheme_of(asked(), groups=alone(shrinkage="empirical-bayes"))
    found = settle(from_model, scheme)
    assert found.means["mean"].tolist() == from_model["mean"].tolist()
    assert (set(found.means["shrunk"]), set(found.means["reliability"])) == ({7.0}, {0.5})
    assert found.problems.empty


def test_no_mean_falls_below_the_floor_and_the_plain_one_is_kept() -> None:
    scheme = scheme_of(asked("ease", floor=10), asked("speed"), groups=alone())
    found = build(scheme, ("U1", "citizens", "all", [[1, 1], [1, 1]]), ("U2", "citizens", "all", [[2, 1], [2, 1]]))
    assert one(found.means, unit="U1", indicator="ease")["mean"] == 10
    assert one(found.means, unit="U1", indicator="ease")["mean_plain"] == 0
    assert one(found.means, unit="U2", indicator="ease")["mean"] == 25
    assert one(found.means, unit="U1", indicator="speed")["mean"] == 0


def test_a_figure_has_every_column_of_the_table_but_those_of_later_stages() -> None:
    found = build(scheme_of(asked(), groups=alone()), ("U1", "citizens", "all", [[4]])).means
    assert set(COLUMNS["means"]) - set(found.columns) == {"level", "low", "high"}
