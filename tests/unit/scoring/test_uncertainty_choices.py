"""Ranks under any weights, under the weights of named people, and what moves ranks most."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scoring.frames import InputError
from scoring.tree import Values, evaluate
from scoring.uncertainty import sensitivity, top_spread
from scoring.uncertainty.acceptability import accept_ranks, rank_weight_sets, weight_sets
from scoring.uncertainty.draws import draw_weights, score_draws, simplex, vary
from scoring.uncertainty.intervals import Evidence
from scoring.uncertainty.moments import Spread
from scoring.uncertainty.ranks import Ranking, rank_draws
from scoring.uncertainty.robust import Robust
from scoring.uncertainty.sensitivity import Triggers, rank_shift_sensitivity
from scoring.uncertainty.sobol import sobol_indices
from tests.unit.scoring.bounded import Round, asked, scheme_of
from tests.unit.scoring.rounds import cell, form
from tests.unit.scoring.trees import X, branch, figure, given, scheme

LEAVES = figure("x", "0.5"), figure("y", "0.3"), figure("z", "0.2")
KNOWN = scheme(branch("score", *LEAVES))
FIGURES = given([[80, 20, 50], [40, 60, 45], [X, 70, 30], [X, X, X], [55, 45, 90]])


def nobody(values: Values) -> Evidence:
    empty = np.zeros((*values.given.shape, 0))
    return Evidence((), Spread(empty, empty), Robust(empty, empty, empty, empty))


def test_rank_acceptability_counts_the_ranks_that_any_weights_give() -> None:
    found = accept_ranks(FIGURES, KNOWN, 300, np.random.default_rng(3))
    weights = draw_weights(KNOWN, simplex(), 300, np.random.default_rng(3))
    ranks = rank_draws(score_draws(FIGURES, KNOWN, weights), Ranking.of(KNOWN))
    assert found.shape == (5, 5)
    for unit in range(5):
        for place in range(5):
            assert found[unit, place] == (ranks[:, unit] == place + 1).mean()
    assert found.sum(axis=1) == pytest.approx([1, 1, 1, 0, 1])
    assert (found[:3].max(axis=1) < 1).all()


def test_rank_acceptability_needs_a_draw() -> None:
    with pytest.raises(InputError, match="^draws 0: at least 1$"):
        accept_ranks(FIGURES, KNOWN, 0, np.random.default_rng(3))
    assert accept_ranks(FIGURES, KNOWN, 1, np.random.default_rng(3)).sum() == 4


NESTED = scheme(branch("score", branch("w", *LEAVES[:2], weight="0.6"), figure("z", "0.4")))


def test_a_set_names_whole_families_and_leaves_the_others_alone() -> None:
    weights = weight_sets(NESTED, {"board": {"x": 1, "y": 3}, "union": {"w": 0, "z": 5}, "all": {}})
    assert weights.within.tolist() == [[1, 0.6, 0.25, 0.75, 0.4], [1, 0, 0.5, 0.3, 1], [1, 0.6, 0.5, 0.3, 0.4]]
    assert weights.shares.shape == (3, 3, 0)
    assert weights.outside.shape == (3, 0)
    assert weight_sets(NESTED, {}).within.shape == (0, 5)


def test_each_set_gives_its_own_ranks() -> None:
    found = rank_weight_sets(FIGURES, NESTED, {"x only": {"x": 1, "y": 0, "w": 1, "z": 0}, "z only": {"w": 0, "z": 1}})
    assert found.tolist() == [[1, 3, 0, 0, 2], [2, 3, 4, 0, 1]]


@pytest.mark.parametrize(
    ("given_weights", "text"),
    [
        ({"score": 1}, "score is not a node below the top"),
        ({"q": 1}, "q is not a node below the top"),
        ({"x": -1, "y": 2}, "x has -1; allowed are finite numbers from 0"),
        ({"x": float("inf"), "y": 2}, "x has inf; allowed are finite numbers from 0"),
        ({"x": 1}, "w lacks y"),
        ({"x": 0, "y": 0}, "the children of w have no weight above 0"),
    ],
)
def test_a_set_that_does_not_fit_the_tree_is_refused(given_weights: dict[str, float], text: str) -> None:
    with pytest.raises(InputError, match=f"^weights of board: {text}$"):
        weight_sets(NESTED, {"board": given_weights})


def places(scores: list[float]) -> list[int]:
    found: list[int] = rank_draws(np.array([scores]), Ranking()).tolist()[0]
    return found


def test_one_trigger_alone_explains_everything() -> None:
    table = rank_shift_sensitivity(FIGURES, nobody(FIGURES), KNOWN, Triggers(methods=("minimum",)), 1)
    assert table["trigger"].tolist() == ["aggregation"]
    assert table["first"].tolist() == pytest.approx([1], abs=0.02)
    assert table["total"].tolist() == pytest.approx([1], abs=0.02)
    assert (table["first_low"] < 1).all()
    assert (table["total_high"] > 1).all()


def test_a_trigger_that_shifts_nobody_has_no_index() -> None:
    same = rank_shift_sensitivity(FIGURES, nobody(FIGURES), KNOWN, Triggers(normalised=(FIGURES,)), 1)
    assert same["trigger"].tolist() == ["normaliser"]
    assert same.drop(columns="trigger").isna().to_numpy().all()


def test_at_least_one_trigger_must_be_free() -> None:
    text = "^triggers: none may change; at least one of raters, weights, methods, normalised, missing$"
    with pytest.raises(InputError, match=text):
        rank_shift_sensitivity(FIGURES, nobody(FIGURES), KNOWN, Triggers(), 1)


def test_the_output_is_the_mean_shift_of_the_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ways to normalise, two methods, two rules: eight ways of scoring, each compared with the published one."""
    monkeypatch.setattr(sensitivity, "BLOCK", 7)
    other = given([[50, 40, 50], [60, 60, 45], [X, 20, 99], [X, X, X], [55, 45, 30]])
    seen: list[tuple[Any, Any]] = []

    def watch(model: Any, inputs: int, samples: int, rng: np.random.Generator) -> Any:
        def through(points: Any) -> Any:
            seen.append((points, model(points)))
            return seen[-1][1]

        return sobol_indices(through, inputs, samples, rng)

    monkeypatch.setattr(sensitivity, "sobol_indices", watch)
    triggers = Triggers(methods=("geometric",), normalised=(other,), missing=True, samples=16)
    table = rank_shift_sensitivity(FIGURES, nobody(FIGURES), KNOWN, triggers, 1)
    assert table["trigger"].tolist() == ["normaliser", "aggregation", "missing"]
    published = places(evaluate(FIGURES, KNOWN).score[:, 0].tolist())
    assert published == [2, 4, 3, 0, 1]
    ((points, shifts),) = seen
    assert len(points) == 16 * 5
    for point, shift in zip(points, shifts, strict=True):
        values = other if point[0] >= 0.5 else FIGURES
        rule = "lowest" if point[2] >= 0.5 else "redistribute"
        tree = branch("score", *LEAVES, aggregation="geometric" if point[1] >= 0.5 else "arithmetic", missing=rule)
        ranks = places(evaluate(values, scheme(tree)).score[:, 0].tolist())
        expected = [abs(one - two) for one, two in zip(ranks, published, strict=True) if one and two]
        assert shift == sum(expected) / 4


def round_of(units: int) -> Round:
    """Units of nine citizens each, on two questions."""
    asks, rng = form("citizens", "citizens", ["ease", "speed"]), np.random.default_rng(4)
    more = [cell(f"U{u:02d}", asks, "all", rng.integers(1, 6, (9, 2)).tolist()) for u in range(2, units + 1)]
    known = scheme_of(asked("ease", 50), asked("speed", 50))
    names = {f"U{u:02d}": "A" for u in range(1, units + 1)}
    return Round(known, {"citizens": rng.integers(1, 6, (9, 2)).tolist()}, more=more, units=names)


def test_raters_and_weights_share_the_shift_between_them() -> None:
    found = round_of(12)
    ask = (found.combined.values, found.evidence, found.scheme)
    table = rank_shift_sensitivity(*ask, Triggers(raters=True, weights=0.3, samples=256), 2)
    assert table["trigger"].tolist() == ["weights", "raters"]
    of_weights, of_raters = table["total"].tolist()
    assert of_raters > 0.8
    assert of_weights < 0.6
    again = rank_shift_sensitivity(*ask, Triggers(raters=True, weights=0.3, samples=256), 2)
    assert again.equals(table)
    assert not rank_shift_sensitivity(*ask, Triggers(raters=True, weights=0.3, samples=256), 3).equals(table)


def test_sampling_errors_are_drawn_in_standard_errors_of_each_way_of_scoring() -> None:
    found = round_of(6)
    rng = np.random.Generator(np.random.PCG64(5))
    triggers = Triggers(raters=True, methods=("median",))
    bank = sensitivity._fill(found.combined.values, found.evidence, found.scheme, triggers, rng)
    assert bank.drawn.shape == (sensitivity.BANK, 6)
    for place, method in enumerate(("arithmetic", "median")):
        tree = replace(found.scheme.tree, aggregation=method)
        spread = top_spread(found.combined.values, found.evidence, replace(found.scheme, tree=tree))
        assert bank.error[0, place, 0] == pytest.approx(np.sqrt(spread.variance))
    stream = np.random.Generator(np.random.PCG64(5))
    draw_weights(found.scheme, vary(0.0), 1, stream)
    spread = top_spread(found.combined.values, found.evidence, found.scheme)
    assert (bank.drawn == stream.standard_t(spread.freedom, (sensitivity.BANK, 6))).all()
