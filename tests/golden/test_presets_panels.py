"""Presets of panels, integrity surveys and administrative figures: published numbers, with their source."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from evalsys.services.presets import read_preset
from scoring.rank import round_half_up
from scoring.scheme import parse_scheme
from tests.golden.presets import answers, of_unit, run_preset

FINDINGS = "unit,kind,code,points,source,reason"


@pytest.mark.parametrize(("score", "stars"), [("75.07", "3"), ("81.48", "4"), ("94.52", "5")])
def test_three_malaysian_agencies_have_the_stars_that_they_published(score: str, stars: str) -> None:
    """Results that agencies published themselves: 75.07 with three stars, 81.48 with four, 94.52 with five."""
    whole, hundredths = (int(part) for part in score.split("."))
    (form,) = read_preset("my_star").forms
    people = [[whole + (person < hundredths)] * len(form.indicators) for person in range(100)]
    line = of_unit(run_preset("my_star", answers("U", "experts", form.indicators, people)), "scores", "U")
    assert (round_half_up(line["score"], 2), line["band"]) == (Decimal(score), stars)


@pytest.mark.parametrize(
    ("mark", "stars"), [(90, "5"), (89, "4"), (80, "4"), (70, "3"), (60, "2"), (50, "1"), (49, "0")]
)
def test_the_bounds_of_the_stars_are_included(mark: int, stars: str) -> None:
    (form,) = read_preset("my_star").forms
    people = [[mark] * len(form.indicators)] * 3
    assert (
        of_unit(run_preset("my_star", answers("U", "experts", form.indicators, people)), "scores", "U")["band"] == stars
    )


def test_two_clean_cities_within_a_tenth_of_a_mark_share_the_first_rank() -> None:
    """Swachh Survekshan 2023: 4709.40 + 2500 + 2139 = 9348.40 and 4703.40 + 2500 + 2144.90 = 9348.30, a tie."""
    marks = {
        "A": ("4709.40", "2500", "2139"),
        "B": ("4703.40", "2500", "2144.90"),
        "C": ("4703.30", "2500", "2144.80"),
    }
    figures = [
        "unit,swachh_progress,swachh_certification,swachh_citizens",
        *(f"{u},{','.join(m)}" for u, m in marks.items()),
    ]
    result = run_preset("in_swachh_2023", figures=figures)
    scores = {unit: of_unit(result, "scores", unit) for unit in marks}
    totals = {unit: round_half_up(line["score"] * 95, 2) for unit, line in scores.items()}
    assert totals == {"A": Decimal("9348.40"), "B": Decimal("9348.30"), "C": Decimal("9348.10")}
    assert [line["rank"] for line in scores.values()] == [1, 1, 3]
    assert {line["band"] for line in scores.values()} == {"league"}


def hospitals(code: str, without: str) -> list[str]:
    """Figures of three hospitals; the last one lacks all measures of one group."""
    scheme = parse_scheme(read_preset(code).scheme)
    gone = {leaf.code for node in scheme.nodes() if node.code == without for leaf in node.children}
    leaves = [leaf.code for leaf in scheme.leaves()]
    rows = [[str(10 * unit + place) for place in range(len(leaves))] for unit in (1, 2, 4)]
    rows[2] = ["" if leaf in gone else text for leaf, text in zip(leaves, rows[2], strict=True)]
    return [",".join(["unit", *leaves]), *(f"H{n},{','.join(row)}" for n, row in enumerate(rows, start=1))]


@pytest.mark.parametrize("without", ["cms_effectiveness", "cms_timeliness", "cms_imaging"])
def test_a_small_group_that_is_missing_leaves_its_weight_to_the_others(without: str) -> None:
    """CMS overall stars before 2021, official example: of 22 and 4 become 22.9 and 4.2 (22 / 0.96 and 4 / 0.96)."""
    result = run_preset("cms_overall_2016", figures=hospitals("cms_overall_2016", without))
    used = result.stages["nodes"].query("unit == 'H3' and parent == 'score'").set_index("node")["weight_used"]
    assert used.pop(without) == 0
    assert used.round(3).tolist() == [22.917] * 4 + [4.167] * 2
    whole = result.stages["nodes"].query("unit == 'H1' and parent == 'score'")["weight_used"]
    assert whole.tolist() == [22.0] * 4 + [4.0] * 3


def test_a_hospital_needs_three_measures_in_a_group_and_three_groups() -> None:
    figures = hospitals("cms_overall", "cms_timely")
    header, measures = figures[0], figures[1].split(",")
    short = [text if place <= 12 else "" for place, text in enumerate(measures)]
    shorter = [text if place <= 10 else "" for place, text in enumerate(measures)]
    rows = [header, *figures[1:], ",".join(["H4", *short[1:]]), ",".join(["H5", *shorter[1:]])]
    result = run_preset("cms_overall", figures=rows)
    scores = result.stages["scores"].set_index("unit")["score"]
    assert scores.notna().to_dict() == {"H1": True, "H2": True, "H3": True, "H4": True, "H5": False}
    lacking = result.stages["nodes"].query("unit == 'H5' and parent == 'score'").set_index("node")["present"]
    assert lacking.to_dict() == {
        "cms_mortality": True,
        "cms_safety": True,
        "cms_readmission": False,
        "cms_experience": False,
        "cms_timely": False,
    }


def ten_points(group: str, code: str, total: int, n: int = 100) -> Iterator[str]:
    """n people who give this total on ten points."""
    low, more = divmod(total, n)
    yield from answers("U", group, [code], [[low + (person < more)] for person in range(n)], STRATUM[group])


STRATUM: Mapping[str, str] = {"citizens": "users", "staff": "all"}


def integrity(*findings: str) -> dict[str, object]:
    rows = [*ten_points("citizens", "acrc_outside", 835), *ten_points("staff", "acrc_inside", 787)]
    return of_unit(run_preset("acrc_2017_b", rows, findings=[FINDINGS, *findings] if findings else []), "scores", "U")


def test_an_institution_without_policy_customers_has_8_24_of_ten() -> None:
    """Korea, integrity assessment: 0.763 x 8.35 + 0.237 x 7.87 = 8.236, published 8.24; here ten points are 100."""
    line = integrity()
    assert line["score"] == pytest.approx(82.3624, abs=1e-9)
    assert round_half_up(float(str(line["score"])) / 10, 2) == Decimal("8.24")


def test_deductions_for_a_case_and_for_tampering_with_the_survey_come_off_afterwards() -> None:
    """One Korean body in 2015: 0.20 for a case, 0.05 for an act that undermined the survey."""
    line = integrity("U,deduction,case,2.0,external,", "U,deduction,survey,0.5,external,")
    assert (line["deduction"], line["score_before"]) == (2.5, pytest.approx(82.3624, abs=1e-9))
    assert line["score"] == pytest.approx(79.8624, abs=1e-9)


def comprehensive(*findings: str) -> dict[str, object]:
    """A body of which citizens say 8.2, staff 8.0 in the mean of 1 to 10, experts 84 for its effort."""
    rows = [row for code in ("acrc_fair", "acrc_favours") for row in ten_points("citizens", code, 820)]
    rows += [row for code in ("acrc_duties", "acrc_budget") for row in ten_points("staff", code, 800)]
    rows += answers("U", "experts", ["acrc_effort"], [[84]] * 3)
    return of_unit(run_preset("acrc_2022", rows, findings=[FINDINGS, *findings] if findings else []), "scores", "U")


def test_perceived_integrity_counts_60_and_effort_40_before_deductions() -> None:
    """Korea since 2022. (8.2 - 1) / 9 = 80, (8.0 - 1) / 9 = 77.78; 0.6 x 78.89 + 0.4 x 84 = 80.93."""
    assert comprehensive()["score"] == pytest.approx(0.6 * (80 + 700 / 9) / 2 + 0.4 * 84, abs=1e-9)


def test_only_cases_that_were_found_from_outside_are_deducted() -> None:
    """Statement of the Korean commission: what an institution finds and reports itself costs it nothing."""
    line = comprehensive("U,deduction,case,0.9,external,found by an audit", "U,deduction,case,4,self,reported")
    assert line["deduction"] == 0.9
    assert line["score"] == pytest.approx(float(str(line["score_before"])) - 0.9, abs=1e-9)


@pytest.mark.parametrize(("before", "published"), [(82.14, 81.2), (80.88, 80.5), (80.92, 80.3)])
def test_the_year_means_since_2022_are_60_to_40_less_what_was_deducted(before: float, published: float) -> None:
    """Means of all bodies 2022 to 2024 recomputed before deductions, and as published; here as of one body."""
    effort = 84
    mean = 1 + 9 * (before - 0.4 * effort) / 60
    thousandths = round(1000 * mean)
    rows = [*answers("U", "experts", ["acrc_effort"], [[effort]] * 3)]
    for group, codes in (("citizens", ("acrc_fair", "acrc_favours")), ("staff", ("acrc_duties", "acrc_budget"))):
        for code in codes:
            rows += ten_points(group, code, thousandths, 1000)
    finding = f"U,deduction,cases,{before - published:.2f},external,"
    line = of_unit(run_preset("acrc_2022", rows, findings=[FINDINGS, finding]), "scores", "U")
    assert line["score_before"] == pytest.approx(before, abs=0.005)
    assert line["score"] == pytest.approx(published, abs=0.005)


def test_the_weights_of_hohhot_sum_to_100_and_the_public_moves_five_points() -> None:
    """Conference paper 2019: 15, 5, 10, 25, 25, 15 and for the public 5."""
    forms = {form.group: form for form in read_preset("hohhot_county").forms}
    panels = ("chief", "congress", "city_leaders", "assessors")
    scores, weights = [], dict[Any, float]()
    for level in (1, 5):
        rows = [row for group in panels for row in answers("U", group, forms[group].indicators, [[60]] * 3)]
        for group in ("county_cadres", "section_cadres"):
            rows += answers("U", group, forms[group].indicators, [[3]] * 5)
        rows += answers("U", "citizens", forms["citizens"].indicators, [[level]] * 100, "residents")
        result = run_preset("hohhot_county", rows)
        scores.append(of_unit(result, "scores", "U")["score"])
        weights = result.stages["groups"].set_index("group")["weight_nominal"].to_dict()
    assert weights == {
        "chief": 15.0,
        "congress": 5.0,
        "city_leaders": 10.0,
        "county_cadres": 25.0,
        "section_cadres": 25.0,
        "assessors": 15.0,
        "citizens": 5.0,
    }
    assert sum(weights.values()) == 100
    assert scores == pytest.approx([0.45 * 60 + 0.5 * 50, 0.45 * 60 + 0.5 * 50 + 5], abs=1e-9)


def pefa(**said: Mapping[str, str] | str) -> dict[str, float]:
    """Scores of the nodes; letters by dimension, the rest is graded A."""
    marks = {"A": "3", "B": "2", "C": "1", "D": "0", "NA": "na", "D*": "dk"}
    codes = read_preset("pefa").forms[0].indicators
    rows = [f"U,experts,{code},{marks[str(said.get(code, 'A'))]},team,all" for code in codes]
    return dict(run_preset("pefa", rows).stages["nodes"].set_index("node")["score"])


def test_the_weakest_dimension_sets_an_indicator_of_method_m1_and_the_mean_one_of_m2() -> None:
    """PEFA 2016: M1 is the weakest link (C, A, B gives C), M2 an average (D, A, A, B)."""
    found = pefa(pefa_2_1="C", pefa_2_3="B", pefa_19_1="D", pefa_19_4="B")
    assert found["pefa_2"] == pytest.approx(100 / 3, abs=1e-9)
    assert found["pefa_19"] == pytest.approx(100 * 8 / 12, abs=1e-9)
    assert found["pefa_30"] == 100
    assert found["score"] == pytest.approx((100 / 3 + 200 / 3 + 300) / 5, abs=1e-9)


def test_no_information_counts_as_the_lowest_grade() -> None:
    """PEFA: D* is used where the information does not suffice, and counts as D."""
    assert pefa(pefa_22_2="D*")["pefa_22"] == 0
    assert pefa(pefa_24_4="D*")["pefa_24"] == 75


def test_the_common_framework_is_the_mean_of_nine_criteria_in_28_panels() -> None:
    """CAF 2020: five enablers with 4, 4, 3, 6 and 3 sub-criteria, four kinds of results with 2 each."""
    scheme = parse_scheme(read_preset("caf_2020").scheme)
    assert [len(node.children) for node in scheme.tree.children] == [4, 4, 3, 6, 3, 2, 2, 2, 2]
    (form,) = read_preset("caf_2020").forms
    levels = [80 if code.startswith(("caf_1", "caf_4")) else 35 for code in form.indicators]
    result = run_preset("caf_2020", answers("U", "experts", form.indicators, [levels] * 3))
    assert of_unit(result, "scores", "U")["score"] == pytest.approx((2 * 80 + 7 * 35) / 9, abs=1e-9)
    assert of_unit(result, "scores", "U")["band"] == "3"


STRATA = tuple(stratum.code for stratum in parse_scheme(read_preset("hangzhou_style").scheme).groups[0].strata[:9])


def hangzhou(units: Mapping[str, tuple[int, str]], *findings: str) -> dict[str, dict[str, object]]:
    """Scores of units by what all strata, and the leaders, give in stars, and by points of the target appraisal."""
    social, leading = read_preset("hangzhou_style").forms
    rows: list[str] = []
    for unit, (stars, _) in units.items():
        for stratum in STRATA:
            people = [[stars] * 3] * 12
            rows += answers(unit, "citizens", social.indicators, people, stratum, first=100 * STRATA.index(stratum))
        rows += answers(unit, "leaders", leading.indicators, [[stars]] * 3)
    figures = ["unit,hz_targets", *(f"{unit},{targets}" for unit, (_, targets) in units.items())]
    result = run_preset("hangzhou_style", rows, figures=figures, findings=[FINDINGS, *findings] if findings else [])
    return {unit: of_unit(result, "scores", unit) for unit in units}


def test_innovation_adds_at_most_three_points_in_hangzhou() -> None:
    """50 x 0.75 + 45 x 0.96 + 5 x 0.75 = 84.45; two innovations of 2 points add 3."""
    findings = ("U1,bonus,innovation,2,external,", "U1,bonus,innovation,2,external,")
    line = hangzhou({"U1": (4, "96")}, *findings)["U1"]
    assert line["score_before"] == pytest.approx(84.45, abs=1e-9)
    assert (line["bonus"], line["score"]) == (3.0, pytest.approx(87.45, abs=1e-9))


def test_a_veto_takes_a_unit_out_of_the_ranking_and_the_good_bands() -> None:
    """One district was vetoed for integrity in 2010."""
    units = {f"U{place}": (5, str(99 - place)) for place in range(1, 5)}
    free, vetoed = hangzhou(units), hangzhou(units, "U1,veto,integrity,,external,a case")
    assert [line["band"] for line in free.values()] == ["excellent", "good", "pass", "pass"]
    assert (vetoed["U1"]["band"], vetoed["U1"]["limit"]) == ("pass", "integrity")
    assert [str(line["rank"]) for line in vetoed.values()] == ["None", "1", "2", "3"]
    assert vetoed["U1"]["score"] == free["U1"]["score"]


def test_the_quota_of_hangzhou_gives_18_excellent_and_16_good_of_78() -> None:
    """2020: of 78 ranked units 18 were excellent, 16 good and 44 passed."""
    figures = {f"U{place:02}": (5, str(20 + place)) for place in range(78)}
    bands = [line["band"] for line in hangzhou(figures).values()]
    assert {band: bands.count(band) for band in ("excellent", "good", "pass")} == {
        "excellent": 18,
        "good": 16,
        "pass": 44,
    }
