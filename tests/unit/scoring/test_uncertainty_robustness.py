"""What draws say about published ranks and bands."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.rank import adjust, rank
from scoring.scheme import Band, Limit, Node, Scheme
from scoring.uncertainty import Draws, try_ranks

BANDS = (Band("A", Decimal(80)), Band("B", Decimal(60)), Band("C", Decimal(0)))
SCHEME = Scheme("s", (), Node("score", Fraction(1)), BANDS)
NAN = float("nan")
MEASURES = ["rank", "rank_median", "rank_low", "rank_high", "first", "band_share", "tie_group"]
FINDINGS = ["unit", "kind", "code", "points", "source", "reason"]


def adjusted(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame([(*row, "external", "why") for row in rows], columns=FINDINGS)


def tables(
    scores: list[float], known: Scheme = SCHEME, findings: pd.DataFrame | None = None, categories: str = "AAAA"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of scores and adjustments that the stage of ranks leaves."""
    names = [f"U{number}" for number in range(len(scores))]
    units = pd.DataFrame({"unit": names, "category": list(categories[: len(names)])})
    nodes = pd.DataFrame({"unit": pd.Categorical(names, categories=names), "parent": "", "score": scores})
    groups = pd.DataFrame({"n": [], "level": [], "weight_used": []})
    found = adjust(findings, units, known)
    return rank(nodes.assign(low=NAN, high=NAN), groups, found, units, known), found.table


def firmness(
    draws: Sequence[Sequence[float]], scores: list[float], known: Scheme = SCHEME, **over: Any
) -> pd.DataFrame:
    block = np.array(draws, dtype=np.float64).reshape(-1, len(scores))
    return try_ranks(*tables(scores, known, **over), Draws(block, np.zeros(len(block), dtype=np.int64)), known)


def test_ranks_over_the_draws_are_summed_up_unit_by_unit() -> None:
    draws = [[85, 70, 20], [85, 70, 20], [69, 70, 20], [85, 86, 20]]
    found = firmness(draws, [85, 70, 20])
    assert found["unit"].tolist() == ["U0", "U1", "U2"]
    assert found["category"].tolist() == ["A"] * 3
    low, high = pytest.approx(1.0), pytest.approx(2.0)
    assert found[MEASURES].to_numpy().tolist() == [
        [1, 1.5, low, high, 50, 75, 1],
        [2, 1.5, low, high, 50, 75, 1],
        [3, 3, 3, 3, 0, 100, 2],
    ]


def test_ranks_are_tried_inside_categories_among_ranked_units() -> None:
    draws = [[85, 70, NAN, 20], [65, 70, NAN, 75]]
    found = firmness(draws, [85, 70, NAN, 20], categories="ABAA")
    assert found["unit"].tolist() == ["U0", "U1", "U3"]
    assert found["rank_median"].tolist() == [1.5, 1, 1.5]
    assert found["first"].tolist() == [50, 100, 50]
    assert found["band_share"].tolist() == [50, 100, 50]
    assert found["tie_group"].tolist() == [1, 1, 1]


def test_scores_are_ranked_and_graded_as_rounded() -> None:
    known = replace(SCHEME, rank_decimals=0, score_decimals=1)
    found = firmness([[79.96, 79.6], [79.94, 80.4]], [80, 80], known)
    assert found["rank_median"].tolist() == [1, 1]
    assert found["band_share"].tolist() == [50, 50]
    exact = firmness([[79.995, 59.995], [79.994, 59.994]], [80, 60])
    assert exact["band_share"].tolist() == [50, 50]
    last = firmness([[-5, 59], [3, 99]], [10, 59])
    assert last["band_share"].tolist() == [100, 50]


def test_bonus_and_deductions_move_each_draw() -> None:
    findings = adjusted(("U0", "deduction", "late", 10), ("U1", "bonus", "new", 5))
    found = firmness([[86, 70], [82, 74]], [84, 72], findings=findings)
    assert found["rank"].tolist() == [2, 1]
    assert found["rank_median"].tolist() == [1.5, 1.5]
    assert found["first"].tolist() == [50, 50]


def test_a_limiter_bounds_the_band_of_each_draw_and_a_veto_leaves_the_ranking() -> None:
    known = replace(SCHEME, limiters=(Limit("audit", "B"),), vetoes=(Limit("fraud", "C"),))
    findings = adjusted(("U0", "limiter", "audit", 0), ("U1", "veto", "fraud", 0), ("U2", "bonus", "audit", 0))
    found = firmness([[95, 70, 90], [85, 70, 70], [75, 70, 70], [50, 70, 70]], [90, 70, 70], known, findings=findings)
    assert found["unit"].tolist() == ["U0", "U2"]
    assert found["band_share"].tolist() == [75, 75]


QUOTA = (Band("A", share=Fraction(1, 4)), Band("B", share=Fraction(1, 2)), Band("C", share=Fraction(1, 4)))


def test_bands_by_quota_are_given_anew_in_each_draw() -> None:
    known = replace(SCHEME, banding="quota", bands=QUOTA)
    draws = [[90, 80, 70, 60], [80, 90, 70, 60], [90, 80, 60, 70], [90, 80, 70, 70]]
    found = firmness(draws, [90, 80, 70, 60], known)
    assert found["band_share"].tolist() == [75, 75, 75, 50]
    pools = firmness(draws, [90, 80, 70, 60], replace(known, banding="category"), categories="ABAB")
    assert pools["band_share"].tolist() == [100, 100, 100, 100]


def test_a_quota_rounds_half_up_and_the_last_band_takes_the_rest() -> None:
    halves = (Band("A", share=Fraction(1, 2)), Band("B", share=Fraction(1, 4)), Band("C", share=Fraction(0)))
    known = replace(SCHEME, banding="quota", bands=halves)
    found = firmness([[90, 80, 70]], [90, 80, 70], known)
    assert found["band_share"].tolist() == [100, 100, 100]
    other = firmness([[70, 80, 90]], [90, 80, 70], known)
    assert other["band_share"].tolist() == [0, 100, 0]


def test_a_draw_without_a_score_counts_for_nobody() -> None:
    found = firmness([[90, NAN], [70, NAN], [NAN, NAN]], [85, 70])
    assert found["first"].tolist() == pytest.approx([100, NAN], nan_ok=True)
    assert found["band_share"].tolist() == pytest.approx([50, NAN], nan_ok=True)
    assert found["rank_median"].tolist() == pytest.approx([1, NAN], nan_ok=True)


def test_without_draws_units_stand_with_those_of_their_rank() -> None:
    found = firmness([], [90, 70, 70, 20])
    assert found["tie_group"].tolist() == [1, 2, 2, 3]
    assert found[MEASURES[1:-1]].isna().to_numpy().all()


def test_a_round_without_ranked_units_has_no_rows() -> None:
    found = firmness([[NAN]], [NAN])
    assert found.empty
    assert set(found.columns) == {"unit", "category", *MEASURES}
