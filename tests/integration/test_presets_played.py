"""Every preset is chosen, opened, filled with its worked example and scored on the pages, and gives its golden result.

The examples and their sources are those of tests/golden: here the same rows go through the application.
"""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.services.presets import list_presets
from tests.golden import test_presets, test_presets_panels
from tests.integration.preset_rounds import player

pytestmark = [
    pytest.mark.walk,
    pytest.mark.database("sqlite"),
]  # the engine reads frozen bytes, from whichever database

EXAMPLES: dict[str, tuple[Callable[..., None], ...]] = {
    "acrc_2017_b": (
        test_presets_panels.test_deductions_for_a_case_and_for_tampering_with_the_survey_come_off_afterwards,
    ),
    "acrc_2022": (test_presets_panels.test_only_cases_that_were_found_from_outside_are_deducted,),
    "caf_2020": (test_presets_panels.test_the_common_framework_is_the_mean_of_nine_criteria_in_28_panels,),
    "cms_overall": (test_presets_panels.test_a_hospital_needs_three_measures_in_a_group_and_three_groups,),
    "cms_overall_2016": (test_presets_panels.test_a_small_group_that_is_missing_leaves_its_weight_to_the_others,),
    "cn_haochaping": (test_presets.test_good_ratings_of_services_are_the_upper_two_of_five_levels,),
    "hangzhou_style": (
        test_presets_panels.test_innovation_adds_at_most_three_points_in_hangzhou,
        test_presets_panels.test_a_veto_takes_a_unit_out_of_the_ranking_and_the_good_bands,
    ),
    "hcahps": (test_presets.test_patients_answers_go_from_0_to_100_in_equal_steps_and_stars_need_100_forms,),
    "hohhot_county": (test_presets_panels.test_the_weights_of_hohhot_sum_to_100_and_the_public_moves_five_points,),
    "id_skm": (test_presets.test_the_nine_element_survey_gives_91_48_and_an_a,),
    "in_swachh_2023": (test_presets_panels.test_two_clean_cities_within_a_tenth_of_a_mark_share_the_first_rank,),
    "my_star": (test_presets_panels.test_three_malaysian_agencies_have_the_stars_that_they_published,),
    "pefa": (test_presets_panels.test_the_weakest_dimension_sets_an_indicator_of_method_m1_and_the_mean_one_of_m2,),
    "ph_csm": (test_presets.test_a_statement_that_nobody_agrees_with_counts_as_0_and_is_not_dropped,),
    "us_a11_v1": (test_presets.test_the_seven_american_statements_are_means_with_equal_weights,),
    "us_a11_v2": (test_presets.test_only_trust_counts_in_the_short_american_form,),
}
ELSEWHERE = {
    "rivergate": "the demo city: tests/golden/test_rivergate.py scores it out of its database",
    "rivergate_2023": "the demo city's first round",
}


def test_every_preset_has_an_example() -> None:
    assert {preset.code for preset in list_presets()} == EXAMPLES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_worked_example_of_a_preset_comes_out_of_the_application(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    play = player(client, session)
    for module in (test_presets, test_presets_panels):
        monkeypatch.setattr(module, "run_preset", play)
    for example in EXAMPLES[code]:
        example(**_first_case(example))


def _first_case(example: Callable[..., None]) -> dict[str, Any]:
    """The first of the cases with which a golden test is run; none for a test without."""
    needed = tuple(inspect.signature(example).parameters)
    for mark in getattr(example, "pytestmark", ()):
        if mark.name == "parametrize":
            case = mark.args[1][0]
            return dict(zip(needed, case if isinstance(case, tuple) else (case,), strict=True))
    return {}
