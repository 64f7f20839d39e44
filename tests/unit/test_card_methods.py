"""Cards of every kind of scheme: what is not a plain mean is named with its formula."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from evalsys.reports.calculation import CapLine
from scoring.result import Supplement
from tests.unit.drawn_cards import CITIZENS, EXPERTS, build, page, shared, two_units
from tests.unit.scoring.rounds import leaf

D = Decimal


def test_a_cap_is_stated_with_what_it_took() -> None:
    caps = [{"child": "speed", "below": 70, "limit": 60}]
    inner = {"code": "service", "weight": 100, "caps": caps, "children": [shared(50), leaf("speed", 50, "citizens")]}
    card = build(*two_units({"children": [inner]}))
    service = card.node("service")
    assert service is not None
    assert service.caps == (CapLine("speed", D(70), D(60)),)
    assert (service.score, service.rest, card.points, card.base) == (D("60.00"), D("-13.50"), D("60.00"), D("60.00"))
    text = page(card)
    assert "While “speed” is below 70, its score is at most 60." in text
    assert "The rules of this part moved the whole score by −13.50 points." in text
    assert "Moved by a rule of this part −13.50" in text
    assert "Rules of “service” −13.50" in text


@pytest.mark.parametrize(
    ("over", "words", "formula"),
    [
        ({"aggregation": "geometric"}, "weighted geometric mean", "79.50^0.6 × 67.50^0.4"),
        ({"aggregation": "harmonic"}, "weighted harmonic mean", "1 ÷ (0.6 ÷ 79.50 + 0.4 ÷ 67.50)"),
        (
            {"aggregation": "power", "power": "-2"},
            "weighted power mean with the exponent -2",
            "(0.6 × 79.50^−2 + 0.4 × 67.50^−2)^(1 ÷ −2)",
        ),
        ({"aggregation": "median"}, "weighted median", ""),
        ({"aggregation": "copeland"}, "comparison of the offices pair by pair", ""),
        ({"aggregation": "minimum", "weights": "equal"}, "the lowest of its parts", ""),
        ({"aggregation": "ampi-", "weights": "equal"}, "mean less a penalty for imbalance", "73.50 − 36.00 ÷ 73.50"),
        ({"aggregation": "ampi+", "weights": "equal"}, "mean plus a supplement for imbalance", "73.50 + 36.00 ÷ 73.50"),
    ],
)
def test_what_is_not_simply_added_up_is_named_with_its_formula(
    over: Mapping[str, Any], words: str, formula: str
) -> None:
    children: list[dict[str, Any]] = [shared(60), leaf("speed", 40, "citizens")]
    children = [child | {"range": ["0.001", 100]} for child in children]
    if "weights" in over:
        children = [{key: value for key, value in child.items() if key != "weight"} for child in children]
    card = build(*two_units({**over, "children": children}))
    assert card.top is not None
    found = card.node_sum(card.top)
    assert found is not None
    assert (found.total, found.formula) == (None, formula)
    assert not card.adds_up
    text = page(card)
    assert words in text
    assert "divide the score exactly among the indicators" in text
    assert abs((card.points or D(0)) - (card.base or D(0))) < D("0.03")


def test_with_an_index_for_each_group_the_whole_comes_from_the_groups() -> None:
    groups = [{**CITIZENS, "weight": 60}, {**EXPERTS, "weight": 40}]
    children = [{"code": "service", "weight": 100, "children": [shared(50), leaf("speed", 50, "citizens")]}]
    card = build(*two_units({"children": children}, groups=groups, order="group-outside"))
    assert card.top is not None
    whole = card.node_sum(card.top)
    assert whole is not None
    assert whole.formula == "60 % × 75.00 + 40 % × 75.00"
    service = card.node("service")
    assert service is not None
    assert card.node_sum(service) is None
    assert card.leaf_sum(card.indicators[0]) is None
    citizens = card.group_sum(card.groups[0])
    assert citizens is not None
    assert (citizens.outcome, citizens.result) == (D("75.00"), D("75.00"))
    assert "Each group has an index of its own." in page(card)


def test_administrative_figures_stand_among_the_indicators() -> None:
    waiting = {"code": "waiting", "weight": 50, "direction": "down"}
    waiting |= {"normaliser": {"method": "goalposts", "low": 5, "high": 60}}
    figures = pd.DataFrame({"unit": ["U01", "U02"], "indicator": ["waiting"] * 2, "value": [16.0, 60.0]})
    groups = [{**CITIZENS, "weight": 60}, {**EXPERTS, "weight": 40}]
    tree = {"children": [shared(50), waiting]}
    card = build(*two_units(tree, Supplement(figures=figures)))
    line = card.indicators[-1]
    assert (line.code, line.group_code, line.score, line.contribution) == ("waiting", "", D("80.00"), D("40.00"))
    assert "An administrative figure" in page(card)
    apart = build(*two_units(tree, Supplement(figures=figures), groups=groups, order="group-outside"))
    assert apart.group_sum(apart.groups[0]) is None
    assert "This group has an index of its own" in page(apart)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"estimator": "median"}, "The middle answer counts, not the mean."),
        ({"estimator": "trimmed"}, "the lowest and the highest 10 % of the answers are left out"),
        ({"estimator": "winsorised", "trim": 20}, "the lowest and the highest 20 % of the answers are pulled in"),
        ({"shrinkage": "empirical-bayes"}, "A figure that rests on few answers is moved"),
        ({"severity": "fixed"}, "Some raters are stricter than others."),
    ],
)
def test_what_the_scheme_says_of_a_group_is_told(over: Mapping[str, Any], words: str) -> None:
    card = build(
        *two_units({"children": [shared(50), leaf("speed", 50, "citizens")]}, groups=[{**CITIZENS, **over}, EXPERTS])
    )
    text = page(card)
    assert words in text
    assert "Inside the group each part has a fixed share: Users 70 %" in text
    if over.get("estimator") == "median":
        assert "By the rules of the group this becomes 75.00." in text


def test_a_group_that_is_raked_names_the_variables() -> None:
    margin = {"variable": "age", "targets": {"young": 50, "old": 50}}
    strata = [{"code": "users", "traits": {"age": "young"}}, {"code": "others", "traits": {"age": "old"}}]
    citizens = {**CITIZENS, "margins": [margin], "strata": strata}
    card = build(*two_units({"children": [shared(50), leaf("speed", 50, "citizens")]}, groups=[citizens, EXPERTS]))
    assert (card.groups[0].raked, card.groups[0].parts) == (("age",), ())
    assert "weighted to the make-up of the population by: age" in page(card)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"rescale": "favourable"}, "favourable: level 4 or better"),
        ({"rescale": "favourable", "favourable": 5}, "favourable: level 5 or better"),
        ({"rescale": "levels", "levels": [0, 10, 40, 70, 100]}, "are worth 0 · 10 · 40 · 70 · 100 points"),
        ({"rescale": "maximum"}, "4.30 ÷ 5 × 100 = 86.00"),
        ({"direction": "down"}, "(1 − (4.30 − 1) ÷ (5 − 1)) × 100 = 17.50"),
        ({"range": [1, 10]}, "1 + (10 − 1) × ((4.30 − 1) ÷ (5 − 1)) = 8.43"),
        ({"range": [0, 10]}, "(10 − 0) × ((4.30 − 1) ÷ (5 − 1)) = 8.25"),
        ({"range": [1, 5]}, "The mean of the answers is the score: the form’s scale runs from 1 to 5."),
    ],
)
def test_the_way_from_answers_to_points_is_told_for_every_scale(over: Mapping[str, Any], words: str) -> None:
    card = build(*two_units({"children": [shared(100, **over)]}))
    assert words in page(card)


def test_bands_by_place_have_no_bounds_on_the_scale() -> None:
    bands = [{"code": "A", "share": 50}, {"code": "B", "share": 50}]
    card = build(*two_units({"children": [shared(100)]}, bands=bands, banding="quota"))
    assert (card.bands, card.banding, card.band) == ((), "quota", "A")
    assert "The band depends on the place among the graded offices" in page(card)
