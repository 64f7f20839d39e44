"""Schemes that use every key, and what is refused about one, for the tests of reading schemes."""

from typing import Any

import pytest

from scoring.scheme import Scheme, SchemeError, parse_scheme
from tests.unit.scoring.rounds import group, leaf, small_mapping

Refusal = tuple[str, str, str, str]


def refused(**over: Any) -> list[Refusal]:
    """Node, code, value and what is allowed of every problem of the small scheme with these keys."""
    with pytest.raises(SchemeError) as caught:
        parse_scheme(small_mapping(**over))
    assert all(problem.params["node"] == problem.node for problem in caught.value.problems)
    return [(found.node, found.code, found.params["value"], found.params["allowed"]) for found in caught.value.problems]


def tree_of(*children: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {"code": "score", "children": list(children), **over}


def rated(**over: Any) -> dict[str, Any]:
    """One indicator asked of citizens; a key set to None is left out."""
    mapping = {**leaf("ease", 100, "citizens"), **over}
    return {key: value for key, value in mapping.items() if value is not None}


def figure(code: str = "waste", weight: object = 100, **normaliser: Any) -> dict[str, Any]:
    return {"code": code, "weight": weight, "normaliser": normaliser}


def goalposts(code: str = "waste", weight: object = 100, **over: Any) -> dict[str, Any]:
    return {**figure(code, weight, method="goalposts", low=20, high=85, clip=True), **over}


def read(**over: Any) -> Scheme:
    """The small scheme with these keys; it survives the way to a mapping and back."""
    scheme = parse_scheme(small_mapping(**over))
    assert parse_scheme(scheme.to_mapping()) == scheme
    return scheme


def raked_group() -> dict[str, Any]:
    return {
        **group("citizens", (2, 3, 4), {}),
        "margins": [
            {"variable": "age", "targets": {"young": 30, "65+": "70.0"}},
            {"variable": "district", "targets": {"north": 50, "south": 50}},
        ],
        "strata": [
            {"code": "a", "traits": {"age": "young", "district": "south"}, "design": "1.5"},
            {"code": "b", "traits": {"district": "north", "age": "65+"}},
            {"code": "open", "weight": 0},
        ],
    }


def _service() -> dict[str, Any]:
    level = {"points": 3, "rescale": "levels", "levels": [5, "40.5", 100], "direction": "down", "range": [1, 10]}
    return {
        "code": "service",
        "weight": 50,
        "weights": "equal",
        "aggregation": "minimum",
        "missing": "lowest",
        "coverage": {"share": "66.6", "of": "weight", "count": 2},
        "caps": [{"child": "star", "below": "2.5", "limit": -1}],
        "children": [
            {"code": "star", "scale": "stars", "rescale": "maximum", "floor": "1.5"},
            {"code": "thumb", "scale": "thumbs", "groups": {"experts": 100}},
            {"code": "panel", "scale": "panel", "rescale": "favourable", "favourable": 71},
            {"code": "mark", "scale": "marks", "maximum": 20, "units": ["U1", "U2"]},
            {"code": "level", **level},
        ],
    }


def _numbers() -> dict[str, Any]:
    budget = {**goalposts("budget", "37.5"), "denominator": "population", "treat": True, "impute": "last"}
    budget |= {"direction": "down", "range": [1, 100]}
    return {
        "code": "numbers",
        "weight": 50,
        "aggregation": "power",
        "power": "-0.5",
        "children": [budget, {**figure("calls", "62.5", method="zscore", mean=-2, sd="0.5", centre=100), "floor": 1}],
    }


def rich() -> dict[str, Any]:
    """Every key once, none at its default."""
    citizens = {**raked_group(), "weight": 60, "estimator": "trimmed", "trim": "12.5", "shrinkage": "empirical-bayes"}
    experts = {**group("experts", (1, 1, 1), {"all": 100}), "weight": 40, "promise": "accountable", "severity": "mixed"}
    return {
        "code": "rich",
        "rank_decimals": 3,
        "score_decimals": 4,
        "order": "group-outside",
        "rank_ties": "dense",
        "tie_margin": "0.25",
        "banding": "quota",
        "bands": [{"code": "A", "share": "12.5"}, {"code": "B", "share": "87.5"}],
        "publication": "grades",
        "bonus": {"cap": 3},
        "deductions": {"cap": "5.5", "self_reported": "ignored"},
        "vetoes": [{"code": "fraud", "band": "B"}],
        "limiters": [{"code": "breach", "band": "A"}, {"code": "late", "band": "B"}],
        "simulation": {"draws": 200, "weights": 20, "methods": ["copeland", "median"]},
        "groups": [citizens, experts],
        "tree": tree_of(_service(), _numbers(), groups={"experts": 25, "citizens": 75}),
    }
