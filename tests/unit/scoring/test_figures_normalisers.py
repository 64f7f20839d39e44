"""Normalisers on plain arrays, in exact numbers."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scoring.figures import (
    Scaling,
    apply_normaliser,
    borda,
    goalposts,
    leader,
    minmax,
    optimum,
    percentile_rank,
    rank,
    reference,
    reference_of,
    target,
    zscore,
)
from scoring.frames import Floats
from scoring.scheme.model import Node, Normaliser

X = math.nan
DOWN = Scaling("down")
UNIT = Scaling(output=(0.0, 1.0))


def a(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def same(found: Floats, *known: float) -> None:
    np.testing.assert_allclose(found, known, rtol=1e-12, atol=1e-12)


def leaf(method: str, reference: str = "frozen", **over: Any) -> Node:
    parameters = tuple(sorted(over.pop("parameters", {}).items()))
    normaliser = Normaliser(method, reference, over.pop("clip", False), parameters)
    return Node("delay", Fraction(1), normaliser=normaliser, **over)


def test_minmax_turns_for_less_is_better_and_leaves_missing_missing() -> None:
    same(minmax(a(10, 15, X, 20), 10, 20), 0, 50, X, 100)
    same(minmax(a(10, 15, X, 20), 10, 20, DOWN), 100, 50, X, 0)
    same(minmax(a(10, 12, 20), 10, 20, Scaling("down", (1, 6))), 6, 5, 1)


def test_frozen_parameters_may_be_left_behind_unless_clipped() -> None:
    same(minmax(a(5, 30), 10, 20), -50, 200)
    same(minmax(a(5, 30), 10, 20, Scaling("down")), 150, -100)
    same(minmax(a(5, 30), 10, 20, Scaling(clip=True)), 0, 100)
    same(minmax(a(5, 30), 10, 20, Scaling("down", (1, 5), clip=True)), 5, 1)


def test_the_leader_has_the_top_whatever_the_direction() -> None:
    same(leader(a(10, 12, X, 20), 10, 20, UNIT), 0, 0.2, X, 1)
    same(leader(a(10, 12, X, 20), 10, 20, Scaling("down", (0, 1))), 1, 0.8, X, 0)
    same(leader(a(5, 25), 10, 20, Scaling(output=(0, 1), clip=True)), 0, 1)
    same(leader(a(5, 25), 10, 20, Scaling(output=(0, 1))), -0.5, 1.5)


def test_goalposts_take_logarithms_when_asked() -> None:
    same(goalposts(a(10, X, 100, 1000), 10, 1000, UNIT, "log"), 0, X, 0.5, 1)
    same(goalposts(a(10, 100, 1000), 10, 1000, Scaling("down", (0, 1)), "log"), 1, 0.5, 0)
    same(goalposts(a(10, 505, 1000), 10, 1000, UNIT), 0, 0.5, 1)
    same(goalposts(a(1, 10000), 10, 1000, UNIT, "log"), -0.5, 1.5)


def test_clipped_goalposts_take_the_logarithm_of_the_lower_post_for_what_lies_below() -> None:
    clipped = Scaling(output=(0, 1), clip=True)
    same(goalposts(a(-5, 0, 100, 5000), 10, 1000, clipped, "log"), 0, 0, 0.5, 1)
    same(goalposts(a(-5, 505, 5000), 10, 1000, clipped), 0, 0.5, 1)
    same(goalposts(a(-5, 5000), 10, 1000, Scaling("down", (0, 1), clip=True), "log"), 1, 0)


def test_beyond_the_target_counts_as_reached() -> None:
    same(target(a(10, 20, X, 30, 99), 10, 30, UNIT), 0, 0.5, X, 1, 1)
    same(target(a(30, 20, 10, 0), 30, 10, Scaling("down", (0, 1))), 0, 0.5, 1, 1)
    same(target(a(0), 10, 30, UNIT), -0.5)
    same(target(a(0, 99), 10, 30, Scaling(output=(0, 1), clip=True)), 0, 1)


def test_the_reference_itself_has_the_top_and_more_may_pass_it() -> None:
    same(reference(a(50, 25, X, 75), 50), 100, 50, X, 150)
    same(reference(a(50, 25, 75, 125), 50, DOWN), 100, 150, 50, -50)
    same(reference(a(-50, -25, -75), -50), 100, 150, 50)
    same(reference(a(-50, -25, -75), -50, DOWN), 100, 50, 150)
    same(reference(a(25, 75, -10), 50, Scaling(output=(20, 120), clip=True)), 70, 120, 20)


def test_the_optimum_is_full_between_the_inner_posts_and_nothing_beyond_the_outer_ones() -> None:
    posts = (10.0, 20.0, 30.0, 50.0)
    same(optimum(a(0, 10, 15, 20, 25, 30, 40, 50, 60, X), posts, UNIT), 0, 0, 0.5, 1, 1, 1, 0.5, 0, 0, X)
    same(optimum(a(19, 20, 22), (10, 20, 20, 24), Scaling(output=(1, 5))), 4.6, 5, 3)


def test_standard_scores_are_put_on_a_centre_and_a_spread() -> None:
    same(zscore(a(4, 5, X, 9), 5, 2), 45, 50, X, 70)
    same(zscore(a(4, 5, 9), 5, 2, DOWN), 55, 50, 30)
    same(zscore(a(4, 5, 9), 5, 2, UNIT, (100, 20)), 90, 100, 140)
    same(zscore(a(-6, 5, 16), 5, 2, Scaling(output=(0, 100), clip=True), (50, 10)), 0, 50, 100)


def test_ranks_begin_with_the_worst_and_share_places_as_asked() -> None:
    same(rank(a(5, 9, X, 5, 7)), 1, 4, X, 1, 3)
    same(rank(a(5, 9, X, 5, 7), "down"), 3, 1, X, 3, 2)
    same(rank(a(5, 9, X, 5, 7), ties="average"), 1.5, 4, X, 1.5, 3)
    same(rank(a(5, 5, 5), ties="average"), 2, 2, 2)
    same(rank(a(X, X)), X, X)
    same(borda(a(5, 9, 5, 7), ties="average"), 0.5, 3, 0.5, 2)
    same(borda(a(5, 9, X), "down"), 1, 0, X)
    same(percentile_rank(a(5, 9, X, 5, 7, 8)), 0, 1, X, 0, 0.5, 0.75)
    same(percentile_rank(a(5, 9, 7), "down", "average"), 1, 0, 0.5)
    same(percentile_rank(a(X, X)), X, X)


def test_the_last_bit_breaks_no_tie() -> None:
    same(rank(a(0.3, 0.1 + 0.2, 0.2)), 2, 2, 1)
    same(rank(a(0.3, 0.3000000001, 0.2)), 2, 3, 1)


def test_the_direction_reflects_a_score_within_its_range() -> None:
    values = a(3, 8, 1, X, 6)
    ways: list[Callable[[Scaling], Floats]] = [
        lambda scaling: minmax(values, 1, 8, scaling),
        lambda scaling: leader(values, 1, 8, scaling),
        lambda scaling: goalposts(values, 1, 9, scaling, "log"),
    ]
    for way in ways:
        same(way(Scaling("up", (10, 30))) + way(Scaling("down", (10, 30))), 40, 40, 40, X, 40)


def test_references_are_taken_from_the_figures_present() -> None:
    values = a(2, X, 6, 4)
    assert reference_of(values, "minmax") == {"low": 2.0, "high": 6.0}
    assert reference_of(values, "leader", "down") == {"low": 2.0, "high": 6.0}
    assert reference_of(values, "goalposts") == {"low": 2.0, "high": 6.0}
    assert reference_of(values, "zscore") == {"mean": 4.0, "sd": 2.0}
    assert reference_of(values, "target") == {"low": 2.0}
    assert reference_of(values, "target", "down") == {"low": 6.0}
    assert reference_of(values, "reference", at=3) == {"value": 4.0}
    assert reference_of(values, "rank") == reference_of(a(2), "optimum") == {}


def test_a_reference_frozen_from_a_period_gives_the_period_its_own_scores() -> None:
    values, units = a(2, X, 6, 4), ["p", "q", "r", "s"]
    for method in ("minmax", "leader", "zscore"):
        known = {name: Fraction(value) for name, value in reference_of(values, method).items()}
        frozen = apply_normaliser(values, leaf(method, parameters=known), units)
        same(apply_normaliser(values, leaf(method, "period"), units), *frozen)


def test_a_leaf_is_normalised_as_its_scheme_says() -> None:
    values, units = a(2, X, 6, 4), ["p", "q", "r", "s"]

    def scores(method: str, reference: str = "period", **over: Any) -> Floats:
        return apply_normaliser(values, leaf(method, reference, **over), units)

    same(scores("minmax", output=(Fraction(1), Fraction(5)), direction="down"), 5, X, 1, 3)
    same(scores("leader"), 0, X, 100, 50)
    same(scores("zscore"), 40, X, 60, 50)
    same(scores("zscore", parameters={"centre": Fraction(100), "spread": Fraction(4)}), 96, X, 104, 100)
    same(scores("target", parameters={"target": Fraction(5)}), 0, X, 100, 200 / 3)
    same(scores("target", "frozen", parameters={"low": Fraction(0), "target": Fraction(8)}), 25, X, 75, 50)
    same(scores("target", parameters={"target": Fraction(3)}, direction="down"), 100, X, 0, 200 / 3)
    same(scores("reference", parameters={"unit": "s"}), 50, X, 150, 100)
    same(scores("reference", parameters={"unit": "s"}, clip=True), 50, X, 100, 100)
    same(scores("reference", "frozen", parameters={"value": Fraction(8)}), 25, X, 75, 50)
    posts = {"low": Fraction(1), "high": Fraction(16)}
    same(scores("goalposts", "frozen", parameters=posts | {"transform": "log"}), 25, X, 25 * math.log2(6), 50)
    same(scores("goalposts", "frozen", parameters=posts, clip=True), 100 / 15, X, 500 / 15, 20)
    posts = {"zero_low": Fraction(1), "full_low": Fraction(3), "full_high": Fraction(4), "zero_high": Fraction(8)}
    same(scores("optimum", "frozen", parameters=posts), 50, X, 50, 100)
    same(scores("optimum", parameters=posts), 50, X, 50, 100)


@pytest.mark.parametrize("method", ["rank", "borda", "percentile-rank"])
def test_ranks_of_a_leaf_stand_on_its_output_range(method: str) -> None:
    values, units = a(2, X, 6, 2), ["p", "q", "r", "s"]
    same(apply_normaliser(values, leaf(method, "period"), units), 0, X, 100, 0)
    same(apply_normaliser(values, leaf(method, "period", output=(Fraction(1), Fraction(3))), units), 1, X, 3, 1)
    same(apply_normaliser(values, leaf(method, "period", direction="down"), units), 50, X, 0, 50)
    average = leaf(method, "period", parameters={"ties": "average"})
    same(apply_normaliser(values, average, units), 25, X, 100, 25)


def test_a_floor_raises_what_falls_below_and_nothing_missing() -> None:
    floored = leaf("minmax", "period", floor=Fraction(20))
    same(apply_normaliser(a(2, X, 6, 4), floored, ["p", "q", "r", "s"]), 20, X, 100, 50)


def test_an_indicator_without_any_figure_stays_missing() -> None:
    values = a(X, X)
    scores = apply_normaliser(values, leaf("minmax", "period"), ["u", "v"])
    same(scores, X, X)
    assert scores is not values


def test_a_unit_more_moves_nobody_under_frozen_parameters() -> None:
    frozen = leaf("minmax", parameters={"low": Fraction(0), "high": Fraction(8)})
    few = apply_normaliser(a(2, 6), frozen, ["p", "q"])
    same(apply_normaliser(a(2, 6, 800), frozen, ["p", "q", "r"])[:2], *few)
