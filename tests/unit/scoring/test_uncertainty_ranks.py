"""Ranks of many draws, what is said about them, and groups of units that cannot be told apart."""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scoring.frames import InputError
from scoring.rank import rank_scores
from scoring.scheme import Node, Scheme
from scoring.scheme.model import RANK_TIES
from scoring.uncertainty import ranks as module
from scoring.uncertainty.ranks import (
    Ranking,
    count_places,
    outperform,
    rank_draws,
    share_within,
    summarise_ranks,
)
from scoring.uncertainty.ties import tie_groups

NAN = float("nan")


def ranked(rows: list[list[float]], **ranking: Any) -> list[list[int]]:
    found: list[list[int]] = rank_draws(np.array(rows), Ranking(**ranking)).tolist()
    return found


@pytest.mark.parametrize("ties", RANK_TIES)
@pytest.mark.parametrize("margin", [Fraction(0), Fraction(3, 10), Fraction(2)])
@pytest.mark.parametrize("decimals", [0, 1, 4])
def test_every_draw_is_ranked_as_one_set_of_scores_is(ties: str, margin: Fraction, decimals: int) -> None:
    scores = np.round(np.random.default_rng(3).uniform(60, 70, (12, 15)), 2)
    known = Scheme("s", (), Node("score", Fraction(1)), (), rank_decimals=decimals, rank_ties=ties, tie_margin=margin)
    ranks = rank_draws(scores, Ranking.of(known))
    assert ranks.dtype == np.int16
    assert ranks.tolist() == [rank_scores(row, known).tolist() for row in scores]


def test_a_score_counts_as_rounded_half_up() -> None:
    assert ranked([[70.05, 70.0499, 70.1, 70.04]]) == [[1, 3, 1, 3]]
    assert ranked([[70.05 - 5e-11, 70.1]]) == [[1, 1]]
    assert ranked([[70.05 - 5e-9, 70.1]]) == [[2, 1]]
    assert ranked([[-0.5, -0.51, 0.0]], decimals=0) == [[1, 3, 1]]


def test_single_precision_scores_are_ranked_as_well() -> None:
    assert rank_draws(np.array([[70.25, 80.5, 70.5]], dtype=np.float32), Ranking(0)).tolist() == [[3, 1, 2]]


def test_unrounded_scores_are_compared_at_twelve_digits() -> None:
    noise = 76.984375000000014
    assert ranked([[76.984375, noise, 76.98437501]], decimals=None) == [[2, 2, 1]]
    assert ranked([[1.0, 1.2, 1.5]], decimals=None, margin=Fraction(3, 10)) == [[3, 1, 1]]


@pytest.mark.parametrize("decimals", [1, 4, None])
@pytest.mark.parametrize(("ties", "expected"), [("competition", [2, 1, 0, 2]), ("modified", [3, 1, 0, 3])])
def test_a_missing_score_has_no_rank_and_moves_nobody(decimals: int | None, ties: str, expected: list[int]) -> None:
    assert ranked([[1.0, 900.0, NAN, 1.0]], decimals=decimals, ties=ties) == [expected]
    assert ranked([[1.0, 900.0, NAN, 1.0]], decimals=decimals, ties="dense") == [[2, 1, 0, 2]]
    assert ranked([[NAN, NAN]], decimals=decimals, ties=ties) == [[0, 0]]
    assert ranked([[1.0, NAN, 2.0, NAN]], decimals=decimals, margin=Fraction(5), ties=ties)[0][1::2] == [0, 0]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_no_draws_or_no_units_make_an_empty_table(shape: tuple[int, int]) -> None:
    ranks = rank_draws(np.zeros(shape), Ranking())
    assert ranks.shape == shape
    assert summarise_ranks(ranks).median.shape == (shape[1],)


def test_more_units_than_sixteen_bits_hold_get_larger_ranks() -> None:
    ranks = rank_draws(-np.arange(32768.0)[None], Ranking(0))
    assert ranks.dtype == np.int32
    assert ranks[0, -1] == 32768
    assert rank_draws(-np.arange(32767.0)[None], Ranking(0)).dtype == np.int16


def test_blocks_of_draws_and_of_units_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.random.default_rng(5).uniform(0, 100, (23, 11))
    whole = rank_draws(scores, Ranking(0))
    summary = summarise_ranks(whole)
    monkeypatch.setattr(module, "BLOCK_VALUES", 30)
    assert (rank_draws(scores, Ranking(0)) == whole).all()
    again = summarise_ranks(whole)
    assert [again.mean.tolist(), again.median.tolist()] == [summary.mean.tolist(), summary.median.tolist()]
    assert [again.low.tolist(), again.high.tolist()] == [summary.low.tolist(), summary.high.tolist()]


def test_percentiles_are_those_of_numpy_over_the_draws_that_rank_a_unit() -> None:
    ranks = np.random.default_rng(8).integers(1, 30, (41, 6)).astype(np.int16)
    ranks[::3, 1] = 0
    ranks[:, 2] = 0
    found = summarise_ranks(ranks)
    for unit in (0, 1, 3, 4, 5):
        own = ranks[:, unit][ranks[:, unit] > 0]
        expected = [own.mean(), *np.quantile(own, [0.5, 0.05, 0.95])]
        assert [part[unit] for part in (found.mean, found.median, found.low, found.high)] == pytest.approx(expected)
    assert all(np.isnan(part[2]) for part in (found.mean, found.median, found.low, found.high))


def test_places_are_counted_without_the_unranked_draws() -> None:
    assert count_places(np.array([[3, 1], [3, 0]], dtype=np.int16)).tolist() == [[0, 0, 2], [1, 0, 0]]


def test_the_share_within_the_first_places_includes_the_last_of_them() -> None:
    ranks = np.array([[1, 2, 0], [3, 2, 0], [2, 0, 0], [3, 1, 0]])
    assert share_within(ranks, 2).tolist() == pytest.approx([0.5, 1.0, NAN], nan_ok=True)


def test_a_pair_is_compared_where_both_are_ranked_and_a_tie_is_no_win() -> None:
    ranks = np.array([[1, 2, 0], [2, 1, 0], [1, 1, 0], [0, 1, 0]])
    third = 1 / 3
    expected = [[0.0, third, NAN], [third, 0.0, NAN], [NAN, NAN, NAN]]
    assert outperform(ranks) == pytest.approx(np.array(expected), nan_ok=True)


def test_an_unknown_kind_of_tie_is_refused() -> None:
    with pytest.raises(InputError, match="^ties: fractional is not one of competition, modified, dense$"):
        Ranking(ties="fractional")


def draws(*rows: tuple[int, list[int]]) -> npt.NDArray[np.int16]:
    return np.array([row for times, row in rows for _ in range(times)], dtype=np.int16)


def test_a_unit_starts_a_tie_group_when_the_first_is_above_it_in_nine_draws_of_ten() -> None:
    nine = draws((9, [1, 2]), (1, [2, 1]))
    assert tie_groups(nine, np.array([0, 1])).tolist() == [1, 2]
    assert tie_groups(draws((89, [1, 2]), (11, [2, 1])), np.array([0, 1])).tolist() == [1, 1]
    assert tie_groups(nine, np.array([0, 1]), certainty=0.95).tolist() == [1, 1]


def test_near_neighbours_do_not_chain_into_one_group() -> None:
    """B is not told from A nor C from B, but C is told from A: C is compared with A, the first of the group."""
    ranks = draws((5, [1, 2, 3]), (3, [1, 3, 2]), (2, [2, 1, 3]))
    assert tie_groups(ranks, np.array([0, 1, 2])).tolist() == [1, 1, 2]


def test_tie_groups_follow_the_given_order_and_leave_out_the_rest() -> None:
    ranks = draws((10, [3, 1, 0, 2]))
    assert tie_groups(ranks, np.array([1, 3, 0])).tolist() == [3, 1, 0, 2]
    assert tie_groups(draws((10, [1, 1])), np.array([1, 0])).tolist() == [1, 1]
    assert tie_groups(ranks, np.zeros(0, dtype=np.int64)).tolist() == [0, 0, 0, 0]
