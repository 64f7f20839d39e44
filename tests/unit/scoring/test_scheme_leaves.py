"""Reading indicators: scales and their rescaling, and administrative figures with their normalisers."""

from fractions import Fraction
from typing import Any

import pytest

from scoring.scheme import Node, Normaliser
from tests.unit.scoring.schemes import figure, goalposts, rated, read, refused, tree_of

PERCENT = "a whole number or a decimal in quotes, from 0 to 100"
NUMBER = "a whole number or a decimal in quotes"


def leaf_of(**over: Any) -> Node:
    return read(tree=tree_of(rated(**over))).leaves()[0]


def waste(**normaliser: Any) -> dict[str, Any]:
    return tree_of(figure(**normaliser))


@pytest.mark.parametrize(
    ("over", "scale", "points", "shown_from"),
    [
        ({"points": 7}, "likert", 7, 1),
        ({"points": 5, "scale": "likert"}, "likert", 5, 1),
        ({"points": 101}, "panel", 101, 0),
        ({"points": 101, "scale": "likert"}, "panel", 101, 0),
        ({"points": None, "scale": "panel"}, "panel", 101, 0),
        ({"points": 101, "scale": "panel"}, "panel", 101, 0),
        ({"points": None, "scale": "stars"}, "stars", 5, 1),
        ({"points": 10, "scale": "stars"}, "stars", 10, 1),
        ({"points": None, "scale": "thumbs"}, "thumbs", 2, 1),
        ({"points": 2, "scale": "thumbs"}, "thumbs", 2, 1),
        ({"points": None, "scale": "marks", "maximum": 20}, "marks", 21, 0),
        ({"points": None, "scale": "marks", "maximum": 1}, "marks", 2, 0),
        ({"points": None, "scale": "marks", "maximum": 1000}, "marks", 1001, 0),
    ],
)
def test_a_scale_has_its_points(over: dict[str, Any], scale: str, points: int, shown_from: int) -> None:
    found = leaf_of(**over)
    assert (found.scale, found.points, found.shown_from) == (scale, points, shown_from)
    assert found.is_rated


def test_a_hundred_and_one_points_are_a_panel_however_the_node_was_made() -> None:
    assert Node("x", Fraction(1), points=101).shown_from == 0
    assert (Node("x", Fraction(1), points=5).scale, Node("x", Fraction(1), points=5).shown_from) == ("likert", 1)


def test_answers_are_rescaled_in_the_way_the_indicator_says() -> None:
    plain = leaf_of()
    assert (plain.rescale, plain.levels, plain.favourable, plain.direction, plain.floor) == (
        "linear",
        (),
        0,
        "up",
        None,
    )
    assert plain.output == (Fraction(0), Fraction(100))
    levels = leaf_of(points=4, rescale="levels", levels=[0, 40, "70.5", 100])
    assert levels.levels == tuple(Fraction(level) for level in ("0", "40", "70.5", "100"))
    other = leaf_of(rescale="maximum", direction="down", range=["-1", "2.5"], floor="0.5")
    assert (other.rescale, other.direction, other.output, other.floor) == (
        "maximum", "down", (Fraction(-1), Fraction(5, 2)), Fraction(1, 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("over", "place"),
    [
        ({}, 0),
        ({"favourable": 2}, 2),
        ({"favourable": 5}, 5),
        ({"favourable": 1, "points": 101}, 2),
        ({"favourable": 100, "points": 101}, 101),
        ({"favourable": 3, "points": None, "scale": "marks", "maximum": 3}, 4),
    ],
)
def test_the_lowest_favourable_level_is_the_one_the_form_shows(over: dict[str, Any], place: int) -> None:
    assert leaf_of(rescale="favourable", **over).favourable == place


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({"scale": "faces"}, ("scale_unknown", "faces", "likert, stars, thumbs, panel, marks")),
        ({"points": None}, ("points_out_of_range", "None", "a whole number from 2 to 1001")),
        ({"points": 3, "scale": "thumbs"}, ("points_out_of_range", "3", "a whole number from 2 to 2")),
        ({"points": 100, "scale": "panel"}, ("points_out_of_range", "100", "a whole number from 101 to 101")),
        ({"points": 11, "scale": "stars"}, ("points_out_of_range", "11", "a whole number from 2 to 10")),
        ({"scale": "marks", "maximum": 20}, ("points_unexpected", "5", "none: maximum says how many marks there are")),
        ({"scale": "marks", "points": None}, ("maximum_out_of_range", "None", "a whole number from 1 to 1000")),
        (
            {"scale": "marks", "points": None, "maximum": 1001},
            ("maximum_out_of_range", "1001", "a whole number from 1 to 1000"),
        ),
        ({"maximum": 5}, ("maximum_unexpected", "5", "none: only with scale marks")),
        ({"rescale": "square"}, ("rescale_unknown", "square", "linear, favourable, maximum, levels")),
        ({"levels": [0]}, ("levels_unexpected", "[0]", "none: only with rescale levels")),
        (
            {"rescale": "levels", "points": 3},
            ("levels_invalid", "None", "levels: 3 numbers from 0 to 100, one for each point"),
        ),
        (
            {"rescale": "levels", "points": 3, "levels": [0, 100]},
            ("levels_invalid", "[0, 100]", "levels: 3 numbers from 0 to 100, one for each point"),
        ),
        ({"rescale": "levels", "points": 2, "levels": [0, 101]}, ("number_invalid", "101", PERCENT)),
        ({"favourable": 4}, ("favourable_unexpected", "4", "none: only with rescale favourable")),
        (
            {"rescale": "favourable", "favourable": 1},
            ("favourable_out_of_range", "1", "a whole number from 2 to 5"),
        ),
        (
            {"rescale": "favourable", "favourable": 0, "points": 101},
            ("favourable_out_of_range", "0", "a whole number from 1 to 100"),
        ),
        ({"direction": "optimum"}, ("direction_unknown", "optimum", "up, down")),
        ({"range": [100, 0]}, ("range_invalid", "[100, 0]", "range: two numbers, the lower one first")),
        ({"range": [1, 1]}, ("range_invalid", "[1, 1]", "range: two numbers, the lower one first")),
        ({"range": [1]}, ("range_invalid", "[1]", "range: two numbers, the lower one first")),
        ({"range": "1-100"}, ("range_invalid", "1-100", "range: two numbers, the lower one first")),
        ({"range": [0.5, 2]}, ("decimal_invalid", "0.5", f"range: {NUMBER}")),
        ({"range": [2, 0.5]}, ("decimal_invalid", "0.5", f"range: {NUMBER}")),
        ({"floor": 100}, ("floor_out_of_range", "100", "floor: below 100")),
        ({"floor": "ten"}, ("decimal_invalid", "ten", f"floor: {NUMBER}")),
        (
            {"treat": True},
            ("unknown_key", "treat", "code, weight, points, groups, units, scale, maximum, rescale, levels, "
             "favourable, direction, range, floor"),
        ),
    ],
)  # fmt: skip
def test_a_rated_indicator_is_refused_for(over: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert refused(tree=tree_of(rated(**over))) == [("ease", *found)]


def test_an_administrative_figure_says_where_it_comes_from_and_how_it_is_treated() -> None:
    plain = read(tree=tree_of(goalposts())).leaves()[0]
    assert not plain.is_rated
    assert (plain.points, plain.denominator, plain.treat, plain.impute, plain.floor) == (0, "", False, "none", None)
    assert plain.normaliser == Normaliser("goalposts", "frozen", True, (("high", Fraction(85)), ("low", Fraction(20))))
    over: dict[str, Any] = {
        "denominator": "population 65+",
        "treat": True,
        "impute": "category-median",
        "units": ["B", "A", "B"],
    }
    full = read(tree=tree_of(goalposts(**over, direction="down", range=[70, 130], floor="-4"))).leaves()[0]
    assert (full.denominator, full.treat, full.impute, full.units) == (
        "population 65+", True, "category-median", ("A", "B"),
    )  # fmt: skip
    assert (full.direction, full.output, full.floor) == ("down", (Fraction(70), Fraction(130)), Fraction(-4))


@pytest.mark.parametrize(
    ("said", "reference", "parameters"),
    [
        ({"method": "minmax", "low": "-2.5", "high": 3}, "frozen", {"low": Fraction(-5, 2), "high": Fraction(3)}),
        ({"method": "minmax", "reference": "period"}, "period", {}),
        ({"method": "zscore", "mean": 3, "sd": "0.1"}, "frozen", {"mean": Fraction(3), "sd": Fraction(1, 10)}),
        ({"method": "zscore", "reference": "period", "centre": 50, "spread": 1}, "period", {"spread": Fraction(1)}),
        ({"method": "zscore", "reference": "period", "centre": 0, "spread": 10}, "period", {"centre": Fraction(0)}),
        ({"method": "rank", "reference": "period"}, "period", {}),
        ({"method": "borda", "reference": "period", "ties": "minimum"}, "period", {}),
        ({"method": "percentile-rank", "reference": "period", "ties": "average"}, "period", {"ties": "average"}),
        (
            {"method": "goalposts", "low": "0.1", "high": 9, "transform": "log"}, "frozen",
            {"low": Fraction(1, 10), "high": Fraction(9), "transform": "log"},
        ),
        (
            {"method": "goalposts", "low": 0, "high": 9, "transform": "identity"}, "frozen",
            {"low": Fraction(0), "high": Fraction(9)},
        ),
        ({"method": "target", "target": 9, "low": 0}, "frozen", {"target": Fraction(9), "low": Fraction(0)}),
        ({"method": "target", "reference": "period", "target": 9}, "period", {"target": Fraction(9)}),
        ({"method": "leader", "low": 1, "high": 2}, "frozen", {"low": Fraction(1), "high": Fraction(2)}),
        ({"method": "leader", "reference": "period"}, "period", {}),
        ({"method": "reference", "value": -4}, "frozen", {"value": Fraction(-4)}),
        ({"method": "reference", "reference": "period", "unit": "U 7"}, "period", {"unit": "U 7"}),
        (
            {"method": "optimum", "zero_low": 0, "full_low": 5, "full_high": 5, "zero_high": 6}, "frozen",
            {"zero_low": Fraction(0), "full_low": Fraction(5), "full_high": Fraction(5), "zero_high": Fraction(6)},
        ),
    ],
)  # fmt: skip
def test_a_normaliser_takes_the_parameters_of_its_method(
    said: dict[str, Any], reference: str, parameters: dict[str, Fraction | str]
) -> None:
    found = read(tree=waste(**said), bands=[{"code": "A", "from": 0}]).leaves()[0].normaliser
    assert found == Normaliser(said["method"], reference, False, tuple(sorted(parameters.items())))


def test_a_target_lies_below_its_worst_figure_when_less_is_better() -> None:
    mapping = {**figure(method="target", target=0, low=9), "direction": "down"}
    assert read(tree=tree_of(mapping)).leaves()[0].direction == "down"
    assert refused(tree=tree_of({**mapping, "direction": "up"})) == [
        ("waste", "parameters_order", "9, 0", "low below target")
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"method": "logistic"}, ("method_unknown", "logistic", "minmax, zscore, rank, percentile-rank, borda, "
          "goalposts, target, leader, reference, optimum")),
        ({}, ("method_unknown", "None", "minmax, zscore, rank, percentile-rank, borda, goalposts, target, leader, "
          "reference, optimum")),
        ({"method": "rank"}, ("reference_unknown", "frozen", "period")),
        ({"method": "goalposts", "reference": "period"}, ("reference_unknown", "period", "frozen")),
        ({"method": "optimum", "reference": "period"}, ("reference_unknown", "period", "frozen")),
        ({"method": "minmax", "reference": "last"}, ("reference_unknown", "last", "frozen, period")),
        ({"method": "minmax", "low": 1, "high": 2, "clip": 1}, ("clip_invalid", "1", "clip: true or false")),
        (
            {"method": "rank", "reference": "period", "clip": True},
            ("clip_unexpected", "true", "clip: none with rank, which has no ends to clip at"),
        ),
        (
            {"method": "zscore", "reference": "period", "clip": True},
            ("clip_unexpected", "true", "clip: none with zscore, which has no ends to clip at"),
        ),
        ({"method": "minmax", "low": 1}, ("parameter_missing", "high", "all of low, high")),
        (
            {"method": "minmax", "reference": "period", "low": 1},
            ("parameter_unexpected", "low", "parameters of this method and reference: none"),
        ),
        (
            {"method": "leader", "low": 1, "high": 2, "target": 3},
            ("parameter_unexpected", "target", "parameters of this method and reference: low, high"),
        ),
        ({"method": "minmax", "low": 2, "high": 2}, ("parameters_order", "2, 2", "low below high")),
        ({"method": "leader", "low": "2.5", "high": 2}, ("parameters_order", "2.5, 2", "low below high")),
        ({"method": "goalposts", "low": 3, "high": 2}, ("parameters_order", "3, 2", "low below high")),
        ({"method": "zscore", "mean": 1, "sd": 0}, ("decimal_invalid", "0", f"sd: {NUMBER}, above 0")),
        (
            {"method": "zscore", "reference": "period", "spread": -1},
            ("decimal_invalid", "-1", f"spread: {NUMBER}, above 0"),
        ),
        ({"method": "reference", "value": 0}, ("decimal_invalid", "0", f"value: {NUMBER}, not 0")),
        (
            {"method": "reference", "reference": "period", "unit": ""},
            ("unit_invalid", "", "unit: a text of 1 to 64 characters"),
        ),
        ({"method": "borda", "reference": "period", "ties": "max"}, ("ties_unknown", "max", "minimum, average")),
        (
            {"method": "goalposts", "low": 1, "high": 2, "transform": "ln"},
            ("transform_unknown", "ln", "identity, log"),
        ),
        (
            {"method": "goalposts", "low": 0, "high": 2, "transform": "log"},
            ("logarithm_of_zero", "low 0", "low: above 0 with transform log"),
        ),
        (
            {"method": "optimum", "zero_low": 5, "full_low": 5, "full_high": 6, "zero_high": 7},
            ("parameters_order", "5, 5", "zero_low below full_low"),
        ),
        (
            {"method": "optimum", "zero_low": 1, "full_low": 5, "full_high": 7, "zero_high": 7},
            ("parameters_order", "7, 7", "full_high below zero_high"),
        ),
        (
            {"method": "optimum", "zero_low": 1, "full_low": 5, "full_high": 4, "zero_high": 7},
            ("parameters_order", "5, 4", "full_low not above full_high"),
        ),
        ({"method": "minmax", "low": "1e3", "high": 2}, ("decimal_invalid", "1e3", f"low: {NUMBER}")),
    ],
)  # fmt: skip
def test_a_normaliser_is_refused_for(said: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert refused(tree=waste(**said)) == [("waste", *found)]


OPTIMUM = {"method": "optimum", "zero_low": 1, "full_low": 2, "full_high": 3, "zero_high": 4}


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({"normaliser": "minmax"}, ("table_needed", "minmax", "normaliser: a table with at least a method")),
        ({"points": 5}, ("unknown_key", "points", "code, weight, units, normaliser, direction, range, floor, "
          "denominator, treat, impute")),
        ({"denominator": "waste"}, ("denominator_of_itself", "waste", "denominator: another figure")),
        ({"denominator": 7}, ("denominator_invalid", "7", "denominator: a text of 1 to 64 characters")),
        ({"treat": "yes"}, ("treat_invalid", "yes", "treat: true or false")),
        ({"impute": "zero"}, ("impute_unknown", "zero", "none, mean, median, category-mean, category-median, last")),
        ({"floor": "100.5"}, ("floor_out_of_range", "100.5", "floor: below 100")),
        ({"direction": "flat"}, ("direction_unknown", "flat", "up, down")),
        ({"normaliser": OPTIMUM, "direction": "down"}, ("direction_unexpected", "down", "up with optimum: its best "
          "values lie in the middle")),
        ({"normaliser": {"method": "zscore", "reference": "period"}, "range": [0, 1]}, ("range_unexpected", "[0, 1]",
          "none: zscore has a centre and a spread instead")),
    ],
)  # fmt: skip
def test_an_administrative_figure_is_refused_for(over: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert refused(tree=tree_of(goalposts(**over))) == [("waste", *found)]


def test_a_zscore_may_have_a_floor_wherever_it_likes() -> None:
    assert read(tree=tree_of({**figure(method="zscore", reference="period"), "floor": 120})).leaves()[0].floor == 120
