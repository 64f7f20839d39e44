"""Figures, adjustments, panels and weights of respondents."""

from typing import Any

import pytest

from scoring.files import describe, score_data
from scoring.files.data import Adjustment, Figure, PanelRating
from scoring.files.weights import split_strata
from scoring.frames import InputError
from scoring.scheme import Scheme, parse_scheme
from tests.unit.scoring.csvs import HEADER, read, read_all, reason, source
from tests.unit.scoring.rounds import group, leaf, row, small_mapping, small_scheme

WEIGHTED = f"{HEADER},weight"


def figured_scheme(*, rated: bool = True, **over: Any) -> Scheme:
    """Waste and calls a person count half each; or, with a question to experts, half of it all."""
    posts = {"method": "goalposts", "low": 0, "high": 10, "clip": True}
    figures: list[dict[str, Any]] = [
        {"code": "waste", "weight": 50, "normaliser": posts, "direction": "down"},
        {"code": "calls", "weight": 50, "normaliser": posts, "denominator": "people", "units": ["U1", "U2"]},
    ]
    children = [{"code": "figures", "weight": 50, "children": figures}, leaf("ease", 50, "experts")]
    mapping = {
        "code": "figured",
        "groups": [group("experts", (1, 1, 1), {"all": 100})],
        "tree": {"code": "score", "children": children if rated else figures},
        "bands": [{"code": "A", "from": 50}, {"code": "B", "from": 0}],
    }
    return parse_scheme(mapping | over)


def test_figures_are_read_one_row_a_unit_and_empty_fields_are_missing() -> None:
    rows = ("U1,north,4,20,10", "U2,,,30,6", "U3,north,-1.5e1,,")
    data, refused = read_all([source("unit,category,waste,calls,people", *rows)], figured_scheme())
    assert not refused
    assert data.figures == [
        Figure("U1", "waste", "", 4.0),
        Figure("U1", "calls", "", 20.0),
        Figure("U1", "people", "", 10.0),
        Figure("U2", "calls", "", 30.0),
        Figure("U2", "people", "", 6.0),
        Figure("U3", "waste", "", -15.0),
    ]
    assert data.categories == {"U1": "north", "U2": "", "U3": "north"}
    assert (data.account.used, data.account.unread) == (3, {})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["U1,1,5;3,2"], (2, "U1", "calls", "5;3", "value is no number such as 12, -3.5 or 1.2e6")),
        (["U1,1,nan,2"], (2, "U1", "calls", "nan", "value is no number such as 12, -3.5 or 1.2e6")),
        (["U3,1,5,2"], (2, "U3", "calls", "5", "indicator does not apply to this unit")),
        (["U1,1,2,2", "U1,,3,"], (3, "U1", "calls", "3", "unit has this figure already")),
    ],
)
def test_a_figure_that_cannot_be_used_does_not_cost_the_others(rows: list[str], told: tuple[object, ...]) -> None:
    data, refused = read_all([source("unit,waste,calls,people", *rows)], figured_scheme())
    assert [(one.line, one.unit, one.indicator, one.value, one.reason) for one in refused] == [told]
    assert (refused[0].file, refused[0].group) == ("data.csv", "")
    assert (data.figures[0].indicator, data.figures[-1].indicator) == ("waste", "people")
    assert data.account.used == len(rows)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("U1,north,1,2", "4 fields where the header has 5"),
        (",north,1,2,3", "unit is empty or holds a control character"),
        ("U1,south,1,2,3", "unit stands in category north already"),
    ],
)
def test_a_row_of_figures_that_cannot_be_used_is_refused(line: str, said: str) -> None:
    rows = ("U1,north,,,", line)
    data, refused = read_all([source("unit,category,waste,calls,people", *rows)], figured_scheme())
    assert [(one.line, one.indicator, one.value, one.reason) for one in refused] == [(3, "", "", said)]
    assert data.figures == []


def test_figures_of_later_periods_are_set_aside_and_of_earlier_ones_kept() -> None:
    rows = ("U1,2022,1", "U1,2023,2", "U1,2024,3", "U2,,4")
    data, refused = read_all([source("unit,period,waste", *rows)], figured_scheme(), "2023")
    assert not refused
    assert [(found.unit, found.period, found.value) for found in data.figures] == [
        ("U1", "2022", 1.0),
        ("U1", "2023", 2.0),
        ("U2", "", 4.0),
    ]
    assert (data.account.aside, data.account.used) == (1, 3)


def test_figures_of_an_earlier_period_than_the_ratings_are_told() -> None:
    ratings = source("unit,group,indicator,value,period", "U1,experts,ease,5,2024")
    data, _ = read_all([ratings, source("unit,period,waste", "U1,2023,4", name="figures.csv")], figured_scheme())
    result = score_data(data, figured_scheme())
    assert "  figures are of the period 2023: there are none of 2024\n" in describe(result, data, figured_scheme())


def test_figures_and_ratings_make_one_score() -> None:
    ratings = source("unit,group,indicator,value", "U1,experts,ease,4")
    figures = source("unit,waste,calls,people", "U1,4,16,2", name="figures.csv")
    data, refused = read_all([figures, ratings], figured_scheme())
    assert not refused
    result = score_data(data, figured_scheme())
    assert row(result, "nodes", unit="U1", node="figures")["score"] == 70.0
    assert row(result, "scores", unit="U1")["score"] == 72.5
    assert "rows used: 2, in 1 responses, with 3 figures" in describe(result, data, figured_scheme())


def test_a_scheme_without_ratings_is_scored_from_figures_alone() -> None:
    scheme = figured_scheme(groups=[], rated=False)
    data, _ = read_all([source("unit,waste,calls,people", "U1,4,16,2", "U3,9,,")], scheme)
    result = score_data(data, scheme)
    found = result.stages["scores"]
    assert found[["unit", "score", "level", "band", "rank"]].to_numpy().tolist() == [
        ["U1", 70.0, "full", "A", 1],
        ["U3", 10.0, "full", "B", 2],
    ]


def test_adjustments_are_read_with_their_defaults() -> None:
    rows = ("U1,deduction,late,1.5,self,two weeks late", "U1,limiter,case,,,")
    data, refused = read_all([source("unit,kind,code,points,source,reason", *rows)], small_scheme())
    assert not refused
    assert data.adjustments == [
        Adjustment("U1", "deduction", "late", "1.5", "self", "two weeks late"),
        Adjustment("U1", "limiter", "case", "0", "external", ""),
    ]
    short, _ = read_all([source("unit,kind,code", "U1,veto,case")], small_scheme())
    assert short.adjustments == [Adjustment("U1", "veto", "case", "0", "external", "")]


def test_an_adjustment_without_a_unit_is_refused() -> None:
    refused = read_all([source("unit,kind,code,points", ",bonus,new,2")], small_scheme())[1]
    assert refused == [("data.csv", 2, "", "bonus", "new", "2", "unit is empty or holds a control character")]
    refused = read_all([source("unit,kind,code,points", "U1,bonus,new")], small_scheme())[1]
    assert [told.reason for told in refused] == ["3 fields where the header has 4"]


def test_what_the_engine_refuses_of_an_adjustment_is_a_problem_of_the_result() -> None:
    ratings, findings = source(HEADER, "U1,experts,leadership,80,x,"), source("unit,kind,code", "U9,bonus,new")
    data, _ = read_all([ratings, findings])
    problems = score_data(data, small_scheme()).stages["problems"]
    assert ["U9", "new", "unknown_unit", "U9"] in problems.to_numpy().tolist()


def severe() -> Scheme:
    mapping = small_mapping()
    mapping["groups"][1] |= {"promise": "accountable", "severity": "fixed"}
    return parse_scheme(mapping)


def test_raters_of_a_group_whose_severity_is_adjusted_make_panels() -> None:
    header = "unit,group,indicator,value,respondent,rater,stratum"
    rows = (
        "U1,experts,leadership,80,,e1,",
        "U1,experts,leadership,60,e2,,",
        "U2,experts,leadership,0,r9,e1,",
        "U2,experts,leadership,dk,,e2,",
        "U1,citizens,ease,4,,c1,a",
    )
    data, refused = read(*rows, header=header, scheme=severe())
    assert not refused
    assert data.panels == [
        PanelRating("U1", "experts", "leadership", "e1", 81),
        PanelRating("U1", "experts", "leadership", "e2", 61),
        PanelRating("U2", "experts", "leadership", "e1", 1),
    ]
    assert set(data.texts["U2", "experts", "all"]) == {"r9", "e2"}
    assert set(data.texts["U1", "citizens", "a"]) == {"c1"}


def test_a_rater_without_a_name_is_refused_where_severity_is_adjusted() -> None:
    line = "U1,experts,leadership,80,,"
    assert reason(line, scheme=severe()) == "rater is empty, and the group's severity is adjusted rater by rater"
    assert not read(line)[1]


def weighted_mean(*rows: str, scheme: Scheme | None = None) -> float:
    data, refused = read(*rows, header=WEIGHTED, scheme=scheme)
    assert not refused
    return float(row(score_data(data, scheme or small_scheme()), "means", unit="U1", indicator="ease")["mean"])


def ease(stratum: str, weight: str, *levels: int) -> list[str]:
    return [f"U1,citizens,ease,{level},{stratum}{weight}{n},{stratum},{weight}" for n, level in enumerate(levels)]


def test_a_weight_multiplies_the_answers_of_its_respondent_within_the_stratum() -> None:
    plain = [*ease("a", "", 5, 1), *ease("b", "", 3, 3)]
    assert weighted_mean(*plain) == 50.0
    heavy = [*ease("a", "3", 5), *ease("a", "1", 1), *ease("b", "", 3, 3)]
    assert weighted_mean(*heavy) == pytest.approx(0.6 * 75 + 0.4 * 50, abs=1e-6)


def test_twice_the_weight_is_two_respondents() -> None:
    twice = [*ease("a", "2", 5, 4), *ease("a", "", 1), *ease("b", "", 3)]
    single = [*ease("a", "", 5, 5, 4, 4, 1), *ease("b", "", 3)]
    assert weighted_mean(*twice) == pytest.approx(weighted_mean(*single), abs=1e-6)


def test_the_open_channel_has_no_weights() -> None:
    data, refused = read("U1,citizens,ease,5,r,open,3", header=WEIGHTED)
    assert not refused
    assert data.texts == {("U1", "citizens", "open"): {"r": "50"}}
    assert data.weights == {}


def test_weights_are_told_and_the_digest_of_the_scheme_stays() -> None:
    rows = [*ease("a", "2.50", 5), *ease("a", "0.5", 1), *ease("a", "1.0", 1), *ease("b", "", 3)]
    data, _ = read(*rows, header=WEIGHTED)
    assert {stratum for _, _, stratum in data.texts} == {"a", "a@2.5", "a@0.5", "b"}
    result = score_data(data, small_scheme())
    assert result.scheme_digest == small_scheme().digest
    assert "  weights of respondents of citizens beside 1: 0.5, 2.5\n" in describe(result, data, small_scheme())


@pytest.mark.parametrize("weight", ["0", "-1", "x", "1,5", "0.000"])
def test_a_weight_that_is_no_number_above_0_is_refused(weight: str) -> None:
    text = f'"{weight}"'
    assert reason(f"U1,citizens,ease,5,r,a,{text}", header=WEIGHTED) == "weight is no decimal number above 0"


def test_a_respondent_has_one_weight_and_one_stratum() -> None:
    first, header = "U1,citizens,ease,5,r,a,2", WEIGHTED
    said = "respondent r has the weight 2 already, not 3"
    assert reason(first, "U1,citizens,speed,5,r,a,3", header=header) == said
    assert reason(first, "U1,citizens,speed,5,r,a,", header=header) == "respondent r has the weight 2 already, not 1"
    assert reason(first, "U1,citizens,speed,5,r,b,2", header=header) == "respondent r stands in stratum a already"
    plain = "U1,citizens,ease,5,r,a,"
    assert reason(plain, "U1,citizens,speed,5,r,a,2", header=header) == "respondent r has the weight 1 already, not 2"


def test_more_than_8_weights_are_refused() -> None:
    weights = [*ease("b", "", 3)]
    for number in range(2, 9):
        weights += ease("a", str(number), 3)
    assert weighted_mean(*weights) == 50.0
    data, _ = read(*weights, *ease("a", "9", 3), header=WEIGHTED)
    with pytest.raises(InputError) as caught:
        score_data(data, small_scheme())
    assert str(caught.value) == "group citizens has 8 different weights beside 1: round them to at most 7"


def test_strata_that_are_raked_keep_their_traits_and_multiply_their_design() -> None:
    mapping = small_mapping()
    margins = [{"variable": "age", "targets": {"young": 30, "old": 70}}]
    strata = [
        {"code": "y", "traits": {"age": "young"}, "design": 2},
        {"code": "o", "traits": {"age": "old"}},
        {"code": "open", "weight": 0},
    ]
    mapping["groups"][0] |= {"margins": margins, "strata": strata}
    scheme = parse_scheme(mapping)
    split = split_strata(scheme, {"citizens": {"1.5"}})
    assert split.groups[1] == scheme.groups[1]
    assert split.groups[0].margins == scheme.groups[0].margins
    assert [(own.code, float(own.weight), own.traits, float(own.design)) for own in split.groups[0].strata] == [
        ("y", 1.0, (("age", "young"),), 2.0),
        ("y@1.5", 1.0, (("age", "young"),), 3.0),
        ("o", 1.0, (("age", "old"),), 1.0),
        ("o@1.5", 1.0, (("age", "old"),), 1.5),
        ("open", 0.0, (), 1.0),
    ]


def test_strata_of_a_fixed_share_become_the_targets_of_one_margin() -> None:
    split = split_strata(small_scheme(), {"citizens": {"2"}}).groups[0]
    (margin,) = split.margins
    assert (margin.variable, [(name, float(share)) for name, share in margin.targets]) == (
        "stratum",
        [("a", 0.6), ("b", 0.4)],
    )
    assert [(own.code, own.traits) for own in split.strata] == [
        ("a", (("stratum", "a"),)),
        ("a@2", (("stratum", "a"),)),
        ("b", (("stratum", "b"),)),
        ("b@2", (("stratum", "b"),)),
        ("open", ()),
    ]


def test_the_severity_of_raters_comes_out_of_a_csv() -> None:
    rows = [f"{unit},experts,leadership,{value},{rater}," for unit, rater, value in (
        ("U1", "e1", 80), ("U2", "e1", 60), ("U1", "e2", 60), ("U2", "e2", 40), ("U3", "e2", 50),
    )]  # fmt: skip
    data, refused = read(*rows, header="unit,group,indicator,value,rater,stratum", scheme=severe())
    assert not refused
    result = score_data(data, severe())
    effects = result.stages["severity"].set_index("rater")["effect"]
    assert effects.to_dict() == pytest.approx({"e1": 10.0, "e2": -10.0})
    assert row(result, "means", unit="U3", indicator="leadership")["mean"] == pytest.approx(60.0)
