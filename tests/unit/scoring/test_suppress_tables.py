"""What else goes from the tables: spreads, ranks, influence, raters, details; and what is refused."""

from dataclasses import replace

import pandas as pd
import pytest

from scoring.frames import InputError
from scoring.suppress import published_view
from tests.unit.scoring.results import THREE, all_withheld, figures, frame, result, with_groups, withheld


def test_equal_answers_hide_their_distribution_and_spread_but_not_their_mean() -> None:
    stages = result(THREE, figures(), U1="K")
    rows = stages["distribution"]
    stages["distribution"] = rows[(rows["indicator"] != "a1") | (rows["code"] == 1)].reset_index(drop=True)
    view = published_view(stages, THREE)
    assert all_withheld(view) == {}
    assert withheld(view, "distribution", "indicator") == {"a1": "primary"}
    first = view["means"].iloc[0]
    assert first[["n", "mean", "raw_mean"]].tolist() == [20, 40, 2.6]
    assert first[["sd", "low", "high", "top_share", "median"]].isna().all()
    assert view["means"]["sd"].notna().tolist() == [False] + [True] * 6
    one = rows.assign(count=[1] * len(rows)).drop_duplicates("indicator")
    assert withheld(published_view(stages | {"distribution": one}, THREE), "distribution", "indicator") == {}


def test_shrunk_figures_say_nothing_of_the_mean_of_all_units() -> None:
    """With one unit hidden, the mean towards which all are shrunk would tell that unit's figure."""
    scheme = with_groups(THREE, shrinkage="empirical-bayes")
    two = figures(scheme, ("U1", "U2"))
    view = published_view(result(scheme, two, U1="K", U2="K"), scheme)
    assert view["means"]["raw_mean"].notna().all()
    two |= {("U2", leaf, "c"): (50.0, 4) for leaf in ("c1", "c2")}
    view = published_view(result(scheme, two, U1="K", U2="K"), scheme)
    means = view["means"].query("unit == 'U1'").set_index("indicator")
    assert means["raw_mean"].isna().tolist() == [False] * 5 + [True] * 2
    assert means["mean"].notna().all()
    assert means["n"].notna().all()
    assert withheld(view, "distribution", "unit", "indicator") == {
        "U1 c1": "complementary", "U1 c2": "complementary", "U2 c1": "primary", "U2 c2": "primary",
    }  # fmt: skip


def test_influence_goes_where_a_node_is_withheld_of_any_unit() -> None:
    one = figures(a1=4, a2=30)
    stages = result(THREE, one, U1="K")
    rows = [("da", "score"), ("a1", "da"), ("a2", "da"), ("a3", "da")]
    stages["influence"] = pd.DataFrame(
        {"node": [r[0] for r in rows], "parent": [r[1] for r in rows], "spread_share": 1.0}
    )
    view = published_view(stages, THREE)
    assert view["influence"]["withheld"].tolist() == ["", "complementary", "", "complementary"]
    assert view["influence"]["spread_share"].isna().tolist() == [False, True, False, True]
    stages["scores"]["level"] = "overseer"
    assert (published_view(stages, THREE)["influence"]["withheld"] == "complementary").all()


def test_influence_of_the_children_of_a_withheld_node_goes_too() -> None:
    stages = result(THREE, figures(c1=4, c2=4), U1="K")
    stages["scores"]["level"] = "full"
    stages["influence"] = pd.DataFrame({"node": ["b1"], "parent": ["dc"], "spread_share": [1.0]})
    assert published_view(stages, THREE)["influence"]["withheld"].tolist() == ["complementary"]


def test_single_raters_are_never_public_and_anonymous_ones_are_for_nobody() -> None:
    stages = result(THREE, figures(), U1="K")
    stages["severity"] = pd.DataFrame({"group": ["a", "b"], "rater": ["r1", "r2"], "n": [3, 4], "effect": [1.0, -1.0]})
    scheme = replace(THREE, groups=(replace(THREE.groups[0], promise="anonymous"), *THREE.groups[1:]))
    assert published_view(stages, scheme)["severity"]["effect"].isna().all()
    overseer = published_view(stages, scheme, "overseer")["severity"]
    assert overseer["withheld"].tolist() == ["primary", ""]
    assert overseer["effect"].isna().tolist() == [True, False]
    assert overseer["n"].isna().tolist() == [True, False]


def test_details_of_problems_do_not_tell_how_few_people_there_were() -> None:
    stages = result(THREE, figures(c1=4, c2=4, b1=7, b2=7), U1="K")
    rows = [
        ("b", "group_below_minimum", "7"), ("c", "group_below_minimum", "4"), ("a", "group_absent", "20"),
        ("a1", "indicator_without_answers", "a"), ("c", "group_absent", "20"),
    ]  # fmt: skip
    stages["problems"] = frame("problems", [{"unit": "U1", "node": n, "code": c, "detail": d} for n, c, d in rows])
    assert published_view(stages, THREE)["problems"]["detail"].tolist() == ["", "", "20", "a", ""]
    assert published_view(stages, THREE, "overseer")["problems"]["detail"].tolist() == ["7", "", "20", "a", ""]


def test_adjustments_and_administrative_figures_stay_and_unknown_tables_do_not() -> None:
    stages = result(THREE, figures(), U1="K")
    stages["adjustments"] = pd.DataFrame({"unit": ["U1"], "points": [2.0], "imputed": [True]})
    stages["diary"] = pd.DataFrame({"unit": ["U1"], "secret": [2.0]})
    view = published_view(stages, THREE)
    assert view["adjustments"].to_dict("records") == [{"unit": "U1", "points": 2.0, "imputed": True, "withheld": ""}]
    assert "diary" not in view


def test_a_view_has_the_columns_of_its_stage_and_one_more() -> None:
    stages = result(THREE, figures(c1=4, c2=4), U1="K")
    view = published_view(stages, THREE)
    names = "distribution responses strata means groups nodes scores contributions categories problems"
    assert list(view) == names.split()
    for name, table in view.items():
        assert list(table.columns) == [*stages[name].columns, "withheld"]
    assert str(view["means"]["n"].dtype) == "Int64"
    assert str(view["nodes"]["present"].dtype) == "boolean"
    assert view["nodes"]["present"].notna().all()
    assert view["means"]["level"].tolist()[-1] == "hidden"


def test_a_result_without_units_has_an_empty_view() -> None:
    view = published_view(result(THREE, {}), THREE)
    assert all(len(table) == 0 for table in view.values())


@pytest.mark.parametrize(
    ("changes", "audience", "message"),
    [
        ({}, "press", "the audience press is unknown; allowed are public, overseer"),
        (
            {"means": None},
            "public",
            "the result has no table means; needed are scores, groups, nodes, means, strata, dis",
        ),
        ({"means": ("indicator", "zz")}, "public", "indicator zz is not known to the scheme or run"),
        ({"groups": ("level", "odd")}, "public", "level odd is not known to the scheme or run"),
        ({"nodes": ("unit", "U9")}, "public", "unit U9 is not known to the scheme or run"),
    ],
)
def test_what_cannot_be_judged_is_refused(changes: dict[str, tuple[str, str]], audience: str, message: str) -> None:
    stages = result(THREE, figures(), U1="K")
    for name, change in changes.items():
        if change:
            stages[name] = stages[name].assign(**{change[0]: change[1]})
        else:
            del stages[name]
    with pytest.raises(InputError, match=message):
        published_view(stages, THREE, audience)


def test_a_withheld_score_keeps_its_level_and_the_group_that_sets_it() -> None:
    stages = result(THREE, figures(c1=4, c2=4), U1="K")
    stages["scores"] = stages["scores"].assign(level_group="c", bonus=1.5, deduction=0.5, ranked_of=1)
    line = published_view(stages, THREE)["scores"].iloc[0]
    assert line["withheld"] == "primary"
    assert line[["unit", "category", "level", "level_group"]].tolist() == ["U1", "K", "hidden", "c"]
    assert line[["bonus", "deduction", "ranked_of"]].tolist() == [1.5, 0.5, 1]
    assert line[["score", "score_before", "low", "high", "n", "level_n", "rank"]].isna().all()
    assert line[["band", "limit"]].tolist() == ["", ""]
