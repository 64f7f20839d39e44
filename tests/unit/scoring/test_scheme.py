import dataclasses
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from scoring.scheme import Problem, Scheme, SchemeError, parse_scheme
from tests.unit.scoring.rounds import group, leaf, rivergate, small_mapping


def problems(**over: Any) -> list[tuple[str, str]]:
    with pytest.raises(SchemeError) as refused:
        parse_scheme(small_mapping(**over))
    return [(problem.node, problem.code) for problem in refused.value.problems]


def tree(*children: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {"code": "score", "children": list(children), **over}


def changed_leaf(**over: Any) -> dict[str, Any]:
    return tree({**leaf("ease", 100, "citizens"), **over})


def test_a_scheme_survives_the_way_to_a_mapping_and_back() -> None:
    scheme = parse_scheme(rivergate())
    assert parse_scheme(scheme.to_mapping()) == scheme
    assert parse_scheme(json.loads(scheme.canonical())).digest == scheme.digest


def test_the_digest_does_not_depend_on_how_a_weight_is_written() -> None:
    written = tree(leaf("ease", "60.0", "citizens"), leaf("speed", "40", "citizens"))
    plain = tree(leaf("ease", 60, "citizens"), leaf("speed", 40, "citizens"))
    assert parse_scheme(small_mapping(tree=written)).digest == parse_scheme(small_mapping(tree=plain)).digest


def test_the_digest_does_not_depend_on_the_order_of_group_shares_but_on_every_weight() -> None:
    one = changed_leaf(groups={"citizens": 60, "experts": 40})
    two = changed_leaf(groups={"experts": 40, "citizens": 60})
    other = changed_leaf(groups={"experts": 60, "citizens": 40})
    digests = [parse_scheme(small_mapping(tree=written)).digest for written in (one, two, other)]
    assert digests[0] == digests[1] != digests[2]


def test_decimals_in_quotes_stay_exact() -> None:
    scheme = parse_scheme(small_mapping(tree=tree(leaf("a", "33.3", "citizens"), leaf("b", "66.7", "citizens"))))
    assert [node.weight for node in scheme.leaves()] == [Fraction(333, 1000), Fraction(667, 1000)]
    assert [child["weight"] for child in scheme.to_mapping()["tree"]["children"]] == ["33.3", "66.7"]


def test_equal_weights_are_exact_shares_and_survive_the_mapping() -> None:
    leaves = [{"code": name, "points": 5, "groups": {"citizens": 100}} for name in "abc"]
    scheme = parse_scheme(small_mapping(tree=tree(*leaves, weights="equal")))
    assert {node.weight for node in scheme.leaves()} == {Fraction(1, 3)}
    assert parse_scheme(scheme.to_mapping()) == scheme


def test_an_indicator_for_some_units_applies_to_no_other() -> None:
    scheme = parse_scheme(small_mapping(tree=changed_leaf(units=["POLICE", "FIRE"])))
    ease = scheme.leaves()[0]
    assert ease.units == ("FIRE", "POLICE")
    assert ease.applies_to("FIRE")
    assert not ease.applies_to("PARKS")
    assert parse_scheme(scheme.to_mapping()) == scheme


def test_nodes_come_parents_first_and_strata_once() -> None:
    scheme = parse_scheme(rivergate())
    assert [node.code for node in scheme.nodes()][:3] == ["score", "experience", "satisfaction"]
    assert scheme.parents()[:3] == (-1, 0, 1)
    assert scheme.strata() == ("users", "residents", "supervisors", "open", "all")
    assert scheme.bands[0].start == Decimal(85)


def test_a_scheme_cannot_be_changed() -> None:
    scheme = parse_scheme(rivergate())
    with pytest.raises(dataclasses.FrozenInstanceError):
        scheme.code = "other"  # type: ignore[misc]  # the test is that the type checker is right


def test_a_problem_names_the_node_the_value_and_what_is_allowed() -> None:
    with pytest.raises(SchemeError) as refused:
        parse_scheme(small_mapping(tree=changed_leaf(points=1)))
    (problem,) = refused.value.problems
    allowed = "a whole number from 2 to 1001"
    params = {"node": "ease", "value": "1", "allowed": allowed}
    assert problem == Problem("ease", "points_out_of_range", params)
    assert str(refused.value) == f"ease: points_out_of_range (value 1, allowed {allowed})"


def test_all_problems_are_reported_at_once() -> None:
    found = problems(code="no spaces", rank_decimals=9, order="sideways", extra=1, bands=[])
    codes = {code for _, code in found}
    assert codes == {"code_invalid", "rank_decimals_out_of_range", "order_unknown", "unknown_key", "list_needed"}


@pytest.mark.parametrize("weight", [59, "59.5", "60.000000000001"])
def test_siblings_that_do_not_sum_to_100_are_refused(weight: object) -> None:
    children = (leaf("ease", weight, "citizens"), leaf("speed", 40, "citizens"))
    assert problems(tree=tree(*children)) == [("score", "weights_sum")]


@pytest.mark.parametrize("weight", [-1, 60.0, True, "sixty", "60,0", "1e2", "", None, 101, "٦٠", [60]])
def test_a_weight_that_is_no_exact_number_is_refused_without_a_word_about_the_sum(weight: object) -> None:
    children = (leaf("ease", weight, "citizens"), leaf("speed", 40, "citizens"))
    assert problems(tree=tree(*children)) == [("score", "number_invalid")]


def test_a_missing_weight_is_refused() -> None:
    bare = leaf("ease", 60, "citizens")
    del bare["weight"]
    assert problems(tree=tree(bare, leaf("speed", 40, "citizens"))) == [("score", "number_invalid")]


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({"groups": {"citizens": 90}}, ("ease", "shares_sum")),
        ({"groups": {"strangers": 100}}, ("ease", "group_unknown")),
        ({"groups": {}}, ("ease", "groups_needed")),
        ({"groups": None}, ("ease", "groups_needed")),
        ({"points": 5.0}, ("ease", "points_out_of_range")),
        ({"points": True}, ("ease", "points_out_of_range")),
        ({"units": []}, ("ease", "units_invalid")),
        ({"units": [7]}, ("ease", "units_invalid")),
        ({"weights": "equal"}, ("ease", "unknown_key")),
        ({"code": ""}, ("tree", "code_invalid")),
        ({"code": 5}, ("tree", "code_invalid")),
        ({"code": "score"}, ("tree", "code_repeated")),
    ],
)
def test_an_indicator_is_refused_for(over: dict[str, Any], found: tuple[str, str]) -> None:
    assert problems(tree=changed_leaf(**over)) == [found]


@pytest.mark.parametrize(
    ("node", "found"),
    [
        (None, [("scheme", "tree_needed")]),
        (tree(), [("score", "list_needed")]),
        (tree(weights="equal"), [("score", "list_needed")]),
        (tree(leaf("ease", 100, "citizens"), weight=100), [("score", "weight_unexpected")]),
        (tree(leaf("ease", 100, "citizens"), points=5), [("score", "unknown_key")]),
        (tree(leaf("ease", 100, "citizens"), weights="equal"), [("ease", "weight_unexpected")]),
        (tree({"code": "a", "points": 5, "groups": {"citizens": 100}}, weights="ahp"), [("score", "weights_unknown")]),
    ],
)
def test_a_tree_is_refused_for(node: object, found: list[tuple[str, str]]) -> None:
    assert problems(tree=node) == found


def test_neither_groups_nor_a_tree_are_two_problems_at_least() -> None:
    assert ("scheme", "tree_needed") in problems(groups=[], tree=[])


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({"minimum": [10, 30]}, "minimum_invalid"),
        ({"minimum": [30, 10, 100]}, "minimum_invalid"),
        ({"minimum": [10, 100, 30]}, "minimum_invalid"),
        ({"minimum": [0, 1, 2]}, "minimum_invalid"),
        ({"minimum": [True, 1, 2]}, "minimum_invalid"),
        ({"minimum": 10}, "minimum_invalid"),
        ({"promise": "secret"}, "promise_unknown"),
        ({"strata": [{"code": "a", "weight": 99}]}, "strata_sum"),
        ({"strata": [{"code": "a", "weight": 50}, {"code": "a", "weight": 50}]}, "code_repeated"),
        ({"strata": [{"code": "a", "weight": 100, "n": 1}]}, "unknown_key"),
        ({"share": 50}, "unknown_key"),
    ],
)
def test_a_group_is_refused_for(over: dict[str, Any], found: str) -> None:
    citizens = {**group("citizens", (1, 1, 1), {"a": 100}), **over}
    assert problems(groups=[citizens], tree=changed_leaf()) == [("citizens", found)]


def test_two_groups_of_one_code_are_refused() -> None:
    twice = [group("citizens", (1, 1, 1), {"a": 100})] * 2
    assert problems(groups=twice, tree=changed_leaf()) == [("groups", "code_repeated")]


def test_a_scheme_without_groups_says_so() -> None:
    assert ("scheme", "list_needed") in problems(groups=[], tree=changed_leaf())


@pytest.mark.parametrize(
    ("bands", "found"),
    [
        ([("A", 75), ("B", 80), ("C", 0)], "bands_order"),
        ([("A", 75), ("B", 75), ("C", 0)], "bands_order"),
        ([("A", 75), ("B", 10)], "bands_order"),
        ([("A", 75), ("A", 0)], "code_repeated"),
        ([("A", "high"), ("B", 0)], "number_invalid"),
    ],
)
def test_bands_are_refused_for(bands: list[tuple[str, object]], found: str) -> None:
    listed = [{"code": code, "from": bound} for code, bound in bands]
    assert ("bands", found) in problems(bands=listed)


def test_a_tree_of_one_indicator_is_a_scheme() -> None:
    scheme: Scheme = parse_scheme(small_mapping(tree={"code": "ease", "points": 5, "groups": {"citizens": 100}}))
    assert [node.code for node in scheme.leaves()] == ["ease"]
