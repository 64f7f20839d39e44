"""Reading what follows the score: bands, bonus, deductions, vetoes, limiters, and how ranks are tried."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from scoring.scheme import Band, Limit, Simulation
from tests.unit.scoring.rounds import small_mapping
from tests.unit.scoring.schemes import figure, goalposts, rated, read, refused, tree_of

PERCENT = "a whole number or a decimal in quotes, from 0 to 100"
NUMBER = "a whole number or a decimal in quotes"


def bands(*bounds: object) -> list[dict[str, object]]:
    return [{"code": f"b{place}", "from": bound} for place, bound in enumerate(bounds)]


def quota(*shares: object) -> list[dict[str, object]]:
    return [{"code": f"b{place}", "share": share} for place, share in enumerate(shares)]


@pytest.mark.parametrize("banding", ["quota", "category"])
def test_bands_by_quota_have_shares(banding: str) -> None:
    scheme = read(banding=banding, bands=quota("12.5", "87.5"))
    assert scheme.bands == (Band("b0", share=Fraction(1, 8)), Band("b1", share=Fraction(7, 8)))
    assert scheme.banding == banding


@pytest.mark.parametrize(
    ("tree", "lasts"),
    [
        (rated(range=[1, 100]), (0, "0.5", 1)),
        (rated(points=4, rescale="maximum"), (0, 25)),
        (rated(range=["-2.5", 2]), ("-2.5", -3)),
        (figure(method="zscore", reference="period"), (-50, 0, 10)),
        (rated(range=["33.3", 500]), ("33.3",)),
    ],
)
def test_the_last_band_begins_where_the_scores_begin(tree: dict[str, Any], lasts: tuple[object, ...]) -> None:
    for last in lasts:
        scheme = read(tree=tree_of(tree), bands=bands(400, "66.6", last))
        assert scheme.bands[-1].start == Decimal(str(last))


@pytest.mark.parametrize(
    ("tree", "bounds", "allowed"),
    [
        (rated(), (50, "0.1"), "falling bounds, the last one 0"),
        (rated(), (50, "-0.1"), "falling bounds, the last one 0"),
        (rated(range=[1, 100]), (50, "1.1"), "falling bounds, the last one from 0 to 1"),
        (rated(range=[1, 100]), (50, "-0.1"), "falling bounds, the last one from 0 to 1"),
        (rated(range=["-2.5", 2]), (50, "-2.4"), "falling bounds, the last one at most -2.5"),
        (rated(), (50, 50, 0), "falling bounds, each once"),
        (rated(), (50, 60, 0), "falling bounds, each once"),
        (figure(method="zscore", reference="period"), (-50, 0), "falling bounds, each once"),
    ],
)
def test_bounds_of_bands_are_refused_for(tree: dict[str, Any], bounds: tuple[object, ...], allowed: str) -> None:
    said = ", ".join(str(bound) for bound in bounds)
    assert refused(tree=tree_of(tree), bands=bands(*bounds)) == [("bands", "bands_order", said, allowed)]


def test_the_last_bound_is_left_alone_while_the_tree_is_broken() -> None:
    broken = tree_of(rated(points=1))
    wanted = ("ease", "points_out_of_range", "1", "a whole number from 2 to 1001")
    assert refused(tree=broken, bands=bands(50, -7)) == [wanted]
    falling = ("bands", "bands_order", "50, 60", "falling bounds, each once")
    assert refused(tree=broken, bands=bands(50, 60)) == [wanted, falling]


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({"bands": bands("high", 0)}, ("bands", "number_invalid", "high", f"from: {NUMBER}")),
        ({"bands": [{"code": "A"}]}, ("bands", "number_invalid", "", f"from: {NUMBER}")),
        ({"bands": quota(100)}, ("bands", "unknown_key", "share", "code, from")),
        ({"banding": "curve"}, ("scheme", "banding_unknown", "curve", "absolute, quota, category")),
        ({"banding": "quota", "bands": quota(50, 49)}, ("bands", "bands_sum", "99", "exactly 100")),
        ({"banding": "quota", "bands": quota(-1, 101)}, ("bands", "number_invalid", "-1", PERCENT)),
        ({"banding": "quota"}, ("bands", "unknown_key", "from", "code, share")),
        (
            {"banding": "category", "bands": [{"code": "A", "share": 50}, {"code": "A", "share": 50}]},
            ("bands", "code_repeated", "A", "each code once"),
        ),
        ({"banding": "quota", "bands": []}, ("scheme", "list_needed", "bands", "a list with at least one entry")),
        ({"score_decimals": 7}, ("scheme", "score_decimals_out_of_range", "7", "a whole number from 0 to 6")),
        ({"rank_decimals": -1}, ("scheme", "rank_decimals_out_of_range", "-1", "a whole number from 0 to 6")),
        ({"rank_ties": "random"}, ("scheme", "rank_ties_unknown", "random", "competition, modified, dense")),
        ({"tie_margin": "-0.1"}, ("scheme", "decimal_invalid", "-0.1", f"tie_margin: {NUMBER}, at least 0")),
        ({"publication": "all"}, ("scheme", "publication_unknown", "all", "scores-and-grades, scores, grades")),
        ({"order": "both"}, ("scheme", "order_unknown", "both", "group-inside, group-outside")),
        ({"bonus": 3}, ("bonus", "table_needed", "3", "bonus: a table of names and values")),
        ({"bonus": {"cap": -1}}, ("bonus", "decimal_invalid", "-1", f"cap: {NUMBER}, at least 0")),
        ({"bonus": {"max": 1}}, ("bonus", "unknown_key", "max", "cap")),
        ({"deductions": {"cap": 0.5}}, ("deductions", "decimal_invalid", "0.5", f"cap: {NUMBER}, at least 0")),
        ({"deductions": {"floor": 1}}, ("deductions", "unknown_key", "floor", "cap, self_reported")),
        (
            {"deductions": {"self_reported": True}},
            ("deductions", "self_reported_unknown", "True", "counted, ignored"),
        ),
        ({"vetoes": {}}, ("scheme", "list_needed", "vetoes", "a list with at least one entry")),
        ({"vetoes": [{"code": "fraud", "band": "Z"}]}, ("vetoes", "band_unknown", "Z", "A, B")),
        ({"limiters": [{"code": "fraud"}]}, ("limiters", "band_unknown", "None", "A, B")),
        (
            {"limiters": [{"code": "x y", "band": "A"}]},
            ("limiters", "code_invalid", "x y", "letters, digits, '_', '-' and '.', 1 to 64 of them"),
        ),
        ({"vetoes": [{"code": "f", "band": "A", "x": 1}]}, ("vetoes", "unknown_key", "x", "code, band")),
        ({"vetoes": [{"code": "f", "band": "A"}] * 2}, ("vetoes", "code_repeated", "f", "each code once")),
        ({"simulation": 5}, ("simulation", "table_needed", "5", "simulation: a table of names and values")),
        (
            {"simulation": {"draws": 100_001}},
            ("simulation", "draws_out_of_range", "100001", "a whole number from 0 to 100000"),
        ),
        ({"simulation": {"weights": 101}}, ("simulation", "number_invalid", "101", PERCENT)),
        ({"simulation": {"methods": "median"}}, ("simulation", "methods_invalid", "median",
          "methods: a list of aggregations")),
        (
            {"simulation": {"methods": ["mode"]}},
            ("simulation", "method_unknown", "mode",
             "arithmetic, geometric, harmonic, power, median, minimum, copeland, ampi-, ampi+"),
        ),
        ({"simulation": {"methods": ["median"] * 2}}, ("simulation", "code_repeated", "median", "each code once")),
        ({"simulation": {"seed": 1}}, ("simulation", "unknown_key", "seed", "draws, weights, methods")),
        (
            {"seed": 1},
            ("scheme", "unknown_key", "seed", "code, rank_decimals, order, groups, tree, bands, score_decimals, "
             "rank_ties, tie_margin, banding, publication, bonus, deductions, vetoes, limiters, simulation"),
        ),
    ],
)  # fmt: skip
def test_a_scheme_is_refused_for(over: dict[str, Any], found: tuple[str, str, str, str]) -> None:
    assert found in refused(**over)


def test_findings_of_a_scheme_without_bands_have_nothing_to_name() -> None:
    assert ("vetoes", "band_unknown", "A", "") in refused(bands=[], vetoes=[{"code": "fraud", "band": "A"}])


def test_what_a_scheme_does_not_say_is_as_before() -> None:
    scheme = read()
    assert (scheme.score_decimals, scheme.rank_decimals, scheme.order, scheme.rank_ties) == (
        2, 1, "group-inside", "competition",
    )  # fmt: skip
    assert (scheme.tie_margin, scheme.banding, scheme.publication) == (Fraction(0), "absolute", "scores-and-grades")
    assert (scheme.bonus_cap, scheme.deduction_cap, scheme.self_reported_counts) == (None, None, True)
    assert (scheme.vetoes, scheme.limiters, scheme.simulation) == ((), (), Simulation(1000, Fraction(0), ()))


def test_a_scheme_says_what_follows_the_score() -> None:
    scheme = read(
        score_decimals=6,
        rank_decimals=0,
        tie_margin="0.25",
        rank_ties="modified",
        publication="scores",
        bonus={"cap": 0},
        deductions={"cap": "2.5", "self_reported": "ignored"},
        vetoes=[{"code": "fraud", "band": "B"}],
        limiters=[{"code": "fraud", "band": "A"}, {"code": "late", "band": "A"}],
        simulation={"draws": 0, "weights": "12.5", "methods": ["median", "minimum"]},
    )
    assert (scheme.score_decimals, scheme.rank_decimals, scheme.tie_margin) == (6, 0, Fraction(1, 4))
    assert (scheme.rank_ties, scheme.publication) == ("modified", "scores")
    assert (scheme.bonus_cap, scheme.deduction_cap, scheme.self_reported_counts) == (Fraction(0), Fraction(5, 2), False)
    assert (scheme.vetoes, scheme.limiters) == ((Limit("fraud", "B"),), (Limit("fraud", "A"), Limit("late", "A")))
    assert scheme.simulation == Simulation(0, Fraction(1, 8), ("median", "minimum"))


def test_deductions_need_no_cap() -> None:
    scheme = read(deductions={"self_reported": "ignored"})
    assert (scheme.deduction_cap, scheme.self_reported_counts) == (None, False)


def test_one_hundred_thousand_draws_are_the_most() -> None:
    assert read(simulation={"draws": 100_000}).simulation.draws == 100_000


def test_everything_wrong_is_told_at_once() -> None:
    tree = tree_of(rated(weight=50, scale="faces"), goalposts(weight=49, treat=1), coverage={"of": "x"})
    codes = [code for _, code, _, _ in refused(tree=tree, order="x", banding="quota", simulation={"draws": -1})]
    assert codes == [
        "order_unknown", "weights_sum", "scale_unknown", "treat_invalid", "of_unknown", "unknown_key", "unknown_key",
        "number_invalid", "number_invalid", "draws_out_of_range",
    ]  # fmt: skip
    assert small_mapping()["bands"][0] == {"code": "A", "from": 75}


def test_a_method_to_be_tried_must_suit_the_children_of_the_top() -> None:
    tree = tree_of(rated(weight=50), rated(code="speed", weight=50, range=[1, 100]))
    allowed = "children above 0 for geometric: a range such as [1, 100] or a floor would do"
    found = refused(tree=tree, simulation={"methods": ["median", "geometric"]})
    assert found == [("score", "range_reaches_zero", "ease from 0 to 100", allowed)]
