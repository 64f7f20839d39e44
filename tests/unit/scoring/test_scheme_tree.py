"""Reading branches: aggregation, coverage, caps, shares for the leaves below, and what must fit together."""

from fractions import Fraction
from typing import Any

import pytest

from scoring.scheme import Cap, Coverage
from tests.unit.scoring.schemes import figure, goalposts, rated, read, refused, tree_of

PERCENT = "a whole number or a decimal in quotes, from 0 to 100"
AGGREGATIONS = "arithmetic, geometric, harmonic, power, median, minimum, copeland, ampi-, ampi+"


def branch(**over: Any) -> dict[str, Any]:
    """Two figures from 0 to 100 that share alike."""
    waste, calls = goalposts(), goalposts("calls")
    del waste["weight"], calls["weight"]
    return tree_of(waste, calls, weights="equal", **over)


def above_zero(**over: Any) -> dict[str, Any]:
    mapping = branch(**over)
    return {**mapping, "children": [{**child, "range": [1, 100]} for child in mapping["children"]]}


def test_a_branch_is_an_arithmetic_mean_of_what_is_there_unless_it_says_otherwise() -> None:
    top, no_caps = read(tree=branch()).tree, tuple[Cap, ...]()
    assert (top.aggregation, top.power, top.missing, top.coverage, top.caps) == (
        "arithmetic", Fraction(1), "redistribute", Coverage(), no_caps,
    )  # fmt: skip


def test_a_branch_says_how_its_children_are_joined() -> None:
    caps = [{"child": "calls", "below": 40, "limit": "59.9"}, {"child": "calls", "below": "-1", "limit": 20}]
    coverage = {"share": 75, "of": "weight", "count": 2}
    top = read(tree=above_zero(aggregation="power", power="-2", missing="lowest", coverage=coverage, caps=caps)).tree
    assert (top.aggregation, top.power, top.missing) == ("power", Fraction(-2), "lowest")
    assert top.coverage == Coverage(Fraction(3, 4), True, 2)
    assert top.caps == (Cap("calls", Fraction(40), Fraction("59.9")), Cap("calls", Fraction(-1), Fraction(20)))


def test_coverage_may_say_a_count_alone_or_a_share_of_children() -> None:
    assert read(tree=branch(coverage={"count": 1})).tree.coverage == Coverage(Fraction(0), False, 1)
    assert read(tree=branch(coverage={"share": "66.6", "of": "children"})).tree.coverage == Coverage(Fraction(333, 500))


def test_shares_of_a_branch_hold_for_every_leaf_below_that_names_none() -> None:
    ease, speed, trust = (rated(code=code, groups=None) for code in ("ease", "speed", "trust"))
    own = {**speed, "groups": {"experts": 100}}
    deep = {"code": "deep", "weight": 50, "groups": {"experts": 30, "citizens": 70}, "children": [trust]}
    first = {"code": "first", "weight": 50, "children": [{**ease, "weight": 40}, {**own, "weight": 60}]}
    leaves = read(tree=tree_of(first, deep, groups={"citizens": 100})).leaves()
    assert {found.code: found.shares for found in leaves} == {
        "ease": (("citizens", Fraction(1)),),
        "speed": (("experts", Fraction(1)),),
        "trust": (("citizens", Fraction(7, 10)), ("experts", Fraction(3, 10))),
    }


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({"aggregation": "mode"}, ("aggregation_unknown", "mode", AGGREGATIONS)),
        ({"power": 2}, ("power_unexpected", "2", "none: only with aggregation power")),
        (
            {"aggregation": "power"},
            ("decimal_invalid", "", "power: a whole number or a decimal in quotes, not 0"),
        ),
        (
            {"aggregation": "power", "power": "0.0"},
            ("decimal_invalid", "0.0", "power: a whole number or a decimal in quotes, not 0"),
        ),
        ({"aggregation": "power", "power": "100.1"}, ("power_out_of_range", "100.1", "power: -100 to 100")),
        ({"aggregation": "power", "power": -101}, ("power_out_of_range", "-101", "power: -100 to 100")),
        ({"missing": "zero"}, ("missing_unknown", "zero", "redistribute, lowest")),
        ({"coverage": 75}, ("table_needed", "75", "coverage: a table of names and values")),
        ({"coverage": {"share": 101}}, ("number_invalid", "101", PERCENT)),
        ({"coverage": {"of": "leaves"}}, ("of_unknown", "leaves", "children, weight")),
        ({"coverage": {"count": 3}}, ("count_out_of_range", "3", "a whole number from 0 to 2")),
        ({"coverage": {"minimum": 3}}, ("unknown_key", "minimum", "share, of, count")),
        ({"caps": []}, ("list_needed", "caps", "a list with at least one entry")),
        ({"caps": [{"child": "score", "below": 1, "limit": 2}]}, ("child_unknown", "score", "waste, calls")),
        (
            {"caps": [{"child": "calls", "limit": 2}]},
            ("decimal_invalid", "", "below: a whole number or a decimal in quotes"),
        ),
        (
            {"caps": [{"child": "calls", "below": 1, "limit": 2.5}]},
            ("decimal_invalid", "2.5", "limit: a whole number or a decimal in quotes"),
        ),
        (
            {"caps": [{"child": "calls", "below": 1, "limit": 2, "code": "x"}]},
            ("unknown_key", "code", "child, below, limit"),
        ),
        ({"groups": {"citizens": 99}}, ("shares_sum", "99", "exactly 100")),
        ({"groups": {"strangers": 100}}, ("group_unknown", "strangers", "citizens, experts")),
        ({"groups": []}, ("groups_needed", "[]", "a share for each group that is asked")),
        (
            {"units": ["U1"]},
            ("unknown_key", "units", "code, weight, weights, children, aggregation, power, missing, coverage, caps, "
             "groups"),
        ),
    ],
)  # fmt: skip
def test_a_branch_is_refused_for(over: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert refused(tree=branch(**over)) == [("score", *found)]


def test_a_branch_needs_a_code() -> None:
    codes = "letters, digits, '_', '-' and '.', 1 to 64 of them"
    assert refused(tree={**branch(), "code": "a b"}) == [("tree", "code_invalid", "a b", codes)]


@pytest.mark.parametrize("power", ["100", "-100"])
def test_a_power_is_at_most_100(power: str) -> None:
    assert read(tree=above_zero(aggregation="power", power=power)).tree.power == int(power)


@pytest.mark.parametrize("method", ["minimum", "ampi-", "ampi+"])
def test_a_method_that_looks_at_no_weight_refuses_weights(method: str) -> None:
    children = [{**goalposts(code, weight), "range": [1, 100]} for code, weight in (("waste", 60), ("calls", 40))]
    assert refused(tree=tree_of(*children, aggregation=method), bands=[{"code": "A", "from": 1}]) == [
        ("score", "weights_ignored", method, f'weights = "equal", since {method} looks at no weight')
    ]


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "median", "copeland"])
def test_a_method_that_looks_at_weights_takes_them(method: str) -> None:
    children = [{**goalposts(code, weight), "range": [1, 100]} for code, weight in (("waste", 60), ("calls", 40))]
    assert read(tree=tree_of(*children, aggregation=method)).tree.aggregation == method


@pytest.mark.parametrize(
    "over",
    [
        {"aggregation": "geometric"},
        {"aggregation": "harmonic"},
        {"aggregation": "ampi-"},
        {"aggregation": "ampi+"},
        {"aggregation": "power", "power": "-0.5"},
    ],
)
def test_a_mean_of_logarithms_or_reciprocals_refuses_children_that_reach_zero(over: dict[str, Any]) -> None:
    mapping = above_zero(**over)
    mapping["children"][1]["range"] = [0, "99.5"]
    advice = f"children above 0 for {over['aggregation']}: a range such as [1, 100] or a floor would do"
    assert refused(tree=mapping) == [("score", "range_reaches_zero", "calls from 0 to 99.5", advice)]
    for saved in ({"range": [1, 100]}, {"floor": "0.1"}):
        mapping["children"][1] = {**goalposts("calls"), **saved}
        del mapping["children"][1]["weight"]
        assert read(tree=mapping).tree.aggregation == over["aggregation"]


@pytest.mark.parametrize("power", ["0.5", 2])
def test_a_positive_power_takes_zero_and_refuses_what_lies_below(power: object) -> None:
    assert read(tree=branch(aggregation="power", power=power)).tree.power == Fraction(str(power))
    mapping = branch(aggregation="power", power=power)
    mapping["children"][0] |= {"range": ["-0.5", 100]}
    advice = "children of at least 0 for power: a range such as [1, 100] or a floor would do"
    assert refused(tree=mapping) == [("score", "range_reaches_zero", "waste from -0.5 to 100", advice)]


def test_the_power_of_one_is_the_arithmetic_mean_and_takes_everything() -> None:
    mapping = branch(aggregation="power", power=1)
    mapping["children"][0] |= {"range": [-1, 100]}
    assert read(tree=mapping, bands=[{"code": "A", "from": -1}]).tree.power == 1


def test_all_children_that_reach_zero_are_named() -> None:
    found = refused(tree=branch(aggregation="geometric"))
    assert [(node, code, value) for node, code, value, _ in found] == [
        ("score", "range_reaches_zero", "waste from 0 to 100"),
        ("score", "range_reaches_zero", "calls from 0 to 100"),
    ]


def test_a_missing_child_cannot_stand_at_a_lowest_value_it_does_not_have() -> None:
    mapping = branch(missing="lowest")
    mapping["children"].append({key: value for key, value in figure("z", method="zscore", mean=0, sd=1).items()
                                if key != "weight"})  # fmt: skip
    advice = 'children with a lowest value for missing = "lowest": clip or a floor would do'
    assert refused(tree=mapping) == [("score", "lowest_unbounded", "z", advice)]
    mapping["children"][2]["floor"] = 0
    assert read(tree=mapping).tree.missing == "lowest"
    del mapping["children"][2]["floor"]
    assert read(tree={**mapping, "missing": "redistribute"}).tree.missing == "redistribute"


def test_a_tree_with_a_broken_part_is_not_checked_any_further() -> None:
    assert refused(tree=branch(aggregation="geometric", missing="x")) == [
        ("score", "missing_unknown", "x", "redistribute, lowest")
    ]
