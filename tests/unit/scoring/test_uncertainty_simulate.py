"""Raters, weights and methods tried together."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats

from scoring.frames import InputError
from scoring.scheme import Node, Normaliser, Scheme, Simulation, parse_scheme
from scoring.tree import Values, evaluate
from scoring.uncertainty import Draws, simulate, top_spread
from scoring.uncertainty.draws import draw_weights, score_draws, vary
from scoring.uncertainty.intervals import Evidence
from scoring.uncertainty.moments import Spread
from scoring.uncertainty.robust import Robust
from scoring.uncertainty.simulate import cholesky
from tests.unit.scoring.bounded import Round, asked, scheme_of
from tests.unit.scoring.rounds import group, leaf
from tests.unit.scoring.trees import X, branch, figure, given, scheme

CODES = np.random.default_rng(2).integers(1, 6, (40, 2)) // np.array([1, 2]) + np.array([0, 1])
CODES[:, 1] = np.clip(CODES[:, 1] + (CODES[:, 0] > 3), 1, 5)


def tried(known: Scheme, draws: int, weights: str = "0", *methods: str) -> Scheme:
    return replace(known, simulation=Simulation(draws, Fraction(weights), methods))


def rated(top: dict[str, Any] | None = None, **over: Any) -> Round:
    """Forty citizens on two questions, both from 1 to 100."""
    parts = [asked("ease", 60, range=[1, 100], **over), asked("speed", 40, range=[1, 100], **over)]
    return Round(scheme_of(*parts, top=top), {"citizens": CODES.tolist()})


def draws_of(found: Round, draws: int, *settings: str, seed: int = 7) -> Draws:
    return simulate(found.combined.values, found.evidence, tried(found.scheme, draws, *settings), seed)


def nothing(values: Values) -> Evidence:
    """No raters, so no error."""
    shape = (*values.given.shape, 0)
    empty = np.zeros(shape)
    return Evidence((), Spread(empty, empty), Robust(empty, empty, empty, empty))


FIGURES = given([[80, 20, 50], [40, 60, 45], [X, 70, 30], [X, X, X]])
LEAVES = figure("x", "0.5"), figure("y", "0.3"), figure("z", "0.2")


def test_the_error_of_a_sum_is_that_of_its_interval() -> None:
    found = rated()
    spread = top_spread(found.combined.values, found.evidence, found.scheme)
    scores = draws_of(found, 40_000).scores[:, 0]
    centre, error = found.combined.scores.score[0, 0], np.sqrt(spread.variance[0])
    expected = centre + error * stats.t.ppf([0.025, 0.25, 0.5, 0.9, 0.975], spread.freedom[0])
    assert np.quantile(scores, [0.025, 0.25, 0.5, 0.9, 0.975]) == pytest.approx(expected, abs=0.04 * error)


def test_the_same_seed_gives_the_same_draws() -> None:
    found = rated()
    first, second, other = (draws_of(found, 50, "0.2", "geometric", seed=seed) for seed in (3, 3, 4))
    assert first.scores.tobytes() == second.scores.tobytes()
    assert not (first.scores == other.scores).any()


def test_weights_move_the_draws_and_leave_the_errors_alone() -> None:
    found = rated()
    values, evidence = found.combined.values, found.evidence
    plain, moved = (simulate(values, evidence, tried(found.scheme, 30, width), 5).scores for width in ("0", "0.4"))
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(5).spawn(2)[0]))
    weights = draw_weights(found.scheme, vary(0.4), 30, stream)
    shift = score_draws(values, found.scheme, weights) - found.combined.scores.score[0, 0]
    assert moved - plain == pytest.approx(shift)
    assert np.ptp(shift) > 0.5


def test_methods_take_turns_at_the_top() -> None:
    known = tried(scheme(branch("score", *LEAVES)), 7, "0", "geometric", "minimum")
    found = simulate(FIGURES, nothing(FIGURES), known, 1)
    assert found.methods.tolist() == [0, 1, 2, 0, 1, 2, 0]
    for place, method in enumerate(["arithmetic", "geometric", "minimum"]):
        own = evaluate(FIGURES, scheme(branch("score", *LEAVES, aggregation=method))).score[:, 0]
        for row in found.scores[found.methods == place]:
            assert row == pytest.approx(own, nan_ok=True)


@pytest.mark.parametrize("method", ["harmonic", "copeland", "median"])
def test_drawn_weights_act_below_and_at_a_top_that_does_not_add(method: str) -> None:
    lower = branch("w", *LEAVES[:2], weight="0.6", aggregation="geometric")
    known = scheme(branch("score", lower, figure("z", "0.4"), aggregation=method))
    found = simulate(FIGURES, nothing(FIGURES), tried(known, 9, "0.3"), 8).scores
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(8).spawn(2)[0]))
    expected = score_draws(FIGURES, known, draw_weights(known, vary(0.3), 9, stream))
    assert found == pytest.approx(expected, nan_ok=True)


def test_a_top_that_does_not_add_gets_the_errors_of_its_children_together() -> None:
    found = rated({"aggregation": "geometric"})
    spread = top_spread(found.combined.values, found.evidence, found.scheme)
    scores = draws_of(found, 30_000).scores[:, 0]
    low, high = np.quantile(scores, [0.16, 0.84])
    width = 2 * stats.t.ppf(0.84, spread.freedom[0]) * np.sqrt(spread.variance[0])
    assert high - low == pytest.approx(width, rel=0.03)


def test_questions_that_go_together_make_a_wider_range_than_questions_that_do_not() -> None:
    together = np.repeat([[1, 1], [3, 3], [5, 5]], 9, axis=0)
    apart = np.column_stack([together[:, 0], np.tile([1, 3, 5], 9)])
    widths = []
    for codes in (together, apart):
        parts = [asked("ease", 50, range=[1, 100]), asked("speed", 50, range=[1, 100])]
        found = Round(scheme_of(*parts, top={"aggregation": "geometric"}), {"citizens": codes.tolist()})
        widths.append(draws_of(found, 8000).scores.std())
    assert widths[0] / widths[1] == pytest.approx(np.sqrt(2), rel=0.06)


def test_children_with_errors_stay_in_their_range() -> None:
    found = Round(
        scheme_of(asked("ease", 100, range=[1, 100]), top={"aggregation": "median"}),
        {"citizens": [[5], [5], [1]]},
    )
    scores = draws_of(found, 500).scores
    assert scores.min() == 1
    assert scores.max() == 100


def test_a_cap_acts_on_each_draw() -> None:
    found = rated({"caps": [{"child": "ease", "below": 55, "limit": 40}]})
    scores = draws_of(found, 4000).scores[:, 0]
    ease, error = found.node("ease")[0], found.evidence.single.variance[0, 0, 0] ** 0.5
    share = stats.t.cdf((55 - ease) / error, 39)
    assert 0.05 < share < 0.95
    assert (scores <= 40).mean() == pytest.approx(share, abs=0.03)


def test_units_are_outranked_draw_by_draw() -> None:
    known = scheme(branch("score", *LEAVES, aggregation="copeland"))
    found = simulate(FIGURES, nothing(FIGURES), tried(known, 3), 1).scores
    assert found == pytest.approx(np.tile(evaluate(FIGURES, known).score[:, 0], (3, 1)), nan_ok=True)


def test_a_gap_that_counts_as_the_lowest_value_does_so_in_each_draw() -> None:
    known = scheme(branch("score", *LEAVES, aggregation="geometric", missing="lowest"))
    found = simulate(FIGURES, nothing(FIGURES), tried(known, 2), 1).scores
    assert found == pytest.approx(np.tile(evaluate(FIGURES, known).score[:, 0], (2, 1)), nan_ok=True)


def test_with_groups_outside_the_error_of_the_whole_is_drawn() -> None:
    groups = [{**group(name, (1, 1, 1), {"all": 100}), "weight": 50} for name in ("citizens", "b")]
    both = [{**leaf("ease", 50, "citizens"), "range": [1, 100]}, {**leaf("speed", 50, "b"), "range": [1, 100]}]
    tree = {"code": "score", "children": both, "aggregation": "geometric"}
    bands = [{"code": "A", "from": 0}]
    known = parse_scheme({"code": "s", "order": "group-outside", "groups": groups, "tree": tree, "bands": bands})
    found = Round(known, {"citizens": CODES[:, :1].tolist(), "b": CODES[:, 1:].tolist()})
    spread = top_spread(found.combined.values, found.evidence, known)
    scores = draws_of(found, 20_000).scores[:, 0]
    assert scores.mean() == pytest.approx(found.node("score")[0], abs=0.1)
    assert np.subtract(*np.quantile(scores, [0.84, 0.16])) / 2 == pytest.approx(
        stats.t.ppf(0.84, spread.freedom[0]) * np.sqrt(spread.variance[0]), rel=0.03
    )


@pytest.mark.parametrize("method", ["geometric", "harmonic", "ampi-", "ampi+", "power"])
def test_an_alternative_that_a_range_does_not_allow_is_refused(method: str) -> None:
    tree = branch("score", figure("x"), figure("y", output=(Fraction(0), Fraction(100))), power=-1)
    known = tried(scheme(tree), 5, "0", method)
    text = f"^simulation: {method} takes ranges above 0; that of y begins at 0$"
    with pytest.raises(InputError, match=text.replace("+", r"\+")):
        simulate(given([[5, 5]]), nothing(given([[5, 5]])), known, 1)


def test_an_alternative_that_takes_zero_is_tried() -> None:
    tree = branch("score", figure("x", "0.5"), figure("y", "0.5", output=(Fraction(0), Fraction(100))), power=2)
    values = given([[8, 0]])
    found = simulate(values, nothing(values), tried(scheme(tree), 2, "0", "power"), 1)
    assert found.scores[:, 0].tolist() == [4, pytest.approx(np.sqrt(32))]


def test_a_child_without_bounds_is_tried_as_it_is() -> None:
    free = Node("free", Fraction(1, 2), normaliser=Normaliser("minmax"))
    known = scheme(branch("score", free, figure("x", "0.5"), aggregation="median"))
    values = given([[-30, 5], [400, 5]])
    assert simulate(values, nothing(values), tried(known, 1), 1).scores.tolist() == [[-12.5, 202.5]]


def test_a_missing_child_with_a_lowest_value_alone_counts_as_that() -> None:
    free = Node("free", Fraction(1, 2), normaliser=Normaliser("minmax"), floor=Fraction(-4))
    known = scheme(branch("score", free, figure("x", "0.5"), aggregation="median", missing="lowest"))
    values = given([[X, 5], [400, 5]])
    assert simulate(values, nothing(values), tried(known, 1), 1).scores.tolist() == [[0.5, 202.5]]


def test_few_draws_leave_methods_untried() -> None:
    known = scheme(branch("score", *LEAVES))
    assert simulate(FIGURES, nothing(FIGURES), tried(known, 1, "0.1", "geometric"), 1).scores.shape == (1, 4)
    assert simulate(FIGURES, nothing(FIGURES), tried(known, 0, "0.1", "geometric"), 1).scores.shape == (0, 4)


def test_factors_of_covariances_give_them_back() -> None:
    draws = np.random.default_rng(1).normal(size=(6, 9, 3))
    matrices = np.swapaxes(draws, 1, 2) @ draws
    factors = cholesky(matrices)
    assert factors == pytest.approx(np.linalg.cholesky(matrices))
    flat = np.array([[[4.0, 0, 2], [0, 0, 0], [2, 0, 1]]])
    assert cholesky(flat).tolist() == [[[2, 0, 0], [0, 0, 0], [1, 0, 0]]]
