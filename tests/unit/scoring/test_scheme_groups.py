"""Reading groups: weights at the top, estimators, margins and strata with traits."""

from fractions import Fraction
from typing import Any

import pytest

from scoring.scheme import Margin, Stratum
from tests.unit.scoring.rounds import group, small_mapping
from tests.unit.scoring.schemes import Refusal, goalposts, raked_group, read, refused, tree_of

PERCENT = "a whole number or a decimal in quotes, from 0 to 100"


def citizens(**over: Any) -> list[dict[str, Any]]:
    first, second = small_mapping()["groups"]
    return [{**first, **over}, second]


def raked(**over: Any) -> list[dict[str, Any]]:
    return [{**raked_group(), **over}, small_mapping()["groups"][1]]


def stratum(**over: Any) -> list[dict[str, Any]]:
    """The raked group with its first stratum changed."""
    first, *others = raked_group()["strata"]
    return raked(strata=[{**first, **over}, *others])


def test_a_group_counts_the_plain_mean_unless_it_says_otherwise() -> None:
    first = read().groups[0]
    assert (first.estimator, first.trim, first.shrinkage, first.severity) == ("mean", Fraction(1, 10), "none", "none")
    assert (first.weight, first.margins) == (None, ())


def test_a_group_says_its_estimator_and_its_shrinkage() -> None:
    found = read(groups=citizens(estimator="winsorised", trim="2.5", shrinkage="empirical-bayes")).groups[0]
    assert (found.estimator, found.trim, found.shrinkage) == ("winsorised", Fraction(25, 1000), "empirical-bayes")
    assert read(groups=citizens(estimator="trimmed")).groups[0].trim == Fraction(1, 10)
    assert read(groups=citizens(estimator="trimmed", trim=0)).groups[0].trim == 0
    assert read(groups=citizens(estimator="trimmed", trim="49.9")).groups[0].trim == Fraction(499, 1000)


@pytest.mark.parametrize("promise", ["confidential", "accountable"])
def test_raters_who_are_known_may_be_adjusted_for_severity(promise: str) -> None:
    assert read(groups=citizens(promise=promise, severity="fixed")).groups[0].severity == "fixed"


def test_groups_have_weights_where_they_are_joined_at_the_top() -> None:
    one, two = citizens(weight="62.5")
    scheme = read(groups=[one, {**two, "weight": "37.5"}], order="group-outside")
    assert [found.weight for found in scheme.groups] == [Fraction(5, 8), Fraction(3, 8)]


def test_a_raked_group_has_margins_and_strata_with_traits() -> None:
    found = read(groups=raked()).groups[0]
    assert found.margins == (
        Margin("age", (("65+", Fraction(7, 10)), ("young", Fraction(3, 10)))),
        Margin("district", (("north", Fraction(1, 2)), ("south", Fraction(1, 2)))),
    )
    assert found.strata == (
        Stratum("a", Fraction(1), (("age", "young"), ("district", "south")), Fraction(3, 2)),
        Stratum("b", Fraction(1), (("age", "65+"), ("district", "north"))),
        Stratum("open", Fraction(0)),
    )


def test_a_target_of_zero_needs_no_stratum() -> None:
    age = {"variable": "age", "targets": {"young": 30, "65+": 70, "child": 0}}
    assert read(groups=raked(margins=[age, raked_group()["margins"][1]])).groups[0].margins[0].targets[1][0] == "child"


def test_a_target_may_have_a_name_of_64_characters() -> None:
    district = {"variable": "v" * 64, "targets": {"x" * 64: 100}}
    strata = [{"code": "a", "traits": {"v" * 64: "x" * 64}}]
    assert read(groups=raked(margins=[district], strata=strata)).groups[0].margins[0].variable == "v" * 64


def test_a_group_that_is_asked_nowhere_is_allowed() -> None:
    scheme = read(groups=[*small_mapping()["groups"], group("peers", (5, 5, 5), {"all": 100})])
    assert [found.code for found in scheme.groups] == ["citizens", "experts", "peers"]


@pytest.mark.parametrize("groups", [[], None])
def test_a_tree_of_figures_alone_needs_no_groups(groups: object) -> None:
    scheme = read(groups=groups, tree=tree_of(goalposts()))
    assert scheme.groups == ()


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({"estimator": "mode"}, ("estimator_unknown", "mode", "mean, trimmed, winsorised, median")),
        ({"trim": 10}, ("trim_unexpected", "10", "none: only with estimator trimmed or winsorised")),
        ({"estimator": "trimmed", "trim": 50}, ("trim_out_of_range", "50", "trim: from 0 to below 50")),
        ({"estimator": "winsorised", "trim": "x"}, ("number_invalid", "x", PERCENT)),
        ({"shrinkage": "james-stein"}, ("shrinkage_unknown", "james-stein", "none, empirical-bayes")),
        ({"severity": "rasch"}, ("severity_unknown", "rasch", "none, fixed, mixed")),
        ({"severity": "mixed"}, ("severity_of_anonymous", "mixed", "severity: none where the promise is anonymous")),
        ({"weight": 50}, ("weight_unexpected", "50", "none: only with order group-outside")),
        ({"margins": []}, ("list_needed", "margins", "a list with at least one entry")),
        ({"traits": {}}, ("unknown_key", "traits", "code, promise, minimum, strata, weight, estimator, trim, "
          "shrinkage, severity, margins")),
        ({"strata": [{"code": "a", "weight": 100, "design": 2}]}, ("unknown_key", "design", "code, weight")),
    ],
)  # fmt: skip
def test_a_group_is_refused_for(over: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert ("citizens", *found) in refused(groups=citizens(**over))


def test_margins_without_strata_of_their_own_are_refused_stratum_by_stratum() -> None:
    known = "0, or traits, since the group is raked"
    assert refused(groups=citizens(margins=raked_group()["margins"])) == [
        ("citizens", "weight_unexpected", "60", f"a: {known}"),
        ("citizens", "weight_unexpected", "40", f"b: {known}"),
    ]


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        (stratum(traits={"age": "old", "district": "south"}), ("trait_unknown", "old", "age of a: 65+, young")),
        (stratum(traits={"age": "young"}), ("trait_unknown", "", "district of a: north, south")),
        (stratum(traits={"age": "young", "district": "south", "sex": "f"}), ("unknown_key", "sex", "age, district")),
        (stratum(traits="young"), ("table_needed", "young", "traits: a table of names and values")),
        (stratum(design=0), ("decimal_invalid", "0", "design: a whole number or a decimal in quotes, above 0")),
        (stratum(design=1.5), ("decimal_invalid", "1.5", "design: a whole number or a decimal in quotes, above 0")),
        (stratum(weight=0), ("unknown_key", "traits", "code, weight")),
        (stratum(share=1), ("unknown_key", "share", "code, traits, design")),
        (stratum(code="b"), ("code_repeated", "b", "each code once")),
        (
            stratum(traits={"age": "65+", "district": "south"}),
            ("target_without_stratum", "young", "a stratum with age = young, or a target of 0"),
        ),
    ],
)
def test_a_stratum_of_a_raked_group_is_refused_for(groups: list[Any], found: tuple[str, str, str]) -> None:
    assert ("citizens", *found) in refused(groups=groups)


@pytest.mark.parametrize(
    ("margin", "found"),
    [
        ({"variable": "age", "targets": {"young": 30, "65+": 60}}, ("targets_sum", "90", "exactly 100")),
        ({"variable": "age", "targets": {}}, ("targets_sum", "0", "exactly 100")),
        ({"variable": "age", "targets": [30]}, ("table_needed", "[30]", "targets: a table of names and values")),
        ({"variable": "age", "targets": {" ": 100}}, ("target_invalid", " ", "target: a text of 1 to 64 characters")),
        ({"variable": 5, "targets": {"x": 100}}, ("variable_invalid", "5", "variable: a text of 1 to 64 characters")),
        (
            {"variable": "a" * 65, "targets": {}},
            ("variable_invalid", "a" * 65, "variable: a text of 1 to 64 characters"),
        ),
        ({"variable": "a\n", "targets": {}}, ("variable_invalid", "a\n", "variable: a text of 1 to 64 characters")),
        ({"variable": "", "targets": {}}, ("variable_invalid", "", "variable: a text of 1 to 64 characters")),
        ({"targets": {"x": 100}, "share": 1}, ("unknown_key", "share", "variable, targets")),
    ],
)
def test_a_margin_is_refused_for(margin: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert ("citizens", *found) in refused(groups=raked(margins=[margin]))


def test_a_variable_is_raked_only_once() -> None:
    margin = raked_group()["margins"][0]
    assert ("citizens", "code_repeated", "age", "each code once") in refused(groups=raked(margins=[margin, margin]))


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ((60, 41), [("groups", "group_weights_sum", "101", "exactly 100")]),
        ((100, None), [("groups", "number_invalid", "", PERCENT)]),
    ],
)
def test_weights_of_groups_are_refused_for(weights: tuple[object, object], found: list[Refusal]) -> None:
    both = [{**part, "weight": weight} for part, weight in zip(citizens(), weights, strict=True)]
    kept = [{key: value for key, value in part.items() if value is not None} for part in both]
    assert refused(groups=kept, order="group-outside") == found


def test_a_scheme_of_ratings_without_groups_is_refused() -> None:
    found = refused(
        groups=[], tree=tree_of(goalposts(weight=50), {**small_mapping()["tree"], "code": "x", "weight": 50})
    )
    assert found[-1] == ("scheme", "list_needed", "groups", "a list with at least one entry")


@pytest.mark.parametrize("groups", ["citizens", ["citizens"], {"code": "citizens"}])
def test_groups_are_a_list_of_tables(groups: object) -> None:
    wanted = ("scheme", "list_needed", "groups", "a list with at least one entry")
    assert wanted in refused(groups=groups, order="group-outside")
