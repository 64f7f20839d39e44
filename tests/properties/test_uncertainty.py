"""What must hold for every set of draws, whatever the tree and the figures."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scoring.frames import Floats, InputError
from scoring.rank import rank_scores
from scoring.scheme import Node, Scheme, Simulation
from scoring.scheme.model import RANK_TIES
from scoring.tree import Values, Weights, evaluate
from scoring.uncertainty import Evidence, Ranking, outperform, rank_draws, score_draws, simulate, summarise_ranks
from scoring.uncertainty.acceptability import accept_ranks
from scoring.uncertainty.draws import Law, draw_weights, simplex, vary
from scoring.uncertainty.moments import Spread, Strata
from scoring.uncertainty.robust import Robust
from scoring.uncertainty.ties import tie_groups
from tests.unit.scoring.trees import draw_values, schemes

SCORES = arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.floats(0, 100) | st.just(np.nan)
)
SEEDS = st.integers(0, 999)


def certain(values: Values) -> Evidence:
    """Nobody errs."""
    units, leaves, groups = values.rated.shape
    none = np.zeros((units, 1, leaves))
    strata = Strata((), none, none, none, none, Spread(none[:, 0], none[:, 0]))
    whole, ones = np.zeros(values.rated.shape), np.ones(values.rated.shape)
    return Evidence((strata,) * groups, Spread(whole, whole), Robust(ones, ones, whole * np.nan, whole * np.nan))


@given(SCORES, st.integers(0, 3), st.sampled_from(RANK_TIES), st.sampled_from([0, Fraction(1, 2), 20]))
def test_ranks_are_those_of_the_stage_draw_by_draw(
    scores: Floats, decimals: int, ties: str, margin: Fraction | int
) -> None:
    scheme = Scheme(
        "s", (), Node("top", Fraction(1)), (), rank_decimals=decimals, rank_ties=ties, tie_margin=Fraction(margin)
    )
    for row, ranks in zip(scores, rank_draws(scores, Ranking.of(scheme)), strict=True):
        there = ~np.isnan(row)
        assert ranks[there].tolist() == rank_scores(row[there], scheme).tolist()
        assert (ranks[~there] == 0).all()


@given(SCORES, st.integers(0, 2), SEEDS)
def test_ranks_follow_their_units_in_any_order(scores: Floats, decimals: int, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(scores.shape[1])
    ranks = rank_draws(scores, Ranking(decimals))
    assert (rank_draws(scores[:, order], Ranking(decimals)) == ranks[:, order]).all()


@given(SCORES)
def test_a_range_holds_its_median_and_pairs_add_to_one_at_most(scores: Floats) -> None:
    ranks = rank_draws(scores, Ranking(1))
    found = summarise_ranks(ranks)
    known = ~np.isnan(found.median)
    assert (known == (ranks > 0).any(axis=0)).all()
    assert (found.low[known] <= found.median[known]).all()
    assert (found.median[known] <= found.high[known]).all()
    above = outperform(ranks)
    assert (np.nan_to_num(above + above.T) <= 1 + 1e-12).all()


@given(SCORES)
def test_tie_groups_go_down_the_order_one_by_one(scores: Floats) -> None:
    ranks = rank_draws(scores, Ranking(1))
    order = np.argsort(ranks[0], kind="stable")
    groups = tie_groups(ranks, order)[order]
    assert groups[0] == 1
    assert set(np.diff(groups).tolist()) <= {0, 1}


def alone(weights: Weights, draw: int) -> Weights:
    return Weights(weights.within[draw], weights.shares[draw], weights.outside[draw])


@given(schemes(), SEEDS, st.sampled_from([vary(0.5), simplex()]))
def test_each_draw_of_weights_is_scored_as_if_it_were_the_scheme(scheme: Scheme, seed: int, law: Law) -> None:
    values = draw_values(scheme, 6, seed)
    weights = draw_weights(scheme, law, 4, np.random.default_rng(seed))
    try:
        expected = [evaluate(values, scheme, alone(weights, draw), gradient=False).score[:, 0] for draw in range(4)]
    except InputError:
        assume(False)
    assert score_draws(values, scheme, weights) == pytest.approx(np.array(expected), nan_ok=True, abs=1e-9)


@given(schemes(), SEEDS)
def test_without_errors_and_with_the_scheme_s_weights_every_draw_is_the_score(scheme: Scheme, seed: int) -> None:
    values = draw_values(scheme, 5, seed)
    known = replace(scheme, simulation=Simulation(3))
    try:
        expected = evaluate(values, scheme, gradient=False).score[:, 0]
        found = simulate(values, certain(values), known, seed).scores
    except InputError:
        assume(False)
    has_slope = ~np.isnan(found).all(axis=0)
    assert found[:, has_slope] == pytest.approx(np.tile(expected[has_slope], (3, 1)), nan_ok=True, abs=1e-9)
    if all(node.aggregation != "copeland" for node in scheme.nodes()):
        assert (np.isnan(found) == np.isnan(expected)).all()


@given(schemes(methods=["arithmetic", "geometric", "median"]), SEEDS)
def test_ranks_that_any_weights_give_are_shared_out_whole(scheme: Scheme, seed: int) -> None:
    values = draw_values(scheme, 4, seed, gaps=0)
    found = accept_ranks(values, scheme, 5, np.random.default_rng(seed))
    scored = ~np.isnan(evaluate(values, scheme, gradient=False).score[:, 0])
    assert found.sum(axis=1) == pytest.approx(scored.astype(float))
