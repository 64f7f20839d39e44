"""Draws of weights and of errors, and the scores they make."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scoring.frames import InputError
from scoring.scheme import Cap, Coverage, Scheme
from scoring.tree import Values, Weights, evaluate
from scoring.uncertainty import draws as module
from scoring.uncertainty.draws import dirichlet, draw_weights, is_linear, pick, score_draws, simplex, tile, vary
from tests.unit.scoring.trees import X, asked, branch, figure, group, scheme

LEFT = branch("left", asked("ease", "0.6", a="0.5", b="0.5"), asked("speed", "0.4", a="0.5", b="0.5"), weight="0.7")
TREE = branch("score", LEFT, asked("trust", "0.2", a=1), figure("length", "0.1"))
SCHEME = scheme(TREE, group("a"), group("b"))
RATED = np.array([[[60, 80], [40, 50], [70, X], [X, X]], [[30, 20], [X, 45], [55, X], [X, X]], [[X, X]] * 4])
GIVEN = np.array([[X, X, X, 90.0], [X, X, X, 10], [X, X, X, 35]])
VALUES = Values(RATED, GIVEN, np.ones((3, 4), dtype=bool))


def stream(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def one_by_one(values: Values, known: Scheme, weights: Weights) -> list[list[float]]:
    """Each draw on its own."""
    return [
        evaluate(values, known, pick_one(weights, draw), gradient=False).score[:, 0].tolist()
        for draw in range(len(weights.within))
    ]


def pick_one(weights: Weights, draw: int) -> Weights:
    return Weights(weights.within[draw], weights.shares[draw], weights.outside[draw])


def test_each_weight_varies_on_its_own_within_its_bounds() -> None:
    nominal = np.array([0.5, 0.3, 0.2])
    drawn = vary(0.2)(nominal, 4000, stream())
    assert drawn.sum(axis=1) == pytest.approx(1)
    raw = stream().random((4000, 3))
    expected = nominal * (0.8 + 0.4 * raw)
    assert drawn == pytest.approx(expected / expected.sum(axis=1, keepdims=True))
    assert vary(0.0)(nominal, 2, stream()).tolist() == [pytest.approx(nominal)] * 2
    assert vary(1.0)(nominal, 2, stream()).shape == (2, 3)


@pytest.mark.parametrize("half_width", [-0.1, 1.1])
def test_a_half_width_beyond_the_weight_is_refused(half_width: float) -> None:
    with pytest.raises(InputError, match=f"^half_width {half_width}: from 0 to 1$"):
        vary(half_width)


def test_a_dirichlet_draw_is_centred_on_the_weights() -> None:
    nominal = np.array([0.5, 0.3, 0.2])
    drawn = dirichlet(40)(nominal, 20_000, stream())
    assert drawn.mean(axis=0) == pytest.approx(nominal, abs=0.003)
    assert drawn.var(axis=0) == pytest.approx(nominal * (1 - nominal) / 41, rel=0.05)
    with pytest.raises(InputError, match="^concentration 0: above 0$"):
        dirichlet(0)


def test_the_simplex_forgets_the_weights() -> None:
    drawn = simplex()(np.array([0.9, 0.05, 0.05]), 20_000, stream())
    assert drawn.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.01)
    assert drawn.var(axis=0) == pytest.approx([1 / 18] * 3, rel=0.05)


def test_weights_are_drawn_family_by_family() -> None:
    drawn = draw_weights(SCHEME, vary(0.5), 50, stream())
    assert drawn.within.shape == (50, 6)
    assert (drawn.within[:, 0] == 1).all()
    assert drawn.within[:, [1, 4, 5]].sum(axis=1) == pytest.approx(1)
    assert drawn.within[:, [2, 3]].sum(axis=1) == pytest.approx(1)
    assert (np.ptp(drawn.within[:, 1:], axis=0) > 0.05).all()
    assert (drawn.outside == 0).all()


def test_indicators_with_the_same_shares_follow_one_decision() -> None:
    drawn = draw_weights(SCHEME, vary(0.5), 50, stream()).shares
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert np.ptp(drawn[:, 0, 0]) > 0.05
    assert drawn[:, 0].sum(axis=1) == pytest.approx(1)
    assert (drawn[:, 2] == [1, 0]).all()
    assert (drawn[:, 3] == 0).all()


def test_a_weight_of_zero_stays_out() -> None:
    tree = branch("score", figure("x", 0), figure("y", "0.5"), figure("z", "0.5"))
    drawn = draw_weights(scheme(tree), simplex(), 30, stream()).within
    assert (drawn[:, 1] == 0).all()
    assert drawn[:, 2:].sum(axis=1) == pytest.approx(1)


def test_the_groups_at_the_top_are_drawn_when_each_has_its_own_index() -> None:
    known = scheme(TREE, group("a", "0.6"), group("b", "0.4"), order="group-outside")
    drawn = draw_weights(known, vary(0.5), 40, stream()).outside
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert np.ptp(drawn[:, 0]) > 0.05


def variants() -> list[Scheme]:
    middle = replace(TREE, children=(replace(LEFT, coverage=Coverage(count=2)), *TREE.children[1:]))
    known = scheme(TREE, group("a", "0.6"), group("b", "0.4"), order="group-outside")
    over: list[dict[str, Any]] = [
        {},
        {"coverage": Coverage(Fraction(3, 4))},
        {"coverage": Coverage(Fraction(3, 4), weighted=True)},
        {"aggregation": "geometric"},
        {"aggregation": "copeland"},
        {"missing": "lowest"},
        {"caps": (Cap("left", Fraction(50), Fraction(45)),)},
    ]
    return [replace(SCHEME, tree=replace(TREE, **one)) for one in over] + [replace(SCHEME, tree=middle), known]


@pytest.mark.parametrize("known", variants(), ids=lambda known: f"{known.order} {known.tree.aggregation}")
def test_scores_under_drawn_weights_are_those_of_each_draw_alone(
    known: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", 7)
    monkeypatch.setattr(module, "BLOCK_DRAWS", 3)
    weights = draw_weights(known, vary(0.3), 8, stream())
    expected = np.array(one_by_one(VALUES, known, weights))
    assert score_draws(VALUES, known, weights) == pytest.approx(expected, nan_ok=True)
    rounded = score_draws(VALUES, known, weights, np.float32)
    assert rounded.dtype == np.float32
    assert rounded == pytest.approx(expected, nan_ok=True, rel=1e-5)


def test_what_does_not_apply_is_left_out_of_every_draw() -> None:
    values = Values(RATED, GIVEN, np.array([[True, False, True, False]] * 3))
    weights = draw_weights(SCHEME, vary(0.3), 5, stream())
    found = score_draws(values, SCHEME, weights)
    assert found == pytest.approx(np.array(one_by_one(values, SCHEME, weights)), nan_ok=True)
    assert np.isnan(found[:, 2]).all()


def test_a_tree_is_linear_when_nothing_but_weights_decides() -> None:
    found = [is_linear(known) for known in variants()]
    assert found == [True, True, False, False, False, False, False, True, False]


def test_no_units_and_no_draws_make_empty_tables() -> None:
    nobody = Values(np.zeros((0, 4, 2)), np.zeros((0, 4)), np.zeros((0, 4), dtype=bool))
    weights = draw_weights(SCHEME, vary(0.3), 5, stream())
    bent = replace(SCHEME, tree=replace(TREE, aggregation="geometric"))
    assert score_draws(nobody, SCHEME, weights).shape == score_draws(nobody, bent, weights).shape == (5, 0)
    assert score_draws(VALUES, SCHEME, pick(weights, slice(0, 0))).shape == (0, 3)


def test_tiled_units_come_draw_by_draw() -> None:
    weights = draw_weights(SCHEME, vary(0.3), 2, stream())
    values, drawn = tile(VALUES, weights)
    assert values.given == pytest.approx(np.vstack([GIVEN, GIVEN]), nan_ok=True)
    assert values.rated == pytest.approx(np.concatenate([RATED, RATED]), nan_ok=True)
    assert values.applies.tolist() == [[True] * 4] * 6
    assert drawn.within[:3].tolist() == [weights.within[0].tolist()] * 3
    assert drawn.within[3:].tolist() == [weights.within[1].tolist()] * 3


def test_a_figure_that_is_not_asked_for_is_ignored_in_every_draw() -> None:
    applies = np.ones((3, 4), dtype=bool)
    applies[0, 3] = applies[1, 0] = False
    values = Values(RATED, np.where(np.isnan(GIVEN), 5.0, GIVEN), applies)
    drawn = draw_weights(SCHEME, vary(0.5), 3, stream())
    found = score_draws(values, SCHEME, drawn)
    assert found.tolist() == [pytest.approx(row, nan_ok=True) for row in one_by_one(values, SCHEME, drawn)]
    assert found[:, 2].tolist() == [35, 35, 35]
