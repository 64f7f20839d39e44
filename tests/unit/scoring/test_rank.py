"""Places with ties, bands by quota, findings that move a score or bound a band."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from scoring.frames import InputError, key
from scoring.rank import adjust, rank, rank_scores
from scoring.rank.bands import grade, limit_band
from scoring.rank.places import place
from scoring.scheme import Band, Group, Limit, Node, Scheme

BANDS = (Band("A", Decimal(80)), Band("B", Decimal(60)), Band("C", Decimal(0)))
SCHEME = Scheme("demo", (), Node("score", Fraction(1)), BANDS)
UNITS = pd.DataFrame({"unit": ["U1", "U2", "U3"], "category": ["A", "A", "B"]})
ONE = pd.Series(["A"] * 4)
ALL = np.ones(4, dtype=bool)


def finding(**over: object) -> dict[str, object]:
    return {
        "unit": "U1", "kind": "bonus", "code": "new_idea", "points": 2.0, "source": "external", "reason": "why", **over,
    }  # fmt: skip


def nodes(*scores: float) -> pd.DataFrame:
    units = list(UNITS["unit"])
    return pd.DataFrame(
        {
            "unit": key(range(len(scores)), units),
            "parent": "",
            "score": scores,
            "low": np.array(scores) - 5,
            "high": np.array(scores) + 5,
        }
    )


def said(table: pd.DataFrame, at: int, *columns: str) -> list[object]:
    return list(table[list(columns)].to_numpy()[at])


def graded(scheme: Scheme, rows: list[dict[str, object]] | None, *scores: float) -> pd.DataFrame:
    found = None if rows is None else pd.DataFrame(rows)
    groups = pd.DataFrame({"weight_used": [], "level": [], "n": []})
    return rank(nodes(*scores), groups, adjust(found, UNITS, scheme), UNITS, scheme)


@pytest.mark.parametrize(
    ("ties", "ranks"), [("competition", [2, 1, 2, 4]), ("modified", [3, 1, 3, 4]), ("dense", [2, 1, 2, 3])]
)
def test_ties_are_counted_as_the_scheme_says(ties: str, ranks: list[int]) -> None:
    assert rank_scores(np.array([70.04, 80, 69.96, 1]), replace(SCHEME, rank_ties=ties)).tolist() == ranks


def test_scores_are_compared_after_rounding_to_the_rank_decimals() -> None:
    assert rank_scores(np.array([70.04, 69.96]), replace(SCHEME, rank_decimals=2)).tolist() == [1, 2]


def test_units_within_the_margin_of_the_best_of_their_block_share_its_place() -> None:
    scheme = replace(SCHEME, rank_decimals=2, tie_margin=Fraction(1, 10))
    assert rank_scores(np.array([9348.30, 9348.40, 9348.25, 9348.20]), scheme).tolist() == [1, 1, 3, 3]


def test_nobody_gets_a_place_in_an_empty_field() -> None:
    assert rank_scores(np.zeros(0), SCHEME).tolist() == []


def test_places_are_counted_inside_the_category_among_the_ranked() -> None:
    category = pd.Series(["A", "B", "A", "A"])
    places, of = place(np.array([70.0, 90, 80, np.nan]), np.array([True, True, True, False]), category, SCHEME)
    assert places.tolist()[:3] == [2, 1, 1]
    assert places.isna().tolist() == [False, False, False, True]
    assert of.tolist() == [2, 1, 2, 2]


def test_an_absolute_band_includes_its_bound_after_rounding() -> None:
    assert grade(np.array([79.995, 79.9949, 59.9949, 0]), ALL, ONE, SCHEME).tolist() == [0, 1, 2, 2]


def test_a_score_below_the_last_bound_stays_in_the_last_band() -> None:
    assert grade(np.array([-3.0]), ALL[:1], ONE[:1], SCHEME).tolist() == [2]


def test_quota_bands_reach_to_their_share_of_the_ranked_units() -> None:
    quota = (Band("A", share=Fraction(1, 4)), Band("B", share=Fraction(1, 4)), Band("C", share=Fraction(1, 2)))
    scheme = replace(SCHEME, bands=quota, banding="quota")
    assert grade(np.array([70.0, 90, 60, 80]), ALL, ONE, scheme).tolist() == [2, 0, 2, 1]
    assert grade(np.array([90.0, 90, 60, 80]), ALL, ONE, scheme).tolist() == [0, 0, 2, 2]


def test_quota_bands_leave_out_who_is_not_ranked_and_may_be_dealt_inside_the_category() -> None:
    half = (Band("A", share=Fraction(1, 2)), Band("B", share=Fraction(1, 2)))
    category = pd.Series(["A", "A", "B", "B"])
    ranked = np.array([True, True, True, False])
    score = np.array([70.0, 90, 60, 80])
    overall = replace(SCHEME, bands=half, banding="quota")
    assert grade(score, ranked, category, overall).tolist() == [0, 0, 1, -1]
    assert grade(score, ranked, category, replace(overall, banding="category")).tolist() == [1, 0, 0, -1]


def test_a_quota_that_rounds_to_less_than_all_leaves_the_rest_in_the_last_band() -> None:
    scheme = replace(SCHEME, bands=(Band("A", share=Fraction(1, 4)),), banding="quota")
    assert grade(np.array([4.0, 3, 2, 1]), ALL, ONE, scheme).tolist() == [0, 0, 0, 0]


def test_the_worst_limit_bounds_the_band_and_only_when_it_is_lower() -> None:
    cap_b, cap_c = Limit("late", "B"), Limit("fraud", "C")
    assert limit_band(0, (cap_b, cap_c), SCHEME) == (2, "fraud")
    assert limit_band(1, (cap_b,), SCHEME) == (1, "")
    assert limit_band(0, (), SCHEME) == (0, "")


def test_bonus_and_deduction_move_the_score_and_its_interval() -> None:
    rows = [finding(), finding(code="second"), finding(kind="deduction", points=3, code="case")]
    shown = said(
        graded(SCHEME, rows, 80.0, 60.0, 50.0),
        0,
        "score_before",
        "bonus",
        "deduction",
        "score",
        "low",
        "high",
        "band",
        "rank",
    )
    assert shown == [80.0, 4.0, 3.0, 81.0, 76.0, 86.0, "A", 1]


def test_caps_hold_bonus_and_deduction() -> None:
    scheme = replace(SCHEME, bonus_cap=Fraction(3), deduction_cap=Fraction(1, 2))
    rows = [finding(points=5), finding(kind="deduction", points=5)]
    assert said(graded(scheme, rows, 70.0, 60.0, 50.0), 0, "bonus", "deduction", "score") == [3.0, 0.5, 72.5]


def test_a_self_reported_case_costs_nothing_where_the_scheme_says_so() -> None:
    rows = [finding(kind="deduction", source="self"), finding(kind="bonus", source="self")]
    ignoring = replace(SCHEME, self_reported_counts=False)
    assert said(graded(SCHEME, rows, 70.0, 60.0, 50.0), 0, "deduction") == [2.0]
    assert said(graded(ignoring, rows, 70.0, 60.0, 50.0), 0, "bonus", "deduction") == [2.0, 0.0]
    table = adjust(pd.DataFrame(rows), UNITS, ignoring).table
    assert table[["kind", "points", "counted"]].to_numpy().tolist() == [["bonus", 2.0, 2.0], ["deduction", 2.0, 0.0]]


def test_a_limiter_lowers_the_band_and_not_the_score_or_the_rank() -> None:
    scheme = replace(SCHEME, limiters=(Limit("integrity", "C"),))
    shown = said(
        graded(scheme, [finding(kind="limiter", code="integrity", points=0)], 90.0, 60.0, 50.0),
        0,
        "score",
        "band",
        "limit",
        "rank",
        "ranked_of",
    )
    assert shown == [90.0, "C", "integrity", 1, 2]


@pytest.mark.parametrize("banding", ["absolute", "quota"])
def test_a_veto_lowers_the_band_and_takes_the_unit_out_of_the_ranking(banding: str) -> None:
    shares = [Band(band.code, band.start, Fraction(1, 3)) for band in BANDS]
    scheme = replace(SCHEME, bands=tuple(shares), banding=banding, vetoes=(Limit("integrity", "C"),))
    table = graded(scheme, [finding(kind="veto", code="integrity", points=0)], 90.0, 80.0, 50.0)
    assert said(table, 0, "score", "band", "limit") == [90.0, "C", "integrity"]
    assert table["rank"].isna().tolist() == [True, False, False]
    assert said(table, 1, "band", "rank", "ranked_of") == ["A", 1, 1]


def test_a_veto_that_is_no_lower_than_the_score_changes_no_band() -> None:
    scheme = replace(SCHEME, vetoes=(Limit("integrity", "B"),))
    rows = [finding(kind="veto", code="integrity", points=0)]
    assert said(graded(scheme, rows, 10.0, 80.0, 50.0), 0, "band", "limit") == ["C", ""]


@pytest.mark.parametrize(
    ("over", "code", "detail"),
    [
        ({"unit": "U9"}, "unknown_unit", "U9"),
        ({"kind": "gift"}, "unknown_kind", "gift"),
        ({"source": "rumour"}, "unknown_source", "rumour"),
        ({"kind": "veto"}, "unknown_finding", "new_idea"),
        ({"kind": "limiter"}, "unknown_finding", "new_idea"),
        ({"points": -1}, "points_invalid", "-1"),
        ({"points": float("inf")}, "points_invalid", "inf"),
        ({"points": "many"}, "points_invalid", "many"),
    ],
)
def test_a_finding_that_does_not_fit_is_named_and_counts_nothing(
    over: dict[str, object], code: str, detail: str
) -> None:
    found = adjust(pd.DataFrame([finding(**over)]), UNITS, SCHEME)
    assert found.problems[["node", "code", "detail"]].to_numpy().tolist() == [["new_idea", code, detail]]
    assert found.bonus.tolist() == [0.0, 0.0, 0.0]
    assert found.table.empty


def test_findings_without_a_column_are_refused() -> None:
    with pytest.raises(InputError, match="adjustments lacks the column reason"):
        adjust(pd.DataFrame([finding()]).drop(columns="reason"), UNITS, SCHEME)


def test_without_findings_nothing_moves() -> None:
    table = graded(SCHEME, None, 80.0, 60.0, np.nan)
    assert table["score"].tolist()[:2] == [80.0, 60.0]
    assert table["level"].tolist() == ["full", "full", "absent"]
    assert table["band"].tolist() == ["A", "B", ""]
    assert table["level_group"].tolist() == ["", "", ""]
    assert table["level_n"].tolist() == [0, 0, 0]


def test_a_score_of_figures_alone_is_full_though_silent_groups_carry_it() -> None:
    scheme = replace(SCHEME, groups=(Group("citizens", "anonymous", (5, 5, 5), ()),), order="group-outside")
    groups = pd.DataFrame({"weight_used": [100.0, 100, 0], "level": ["absent", "hidden", "absent"], "n": [0, 2, 0]})
    table = rank(nodes(70, 60, np.nan), groups, adjust(None, UNITS, scheme), UNITS, scheme)
    assert table["level"].tolist() == ["full", "hidden", "absent"]
    assert table["level_group"].tolist() == ["", "citizens", ""]
