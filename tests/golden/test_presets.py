"""Every preset file is a scheme that the engine takes, whole in its words; the worked examples of surveys come out."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from evalsys.i18n import LOCALES
from evalsys.services.presets import FOLDER, read_preset
from scoring.rank import round_half_up
from scoring.scheme import parse_scheme
from tests.golden.presets import answers, of_unit, run_preset

CODES = sorted(path.stem for path in FOLDER.glob("*.toml") if not path.stem.endswith("_map"))


@pytest.mark.parametrize("code", CODES)
def test_a_preset_asks_about_everything_that_it_counts(code: str) -> None:
    preset = read_preset(code)
    scheme = parse_scheme(preset.scheme)
    assert {(leaf.code, leaf.points) for leaf in scheme.leaves() if leaf.is_rated} <= set(preset.points.items())
    assert not {leaf.code for leaf in scheme.leaves() if not leaf.is_rated} & set(preset.points)
    named = {(text.entity, text.key) for text in preset.texts if text.field == "name"}
    assert {("group", group.code) for group in scheme.groups} <= named
    assert {("stratum", stratum) for stratum in scheme.strata()} <= named
    for node in scheme.nodes():
        assert {("dimension", node.code), ("indicator", node.code)} & named
    asked = {(form.group, indicator) for form in preset.forms for indicator in form.indicators}
    if preset.forms:
        assert {(group, leaf.code) for leaf in scheme.leaves() for group, _ in leaf.shares} == asked or code == (
            "rivergate_2023"
        )


@pytest.mark.parametrize("code", CODES)
def test_a_preset_tells_its_source_and_what_is_not_verified_in_every_language(code: str) -> None:
    preset = read_preset(code)
    assert preset.unverified
    for said in (preset.title, preset.source, *preset.unverified):
        assert set(said) == set(LOCALES)
        assert all(said.values())
    assert len({text for said in preset.unverified for text in said.values()}) == 3 * len(preset.unverified)


def test_one_thing_has_one_name_and_one_scale_in_all_presets() -> None:
    """The texts of a preset are installed beside those of others, under the same codes."""
    names: dict[tuple[str, str, str, str], str] = {}
    points: dict[str, int] = {}
    for code in CODES:
        for text in read_preset(code).texts:
            assert names.setdefault((text.entity, text.key, text.field, text.locale), text.text) == text.text
        for indicator, number in read_preset(code).points.items():
            assert points.setdefault(indicator, number) == number


def test_the_nine_element_survey_gives_91_48_and_an_a() -> None:
    """29 people, 9 elements, 955 points in all: 955 / (29 x 9) x 25 = 91.475; weights cut to 0.11 would give 90.56.

    Source: the worked example of rumus_perhitungan_ikm_lengkap.md (rennn9/GASPUL_BACKEND); the exact figure is ours.
    """
    (form,) = read_preset("id_skm").forms
    marks = [4] * 172 + [3] * 89
    assert sum(marks) == 955
    people = [marks[place::29] for place in range(29)]
    # A hundred such people in the same proportions are published with a band.
    rows = answers("U", "citizens", form.indicators, people * 4, "users")
    line = of_unit(run_preset("id_skm", rows), "scores", "U")
    assert round_half_up(line["score"], 2) == Decimal("91.48")
    assert line["band"] == "A"
    assert line["score"] == pytest.approx(955 / (29 * 9) * 25, abs=1e-9)


@pytest.mark.parametrize(
    ("marks", "band"),
    [((3, 4, 4, 4, 4, 3, 4, 3, 3), "A"), ((3, 3, 3, 4, 3, 3, 3, 3, 3), "B"), ((1,) * 9, "D"), ((3,) * 9, "C")],
)
def test_the_bands_of_the_nine_element_survey_are_those_of_the_mean_times_25(marks: Sequence[int], band: str) -> None:
    """Bounds 88.31, 76.61, 65.00 and 25.00 (the same second-hand source); nine ones are 25, nine threes 75."""
    (form,) = read_preset("id_skm").forms
    line = of_unit(
        run_preset("id_skm", answers("U", "citizens", form.indicators, [marks] * 100, "users")), "scores", "U"
    )
    assert line["score"] == pytest.approx(25 * sum(marks) / 9, abs=1e-9)
    assert line["band"] == band


def shared(codes: Sequence[str], good: dict[str, int], n: int = 100) -> Iterator[str]:
    """n people of whom for each statement so many agree (4 or 5), and the others do not (3 or less)."""
    for person in range(n):
        levels = [(4 + person % 2) if person < good[code] else 1 + person % 3 for code in codes]
        yield from answers("U", "citizens", codes, [levels], "users", first=person)


def test_a_statement_that_nobody_agrees_with_counts_as_0_and_is_not_dropped() -> None:
    """Philippine satisfaction: share of agree and strongly agree. A public calculator drops zeros before averaging."""
    (form,) = read_preset("ph_csm").forms
    good = dict(zip(form.indicators, (90, 80, 70, 60, 50, 95, 85, 75, 0), strict=True))
    result = run_preset("ph_csm", shared(form.indicators, good))
    found = result.stages["means"].set_index("indicator")["mean"].to_dict()
    assert found == pytest.approx(good)
    assert of_unit(result, "scores", "U")["score"] == pytest.approx(605 / 9, abs=1e-9)
    assert of_unit(result, "scores", "U")["band"] == "D"


def test_who_says_that_a_statement_does_not_apply_is_left_out_of_its_share() -> None:
    codes = read_preset("ph_csm").forms[0].indicators
    rows = [
        f"U,citizens,{code},{'na' if person >= 60 else 5},r{person},users" for code in codes for person in range(100)
    ]
    line = of_unit(run_preset("ph_csm", rows), "means", "U", indicator="csm_sqd3")
    assert (line["mean"], line["n"], line["not_applicable"]) == (100.0, 60, 40)


def test_good_ratings_of_services_are_the_upper_two_of_five_levels() -> None:
    """Good-or-bad ratings: online items stay blank for who came to the counter, and their weight goes to the rest."""
    counter = ("hcp_overall", "hcp_efficiency", "hcp_competence", "hcp_attitude")
    good = {"hcp_overall": 80, "hcp_efficiency": 90, "hcp_competence": 60, "hcp_attitude": 0}
    result = run_preset("cn_haochaping", shared(counter, good))
    assert of_unit(result, "nodes", "U", node="hcp_counter")["score"] == pytest.approx(50, abs=1e-9)
    assert of_unit(result, "scores", "U")["score"] == pytest.approx(65, abs=1e-9)
    nodes = result.stages["nodes"].set_index("node")
    assert nodes.loc[["hcp_overall", "hcp_online", "hcp_counter"], "weight_used"].tolist() == [50.0, 0.0, 50.0]


def test_patients_answers_go_from_0_to_100_in_equal_steps_and_stars_need_100_forms() -> None:
    """HCAHPS star ratings, technical notes 2015: 0, 33.3, 66.7, 100; below 100 completed forms no stars."""
    (form,) = read_preset("hcahps").forms
    people = [[level, level, level, level, 2 if level > 2 else 1, level, level, level, level] for level in (1, 2, 3, 4)]
    enough = run_preset("hcahps", answers("U", "citizens", form.indicators, people * 25, "users"))
    for level, points in enumerate((0.0, 33.3, 66.7, 100.0), start=1):
        one = run_preset("hcahps", answers("U", "citizens", form.indicators, [people[level - 1]] * 10, "users"))
        assert of_unit(one, "means", "U", indicator="hc_nurses")["mean"] == pytest.approx(points, abs=0.04)
    assert (of_unit(enough, "scores", "U")["level"], of_unit(enough, "scores", "U")["band"]) == ("full", "3")
    few = run_preset("hcahps", answers("U", "citizens", form.indicators, (people * 25)[:99], "users"))
    assert (of_unit(few, "scores", "U")["level"], of_unit(few, "scores", "U")["band"]) == ("indicative", "")


def test_only_trust_counts_in_the_short_american_form() -> None:
    (form,) = read_preset("us_a11_v2").forms
    people = [[4, 1, 1, 1, 1, 1, 1, 1]] * 60 + [[5, 1, 2, 2, 1, 1, 1, 1]] * 40
    result = run_preset("us_a11_v2", answers("U", "citizens", form.indicators, people, "users"))
    assert of_unit(result, "scores", "U")["score"] == pytest.approx(85, abs=1e-9)
    assert of_unit(result, "means", "U", indicator="a11_ease")["mean"] == pytest.approx(40, abs=1e-9)


def test_the_seven_american_statements_are_means_with_equal_weights() -> None:
    (form,) = read_preset("us_a11_v1").forms
    result = run_preset("us_a11_v1", answers("U", "citizens", form.indicators, [[5, 4, 3, 2, 1, 5, 5]] * 100, "users"))
    assert of_unit(result, "scores", "U")["score"] == pytest.approx(100 * 18 / 28, abs=1e-9)
    assert result.stages["means"]["mean"].tolist() == [100.0, 75.0, 50.0, 25.0, 0.0, 100.0, 100.0]
