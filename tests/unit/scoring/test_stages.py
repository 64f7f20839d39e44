"""Each stage by hand-sized rounds, seen through the tables of a run."""

from typing import Any

import pandas as pd
import pytest

from scoring.frames import InputError
from scoring.pipeline import run
from tests.unit.scoring.rounds import (
    SMALL_FORMS,
    cell,
    form,
    leaf,
    row,
    score,
    small_scheme,
    survey,
    table,
    units,
)

C, E = SMALL_FORMS["c"], SMALL_FORMS["e"]


def tree(*children: dict[str, Any]) -> dict[str, Any]:
    return {"code": "score", "children": list(children)}


def test_what_the_scheme_does_not_know_is_named_and_not_scored() -> None:
    strange = form("s", "citizens", ["ease", "beauty", "leadership"])
    other_points = form("p", "citizens", ["ease"], 4)
    clerks = form("k", "clerks", ["ease"])
    cells = table(
        cell("U01", C, "a", [[5, 5]] * 4),
        cell("U99", C, "a", [[1, 1]] * 3),
        cell("U01", C, "moon", [[1, 1]] * 2),
        cell("U01", strange, "a", [[5, 1, 1]]),
        cell("U01", other_points, "a", [[1]]),
        cell("U01", clerks, "a", [[1]] * 7),
    )
    forms = {**SMALL_FORMS, "s": strange, "p": other_points, "k": clerks}
    result = run(cells, forms, units(U01="A"), small_scheme())
    assert result.stages["problems"].to_numpy().tolist() == [
        ["U01", "beauty", "unknown_indicator", "1"],
        ["U01", "clerks", "unknown_group", "7"],
        ["U01", "ease", "points_differ", "1"],
        ["U01", "experts", "group_absent", "30"],
        ["U01", "leadership", "points_differ", "1"],
        ["U01", "moon", "unknown_stratum", "2"],
        ["U99", "U99", "unknown_unit", "3"],
    ]
    assert row(result, "means", unit="U01", indicator="ease")["mean"] == 100


def test_an_answer_from_a_group_that_is_not_asked_is_set_aside() -> None:
    asked = form("x", "experts", ["ease"])
    result = run(table(cell("U01", asked, "all", [[5]])), {"x": asked}, units(U01="A"), small_scheme())
    assert ["U01", "ease", "group_not_asked", "1"] in result.stages["problems"].to_numpy().tolist()
    assert result.stages["means"].empty


def test_a_unit_may_not_stand_twice_and_needs_a_category() -> None:
    twice = pd.DataFrame({"unit": ["U01", "U01"], "category": ["A", "B"]})
    with pytest.raises(InputError, match="unit U01 stands twice"):
        run(table(), SMALL_FORMS, twice, small_scheme())
    with pytest.raises(InputError, match="units lacks the column category"):
        run(table(), SMALL_FORMS, twice[["unit"]], small_scheme())


def test_strata_count_by_their_share_and_not_by_their_size() -> None:
    result = score(table(cell("U01", C, "a", [[5, 5]] * 2), cell("U01", C, "b", [[1, 1]] * 98)))
    assert row(result, "means", indicator="ease")["mean"] == pytest.approx(60)
    assert row(result, "means", indicator="ease")["n"] == 100
    assert row(result, "means", indicator="ease")["n_effective"] == pytest.approx(1 / (0.36 / 2 + 0.16 / 98))


def test_an_empty_stratum_leaves_its_share_to_the_others_indicator_by_indicator() -> None:
    result = score(table(cell("U01", C, "a", [[6, 3]] * 2), cell("U01", C, "b", [[2, 5]] * 2)))
    assert row(result, "means", indicator="ease")["mean"] == 25
    assert row(result, "means", indicator="speed")["mean"] == pytest.approx(0.6 * 50 + 0.4 * 100)
    strata = result.stages["strata"].query("indicator == 'ease'").set_index("stratum")
    assert strata["weight"].to_dict() == {"a": 0.0, "b": 1.0}


def test_form_versions_of_one_group_are_added() -> None:
    newer = form("c2", "citizens", ["speed", "ease"])
    cells = table(cell("U01", C, "a", [[5, 1]] * 3), cell("U01", newer, "a", [[1, 1]]))
    result = run(cells, {**SMALL_FORMS, "c2": newer}, units(U01="A"), small_scheme())
    assert row(result, "means", indicator="ease")["mean"] == 75
    assert row(result, "groups", group="citizens")["n"] == 4
    chosen = result.stages["distribution"].query("indicator == 'ease'")
    assert chosen[["code", "count"]].to_numpy().tolist() == [[1, 1], [5, 3]]


def test_dont_know_not_applicable_and_blank_are_counted_apart() -> None:
    result = score(table(cell("U01", C, "a", [[6, 5], [7, 5], [0, 5], [4, 5], [2, 5]])))
    line = row(result, "responses", indicator="ease")
    assert [line[name] for name in ("valid", "dont_know", "not_applicable", "blank")] == [2, 1, 1, 1]
    mean = row(result, "means", indicator="ease")
    assert (mean["n"], mean["mean"], mean["raw_mean"]) == (2, 50, 3)
    assert (mean["dont_know"], mean["not_applicable"]) == (1, 1)


def test_spread_and_shares_of_one_stratum_are_the_ordinary_ones() -> None:
    result = score(table(cell("U01", C, "a", [[1, 3], [2, 3], [4, 3], [5, 3], [5, 3]])))
    mean = row(result, "means", indicator="ease")
    assert mean["sd"] == pytest.approx(pd.Series([0, 25, 75, 100, 100]).std())
    assert (mean["top_share"], mean["bottom_share"]) == (60, 40)
    alone = score(table(cell("U01", C, "a", [[4, 6]])))
    assert pd.isna(row(alone, "means", indicator="ease")["sd"])
    assert row(alone, "means", indicator="speed")["n"] == 0
    assert pd.isna(row(alone, "means", indicator="speed")["top_share"])


def test_a_panel_shows_its_own_points_and_a_zero_is_a_zero() -> None:
    mean = row(score(table(cell("U01", E, "all", [[1], [1]]))), "means", indicator="leadership")
    assert (mean["mean"], mean["raw_mean"], mean["n"]) == (0, 0, 2)


def test_groups_of_one_indicator_are_combined_first() -> None:
    both = {**leaf("ease", 100, "citizens"), "groups": {"citizens": 75, "experts": 25}}
    scheme = small_scheme(tree=tree(both))
    panel = form("x", "experts", ["ease"])
    cells = table(cell("U01", C, "a", [[5, 0]] * 4), cell("U01", panel, "all", [[1]]))
    result = run(cells, {**SMALL_FORMS, "x": panel}, units(U01="A"), scheme)
    assert row(result, "scores", unit="U01")["score"] == 75
    alone = run(cells[cells["form"] == "x"], {"x": panel}, units(U01="A"), scheme)
    assert row(alone, "scores", unit="U01")["score"] == 0
    assert row(alone, "contributions", group="experts")["weight_used"] == 100
    assert row(alone, "contributions", group="experts")["weight_nominal"] == 25


def test_a_missing_indicator_leaves_its_weight_to_its_siblings_only() -> None:
    result = score(table(cell("U01", C, "a", [[6, 5]] * 4), cell("U01", E, "all", [[51]])))
    nodes = result.stages["nodes"].set_index("node")
    assert nodes["weight_used"].to_dict() == {"score": 100, "service": 70, "ease": 0, "speed": 100, "leadership": 30}
    assert nodes["weight_nominal"].to_dict() == {"score": 100, "service": 70, "ease": 60, "speed": 40, "leadership": 30}
    assert nodes["effective_used"]["speed"] == 70
    assert nodes["effective_nominal"]["ease"] == pytest.approx(42)
    assert not nodes["present"]["ease"]
    assert pd.isna(nodes["score"]["ease"])
    assert row(result, "scores", unit="U01")["score"] == 85
    problems = result.stages["problems"].to_numpy().tolist()
    assert problems == [["U01", "ease", "indicator_without_answers", "citizens"]]


def test_an_indicator_that_does_not_apply_is_no_gap() -> None:
    local = {**leaf("patrol", 50, "citizens"), "units": ["POLICE"]}
    scheme = small_scheme(tree=tree(leaf("ease", 50, "citizens"), local))
    asked = form("l", "citizens", ["ease", "patrol"])
    cells = table(cell("POLICE", asked, "a", [[5, 1]] * 4), cell("PARKS", asked, "a", [[5, 1]] * 4))
    result = run(cells, {"l": asked}, units(POLICE="A", PARKS="A"), scheme)
    assert row(result, "scores", unit="POLICE")["score"] == 50
    assert row(result, "scores", unit="PARKS")["score"] == 100
    parks = result.stages["nodes"].query("unit == 'PARKS'").set_index("node")
    assert parks["weight_nominal"].to_dict() == {"score": 100, "ease": 100}
    assert ["PARKS", "patrol", "indicator_not_applicable", "4"] in result.stages["problems"].to_numpy().tolist()


def test_an_indicator_of_weight_0_is_shown_and_not_counted() -> None:
    scheme = small_scheme(tree=tree(leaf("ease", 100, "citizens"), leaf("speed", 0, "citizens")))
    result = score(table(cell("U01", C, "a", [[3, 5]] * 4)), scheme)
    assert row(result, "scores", unit="U01")["score"] == 50
    assert row(result, "nodes", node="speed")["score"] == 100
    silent = score(table(cell("U01", C, "a", [[6, 5]] * 4)), scheme)
    assert pd.isna(row(silent, "scores", unit="U01")["score"])
    assert row(silent, "scores", unit="U01")["level"] == "absent"


@pytest.mark.parametrize(("n", "level"), [(1, "hidden"), (2, "overseer"), (3, "indicative"), (4, "full")])
def test_the_smallest_group_sets_the_level(n: int, level: str) -> None:
    result = score(table(cell("U01", C, "a", survey([4, 4], n)), cell("U01", E, "all", [[51]])))
    line = row(result, "scores", unit="U01")
    assert line["level"] == level
    assert (line["level_group"], line["level_n"]) == (("", 0) if level == "full" else ("citizens", n))
    assert line["score"] == pytest.approx(67.5)
    assert (line["band"] == "") == (level != "full")
    assert row(result, "groups", group="experts")["level"] == "full"


def test_a_figure_of_few_answers_is_weaker_than_its_group() -> None:
    result = score(table(cell("U01", C, "a", [[4, 4], [4, 6], [4, 6], [4, 6]])))
    assert row(result, "means", indicator="ease")["level"] == "full"
    assert row(result, "means", indicator="speed")["level"] == "hidden"


def test_many_responses_with_few_answers_are_as_weak_as_these() -> None:
    result = score(table(cell("U01", C, "a", [[5, 6]] + [[6, 6]] * 8), cell("U01", E, "all", [[51]])))
    line = row(result, "groups", group="citizens")
    assert (line["level"], line["n"], line["score"]) == ("hidden", 1, 100)
    assert (row(result, "scores", unit="U01")["level"], row(result, "scores", unit="U01")["level_n"]) == ("hidden", 1)
    enough = score(table(cell("U01", C, "a", [[5, 6]] * 4 + [[6, 6]] * 8)))
    assert (row(enough, "groups", group="citizens")["level"], row(enough, "groups", group="citizens")["n"]) == (
        "full",
        12,
    )


def test_answers_to_a_question_of_weight_0_raise_no_level() -> None:
    counted, extra = leaf("ease", 100, "citizens"), leaf("speed", 0, "citizens")
    scheme = small_scheme(tree=tree(counted, extra))
    result = score(table(cell("U01", C, "a", [[5, 5]] * 2 + [[6, 5]] * 8)), scheme)
    assert (row(result, "groups", group="citizens")["level"], row(result, "groups", group="citizens")["n"]) == (
        "overseer",
        2,
    )


def test_a_group_that_only_says_dont_know_is_absent() -> None:
    result = score(table(cell("U01", C, "a", [[6, 6]] * 9), cell("U01", E, "all", [[51]])))
    line = row(result, "groups", group="citizens")
    assert (line["level"], line["n"], line["weight_used"]) == ("absent", 9, 0)
    assert row(result, "means", indicator="ease")["level"] == "absent"
    assert row(result, "scores", unit="U01")["level"] == "full"


def test_a_unit_without_any_answer_has_no_score_and_no_rank() -> None:
    line = row(score(table()), "scores", unit="U01")
    assert pd.isna(line["score"])
    assert pd.isna(line["low"])
    assert (line["level"], line["band"], line["n"], line["ranked_of"]) == ("absent", "", 0, 0)
    assert pd.isna(line["rank"])


def panel_round(points: dict[str, int], category: str = "A", **over: Any) -> pd.DataFrame:
    scheme = small_scheme(tree=tree(leaf("leadership", 100, "experts", 1001)), **over)
    asked = form("e", "experts", ["leadership"], 1001)
    cells = table(*(cell(unit, asked, "all", [[value + 1]]) for unit, value in points.items()))
    names = dict.fromkeys(points, category)
    return run(cells, {"e": asked}, units(**names), scheme).stages["scores"].set_index("unit")


def test_ties_share_the_better_rank_and_the_next_one_is_left_out() -> None:
    scores = panel_round({"U01": 804, "U02": 804, "U03": 801, "U04": 900}, rank_decimals=1)
    assert scores["rank"].to_dict() == {"U01": 2, "U02": 2, "U03": 4, "U04": 1}
    assert set(scores["ranked_of"]) == {4}


def test_ranks_look_at_the_rounded_score() -> None:
    scores = panel_round({"U01": 804, "U02": 801}, rank_decimals=0)
    assert scores["rank"].to_dict() == {"U01": 1, "U02": 1}


def test_bands_include_their_lower_bound() -> None:
    scores = panel_round({"U01": 750, "U02": 749})
    assert scores["band"].to_dict() == {"U01": "A", "U02": "B"}


def test_ranks_stay_inside_the_category_and_among_full_units() -> None:
    cells = table(
        *(cell(unit, C, "a", [[5, 5]] * n) for unit, n in {"U01": 4, "U02": 3, "U03": 4}.items()),
        cell("U04", C, "a", [[4, 4]] * 4),
    )
    result = score(cells, None, U01="A", U02="A", U03="B", U04="A", U05="C")
    scores = result.stages["scores"].set_index("unit")
    assert scores["rank"].astype("object").where(scores["rank"].notna(), None).to_list() == [1, None, 1, 2, None]
    assert scores["ranked_of"].to_list() == [2, 2, 1, 2, 0]
    categories = result.stages["categories"].set_index("category")
    assert categories["units"].to_dict() == {"A": 3, "B": 1, "C": 1}
    assert categories["published_units"].to_dict() == {"A": 3, "B": 1, "C": 0}
    assert categories["mean"]["A"] == pytest.approx((100 + 100 + 75) / 3)
    assert pd.isna(categories["mean"]["B"])


def test_a_category_mean_leaves_out_what_may_not_be_published() -> None:
    cells = table(*(cell(unit, C, "a", [[5, 5]] * n) for unit, n in {"U01": 4, "U02": 2, "U03": 1}.items()))
    result = score(cells, None, U01="E", U02="E", U03="E")
    line = row(result, "categories", category="E")
    assert (line["units"], line["published_units"]) == (3, 1)
    assert pd.isna(line["mean"])
    problems = result.stages["problems"].query("code == 'group_below_minimum'")
    assert problems[["unit", "detail"]].to_numpy().tolist() == [["U02", "2"], ["U03", "1"]]


def test_a_group_without_an_indicator_is_no_gap() -> None:
    scheme = small_scheme(tree=tree(leaf("ease", 60, "citizens"), leaf("speed", 40, "citizens")))
    result = score(table(cell("U01", C, "a", [[5, 5]] * 4)), scheme)
    assert result.stages["problems"].empty
    assert row(result, "groups", group="experts")["weight_nominal"] == 0
