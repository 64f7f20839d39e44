"""The demo city's worked example: exact arithmetic by hand, rounded half up at the end."""

import copy
from typing import Any

import pandas as pd
import pytest

from scoring.pipeline import run
from scoring.rank import round_half_up
from scoring.result import Result
from scoring.scheme import SchemeError, parse_scheme
from tests.unit.scoring.rounds import FORMS, cell, form, group, leaf, rivergate, row, survey, table, units

CITIZEN_MEANS = [4.4, 4.2, 4.3, 4.5, 4.1, 3.9, 4.6]
PEER_MEANS = [4.0, 3.8, 3.6]


def citizens(unit: str, *people: int) -> list[dict[str, Any]]:
    strata = ("users", "residents", "supervisors")
    asked = FORMS["citizens-1"]
    return [cell(unit, asked, stratum, survey(CITIZEN_MEANS, n)) for stratum, n in zip(strata, people, strict=False)]


def peers(unit: str) -> dict[str, Any]:
    return cell(unit, FORMS["peers-1"], "all", survey(PEER_MEANS, 10))


def experts(unit: str, mean: int = 68) -> dict[str, Any]:
    panel = [[mean + 1 + shift] * 6 for shift in (-4, -1, 2, 3)]
    return cell(unit, FORMS["experts-1"], "all", panel)


def play(*cells: dict[str, Any]) -> Result:
    names = {item["unit"]: "A" for item in cells}
    return run(table(*cells), FORMS, units(**names), parse_scheme(rivergate()))


def whole_u01() -> list[dict[str, Any]]:
    return [*citizens("U01", 400, 200, 20), peers("U01"), experts("U01")]


def test_the_libraries_score_75_69_and_stand_in_band_b() -> None:
    result = play(*whole_u01())
    found = {line: row(result, "groups", unit="U01", group=line)["score"] for line in ("citizens", "peers", "experts")}
    assert found == {"citizens": 82.375, "peers": 70.5, "experts": 68.0}
    means = result.stages["means"]
    assert means[means["group"] == "citizens"]["mean"].tolist() == [85, 80, 82.5, 87.5, 77.5, 72.5, 90]
    line = row(result, "scores", unit="U01")
    assert (line["score"], line["band"], line["level"], line["n"]) == (75.6875, "B", "full", 634)
    assert str(round_half_up(line["score"], 2)) == "75.69"


def test_without_peers_the_weights_are_62_5_and_37_5_and_both_lines_are_kept() -> None:
    result = play(*citizens("U01", 400, 200, 20), experts("U01"))
    groups = result.stages["groups"].set_index("group")
    assert groups["weight_nominal"].to_dict() == {"citizens": 50.0, "peers": 20.0, "experts": 30.0}
    assert groups["weight_used"].to_dict() == {"citizens": 62.5, "peers": 0.0, "experts": 37.5}
    assert groups["level"]["peers"] == "absent"
    line = row(result, "scores", unit="U01")
    assert line["score"] == 76.984375
    assert str(round_half_up(line["score"], 2)) == "76.98"
    assert line["level"] == "full"


def test_a_unit_that_meets_no_citizens_is_scored_40_to_60() -> None:
    groups = play(peers("U18"), experts("U18")).stages["groups"].set_index("group")
    assert groups["weight_used"].to_dict() == {"citizens": 0.0, "peers": 40.0, "experts": 60.0}


def test_weights_of_50_20_29_are_refused_with_the_sum_99() -> None:
    mapping = copy.deepcopy(rivergate())
    mapping["tree"]["children"][2]["weight"] = 29
    with pytest.raises(SchemeError, match="score: weights_sum") as refused:
        parse_scheme(mapping)
    assert [(problem.node, problem.code) for problem in refused.value.problems] == [("score", "weights_sum")]
    assert refused.value.problems[0].params["sum"] == "99"


def test_a_rating_of_zero_counts_while_dont_know_is_left_out() -> None:
    zero, dont_know = [1] * 6, [102] * 6
    panel = cell("U01", FORMS["experts-1"], "all", [[101] * 6, zero, dont_know, [51] * 6])
    line = row(play(panel), "means", unit="U01", indicator="results")
    assert (line["mean"], line["n"], line["dont_know"]) == (50.0, 3, 1)


def test_eighteen_citizens_are_not_graded() -> None:
    sparse = cell("U20", FORMS["citizens-1"], "users", survey([4.0] * 7, 18))
    line = row(play(sparse, peers("U20"), experts("U20")), "scores", unit="U20")
    assert (line["level"], line["level_group"], line["level_n"]) == ("overseer", "citizens", 18)
    assert line["band"] == ""
    assert pd.isna(line["rank"])


def test_ninety_six_citizens_are_indicative_without_band_or_rank() -> None:
    few = cell("U08", FORMS["citizens-1"], "users", survey([4.0] * 7, 96))
    line = row(play(few, peers("U08"), experts("U08")), "scores", unit="U08")
    assert (line["level"], line["level_n"], line["band"]) == ("indicative", 96, "")
    assert pd.isna(line["rank"])


def test_a_burst_in_the_open_channel_leaves_the_score_unchanged() -> None:
    burst = cell("U01", FORMS["citizens-1"], "open", survey([1.0] * 7, 300))
    calm, stormy = play(*whole_u01()), play(*whole_u01(), burst)
    for stage in ("scores", "groups", "means", "nodes", "contributions"):
        pd.testing.assert_frame_equal(calm.stages[stage], stormy.stages[stage])
    open_channel = stormy.stages["responses"].query("stratum == 'open'")
    assert open_channel["valid"].tolist() == [300] * 7


def test_nine_equal_indicators_are_exactly_a_ninth_each() -> None:
    """Public-service satisfaction index: 29 answers to nine items sum to 955; rounding 1/9 to 0.11 gave 90.56."""
    names = [f"u{number}" for number in range(1, 10)]
    leaves = [{"code": name, "points": 4, "groups": {"citizens": 100}} for name in names]
    mapping = {
        "code": "skm",
        "groups": [group("citizens", (1, 1, 1), {"all": 100})],
        "tree": {"code": "score", "weights": "equal", "children": leaves},
        "bands": [{"code": "A", "from": "88.31"}, {"code": "D", "from": 0}],
    }
    asked = form("skm-1", "citizens", names, 4)
    totals = [106] * 8 + [107]
    assert sum(totals) == 955
    people = [[total // 29 + (person < total % 29) for total in totals] for person in range(29)]
    result = run(table(cell("U01", asked, "all", people)), {"skm-1": asked}, units(U01="A"), parse_scheme(mapping))
    level = 1 + row(result, "scores", unit="U01")["score"] * 3 / 100
    assert level * 25 == pytest.approx(955 / (29 * 9) * 25, abs=1e-9)
    assert str(round_half_up(level * 25, 2)) == "91.48"


def test_nine_weights_of_11_11_are_refused_with_the_sum_99_99() -> None:
    mapping = rivergate()
    mapping["tree"] = {"code": "score", "children": [leaf(f"u{n}", "11.11", "citizens") for n in range(9)]}
    with pytest.raises(SchemeError) as refused:
        parse_scheme(mapping)
    assert refused.value.problems[0].params["sum"] == "99.99"
