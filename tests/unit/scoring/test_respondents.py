"""Whose answers count how much: shares of strata, and raking to the margins of the population."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.pipeline import run
from scoring.respondents import stratum_shares
from scoring.scheme import Scheme
from tests.unit.scoring.layers import Layers, asked, build, one, scheme_of
from tests.unit.scoring.rounds import cell, form, group, table, units

MARGINS = [
    {"variable": "age", "targets": {"old": 40, "young": 60}},
    {"variable": "sex", "targets": {"m": 50, "w": 50}},
]


def trait(code: str, age: str, sex: str, **more: object) -> dict[str, Any]:
    return {"code": code, "traits": {"age": age, "sex": sex}, **more}


CELLS = [trait("om", "old", "m"), trait("ow", "old", "w"), trait("ym", "young", "m"), trait("yw", "young", "w")]


def raked(strata: list[dict[str, Any]], margins: list[dict[str, Any]], *leaves: dict[str, Any]) -> Scheme:
    people = {"code": "citizens", "promise": "anonymous", "minimum": [1, 1, 1], "strata": strata, "margins": margins}
    return scheme_of(*(leaves or (asked(),)), groups=[people])


def by_stratum(layers: Layers, unit: str = "U1") -> dict[str, float]:
    rows = layers.strata[layers.strata["unit"] == unit]
    return {str(row["stratum"]): float(row["weight"]) for row in rows.to_dict("records")}


def said(answers: dict[str, list[int]], unit: str = "U1") -> list[tuple[str, str, str, list[list[int]]]]:
    return [(unit, "citizens", stratum, [[code] for code in codes]) for stratum, codes in answers.items()]


def shares_of(layers: Layers, *names: str) -> float:
    weights = by_stratum(layers)
    return sum(weights[name] for name in names)


ANSWERS = {"om": [1] * 30, "ow": [2] * 20, "ym": [4] * 10, "yw": [5] * 40}


def test_raked_answers_have_the_shares_of_the_population() -> None:
    found = build(raked(CELLS, MARGINS), *said(ANSWERS))
    assert shares_of(found, "om", "ow") == pytest.approx(0.4, rel=1e-7)
    assert shares_of(found, "om", "ym") == pytest.approx(0.5, rel=1e-7)
    weights = by_stratum(found)
    odds = weights["om"] * weights["yw"] / (weights["ow"] * weights["ym"])
    assert odds == pytest.approx(30 * 40 / (20 * 10), rel=1e-9)
    assert found.problems == []


def test_mean_effective_n_and_spread_follow_the_raked_weights() -> None:
    found = build(raked(CELLS, MARGINS), *said(ANSWERS))
    weights, row = by_stratum(found), found.means.iloc[0]
    mean = sum(weights[name] * 25 * (codes[0] - 1) for name, codes in ANSWERS.items())
    assert row["mean"] == pytest.approx(mean)
    inverse = sum(weights[name] ** 2 / len(codes) for name, codes in ANSWERS.items())
    assert row["n_effective"] == pytest.approx(1 / inverse)
    assert row["n_effective"] < row["n"] == 100


def test_raking_keeps_the_design_weights() -> None:
    heavy = [*CELLS[:3], trait("yw", "young", "w", design=4)]
    found, even = (build(raked(strata, MARGINS), *said(ANSWERS)) for strata in (heavy, CELLS))
    weights = by_stratum(found)
    odds = weights["om"] * weights["yw"] / (weights["ow"] * weights["ym"])
    assert odds == pytest.approx(4 * 30 * 40 / (20 * 10), rel=1e-9)
    assert weights != pytest.approx(by_stratum(even))
    one_margin = [{"variable": "age", "targets": {"old": 40, "young": 60}}]
    strata = [{**part, "traits": {"age": part["traits"]["age"]}} for part in heavy]
    alone = by_stratum(build(raked(strata, one_margin), *said(ANSWERS)))
    assert alone["yw"] / alone["ym"] == pytest.approx(4 * 40 / 10)


def test_an_answer_that_was_skipped_takes_its_weight_along() -> None:
    scheme = raked(CELLS, MARGINS, asked("ease"), asked("speed"))
    cells = [
        ("U1", "citizens", name, [[codes[0], 0 if name == "yw" and at < 20 else codes[0]] for at in range(len(codes))])
        for name, codes in ANSWERS.items()
    ]
    strata = build(scheme, *cells).strata
    ease, speed = (strata[strata["indicator"] == code].set_index("stratum")["weight"] for code in ("ease", "speed"))
    left = 1 - ease["yw"] / 2
    assert speed["yw"] == pytest.approx(ease["yw"] / 2 / left)
    assert speed["om"] == pytest.approx(ease["om"] / left)
    assert sum(speed) == pytest.approx(1)


def test_each_unit_is_raked_by_itself() -> None:
    other = {"om": [1] * 25, "ow": [2] * 25, "ym": [4] * 25, "yw": [5] * 25}
    found = build(raked(CELLS, MARGINS), *said(ANSWERS), *said(other, "U2"))
    assert by_stratum(found, "U2") == pytest.approx({"om": 0.2, "ow": 0.2, "ym": 0.3, "yw": 0.3})
    alone = build(raked(CELLS, MARGINS), *said(ANSWERS))
    assert by_stratum(found) == by_stratum(alone)


def test_a_stratum_that_nobody_answered_is_no_obstacle_while_its_values_have_answers() -> None:
    margins = [{"variable": "age", "targets": {"old": 60, "young": 40}}, MARGINS[1]]
    found = build(raked(CELLS, margins), *said({"om": [1] * 20, "ow": [2] * 20, "yw": [5] * 20}))
    assert by_stratum(found) == pytest.approx({"om": 0.5, "ow": 0.1, "yw": 0.4})
    assert found.problems == []


def test_a_value_without_answers_leaves_the_unit_unweighted_and_is_named() -> None:
    found = build(raked(CELLS, MARGINS), *said({"om": [1] * 30, "ow": [5] * 10}))
    assert found.problems == [["U1", "citizens", "raking_value_empty", "age=young"]]
    assert by_stratum(found) == {"om": 0.75, "ow": 0.25}
    assert found.means.iloc[0]["mean"] == 25
    assert found.means.iloc[0]["n_effective"] == pytest.approx(40)


def test_every_empty_value_is_named_and_sparse_ones_beside_them() -> None:
    found = build(raked(CELLS, MARGINS), *said({"om": [1] * 9}))
    assert found.problems == [
        ["U1", "citizens", "raking_value_empty", "age=young"],
        ["U1", "citizens", "raking_value_empty", "sex=w"],
        ["U1", "citizens", "raking_value_sparse", "age=old: 9"],
        ["U1", "citizens", "raking_value_sparse", "sex=m: 9"],
    ]


@pytest.mark.parametrize(("n", "sparse"), [(9, True), (10, False)])
def test_a_value_with_fewer_than_ten_answers_is_told_and_raked_all_the_same(n: int, sparse: bool) -> None:
    margins = [{"variable": "age", "targets": {"old": 50, "young": 50}}]
    strata = [{"code": name, "traits": {"age": name}} for name in ("old", "young")]
    found = build(raked(strata, margins), *said({"old": [1] * n, "young": [5] * 20}))
    assert by_stratum(found) == pytest.approx({"old": 0.5, "young": 0.5})
    assert found.problems == ([["U1", "citizens", "raking_value_sparse", "age=old: 9"]] if sparse else [])


AGE = [{"variable": "age", "targets": {"old": 50, "young": 50}}]
AGES = [{"code": name, "traits": {"age": name}} for name in ("old", "young")]


def test_extreme_weights_are_trimmed_and_it_is_told() -> None:
    found = build(raked(AGES, AGE), *said({"old": [1] * 20, "young": [5] * 180}))
    weights = by_stratum(found)
    assert (weights["old"] / 20) / (weights["young"] / 180) == pytest.approx(5)
    assert weights["old"] == pytest.approx(100 / 280)
    assert found.problems == [["U1", "citizens", "raking_trimmed", "20, 28.6 %"]]


def test_weights_at_the_bounds_are_left_alone() -> None:
    found = build(raked(AGES, AGE), *said({"old": [1] * 20, "young": [5] * 100}))
    assert by_stratum(found) == pytest.approx({"old": 0.5, "young": 0.5})
    assert found.problems == []


def test_weights_that_cost_too_much_precision_are_not_used() -> None:
    targets = {"far": 10, "near": 30, "rare": 60}
    margins = [{"variable": "place", "targets": targets}]
    strata = [{"code": name, "traits": {"place": name}} for name in targets]
    found = build(raked(strata, margins), *said({"far": [1] * 49, "near": [3] * 36, "rare": [5] * 15}))
    effect = 100 * (0.1**2 / 49 + 0.3**2 / 36 + 0.6**2 / 15)
    assert found.problems == [["U1", "citizens", "raking_costly", f"{effect:.2f}"]]
    assert f"{effect:.2f}" == "2.67"
    assert by_stratum(found) == pytest.approx({"far": 0.49, "near": 0.36, "rare": 0.15})


def test_a_design_effect_just_below_the_bound_is_accepted() -> None:
    found = build(raked(AGES, AGE), *said({"old": [1] * 10, "young": [5] * 90}))
    row = found.means.iloc[0]
    assert 1.5 < row["n"] / row["n_effective"] < 2.5
    assert [line[2] for line in found.problems] == ["raking_trimmed"]


def test_targets_that_the_answers_cannot_meet_leave_the_unit_unweighted() -> None:
    margins = [
        {"variable": "age", "targets": {"old": 25, "young": 75}},
        {"variable": "sex", "targets": {"m": 75, "w": 25}},
    ]
    found = build(raked(CELLS, margins), *said({"om": [1] * 20, "ow": [2] * 20, "yw": [5] * 40}))
    assert [line[:3] for line in found.problems] == [["U1", "citizens", "raking_unmet"]]
    assert float(found.problems[0][3].removesuffix(" %")) > 10
    assert by_stratum(found) == {"om": 0.25, "ow": 0.25, "yw": 0.5}


def test_a_stratum_of_weight_0_is_not_scored_in_a_raked_group() -> None:
    scheme = raked([*CELLS, {"code": "open", "weight": 0}], MARGINS)
    calm = build(scheme, *said(ANSWERS))
    stormy = build(scheme, *said(ANSWERS), *said({"open": [5] * 500}))
    pd.testing.assert_frame_equal(calm.means, stormy.means)
    assert stormy.problems == []


def test_a_trait_that_the_population_does_not_have_takes_its_strata_out() -> None:
    margins = [{"variable": "age", "targets": {"old": 40, "young": 60, "unborn": 0}}]
    strata = [{"code": name, "traits": {"age": name}} for name in ("old", "unborn", "young")]
    scheme = raked(strata, margins)
    assert stratum_shares(scheme).tolist() == [[1, 0, 1]]
    found = build(scheme, *said({"old": [1] * 20, "young": [5] * 20, "unborn": [3] * 20}))
    assert by_stratum(found) == pytest.approx({"old": 0.4, "young": 0.6})
    assert found.means.iloc[0]["n"] == 40
    assert found.problems == []


def test_raked_and_post_stratified_groups_stand_side_by_side() -> None:
    shared = asked() | {"groups": {"peers": 50, "citizens": 50}}
    people = {"code": "citizens", "promise": "anonymous", "minimum": [1, 1, 1], "strata": AGES, "margins": AGE}
    scheme = scheme_of(shared, groups=[group("peers", (1, 1, 1), {"old": 70, "near": 30}), people])
    cells = [("U1", "peers", "old", [[1]] * 9), ("U1", "peers", "near", [[5]])]
    found = build(scheme, *cells, *said({"old": [1] * 10, "young": [5] * 30}))
    peers = found.strata[found.strata["group"] == "peers"].set_index("stratum")["weight"].to_dict()
    citizens = found.strata[found.strata["group"] == "citizens"].set_index("stratum")["weight"].to_dict()
    assert (peers["old"], peers["near"]) == (pytest.approx(0.7), pytest.approx(0.3))
    assert (citizens["old"], citizens["young"]) == (pytest.approx(0.5), pytest.approx(0.5))


def test_a_unit_without_answers_of_a_raked_group_is_no_problem() -> None:
    both = asked() | {"groups": {"peers": 50, "citizens": 50}}
    people = {"code": "citizens", "promise": "anonymous", "minimum": [1, 1, 1], "strata": AGES, "margins": AGE}
    scheme = scheme_of(both, groups=[group("peers", (1, 1, 1), {"all": 100}), people])
    found = build(scheme, ("U1", "peers", "all", [[4]]))
    assert found.problems == []
    assert one(found.means, unit="U1")["mean"] == 75


def test_responses_of_dont_know_only_have_no_weight_and_no_mean() -> None:
    found = build(raked(AGES, AGE), *said({"old": [6] * 10, "young": [6] * 10}))
    assert found.means["mean"].isna().all()
    assert found.strata["weight"].isna().all()


def test_a_run_tells_what_raking_could_not_do() -> None:
    scheme = raked(AGES, AGE)
    asking = form("f", "citizens", ["ease"])
    cells = table(cell("U1", asking, "old", [[4]] * 12))
    result = run(cells, {"f": asking}, units(U1="A"), scheme)
    assert ["U1", "citizens", "raking_value_empty", "age=young"] in result.stages["problems"].to_numpy().tolist()
    assert np.isfinite(result.stages["scores"]["low"]).all()
