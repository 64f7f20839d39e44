"""Derivatives of all nodes by all figures, and copeland inside a tree."""

from fractions import Fraction
from typing import Literal

import numpy as np
import pytest

from scoring.frames import Floats
from scoring.scheme import Cap, Node
from scoring.tree import Values, evaluate
from tests.unit.scoring.small_trees import X, assert_accounted, figures, flat, given, part, rated, scheme, two_levels


@pytest.mark.parametrize(
    "method", ["arithmetic", "geometric", "harmonic", "power", "median", "minimum", "ampi-", "ampi+"]
)
def test_gradients_of_all_nodes_are_finite_differences(method: str) -> None:
    inner = Node(
        "d", part("0.3"), children=(rated("a", "0.5", x="0.6", y="0.4"), given("b", "0.5")), aggregation=method
    )
    outer = (inner, rated("c", "0.3", y="1"), given("e", "0.4"))
    asked = scheme(Node("top", Fraction(1), children=outer, aggregation=method, power=part("3")), "x", "y")
    rng = np.random.default_rng(7)
    values = Values(rng.uniform(20, 90, (4, 4, 2)), rng.uniform(20, 90, (4, 4)), np.ones((4, 4), dtype=bool))
    values.rated[1, 0, 0] = values.given[2, 3] = values.rated[3, 2, 1] = X
    scores = evaluate(values, asked)
    assert_accounted(scores, values)
    assert scores.gradient.shape == (4, 6, 4, 3)
    for leaf in range(4):
        for slot in range(3):
            step = np.zeros((4, 4, 3))
            step[:, leaf, slot] = 1e-4
            up, down = (evaluate(_moved(values, sign * step), asked).score for sign in (1, -1))
            found = np.nan_to_num(up - down) / 2e-4
            assert scores.gradient[:, :, leaf, slot] == pytest.approx(found, abs=1e-6)


def _moved(values: Values, step: Floats) -> Values:
    return Values(values.rated + step[:, :, :-1], values.given + step[:, :, -1], values.applies)


def test_in_an_arithmetic_tree_the_gradient_is_the_weight_as_used() -> None:
    scores = evaluate(figures([40, 80, 10], [X, 80, 10], [X, X, X]), two_levels())
    assert scores.gradient[:, 0] == pytest.approx(scores.weight_used, abs=1e-15)


def test_the_gradient_of_copeland_is_missing() -> None:
    asked = two_levels(aggregation="copeland")
    scores = evaluate(figures([40, 80, 10], [50, 90, 5]), asked)
    assert scores.score[:, 0].tolist() == [-1, 1]
    assert np.isnan(scores.gradient[:, 0]).all()
    assert scores.gradient[0, 1, :, 0].tolist() == [0.75, 0.25, 0]


def test_copeland_weighs_children_by_their_weight_even_where_one_is_missing() -> None:
    asked = flat("0.2", "0.3", "0.5", aggregation="copeland")
    found = evaluate(figures([9, 9, 1], [1, 1, X], [X, 5, 9]), asked).score[:, 0]
    assert found.tolist() == [0, -2, 2]


@pytest.mark.parametrize(("wanted", "nodes"), [(True, 5), ("top", 1), (False, 0)])
def test_the_gradient_comes_for_all_nodes_for_the_top_or_not_at_all(wanted: bool | Literal["top"], nodes: int) -> None:
    asked = two_levels(aggregation="geometric", below={"caps": (Cap("b", part("50"), part("20")),)})
    values = figures([80, 40, 10], [80, 60, X], [X, X, X])
    whole, found = evaluate(values, asked), evaluate(values, asked, gradient=wanted)
    assert found.gradient.shape == (3, nodes, 3, 1)
    assert found.gradient == pytest.approx(whole.gradient[:, :nodes])
    assert np.array_equal(found.score, whole.score, equal_nan=True)
    if wanted:
        assert np.array_equal(found.remainder, whole.remainder)
    else:
        assert np.isnan(found.remainder).all()
        assert found.remainder.shape == (3, 5)
