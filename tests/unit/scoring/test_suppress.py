"""What is withheld of hand-made results, and no more than that."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from scoring.scheme import Cap
from scoring.suppress import AUDIENCES, SAFE_POINTS, published_view
from tests.unit.scoring.results import (
    LEAVES,
    THREE,
    all_withheld,
    branch,
    figures,
    frame,
    rated,
    result,
    scheme_of,
    with_categories,
    with_groups,
    withheld,
)  # fmt: skip


def test_where_enough_people_answered_nothing_is_withheld() -> None:
    view = published_view(result(THREE, figures(), U1="K"), THREE)
    assert all_withheld(view) == {}
    assert withheld(view, "scores", "unit") == {}
    assert view["scores"]["score"].tolist() == result(THREE, figures(), U1="K")["scores"]["score"].tolist()
    assert view["scores"]["n"].tolist() == [60]
    assert AUDIENCES == ("public", "overseer")
    assert SAFE_POINTS == 10


def test_a_figure_of_few_answers_takes_the_smallest_of_its_dimension_with_it() -> None:
    view = published_view(result(THREE, figures(a1=4, a2=30, a3=25), U1="K"), THREE)
    assert all_withheld(view) == {
        "U1 a1 a": "primary", "U1 a1": "primary", "U1 a3 a": "complementary", "U1 a3": "complementary",
    }  # fmt: skip
    shown = view["contributions"].set_index("indicator")["contribution"]
    assert shown[["a1", "a3"]].isna().all()
    assert shown["a2"] == pytest.approx(44 * 0.125)


def test_of_equal_numbers_the_first_code_goes() -> None:
    assert "U1 a2 a" in all_withheld(published_view(result(THREE, figures(a1=4), U1="K"), THREE))


def test_a_cover_that_leaves_too_little_room_is_passed_over() -> None:
    """The smallest figure, of 3 % of the dimension, would leave the hidden one 100 / 20 points."""
    wide = branch("d", 50, rated("x", 60, a=100), rated("y", 3, a=100), rated("z", 37, a=100))
    scheme = scheme_of(wide, rated("w", 50, b=100))
    view = published_view(result(scheme, figures(scheme, x=4, y=10), U1="K"), scheme)
    assert set(withheld(view, "means", "indicator")) == {"x", "z"}


def test_a_second_hidden_figure_of_little_weight_is_not_cover_enough() -> None:
    wide = branch("d", 50, rated("x", 60, a=100), rated("y", 3, a=100), rated("z", 37, a=100))
    scheme = scheme_of(wide, rated("w", 50, b=100))
    view = published_view(result(scheme, figures(scheme, x=4, y=4), U1="K"), scheme)
    assert withheld(view, "means", "indicator") == {"x": "primary", "y": "primary", "z": "complementary"}


def test_where_no_single_cell_helps_the_most_telling_one_goes_first() -> None:
    """The dimension and the composite both tell the only figure of a group: both go, the least important one first."""
    scheme = scheme_of(branch("d", 50, rated("x", 50, a=50, b=50), rated("y", 50, b=100)), rated("z", 50, b=100))
    stages = result(scheme, figures(scheme, x_a=4), U1="K")
    stages["scores"]["level"] = "full"
    assert all_withheld(published_view(stages, scheme)) == {
        "U1 x a": "primary", "U1 a": "primary", "U1 x": "complementary", "U1 d": "complementary",
        "U1 score": "complementary",
    }  # fmt: skip


def test_two_hidden_figures_cover_each_other() -> None:
    view = published_view(result(THREE, figures(a1=4, a2=4), U1="K"), THREE)
    assert set(withheld(view, "means", "indicator")) == {"a1", "a2"}
    assert set(withheld(view, "means", "indicator").values()) == {"primary"}


def test_a_figure_that_does_not_count_needs_no_cover() -> None:
    scheme = scheme_of(rated("x", 60, a=100), rated("y", 40, a=100), rated("idle", 0, a=100))
    view = published_view(result(scheme, figures(scheme, idle=4), U1="K"), scheme)
    assert all_withheld(view) == {"U1 idle a": "primary", "U1 idle": "primary"}


def test_one_hidden_group_of_three_hides_the_composite() -> None:
    stages = result(THREE, figures(c1=4, c2=4), U1="K")
    expected = {
        "U1 c1 c": "primary", "U1 c2 c": "primary", "U1 c": "primary", "U1 dc": "primary", "U1 c1": "primary",
        "U1 c2": "primary",
    }  # fmt: skip
    assert all_withheld(published_view(stages, THREE)) == expected | {"U1 score": "primary"}
    stages["scores"]["level"] = "full"
    view = published_view(stages, THREE)
    assert all_withheld(view) == expected | {"U1 score": "complementary"}
    assert withheld(view, "scores", "unit") == {"U1": "complementary"}
    row = view["scores"].iloc[0]
    assert row[["score", "low", "high", "score_before", "rank", "n"]].isna().all()
    assert row["band"] == ""


def test_the_overseer_sees_what_is_meant_for_the_overseer() -> None:
    stages = result(THREE, figures(c1=7, c2=7), U1="K")
    assert withheld(published_view(stages, THREE, "overseer"), "groups", "group") == {}
    view = published_view(stages, THREE)
    assert withheld(view, "groups", "group") == {"c": "primary"}
    assert view["groups"]["n"].tolist() == [20, 20, 7]
    assert view["scores"][["n", "level_n"]].values.tolist() == [[47, 7]]


def test_the_number_of_a_hidden_group_is_hidden_from_all_and_so_is_the_sum() -> None:
    stages = result(THREE, figures(c1=4, c2=3), U1="K")
    for audience in AUDIENCES:
        view = published_view(stages, THREE, audience)
        assert view["groups"]["n"].isna().tolist() == [False, False, True]
        assert view["scores"][["n", "level_n"]].isna().all(axis=None)
        assert view["means"]["n"].isna().tolist() == [False] * 5 + [True] * 2


def test_a_category_mean_that_rests_on_one_published_unit_is_withheld() -> None:
    """Two units, one with 18 answers where 30 are needed: the mean of the category is the other one's score."""
    scheme = with_groups(THREE, minimum=(10, 30, 100))
    few = figures(scheme, ("U19", "U20"), **dict.fromkeys(LEAVES, 120))
    few |= {("U20", leaf, "c"): (50.0, 18) for leaf in ("c1", "c2")}
    stages = result(scheme, few, U19="E", U20="E")
    assert stages["categories"][["units", "published_units"]].values.tolist() == [[2, 1]]
    assert stages["categories"]["mean"].notna().all()
    view = published_view(stages, scheme)
    assert view["categories"]["mean"].isna().all()
    assert view["categories"]["published_units"].tolist() == [1]
    assert withheld(view, "categories", "category") == {"E": "complementary"}
    assert withheld(view, "scores", "unit") == {"U20": "primary"}


def test_a_category_mean_goes_with_the_score_of_a_unit_that_it_holds() -> None:
    three = figures(THREE, ("U1", "U2", "U3"))
    stages = result(THREE, three, U1="K", U2="K", U3="K")
    assert withheld(published_view(stages, THREE), "categories", "category") == {}
    three |= {("U3", leaf, "c"): (50.0, 4) for leaf in ("c1", "c2")}
    stages = result(THREE, three, U1="K", U2="K", U3="K")
    view = published_view(stages, THREE)
    assert view["categories"]["mean"].notna().all()
    stages["scores"]["level"] = "full"
    view = published_view(with_categories(stages), THREE)
    assert withheld(view, "scores", "unit") == {"U3": "complementary"}
    assert withheld(view, "categories", "category") == {"K": "complementary"}
    assert view["scores"]["rank"].isna().all(), "a gap in the ranks would bound the withheld score"


def test_ranks_of_other_categories_stay() -> None:
    three = figures(THREE, ("U1", "U2", "U3")) | {("U3", leaf, "c"): (50.0, 4) for leaf in ("c1", "c2")}
    stages = result(THREE, three, U1="K", U2="K", U3="L")
    stages["scores"]["level"] = "full"
    stages = with_categories(stages)
    stages["robustness"] = stages["scores"][["unit", "category"]].assign(rank=[1, 1, 1], first=[0.5, 0.5, 1.0])
    view = published_view(stages, THREE)
    assert view["scores"]["rank"].isna().tolist() == [False, False, True]
    assert view["robustness"]["first"].isna().tolist() == [False, False, True]
    assert view["robustness"]["withheld"].tolist() == ["", "", "complementary"]


def test_a_score_is_hidden_also_where_its_figures_are_shown_one_by_one() -> None:
    """Then figures go until it cannot be summed up."""
    scheme = scheme_of(rated("x", 60, a=100), rated("y", 40, b=100))
    stages = result(scheme, figures(scheme), U1="K")
    stages["scores"]["level"] = "overseer"
    view = published_view(stages, scheme)
    assert all_withheld(view) == {
        "U1 score": "primary", "U1 x a": "complementary", "U1 x": "complementary", "U1 a": "complementary",
    }  # fmt: skip


def test_other_aggregations_tell_the_last_child_too() -> None:
    for method in ("geometric", "harmonic", "minimum", "copeland"):
        scheme = replace(THREE, tree=replace(THREE.tree, aggregation=method))
        stages = result(scheme, figures(c1=4, c2=4), U1="K")
        stages["scores"]["level"] = "full"
        assert all_withheld(published_view(stages, scheme))["U1 score"] == "complementary"
        covered = published_view(result(scheme, figures(a1=4), U1="K"), scheme)
        assert set(withheld(covered, "means", "indicator")) == {"a1", "a2"}


def test_a_cap_covers_nothing() -> None:
    """What the cap took away is published, so the score before it is known."""
    top = replace(THREE.tree, caps=(Cap("da", Fraction(90), Fraction(30)),))
    scheme = replace(THREE, tree=top)
    stages = result(scheme, figures(c1=4, c2=4), U1="K")
    stages["scores"]["level"] = "full"
    cap = {"unit": "U1", "indicator": "score", "group": "", "contribution": -12.0}
    stages["contributions"] = pd.concat([stages["contributions"], frame("contributions", [cap])], ignore_index=True)
    view = published_view(stages, scheme)
    assert all_withheld(view)["U1 score"] == "complementary"
    assert view["contributions"]["withheld"].tolist()[-1] == "complementary"
    assert np.isnan(view["contributions"]["contribution"].iloc[-1])


def test_the_score_before_a_cap_is_kept_back_where_a_part_is_hidden() -> None:
    hidden, plain = (result(THREE, figures(c1=n, c2=n), U1="K") for n in (4, 40))
    rows = [{"unit": "U1", "node": "da", "code": code, "detail": "51.5"} for code in ("capped", "coverage_short")]
    for stages, details in ((hidden, ["", "51.5"]), (plain, ["51.5", "51.5"])):
        view = published_view({**stages, "problems": frame("problems", rows)}, THREE, "overseer")
        assert view["problems"]["detail"].tolist() == details


def test_administrative_figures_are_public_and_no_cover() -> None:
    plain = scheme_of(rated("x", 60, a=100), branch("d", 40, rated("y", 50, b=100), replace(rated("v", 50), points=0)))
    stages = result(plain, figures(plain, y=4), U1="K")
    given = {"unit": "U1", "indicator": "v", "group": "", "score": 50.0, "contribution": 10.0}
    stages["contributions"] = pd.concat([stages["contributions"], frame("contributions", [given])], ignore_index=True)
    view = published_view(stages, plain)
    assert withheld(view, "nodes", "node") == {"score": "primary", "d": "primary", "y": "primary"}
    assert view["contributions"]["contribution"].iloc[-1] == 10


def test_group_outside_has_the_same_rule() -> None:
    parts = (Fraction(1, 2), Fraction(3, 10), Fraction(1, 5))
    people = tuple(replace(group, weight=part) for group, part in zip(THREE.groups, parts, strict=True))
    both = scheme_of(rated("x", 60, a=100, b=100, c=100), rated("y", 40, a=100, b=100, c=100))
    scheme = replace(both, groups=people, order="group-outside")
    stages = result(scheme, figures(scheme, x_c=4, y_c=4), U1="K")
    stages["scores"]["level"] = "full"
    assert all_withheld(published_view(stages, scheme)) == {
        "U1 x c": "primary", "U1 y c": "primary", "U1 c": "primary", "U1 x": "complementary",
        "U1 y": "complementary", "U1 score": "complementary",
    }  # fmt: skip


def test_a_mean_at_the_end_of_the_scale_is_everybodys_answer() -> None:
    for mean in (0.0, 100.0):
        told = figures() | {("U1", "a1", "a"): (mean, 20)}
        assert all_withheld(published_view(result(THREE, told, U1="K"), THREE))["U1 a1 a"] == "primary"
        named = with_groups(THREE, promise="accountable")
        assert all_withheld(published_view(result(named, told, U1="K"), named)) == {}
