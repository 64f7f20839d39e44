"""How low and how high a node can come."""

from fractions import Fraction
from math import inf
from typing import Any

import pytest

from scoring.scheme import Cap, Node, Normaliser, reach

ONE = Fraction(1)
WIDE = (Fraction(1), Fraction(10))


def rated(**over: Any) -> Node:
    return Node("x", ONE, **{"points": 5, **over})


def figure(method: str, reference: str = "frozen", *, clip: bool = False, **over: Any) -> Node:
    return Node("x", ONE, normaliser=Normaliser(method, reference, clip), **{"output": WIDE, **over})


def branch(aggregation: str, *children: Node, **over: Any) -> Node:
    return Node("top", ONE, aggregation=aggregation, children=children, **over)


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({}, (0, 100)),
        ({"output": WIDE}, (1, 10)),
        ({"floor": Fraction(20)}, (20, 100)),
        ({"output": WIDE, "floor": Fraction(-20)}, (1, 10)),
        ({"output": WIDE, "floor": Fraction(20)}, (20, 20)),
        ({"points": 4, "rescale": "maximum"}, (25, 100)),
        ({"points": 4, "rescale": "maximum", "direction": "down"}, (0, 75)),
        ({"points": 4, "rescale": "maximum", "output": WIDE}, (3.25, 10)),
        ({"points": 101, "rescale": "maximum"}, (0, 100)),
        ({"points": 21, "scale": "marks", "rescale": "maximum"}, (0, 100)),
        ({"rescale": "favourable"}, (0, 100)),
        ({"points": 3, "rescale": "levels", "levels": (Fraction(90), Fraction(20), Fraction(60))}, (20, 90)),
        (
            {"points": 2, "rescale": "levels", "levels": (Fraction(20), Fraction(90)), "direction": "down"},
            (10, 80),
        ),
    ],
)
def test_a_rated_indicator_reaches_what_its_answers_give(over: dict[str, Any], found: tuple[float, float]) -> None:
    assert reach(rated(**over)) == found


@pytest.mark.parametrize("method", ["rank", "percentile-rank", "borda", "minmax", "target", "leader"])
def test_what_is_measured_within_the_period_stays_on_its_range(method: str) -> None:
    assert reach(figure(method, "period")) == (1, 10)


@pytest.mark.parametrize("method", ["minmax", "goalposts", "target", "leader", "reference"])
def test_what_is_clipped_stays_on_its_range(method: str) -> None:
    assert reach(figure(method, clip=True)) == (1, 10)


def test_an_optimum_stays_on_its_range() -> None:
    assert reach(figure("optimum")) == (1, 10)


@pytest.mark.parametrize(
    ("method", "reference"),
    [
        ("minmax", "frozen"), ("goalposts", "frozen"), ("leader", "frozen"), ("reference", "frozen"),
        ("reference", "period"), ("zscore", "frozen"), ("zscore", "period"),
    ],
)  # fmt: skip
def test_what_is_not_clipped_has_no_bounds_but_its_floor(method: str, reference: str) -> None:
    assert reach(figure(method, reference)) == (-inf, inf)
    assert reach(figure(method, reference, floor=Fraction(3))) == (3, inf)


def test_a_frozen_target_is_capped_above_alone() -> None:
    assert reach(figure("target")) == (-inf, 10)
    assert reach(figure("target", floor=Fraction(3))) == (3, 10)


def test_a_figure_of_which_nothing_is_known_has_no_bounds() -> None:
    assert reach(Node("x", ONE)) == (-inf, inf)


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "power", "median", "minimum"])
def test_a_mean_lies_within_its_children(method: str) -> None:
    low, high = rated(output=(Fraction(5), Fraction(8))), rated(output=(Fraction(6), Fraction(9)))
    assert reach(branch(method, low, high)) == (5, 9)
    assert reach(branch(method, high, low)) == (5, 9)
    assert reach(branch(method, low, branch(method, figure("zscore")))) == (-inf, inf)


def test_methods_that_leave_the_middle_are_not_bounded_by_the_children() -> None:
    child = rated(output=WIDE)
    assert reach(branch("copeland", child)) == (-inf, inf)
    assert reach(branch("ampi-", child)) == (-inf, 10)
    assert reach(branch("ampi+", child)) == (1, inf)


def test_a_cap_may_take_a_node_below_its_children() -> None:
    caps = (Cap("x", Fraction(3), Fraction(-2)), Cap("x", Fraction(5), Fraction(7)))
    assert reach(branch("arithmetic", rated(output=WIDE), caps=caps)) == (-2, 10)
    assert reach(branch("arithmetic", rated(output=WIDE), caps=caps[1:])) == (1, 10)
