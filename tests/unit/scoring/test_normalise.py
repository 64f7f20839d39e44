"""What an answer is worth: scales, rescaling, direction, output range; and what that does to spread and covariance."""

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.samples.levels import is_affine, level_values
from scoring.scheme import Node
from tests.unit.scoring.layers import asked, build, one, scheme_of


def values(**over: Any) -> list[float]:
    return [float(value) for value in level_values(Node("x", Fraction(1), **{"points": 5, **over}))]


def test_a_linear_scale_goes_from_the_lowest_to_the_highest_in_equal_steps() -> None:
    assert values() == [0, 25, 50, 75, 100]
    assert values(points=2, scale="thumbs") == [0, 100]
    assert values(points=4) == [0, 100 / 3, 200 / 3, 100]
    panel = values(points=101, scale="panel")
    assert (panel[0], panel[1], panel[100], len(panel)) == (0, 1, 100, 101)


def test_a_share_of_the_maximum_counts_from_what_the_form_shows() -> None:
    assert values(points=4, rescale="maximum") == [25, 50, 75, 100]
    assert values(points=5, scale="marks", rescale="maximum") == [0, 25, 50, 75, 100]
    assert values(points=101, rescale="maximum")[:2] == [0, 1]


def test_favourable_levels_are_the_upper_quarter_unless_named() -> None:
    assert values(rescale="favourable") == [0, 0, 0, 100, 100]
    assert values(rescale="favourable", points=4) == [0, 0, 0, 100]
    assert values(rescale="favourable", points=7) == [0, 0, 0, 0, 0, 100, 100]
    assert values(rescale="favourable", points=10) == [0] * 7 + [100] * 3
    assert values(rescale="favourable", points=2) == [0, 100]
    assert values(rescale="favourable", favourable=5) == [0, 0, 0, 0, 100]
    assert values(rescale="favourable", favourable=2) == [0, 100, 100, 100, 100]


@pytest.mark.parametrize("points", [2, 3, 4, 5, 7, 9, 10, 101])
def test_the_upper_quarter_is_the_one_that_top_shares_count(points: int) -> None:
    level = np.arange(points)
    assert values(rescale="favourable", points=points) == np.where(4 * level >= 3 * (points - 1), 100.0, 0.0).tolist()


def test_levels_are_worth_what_the_scheme_says() -> None:
    named = (Fraction(0), Fraction(40), Fraction(25), Fraction(100))
    assert values(points=4, rescale="levels", levels=named) == [0, 40, 25, 100]
    assert values(points=4, rescale="levels", levels=named, direction="down") == [100, 60, 75, 0]


def test_direction_down_is_the_reflection() -> None:
    assert values(direction="down") == [100, 75, 50, 25, 0]
    assert values(direction="down", rescale="favourable") == [100, 100, 100, 0, 0]
    assert values(direction="down", points=4, rescale="maximum") == [75, 50, 25, 0]


def test_the_output_range_stretches_and_moves() -> None:
    to_5 = (Fraction(1), Fraction(5))
    assert values(output=to_5) == [1, 2, 3, 4, 5]
    assert values(output=to_5, direction="down") == [5, 4, 3, 2, 1]
    assert values(output=to_5, rescale="favourable") == [1, 1, 1, 5, 5]
    assert values(output=(Fraction(-10), Fraction(10)), points=3) == [-10, 0, 10]


def test_only_equal_steps_are_affine() -> None:
    found = {name: is_affine(Node("x", Fraction(1), points=5, rescale=name)) for name in ("linear", "maximum")}
    assert found == {"linear": True, "maximum": True}
    assert not is_affine(Node("x", Fraction(1), points=5, rescale="levels"))


def test_mean_and_variance_of_a_stratum_are_those_of_its_values() -> None:
    uneven = asked("uneven", rescale="levels", levels=[0, 90, 40, 60, 100])
    favourable = asked("share", rescale="favourable")
    down = asked("delay", direction="down", range=[1, 5])
    answers = [[1, 1, 1, 1], [2, 2, 2, 2], [2, 4, 2, 2], [5, 5, 5, 5], [3, 6, 3, 7]]
    scheme = scheme_of(asked("even"), favourable, down, uneven)
    strata = build(scheme, ("U1", "citizens", "a", answers)).strata
    for code, worth in {
        "even": [0, 25, 25, 100, 50],
        "share": [0, 0, 100, 100],
        "delay": [5, 4, 4, 1, 3],
        "uneven": [0, 90, 90, 100],
    }.items():
        row = one(strata, indicator=code)
        assert row["value_mean"] == pytest.approx(np.mean(worth))
        assert row["value_variance"] == pytest.approx(np.var(worth, ddof=1))


def test_the_slope_is_the_ratio_of_spreads_with_the_sign_of_the_relation() -> None:
    named = asked("uneven", rescale="levels", levels=[100, 90, 40, 60, 0])
    scheme = scheme_of(asked("even"), asked("down", direction="down"), asked("share", rescale="favourable"), named)
    codes = [1, 2, 2, 5, 3]
    strata = build(scheme, ("U1", "citizens", "a", [[code] * 4 for code in codes])).strata
    found = strata.set_index("indicator")["slope"]
    assert found["even"] == 25
    assert found["down"] == -25
    sd = np.std(codes, ddof=1)
    assert found["share"] == pytest.approx(np.std([0, 0, 0, 100, 0], ddof=1) / sd)
    assert found["uneven"] == pytest.approx(-np.std([100, 90, 90, 0, 40], ddof=1) / sd)


def test_where_all_answers_are_equal_there_is_no_slope() -> None:
    scheme = scheme_of(asked("even"), asked("share", rescale="favourable"))
    strata = build(scheme, ("U1", "citizens", "a", [[4, 4]] * 3)).strata
    assert strata["slope"].tolist() == [0, 0]
    assert strata["value_variance"].tolist() == [0, 0]
    assert strata["value_mean"].tolist() == [75, 100]


def test_different_levels_of_one_worth_have_no_spread_and_no_slope() -> None:
    scheme = scheme_of(asked("share", rescale="favourable"))
    row = build(scheme, ("U1", "citizens", "a", [[4], [5]])).strata.iloc[0]
    assert (row["raw_variance"], row["value_variance"], row["slope"], row["value_mean"]) == (0.5, 0, 0, 100)


def test_values_that_go_up_and_down_alike_count_as_rising() -> None:
    scheme = scheme_of(asked("bump", points=3, rescale="levels", levels=[0, 90, 0]))
    row = build(scheme, ("U1", "citizens", "a", [[1], [2], [3]])).strata.iloc[0]
    assert row["slope"] == pytest.approx(np.std([0, 90, 0], ddof=1))


def test_a_single_answer_has_a_mean_and_no_variance_and_none_has_neither() -> None:
    scheme = scheme_of(asked("even"), asked("share", rescale="favourable"))
    strata = build(scheme, ("U1", "citizens", "a", [[5, 6]]), ("U2", "citizens", "b", [[6, 1]])).strata
    for unit, indicator, mean in (("U1", "even", 100), ("U2", "share", 0)):
        row = one(strata, unit=unit, indicator=indicator)
        assert (row["value_mean"], row["slope"]) == (mean, 0)
        assert pd.isna(row["value_variance"])
    for unit, indicator in (("U1", "share"), ("U2", "even")):
        row = one(strata, unit=unit, indicator=indicator)
        assert (pd.isna(row["value_mean"]), pd.isna(row["value_variance"]), row["slope"]) == (True, True, 0)


def test_each_stratum_and_unit_has_figures_of_its_own() -> None:
    scheme = scheme_of(asked("share", rescale="favourable"), asked("even"))
    strata = build(
        scheme,
        ("U1", "citizens", "a", [[5, 1], [1, 1]]),
        ("U1", "citizens", "b", [[5, 1], [5, 1], [1, 1]]),
        ("U1", "citizens", "open", [[1, 1]] * 5),
        ("U2", "citizens", "a", [[1, 1]]),
    ).strata
    found = strata[strata["indicator"] == "share"]
    assert found[["unit", "stratum", "value_mean"]].to_numpy().tolist() == [
        ["U1", "a", 50],
        ["U1", "b", pytest.approx(200 / 3)],
        ["U2", "a", 0],
    ]


def test_administrative_figures_do_not_disturb_rated_ones() -> None:
    figure = {"code": "budget", "normaliser": {"method": "minmax", "low": 0, "high": 10, "clip": True}}
    strata = build(scheme_of(asked("even"), figure), ("U1", "citizens", "a", [[3]])).strata
    assert strata["value_mean"].tolist() == [50]
