"""Every key survives the way from file to scheme and back; what is at its default leaves no trace in the digest."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring.scheme import Node, Scheme, Simulation, parse_scheme
from scoring.scheme.mapping import exact_decimal, plain_number
from tests.unit.scoring.rounds import small_mapping
from tests.unit.scoring.schemes import figure, rated, read, rich, tree_of

PRESETS = Path(__file__).parents[3] / "evalsys" / "presets"
DIGESTS = {
    "rivergate": "45de240bd18f39a411cc48a54ca71684c0ab812bbe85308b19fea8992892850f",
    "rivergate_2023": "27a38635ff8d851ed25b511577261d34b4046060603b2ca0a14fd4c6f330351e",
    "kansas_city": "b0f01c0fd7e7fe17926b2cd15da826fc38f619dc1d7404996d546ef3c62b2f17",
}
RICH_TREE = {
    "code": "score",
    "children": [
        {
            "code": "service",
            "weight": 50,
            "weights": "equal",
            "children": [
                {
                    "code": "star", "points": 5, "groups": {"citizens": 75, "experts": 25}, "scale": "stars",
                    "rescale": "maximum", "floor": "1.5",
                },
                {"code": "thumb", "points": 2, "groups": {"experts": 100}, "scale": "thumbs"},
                {
                    "code": "panel", "points": 101, "groups": {"citizens": 75, "experts": 25}, "favourable": 71,
                    "rescale": "favourable",
                },
                {
                    "code": "mark", "groups": {"citizens": 75, "experts": 25}, "scale": "marks", "maximum": 20,
                    "units": ["U1", "U2"],
                },
                {
                    "code": "level", "points": 3, "groups": {"citizens": 75, "experts": 25}, "rescale": "levels",
                    "levels": [5, "40.5", 100], "range": [1, 10], "direction": "down",
                },
            ],
            "aggregation": "minimum",
            "missing": "lowest",
            "coverage": {"count": 2, "share": "66.6", "of": "weight"},
            "caps": [{"child": "star", "below": "2.5", "limit": -1}],
        },
        {
            "code": "numbers",
            "weight": 50,
            "children": [
                {
                    "code": "budget", "weight": "37.5",
                    "normaliser": {"method": "goalposts", "clip": True, "high": 85, "low": 20},
                    "denominator": "population", "treat": True, "impute": "last",
                    "range": [1, 100], "direction": "down",
                },
                {
                    "code": "calls", "weight": "62.5",
                    "normaliser": {"method": "zscore", "centre": 100, "mean": -2, "sd": "0.5"}, "floor": 1,
                },
            ],
            "aggregation": "power",
            "power": "-0.5",
        },
    ],
}  # fmt: skip


def turned(value: Any) -> Any:
    """The same content with the keys of every mapping in the opposite order."""
    if isinstance(value, Mapping):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("code", DIGESTS)
def test_the_digest_of_an_older_scheme_does_not_move(code: str) -> None:
    mapping = tomllib.loads((PRESETS / f"{code}.toml").read_text(encoding="utf-8"))["scheme"]
    assert parse_scheme(mapping).digest == DIGESTS[code]


def test_a_scheme_without_new_keys_is_written_without_them() -> None:
    mapping = parse_scheme(small_mapping()).to_mapping()
    assert mapping == {**small_mapping(), "rank_decimals": 1, "order": "group-inside"}


def test_every_key_survives_the_way_to_a_mapping_and_back() -> None:
    scheme = parse_scheme(rich())
    assert parse_scheme(scheme.to_mapping()) == scheme
    assert parse_scheme(json.loads(scheme.canonical())).digest == scheme.digest


def test_the_mapping_of_a_scheme_says_every_key() -> None:
    written = parse_scheme(rich()).to_mapping()
    citizens = rich()["groups"][0]
    margins = [
        {"variable": "age", "targets": {"65+": 70, "young": 30}},
        {"variable": "district", "targets": {"north": 50, "south": 50}},
    ]
    assert written == {**rich(), "tree": RICH_TREE, "groups": [{**citizens, "margins": margins}, rich()["groups"][1]]}


def test_the_order_of_keys_does_not_matter() -> None:
    assert parse_scheme(turned(rich())) == parse_scheme(rich())


def test_toml_and_json_of_one_scheme_have_one_digest() -> None:
    toml = """
    code = "t"
    groups = []
    bands = [{ code = "A", from = "50.50" }, { code = "B", from = 0 }]
    simulation = { weights = "20.0", methods = ["median"] }
    [tree]
    code = "waste"
    normaliser = { method = "goalposts", clip = true, low = "20.0", high = "85", transform = "log" }
    """
    text = """{"bands": [{"from": "50.5", "code": "A"}, {"from": "0", "code": "B"}], "code": "t", "groups": [],
    "simulation": {"methods": ["median"], "weights": 20, "draws": 1000}, "tree": {"code": "waste", "normaliser":
    {"transform": "log", "high": "85.00", "low": 20, "clip": true, "method": "goalposts", "reference": "frozen"}}}"""
    assert parse_scheme(tomllib.loads(toml)).digest == parse_scheme(json.loads(text)).digest


def test_a_default_that_is_said_counts_as_not_said() -> None:
    said = {
        "score_decimals": 2, "rank_ties": "competition", "tie_margin": 0, "banding": "absolute",
        "publication": "scores-and-grades", "bonus": {}, "deductions": {"self_reported": "counted"},
        "simulation": {"draws": 1000, "weights": 0, "methods": []},
    }  # fmt: skip
    citizens = {
        **small_mapping()["groups"][0], "estimator": "mean", "shrinkage": "none", "severity": "none",
    }  # fmt: skip
    top = {
        **small_mapping()["tree"], "aggregation": "arithmetic", "missing": "redistribute",
        "coverage": {"share": 0, "of": "children", "count": 0},
    }  # fmt: skip
    both = [citizens, small_mapping()["groups"][1]]
    assert parse_scheme(small_mapping(**said, groups=both, tree=top)).digest == parse_scheme(small_mapping()).digest
    leaf_said = rated(scale="likert", rescale="linear", direction="up", range=[0, 100])
    assert read(tree=tree_of(leaf_said)).digest == read(tree=tree_of(rated())).digest
    plain = figure(method="zscore", reference="period")
    spoken = {**figure(method="zscore", reference="period", centre=50, spread="10.0", clip=False), "impute": "none"}
    assert read(tree=tree_of({**spoken, "treat": False})).digest == read(tree=tree_of(plain)).digest


def test_shares_on_a_branch_and_shares_on_its_leaves_are_one_scheme() -> None:
    above = tree_of(rated(groups=None), groups={"experts": 40, "citizens": 60})
    below = tree_of(rated(groups={"citizens": 60, "experts": 40}))
    assert read(tree=above).digest == read(tree=below).digest


def test_a_change_of_any_part_moves_the_digest() -> None:
    scheme = parse_scheme(rich())
    others = [
        replace(scheme, score_decimals=3), replace(scheme, tie_margin=Fraction(1)), replace(scheme, bonus_cap=None),
        replace(scheme, deduction_cap=None), replace(scheme, self_reported_counts=True), replace(scheme, vetoes=()),
        replace(scheme, limiters=()), replace(scheme, simulation=Simulation()), replace(scheme, publication="scores"),
    ]  # fmt: skip
    assert len({scheme.digest, *(other.digest for other in others)}) == len(others) + 1


def test_a_leaf_that_is_neither_rated_nor_normalised_is_written_bare() -> None:
    scheme = Scheme("s", (), Node("x", Fraction(1), impute="mean"), ())
    assert scheme.to_mapping()["tree"] == {"code": "x", "impute": "mean"}


def test_long_numbers_stay_exact() -> None:
    number = Fraction("123456789012345.123456789012345678")
    assert plain_number(number) == "123456789012345.123456789012345678"
    assert Fraction(exact_decimal(-number)) == -number
    assert plain_number(Fraction(100)) == 100
    low, high = "-999999999999999.999999999999999999", "0.000000000000000001"
    scheme = read(tree=tree_of(figure(method="goalposts", low=low, high=high, clip=True)))
    (waste,) = scheme.leaves()
    assert waste.normaliser is not None
    assert waste.normaliser.parameters == (("high", Fraction(high)), ("low", Fraction(low)))
