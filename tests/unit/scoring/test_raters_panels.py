"""Panels in a run: which figures are adjusted, what is set aside, and what is told."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.aggregate import settle
from scoring.frames import InputError
from scoring.raters import AdjustedPanels, adjust_panels, severity
from scoring.samples.levels import level_values
from scoring.scheme import Scheme
from tests.unit.scoring.layers import Layers, asked, build, one, scheme_of
from tests.unit.scoring.rounds import group

PANEL = {"U1": {"x": 71, "y": 51}, "U2": {"x": 61, "z": 61}, "U3": {"y": 21, "z": 41}, "U4": {"x": 91}}


def scheme(severity: str, leaves: list[dict[str, Any]] | None = None, **more: Any) -> Scheme:
    experts = group("experts", (1, 1, 1), {"all": 100}) | {"promise": "confidential", "severity": severity} | more
    citizens = group("citizens", (1, 1, 1), {"all": 100})
    return scheme_of(*(leaves or [asked("lead", 101, "experts")]), asked("ease"), groups=[experts, citizens])


def panels(ratings: dict[str, dict[str, int]] | None = None, indicator: str = "lead") -> pd.DataFrame:
    rows = [
        (unit, "experts", indicator, rater, code)
        for unit, own in (ratings or PANEL).items()
        for rater, code in own.items()
    ]
    return pd.DataFrame(rows, columns=["unit", "group", "indicator", "rater", "value"])


def layers(asking: Scheme) -> Layers:
    cells = [(unit, "experts", "all", [[code] for code in own.values()]) for unit, own in PANEL.items()]
    return build(asking, *cells, ("U1", "citizens", "all", [[4]]))


def play(asking: Scheme, rows: pd.DataFrame | None) -> AdjustedPanels:
    return adjust_panels(rows, layers(asking).plain, asking)


def lead(found: AdjustedPanels) -> dict[str, float]:
    rows = found.means[found.means["indicator"] == "lead"]
    return {str(row["unit"]): float(row["mean"]) for row in rows.to_dict("records")}


def said(found: AdjustedPanels) -> list[list[str]]:
    return found.problems.to_numpy().tolist()


@pytest.mark.parametrize("method", ["fixed", "mixed"])
def test_panel_means_are_replaced_by_the_adjusted_ones(method: str) -> None:
    found = play(scheme(method), panels())
    model = severity(panels().assign(value=panels()["value"] - 1), method)
    assert lead(found) == pytest.approx(dict(zip(model.units, model.adjusted, strict=True)))
    assert one(found.means, unit="U1", indicator="lead")["mean_plain"] == 60
    assert one(found.means, unit="U1", indicator="ease")["mean"] == 75
    assert said(found) == []
    assert found.table.to_numpy().tolist() == [
        ["experts", "lead", rater, n, pytest.approx(effect)]
        for rater, n, effect in zip("xyz", [3, 2, 2], model.effects, strict=True)
    ]


def test_the_mixed_model_gives_reliability_and_is_not_shrunk_again() -> None:
    asking = scheme("mixed", shrinkage="empirical-bayes")
    found = play(asking, panels())
    model = severity(panels().assign(value=panels()["value"] - 1), "mixed")
    rows = found.means[found.means["indicator"] == "lead"]
    assert rows["reliability"].to_numpy() == pytest.approx(model.reliability)
    assert rows["shrunk"].to_numpy() == pytest.approx(model.adjusted)
    settled = settle(found.means, asking)
    assert settled.means["mean"].tolist() == found.means["mean"].tolist()
    assert settled.problems.empty
    assert one(found.means, unit="U1", indicator="ease")["reliability"] is not None
    assert found.means["reliability"].isna().sum() == 1


def test_the_fixed_method_leaves_shrinkage_to_the_next_stage() -> None:
    found = play(scheme("fixed"), panels())
    assert found.means["reliability"].isna().all()
    assert found.means["shrunk"].isna().all()


def test_means_that_came_in_are_not_changed_in_place() -> None:
    asking = scheme("fixed")
    plain = layers(asking).plain
    before = plain.copy()
    adjust_panels(panels(), plain, asking)
    pd.testing.assert_frame_equal(plain, before)


def test_groups_that_are_not_adjusted_keep_their_means_and_their_panels_are_told() -> None:
    found = play(scheme("none"), panels())
    assert lead(found)["U1"] == 60
    assert said(found) == [[unit, "experts", "panel_not_used", str(len(own))] for unit, own in PANEL.items()]
    assert found.table.empty
    assert {name: str(kind) for name, kind in found.table.dtypes.items()} == {
        "group": "str", "indicator": "str", "rater": "str", "n": "int64", "effect": "float64",
    }  # fmt: skip


def test_without_panels_an_adjusted_group_keeps_its_means_and_says_so() -> None:
    for nothing in (None, panels().iloc[:0]):
        found = play(scheme("mixed"), nothing)
        assert lead(found)["U1"] == 60
        assert said(found) == [["", "lead", "severity_without_ratings", "experts"]]
        assert found.table.empty


def test_an_indicator_that_no_figure_needs_is_not_missed() -> None:
    asking = scheme("fixed", [asked("lead", 101, "experts"), asked("plan", 101, "experts")])
    plain = layers_of_two(asking)
    found = adjust_panels(panels(), plain[plain["indicator"] != "plan"], asking)
    assert said(found) == []


def layers_of_two(asking: Scheme) -> pd.DataFrame:
    cells = [(unit, "experts", "all", [[code, code] for code in own.values()]) for unit, own in PANEL.items()]
    return build(asking, *cells).plain


def test_each_indicator_is_adjusted_by_its_own_ratings() -> None:
    asking = scheme("fixed", [asked("lead", 101, "experts"), asked("plan", 101, "experts")])
    other = {unit: {rater: 102 - code for rater, code in own.items()} for unit, own in PANEL.items()}
    rows = pd.concat([panels(), panels(other, "plan")])
    found = adjust_panels(rows, layers_of_two(asking), asking)
    plan = found.means[found.means["indicator"] == "plan"]["mean"].to_numpy()
    assert plan == pytest.approx(100 - np.array(list(lead(found).values())))
    assert found.table["indicator"].tolist() == ["lead"] * 3 + ["plan"] * 3
    assert found.table["effect"].to_numpy()[3:] == pytest.approx(-found.table["effect"].to_numpy()[:3])


def test_means_and_effects_stand_on_the_output_range_and_in_points_of_100() -> None:
    leaf = asked("lead", 101, "experts", range=[1, 5], direction="down")
    found, plain = play(scheme("fixed", [leaf]), panels()), play(scheme("fixed"), panels())
    assert list(lead(found).values()) == pytest.approx([5 - value / 25 for value in lead(plain).values()])
    assert found.table["effect"].to_numpy() == pytest.approx(-plain.table["effect"].to_numpy())


def test_levels_of_unequal_worth_are_adjusted_in_their_worth() -> None:
    leaf = asked("lead", 101, "experts", rescale="favourable", favourable=50)
    asking = scheme("mixed", [leaf])
    values = level_values(asking.leaves()[0])
    model = severity(panels().assign(value=values[panels()["value"] - 1]), "mixed")
    assert list(lead(play(asking, panels())).values()) == pytest.approx(model.adjusted)


def test_an_adjusted_mean_stays_within_what_an_answer_can_be_worth() -> None:
    best = {"U1": {"x": 61, "y": 101}, "U2": {"x": 101}, "U3": {"y": 1}}
    asking = scheme("fixed")
    cells = [(unit, "experts", "all", [[code] for code in own.values()]) for unit, own in best.items()]
    found = adjust_panels(panels(best), build(asking, *cells).plain, asking)
    assert lead(found) == {"U1": pytest.approx(80), "U2": 100, "U3": 0}
    assert found.table["effect"].tolist() == pytest.approx([-20, 20])


def test_ratings_that_are_no_level_are_passed_over() -> None:
    extra = panels({"U4": {"y": 102, "z": 103, "w": 0}}).astype({"value": "float64"})
    blank = panels({"U4": {"v": 1}}).assign(value=np.nan)
    found, plain = play(scheme("fixed"), pd.concat([panels(), extra, blank])), play(scheme("fixed"), panels())
    assert lead(found) == lead(plain)
    assert said(found) == []
    assert found.table["rater"].tolist() == ["x", "y", "z"]


def test_what_the_scheme_does_not_know_is_set_aside_and_counted() -> None:
    strange = [
        ("U9", "experts", "lead", "x", 1), ("U9", "experts", "lead", "y", 1), ("U1", "clerks", "lead", "x", 1),
        ("U1", "citizens", "ease", "x", 1), ("U1", "experts", "beauty", "x", 1), ("U1", "experts", "ease", "x", 1),
        ("U1", "experts", "lead", "q", 104), ("U2", "experts", "lead", "q", -1), ("U2", "experts", "lead", "r", 1.5),
        ("U1", "experts", "lead", "r", np.inf),
    ]  # fmt: skip
    rows = pd.concat([panels(), pd.DataFrame(strange, columns=panels().columns)])
    found = play(scheme("fixed"), rows)
    assert said(found) == [
        ["U9", "U9", "unknown_unit", "2"],
        ["U1", "clerks", "unknown_group", "1"],
        ["U1", "citizens", "panel_not_used", "1"],
        ["U1", "beauty", "unknown_indicator", "1"],
        ["U1", "ease", "group_not_asked", "1"],
        ["U1", "lead", "code_out_of_scale", "2"],
        ["U2", "lead", "code_out_of_scale", "2"],
    ]
    assert lead(found) == lead(play(scheme("fixed"), panels()))


def test_a_lacking_column_is_named() -> None:
    with pytest.raises(InputError, match="panels lacks the column rater, value"):
        play(scheme("fixed"), panels().drop(columns=["rater", "value"]))


def test_parts_that_nobody_compares_keep_their_means_and_are_named() -> None:
    apart = {"U1": {"x": 71}, "U2": {"x": 61}, "U3": {"y": 21, "z": 41}, "U4": {"z": 91}}
    found = play(scheme("mixed"), panels(apart))
    assert said(found) == [["", "lead", "severity_not_connected", "experts: U1, U2 | U3, U4"]]
    assert lead(found)["U1"] == 60
    assert found.table.empty


@pytest.mark.parametrize(
    ("ratings", "detail"),
    [
        ({"U1": {"x": 71, "y": 51}}, "experts: 1 units, 2 raters"),
        ({"U1": {"x": 71}, "U2": {"x": 51}}, "experts: 2 units, 1 raters"),
    ],
)
def test_one_unit_or_one_rater_tells_no_severity(ratings: dict[str, dict[str, int]], detail: str) -> None:
    found = play(scheme("fixed"), panels(ratings))
    assert said(found) == [["", "lead", "severity_too_few", detail]]
    assert lead(found)["U1"] == 60


def test_a_figure_whose_raters_are_unknown_stays_and_is_named() -> None:
    some = {unit: own for unit, own in PANEL.items() if unit != "U4"}
    found = play(scheme("mixed"), panels(some))
    assert said(found) == [["U4", "lead", "severity_without_ratings", "experts"]]
    assert lead(found)["U4"] == 90
    assert np.isnan(one(found.means, unit="U4", indicator="lead")["reliability"])
    assert lead(found)["U1"] != 60


def test_ratings_of_a_figure_that_is_missing_do_not_fill_it() -> None:
    asking = scheme("fixed")
    plain = layers(asking).plain
    gone = plain["unit"].astype("str").eq("U3") & plain["indicator"].astype("str").eq("lead")
    for means in (plain[~gone], plain.assign(mean=plain["mean"].where(~gone))):
        found = adjust_panels(panels(), means, asking)
        assert said(found) == [["U3", "lead", "panel_without_answers", "experts"]]
        assert np.isnan(lead(found).get("U3", np.nan))
        assert lead(found)["U1"] == pytest.approx(lead(play(asking, panels()))["U1"])


def test_an_extreme_rater_is_named_and_keeps_his_ratings() -> None:
    ratings = {f"U{u}": {f"r{r:02}": 61 + u + r % 2 - (50 if r == 7 else 0) for r in range(12)} for u in (1, 2)}
    found = play(scheme("fixed"), panels(ratings))
    assert ["", "lead", "rater_extreme", "experts: r07"] in said(found)
    assert found.table["n"].tolist() == [2] * 12
