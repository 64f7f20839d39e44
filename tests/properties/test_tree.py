"""What must hold for every tree and every set of figures."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scoring.frames import Floats
from scoring.scheme import Group, Node, Scheme
from scoring.tree import AGGREGATIONS, Values, aggregate_children, evaluate, slope_children, weights_of

MEANS = [name for name in AGGREGATIONS if name not in ("copeland", "ampi-", "ampi+")]
EXACT = [name for name in AGGREGATIONS if name != "copeland"]
SHAPE = (4, 5)
POWERS = st.sampled_from([-3.0, -1.0, -0.25, 0.0, 0.5, 1.0, 2.0, 7.0])
FIGURES = arrays(np.float64, SHAPE, elements=st.floats(1, 100) | st.just(np.nan))
WEIGHTS = arrays(np.float64, (5,), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5]))


@given(FIGURES, WEIGHTS, POWERS, st.sampled_from(MEANS))
def test_a_mean_lies_within_its_children(figures: Floats, weights: Floats, power: float, method: str) -> None:
    found = aggregate_children(method, figures, weights, power)
    counted = ~np.isnan(figures) & (weights > 0)
    assert (np.isnan(found) == ~counted.any(axis=1)).all()
    here = ~np.isnan(found)
    assert (found[here] <= np.where(counted, figures, -np.inf).max(axis=1)[here] * (1 + 1e-12)).all()
    assert (found[here] >= np.where(counted, figures, np.inf).min(axis=1)[here] * (1 - 1e-12)).all()


@given(FIGURES, WEIGHTS)
def test_minimum_harmonic_geometric_and_arithmetic_mean_rise_in_this_order(figures: Floats, weights: Floats) -> None:
    names = ("minimum", "harmonic", "geometric", "arithmetic")
    found = [aggregate_children(name, figures, weights) for name in names]
    for lower, higher in pairwise(found):
        assert ((lower <= higher * (1 + 1e-12)) | np.isnan(lower)).all()


@given(FIGURES, WEIGHTS, st.sampled_from([0.25, 3.0, 1000.0]), POWERS, st.sampled_from(list(AGGREGATIONS)))
def test_only_the_proportions_of_weights_count(
    figures: Floats, weights: Floats, scale: float, power: float, method: str
) -> None:
    plain = aggregate_children(method, figures, weights, power)
    assert aggregate_children(method, figures, weights * scale, power) == pytest.approx(plain, nan_ok=True)


@given(FIGURES, WEIGHTS, POWERS, st.permutations(range(5)), st.sampled_from(list(AGGREGATIONS)))
def test_the_order_of_children_changes_nothing(
    figures: Floats, weights: Floats, power: float, order: list[int], method: str
) -> None:
    plain = aggregate_children(method, figures, weights, power)
    assert aggregate_children(method, figures[:, order], weights[order], power) == pytest.approx(plain, nan_ok=True)
    slopes = slope_children(method, figures, weights, power)
    assert slope_children(method, figures[:, order], weights[order], power) == pytest.approx(
        slopes[:, order], nan_ok=True
    )


@given(FIGURES, WEIGHTS, POWERS, st.permutations(range(4)), st.sampled_from(list(AGGREGATIONS)))
def test_the_order_of_units_changes_nothing(
    figures: Floats, weights: Floats, power: float, order: list[int], method: str
) -> None:
    plain = aggregate_children(method, figures, weights, power)
    assert aggregate_children(method, figures[order], weights, power) == pytest.approx(plain[order], nan_ok=True)


@given(FIGURES, WEIGHTS, POWERS, st.integers(0, 4), st.floats(0, 50), st.sampled_from(MEANS))
def test_a_better_child_never_makes_a_worse_mean(
    figures: Floats, weights: Floats, power: float, place: int, rise: float, method: str
) -> None:
    better = figures.copy()
    better[:, place] += rise
    plain, found = (aggregate_children(method, values, weights, power) for values in (figures, better))
    assert ((found >= plain * (1 - 1e-12)) | np.isnan(plain)).all()


@given(FIGURES, WEIGHTS, POWERS, st.sampled_from(EXACT))
def test_children_times_their_slopes_are_the_score(figures: Floats, weights: Floats, power: float, method: str) -> None:
    found = aggregate_children(method, figures, weights, power)
    slopes = slope_children(method, figures, weights, power)
    total = np.where(np.isnan(found), np.nan, (slopes * np.nan_to_num(figures)).sum(axis=1))
    assert total == pytest.approx(found, rel=1e-10, nan_ok=True)


def make_scheme(first: int, second: int, inner: list[str], order: str) -> Scheme:
    """Two dimensions of three and two indicators; each is rated by both groups, citizens 70 % and experts 30 %."""
    shares = (("citizens", Fraction(7, 10)), ("experts", Fraction(3, 10)))
    leaves = [Node(f"q{number}", Fraction(1, 3 - number // 3), points=5, shares=shares) for number in range(5)]
    dimensions = (
        Node("d", Fraction(first, first + second), children=tuple(leaves[:3]), aggregation=inner[0]),
        Node("e", Fraction(second, first + second), children=tuple(leaves[3:]), aggregation=inner[1]),
    )
    groups = tuple(Group(code, "anonymous", (1, 1, 1), (), share) for code, share in shares)
    return Scheme("demo", groups, Node("top", Fraction(1), children=dimensions, aggregation=inner[2]), (), order=order)


RATINGS = arrays(np.float64, (3, 5, 2), elements=st.floats(1, 100))
SPARSE = arrays(np.float64, (3, 5, 2), elements=st.floats(50, 100) | st.just(np.nan))  # no penalty reaches zero
WEIGHT = st.integers(1, 9)


def rated(figures: Floats) -> Values:
    return Values(figures, np.full((3, 5), np.nan), np.ones((3, 5), dtype=bool))


@given(RATINGS, WEIGHT, WEIGHT)
def test_both_orders_agree_in_an_arithmetic_tree_without_gaps(figures: Floats, first: int, second: int) -> None:
    inside = make_scheme(first, second, ["arithmetic"] * 3, "group-inside")
    found = evaluate(rated(figures), inside)
    other = evaluate(rated(figures), replace(inside, order="group-outside"))
    assert other.score == pytest.approx(found.score)
    assert other.gradient == pytest.approx(found.gradient)
    assert other.by_group == pytest.approx(found.by_group)
    assert other.weight_used == pytest.approx(found.weight_used)
    assert other.within_used == pytest.approx(found.within_used)


@settings(max_examples=60)
@given(SPARSE, WEIGHT, st.lists(st.sampled_from(EXACT), min_size=3, max_size=3), st.booleans())
def test_contributions_add_up_in_every_tree_and_order(
    figures: Floats, first: int, inner: list[str], is_inside: bool
) -> None:
    scheme = make_scheme(first, 3, inner, "group-inside" if is_inside else "group-outside")
    scores = evaluate(rated(figures), scheme)
    total = (scores.gradient[:, 0, :, :2] * np.nan_to_num(figures)).sum(axis=(1, 2))
    assert np.where(scores.present[:, 0], total, np.nan) == pytest.approx(scores.score[:, 0], rel=1e-9, nan_ok=True)
    used = scores.weight_used.sum(axis=(1, 2))
    assert used == pytest.approx(scores.present[:, 0].astype(np.float64))
    assert scores.weight_nominal.sum(axis=(1, 2)) == pytest.approx(np.ones(3))


@settings(max_examples=60)
@given(SPARSE, WEIGHT, st.lists(st.sampled_from(EXACT), min_size=3, max_size=3), st.booleans())
def test_another_unit_changes_nobodys_score(figures: Floats, first: int, inner: list[str], is_inside: bool) -> None:
    scheme = make_scheme(first, 3, inner, "group-inside" if is_inside else "group-outside")
    together, values = evaluate(rated(figures), scheme), rated(figures)
    alone = evaluate(Values(values.rated[:1], values.given[:1], values.applies[:1]), scheme)
    assert alone.score == pytest.approx(together.score[:1], nan_ok=True)


@given(RATINGS, WEIGHT)
def test_a_silent_group_scores_as_if_it_were_not_in_the_scheme(figures: Floats, first: int) -> None:
    figures[:, :, 1] = np.nan
    scheme = make_scheme(first, 3, ["geometric", "harmonic", "median"], "group-outside")
    weights = replace(weights_of(scheme), outside=np.array([1.0, 0.0]))
    found, other = evaluate(rated(figures), scheme), evaluate(rated(figures), scheme, weights)
    assert found.score == pytest.approx(other.score)
