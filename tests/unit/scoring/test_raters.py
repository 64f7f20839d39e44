"""Severity of raters and reciprocity on hand-sized input."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.frames import InputError
from scoring.raters import Severity, reciprocity, severity
from scoring.raters.mixed import minimise


def frame(rows: Sequence[tuple[str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit", "rater", "value"])


def grid(units: int, raters: int, value: Any) -> pd.DataFrame:
    """Every rater rates every unit."""
    return frame([(f"U{u:02}", f"R{r:02}", value(u, r)) for u in range(units) for r in range(raters)])


UNEVEN = frame([("a", "mild", 90), ("a", "mild", 86), ("b", "mild", 70), ("b", "hard", 52), ("c", "hard", 30)])


def test_the_fixed_method_compares_through_units_that_two_have_rated() -> None:
    found = severity(UNEVEN, "fixed")
    assert (found.units, found.raters) == (("a", "b", "c"), ("hard", "mild"))
    assert found.effects == pytest.approx([-9, 9])
    assert found.raw == pytest.approx([88, 61, 30])
    assert found.adjusted == pytest.approx([79, 61, 39])
    assert found.mean == pytest.approx((79 + 61 + 39) / 3)
    assert found.counts.tolist() == [2, 3]
    assert found.sd_rest == pytest.approx(8**0.5)
    assert np.isnan([found.sd_units, found.sd_raters, *found.reliability]).all()
    assert len(found.reliability) == 3


def test_a_design_without_a_spare_rating_leaves_no_rest_to_tell() -> None:
    found = severity(UNEVEN.drop(index=1), "fixed")
    assert np.isnan(found.sd_rest)
    assert found.adjusted == pytest.approx([81, 61, 39])


def test_effects_of_the_fixed_method_sum_to_zero_over_raters_whatever_they_rated() -> None:
    random = np.random.default_rng(3)
    rows = [(f"U{u}", f"R{r}", float(random.integers(0, 100))) for u in range(6) for r in range(4) if (u + r) % 3]
    found = severity(frame(rows), "fixed")
    assert found.effects.sum() == pytest.approx(0, abs=1e-9)
    table = frame(rows)
    columns = [(table["unit"] == unit).astype(float) for unit in found.units]
    columns += [(table["rater"] == rater).astype(float) for rater in found.raters]
    best, *_ = np.linalg.lstsq(np.stack(columns, axis=1), table["value"], rcond=None)
    effects = best[6:] - best[6:].mean()
    assert found.effects == pytest.approx(effects)
    assert found.adjusted == pytest.approx(best[:6] + best[6:].mean())


def test_the_order_of_the_rows_does_not_matter() -> None:
    random = np.random.default_rng(4)
    rows = grid(5, 4, lambda _u, _r: float(random.integers(0, 100)))
    for method in ("fixed", "mixed"):
        there, back = severity(rows, method), severity(rows.iloc[::-1], method)
        assert there.adjusted.tolist() == back.adjusted.tolist()
        assert there.effects.tolist() == back.effects.tolist()


def test_a_complete_design_has_the_variances_of_its_mean_squares() -> None:
    """REML is the analysis of variance where every rater rates every unit and no estimate is negative."""
    random = np.random.default_rng(5)
    rows = grid(8, 5, lambda u, r: 10.0 * u + 7 * r + float(random.normal()) * 4)
    table = rows["value"].to_numpy().reshape(8, 5)
    by_unit, by_rater, grand = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = ((table - by_unit[:, None] - by_rater + grand) ** 2).sum() / (7 * 4)
    of_units = (5 * ((by_unit - grand) ** 2).sum() / 7 - rest) / 5
    of_raters = (8 * ((by_rater - grand) ** 2).sum() / 4 - rest) / 8
    found = severity(rows, "mixed")
    assert [found.sd_units, found.sd_raters] == pytest.approx([of_units**0.5, of_raters**0.5])
    assert found.sd_rest == pytest.approx(rest**0.5, rel=1e-5)
    assert found.mean == pytest.approx(grand)
    kept = of_units / (of_units + rest / 5)
    assert found.adjusted == pytest.approx(grand + kept * (by_unit - grand), rel=1e-5)
    drawn = of_raters / (of_raters + rest / 8)
    assert found.effects == pytest.approx(drawn * (by_rater - grand), rel=1e-5)
    flipped = severity(rows.rename(columns={"unit": "rater", "rater": "unit"}), "mixed")
    assert flipped.effects == pytest.approx(found.adjusted - found.mean, abs=1e-5)
    assert flipped.adjusted == pytest.approx(found.effects + found.mean, abs=1e-5)
    assert [flipped.sd_raters, flipped.sd_units] == pytest.approx([found.sd_units, found.sd_raters])


def test_reliability_is_what_the_model_knows_of_each_unit() -> None:
    """Against the covariance of units and ratings written out in full."""
    random = np.random.default_rng(6)
    rows = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "z"), ("c", "y"), ("d", "z"), ("d", "x"), ("d", "y"), ("e", "z")]
    table = frame([(unit, rater, 50 + 20 * float(random.normal())) for unit, rater in rows])
    found = severity(table, "mixed")
    assert found.sd_units > 1
    unit = (table["unit"].to_numpy()[:, None] == np.array(found.units)).astype(float)
    rater = (table["rater"].to_numpy()[:, None] == np.array(found.raters)).astype(float)
    parts = found.sd_units**2 * unit @ unit.T + found.sd_raters**2 * rater @ rater.T
    whole = parts + found.sd_rest**2 * np.eye(len(table))
    shared = found.sd_units**2 * unit
    assert found.reliability == pytest.approx(
        np.diag(shared.T @ np.linalg.solve(whole, shared)) / found.sd_units**2, rel=1e-4
    )
    ones = np.ones(len(table))
    mean = (ones @ np.linalg.solve(whole, table["value"])) / (ones @ np.linalg.solve(whole, ones))
    assert found.mean == pytest.approx(mean, rel=1e-6)
    away = table["value"] - mean
    assert found.adjusted == pytest.approx(mean + shared.T @ np.linalg.solve(whole, away), rel=1e-6)
    effects = found.sd_raters**2 * rater.T @ np.linalg.solve(whole, away)
    assert found.effects == pytest.approx(effects, abs=1e-4)


def test_units_that_do_not_differ_get_one_mean_and_no_reliability() -> None:
    found = severity(grid(6, 4, lambda u, r: 10.0 * r + (u + r) % 2), "mixed")
    assert found.sd_units == 0
    assert found.adjusted.tolist() == [found.mean] * 6
    assert found.reliability.tolist() == [0] * 6
    assert found.effects == pytest.approx([-15, -5, 5, 15], abs=0.1)


def test_raters_who_do_not_differ_have_no_effect() -> None:
    found = severity(grid(4, 6, lambda u, r: 10.0 * u + (u + r) % 2), "mixed")
    assert (found.sd_raters, found.effects.tolist()) == (0, [0] * 6)
    assert found.adjusted == pytest.approx([0.5, 10.5, 20.5, 30.5], abs=0.1)


def test_ratings_that_are_all_equal_have_no_spread() -> None:
    found = severity(grid(3, 4, lambda _u, _r: 7.0), "mixed")
    assert (found.mean, found.sd_units, found.sd_raters, found.sd_rest) == (7, 0, 0, 0)
    assert (found.adjusted.tolist(), found.effects.tolist()) == ([7] * 3, [0] * 4)
    assert found.reliability.tolist() == [0] * 3
    assert not found.extreme.any()


def test_ratings_without_noise_are_taken_apart_exactly() -> None:
    found = severity(grid(20, 6, lambda u, r: float(u + r)), "mixed")
    assert found.effects == pytest.approx([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], abs=1e-4)
    assert found.adjusted == pytest.approx(np.arange(20) + 2.5, abs=1e-4)
    assert [found.sd_units, found.sd_raters] == pytest.approx([35**0.5, 3.5**0.5], rel=1e-3)
    assert found.sd_rest < 1e-3


def test_a_rater_far_from_all_others_is_flagged() -> None:
    odd = severity(grid(3, 12, lambda u, r: 5.0 * u - (40 if r == 7 else 0) + r % 2), "fixed")
    assert np.flatnonzero(odd.extreme).tolist() == [7]
    assert odd.raters[7] == "R07"
    mild = severity(grid(3, 12, lambda u, r: 5.0 * u + r), "fixed")
    assert not mild.extreme.any()


def with_effects(effects: list[float]) -> Severity:
    none = np.zeros(1)
    return replace(severity(UNEVEN, "fixed"), effects=np.array(effects), counts=none, raw=none, adjusted=none)


def test_two_and_a_half_standard_deviations_are_not_yet_extreme() -> None:
    at_bound = np.array([20.0, *[-1.0] * 20])
    others = np.array([0.0, *[1.0, -1.0] * 10])
    wide = at_bound + others * np.sqrt((20 * (20 / 2.5) ** 2 - (at_bound**2).sum()) / 20)
    assert wide[0] / wide.std(ddof=1) == pytest.approx(2.5)
    assert not with_effects(wide.tolist()).extreme.any()
    assert with_effects([20.01, *wide.tolist()[1:]]).extreme.tolist() == [True] + [False] * 20
    assert with_effects([*[0.0] * 20, 1.0]).extreme.tolist() == [False] * 20 + [True]
    assert with_effects([*[0.0] * 20, -1.0]).extreme.tolist() == [False] * 20 + [True]


def test_what_hangs_apart_is_refused_and_every_part_is_named() -> None:
    rows = [("a", "x", 1), ("b", "x", 2), ("c", "y", 3), ("d", "z", 4), ("d", "y", 5), ("e", "w", 1)]
    for method in ("fixed", "mixed"):
        with pytest.raises(InputError) as refused:
            severity(frame(rows), method)
        assert str(refused.value) == (
            "units and raters fall into 3 parts that nobody compares: units a, b with raters x; "
            "units c, d with raters y, z; units e with raters w; allowed: one"
        )


def test_a_long_chain_of_raters_hangs_together() -> None:
    rows = [(f"U{place:02}", f"R{place + step:02}", place + step * 3.0) for place in range(9) for step in (0, 1)]
    assert severity(frame(rows), "fixed").counts.tolist() == [1, *[2] * 8, 1]


@pytest.mark.parametrize(
    ("rows", "method", "said"),
    [
        ([("a", "x", 1), ("b", "x", 2)], "fixed", "2 units and 1 raters; allowed: two of each, or more"),
        ([("a", "x", 1), ("a", "y", 2)], "mixed", "1 units and 2 raters; allowed: two of each, or more"),
        ([], "mixed", "0 units and 0 raters; allowed: two of each, or more"),
        ([("a", "x", 1), ("b", "x", np.nan)], "fixed", "rating of 'b' by 'x' is nan; allowed: finite numbers"),
        ([("a", "x", np.inf), ("b", "x", 2)], "fixed", "rating of 'a' by 'x' is inf; allowed: finite numbers"),
        ([("a", "x", 1)], "rasch", "severity 'rasch'; allowed: fixed, mixed"),
    ],
)
def test_ratings_that_cannot_be_told_apart_are_refused(rows: Any, method: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        severity(frame(rows), method)
    assert str(refused.value) == said


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="ratings lacks the column rater"):
        severity(pd.DataFrame({"unit": ["a"], "value": [1]}), "fixed")
    with pytest.raises(InputError, match="pairs lacks the column rater_unit"):
        reciprocity(pd.DataFrame({"unit": ["a"], "value": [1]}))


@pytest.mark.parametrize(
    ("function", "start", "place"),
    [
        (lambda x: (x[0] - 3) ** 2 + 5 * (x[1] + 1) ** 2, [0, 0], [3, -1]),
        (lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, [-1.2, 1], [1, 1]),
        (lambda x: abs(x[0] - 40), [0], [40]),
    ],
)
def test_the_simplex_finds_minima_near_and_far(function: Any, start: list[float], place: list[float]) -> None:
    assert minimise(function, np.array(start, dtype=np.float64)) == pytest.approx(place, abs=1e-5)


def test_the_simplex_stops_where_there_is_no_minimum() -> None:
    calls: list[float] = []

    def falling(point: Any) -> float:
        calls.append(float(point[0]))
        return -calls[-1]

    assert minimise(falling, np.zeros(1))[0] == max(calls) > 1e100
    assert len(calls) == 2 + 2 * 400


PAIRS = [("a", "b", 5), ("a", "c", 3), ("a", "d", 1), ("b", "a", 5), ("b", "c", 1), ("c", "a", 2), ("c", "d", 2)]


def pairs(rows: Sequence[tuple[str, str, float]]) -> pd.DataFrame:
    return reciprocity(pd.DataFrame(rows, columns=["rater_unit", "unit", "value"]))


def test_the_pair_that_favours_each_other_most_comes_first() -> None:
    found = pairs(PAIRS)
    assert found[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "c"]]
    assert found["given"].tolist() == [5, 3]
    assert found["returned"].tolist() == [5, 2]
    assert found["index"].tolist() == [(5 - 3) * (5 - 3), 0]


def test_the_effect_is_the_mean_less_the_mean_without_the_pair() -> None:
    first = pairs(PAIRS).iloc[0]
    assert first["effect_first"] == pytest.approx((5 + 2) / 2 - 2)
    assert np.isnan(first["effect_second"])
    second = pairs(PAIRS).iloc[1]
    assert second["effect_first"] == pytest.approx((5 + 2) / 2 - 5)
    assert second["effect_second"] == pytest.approx((3 + 1) / 2 - 1)


def test_mutual_punishment_is_as_conspicuous_as_mutual_favour_and_opposites_come_last() -> None:
    rows = [("a", "b", 1), ("b", "a", 1), ("a", "c", 5), ("c", "a", 3), ("b", "c", 5), ("c", "b", 1)]
    found = pairs(rows)
    assert found[["first", "second", "index"]].to_numpy().tolist() == [["a", "b", 4], ["a", "c", 2], ["b", "c", -2]]


def test_equal_indices_stand_in_the_order_of_the_units() -> None:
    rows = [(x, y, 4.0) for x in "cab" for y in "bca" if x != y]
    assert pairs(rows)[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert pairs(rows)["index"].tolist() == [0, 0, 0]
    noisy = [("a", "b", 0.3), ("b", "a", 1), ("a", "c", 0.1 + 0.2), ("c", "a", 1)]
    assert pairs([*noisy, ("a", "d", 0.0), ("b", "d", 0.0), ("c", "d", 0.0)])["second"].tolist() == ["b", "c"]


def test_several_ratings_of_one_unit_by_another_count_as_their_mean() -> None:
    several = pairs([("a", "b", 4), ("a", "b", 6), *PAIRS[1:]])
    pd.testing.assert_frame_equal(several, pairs(PAIRS))


def test_without_a_mutual_pair_there_is_nothing_to_show() -> None:
    found = pairs([("a", "b", 4), ("b", "c", 4)])
    assert found.empty
    assert list(found.columns) == [
        "first", "second", "given", "returned", "index", "effect_first", "effect_second",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("b", "b", 3), "unit 'b' rates itself; allowed: ratings of other units"),
        (("b", "a", np.nan), "rating of 'a' by 'b' is nan; allowed: finite numbers"),
    ],
)
def test_ratings_that_are_no_pair_are_refused(row: tuple[str, str, float], said: str) -> None:
    with pytest.raises(InputError) as refused:
        pairs([("a", "b", 4), row])
    assert str(refused.value) == said
