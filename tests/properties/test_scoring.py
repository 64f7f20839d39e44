"""What must hold for every scheme and every set of answers, not only for those someone thought of."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.result import Result, Supplement
from scoring.scheme import Node, Scheme, parse_scheme
from tests.properties.kinds import (
    BOUNDED,
    CATEGORIES,
    EVEN,
    FORMS,
    GEOMETRIC,
    OWN,
    RISING,
    Codes,
    Round,
    few,
    percentages,
    rounds,
)
from tests.unit.scoring.rounds import form, group, small_mapping

SCORED = ("means", "figures", "groups", "nodes", "scores", "contributions")
LOCAL = ["unit", "indicator", "group", "n", "mean", "sd", "low", "high"]
POOLED = {"rank", "ranked_of", "shrunk", "reliability"}
"""Columns of figures that are read from all units together."""
Place = tuple[str, str, str]


def lines(result: Result, stage: str) -> Iterator[dict[str, Any]]:
    yield from result.stages[stage].to_dict("records")  # type: ignore[misc]  # column names are text


def with_nodes(scheme: Scheme, **changes: object) -> Scheme:
    """The scheme with something changed in every node that has children."""

    def changed(node: Node) -> Node:
        if not node.children:
            return node
        return replace(node, children=tuple(changed(child) for child in node.children), **changes)  # type: ignore[arg-type]

    return replace(scheme, tree=changed(scheme.tree))


def with_answers(played: Round, unit: str, code: str, put: Any) -> Round:
    """The round with the answers of one unit to one question put through a function of code and points."""

    def turned(place: Place, people: Codes) -> Codes:
        form = FORMS[place[1]]
        if place[0] != unit or code not in form.indicators:
            return people
        at = form.indicators.index(code)
        return [[*codes[:at], put(codes[at], form.points[at]), *codes[at + 1 :]] for codes in people]

    return replace(played, answers={place: turned(place, people) for place, people in played.answers.items()})


@given(rounds())
@few
def test_contributions_sum_to_the_score_before_bonus_and_deductions(played: Round) -> None:
    result = played.play()
    sums = result.stages["contributions"].groupby("unit")[["contribution", "weight_used"]].sum()
    for line in lines(result, "scores"):
        present = pd.notna(line["score_before"])
        assert sums["contribution"][line["unit"]] == pytest.approx(line["score_before"] if present else 0, abs=1e-9)
        assert line["score"] == pytest.approx(line["score_before"] + line["bonus"] - line["deduction"], nan_ok=True)
        assert 0 <= line["bonus"] <= 3
        assert 0 <= line["deduction"] <= 5


@given(rounds(BOUNDED))
@few
def test_a_score_lies_between_its_lowest_and_highest_figure_and_inside_its_interval(played: Round) -> None:
    result = played.play()
    used = result.stages["contributions"].query("weight_used > 0").groupby("unit")["score"]
    low, high = used.min(), used.max()
    for line in lines(result, "scores"):
        if pd.notna(line["score"]):
            moved = line["bonus"] - line["deduction"]
            assert low[line["unit"]] - 1e-9 <= line["score_before"] <= high[line["unit"]] + 1e-9
            assert -1e-9 <= line["low"] - moved <= line["score_before"] + 1e-9
            assert line["score_before"] - 1e-9 <= line["high"] - moved <= 100 + 1e-9


@given(rounds())
@few
def test_what_is_missing_or_withheld_is_never_a_zero(played: Round) -> None:
    result = played.play()
    vetoed = set(result.stages["adjustments"].query("kind == 'veto'")["unit"])
    for line in lines(result, "scores"):
        assert (line["level"] == "absent") == pd.isna(line["score"])
        assert pd.isna(line["score_before"]) == pd.isna(line["score"])
        ranked = line["level"] == "full" and line["unit"] not in vetoed
        assert pd.notna(line["rank"]) == ranked
        assert (line["band"] != "") == (line["level"] == "full")
        assert (line["level_group"] == "") == (line["level"] in ("full", "absent"))
    for line in lines(result, "groups"):
        assert line["level"] == "absent" or pd.notna(line["score"])
        assert (line["n"] == 0) <= (line["level"] == "absent")
    for line in lines(result, "nodes"):
        assert line["present"] == pd.notna(line["score"])
    for line in lines(result, "means"):
        assert (line["n"] == 0) == pd.isna(line["mean"]) == (line["level"] == "absent")
    for line in lines(result, "contributions"):
        assert pd.notna(line["contribution"])


@given(rounds(OWN), st.sampled_from(["U1", "U2"]), st.sampled_from(["ease", "leadership"]))
@few
def test_a_zero_counts_and_a_missing_answer_does_not(played: Round, unit: str, code: str) -> None:
    worst, silent = (with_answers(played, unit, code, put).play() for put in (lambda *_: 1, lambda *_: 0))
    leaf = next(leaf for leaf in played.scheme.leaves() if leaf.code == code)
    for stage, is_silent in ((worst, False), (silent, True)):
        for line in lines(stage, "means"):
            if (line["unit"], line["indicator"]) == (unit, code):
                assert pd.isna(line["mean"]) == is_silent
                assert (line["n"] == 0) == is_silent
                if leaf.rescale == "linear" and leaf.direction == "up" and not is_silent:
                    assert line["mean"] == max(leaf.output[0], leaf.floor or 0)
    means = [result.stages["means"] for result in (worst, silent)]
    others = [table[(table["unit"] != unit) | (table["indicator"] != code)][LOCAL] for table in means]
    pd.testing.assert_frame_equal(others[0], others[1])


@given(rounds(RISING), st.sampled_from(["ease", "speed", "trust", "leadership", "waste", "calls"]))
@few
def test_a_better_figure_never_lowers_the_units_own_score(played: Round, code: str) -> None:
    leaf = next(leaf for leaf in played.scheme.leaves() if leaf.code == code)
    step = 1 if leaf.direction == "up" else -1

    def better(given: int, points: int) -> int:
        return min(max(given + step, 1), points) if 1 <= given <= points else given

    frame = played.supplement.given()
    own = (frame["unit"] == "U1") & (frame["indicator"] == code) & (frame["period"] == "2025")
    raised = frame.assign(value=frame["value"].mask(own, frame["value"] * 1.25**step))
    plain, after = played.play(), with_answers(played, "U1", code, better).given(figures=raised).play()
    scores = [result.stages["scores"]["score_before"].iloc[0] for result in (plain, after)]
    assert pd.isna(scores[0]) == pd.isna(scores[1])
    assert pd.isna(scores[0]) or scores[1] >= scores[0] - 1e-9


@given(rounds(GEOMETRIC))
@few
def test_lowest_harmonic_geometric_arithmetic_and_highest_score_rise_in_this_order(played: Round) -> None:
    methods = ("minimum", "harmonic", "geometric", "arithmetic")
    results = [replace(played, scheme=with_nodes(played.scheme, aggregation=name)).play() for name in methods]
    tops = [result.stages["scores"]["score_before"] for result in results]
    used = results[-1].stages["contributions"].query("weight_used > 0").groupby("unit")["score"].max()
    tops.append(used.reindex(list(CATEGORIES)).reset_index(drop=True))
    for lower, higher in pairwise(tops):
        assert (lower.isna() == higher.isna()).all()
        assert (lower.dropna() <= higher.dropna() + 1e-9).all()


@given(rounds(), st.fractions(Fraction(1, 9), 9))
@few
def test_only_the_proportions_of_weights_matter(played: Round, factor: Fraction) -> None:
    """A scheme file must sum to 100; the arithmetic divides by the sum, as it must when something is missing."""

    def scaled(node: Node) -> Node:
        children = tuple(replace(scaled(child), weight=child.weight * factor) for child in node.children)
        return replace(node, children=children, shares=tuple((code, share * factor) for code, share in node.shares))

    groups = tuple(
        group if group.weight is None else replace(group, weight=group.weight * factor)
        for group in played.scheme.groups
    )
    scheme = replace(played.scheme, tree=scaled(played.scheme.tree), groups=groups)
    before, after = played.play(), replace(played, scheme=scheme).play()
    for stage in SCORED:
        pd.testing.assert_frame_equal(before.stages[stage], after.stages[stage], rtol=0, atol=1e-9)


@given(rounds(EVEN))
@few
def test_turned_directions_reflect_every_figure_and_the_score(played: Round) -> None:
    flipped = played.scheme
    for way, other in (("up", "down"), ("down", "up")):
        leaves = {leaf.code for leaf in played.scheme.leaves() if leaf.direction == way}
        flipped = _turned(flipped, leaves, other)
    before, after = played.play().stages, replace(played, scheme=flipped).play().stages
    low, high = played.scheme.leaves()[0].output
    for stage, columns in (
        ("means", ["mean", "mean_plain", "median", "trimmed", "winsorised", "shrunk"]),
        ("figures", ["value"]),
        ("nodes", ["score"]),
        ("scores", ["score_before"]),
    ):
        expected = float(low + high) - before[stage][columns]
        pd.testing.assert_frame_equal(after[stage][columns], expected, rtol=0, atol=1e-7)
    pd.testing.assert_frame_equal(after["means"][["n", "sd"]], before["means"][["n", "sd"]], rtol=0, atol=1e-7)


def _turned(scheme: Scheme, leaves: set[str], way: str) -> Scheme:
    def changed(node: Node) -> Node:
        if node.code in leaves:
            return replace(node, direction=way)
        return replace(node, children=tuple(changed(child) for child in node.children))

    return replace(scheme, tree=changed(scheme.tree))


@given(rounds(OWN), st.sets(st.sampled_from(list(CATEGORIES)[1:]), min_size=1))
@few
def test_another_unit_changes_nobodys_score(played: Round, others: set[str]) -> None:
    given_frames = {"figures": played.supplement.given(), "adjustments": played.findings()}
    kept = {name: frame[~frame["unit"].isin(others)] for name, frame in given_frames.items()}
    alone = replace(
        played.given(**kept),
        answers={place: people for place, people in played.answers.items() if place[0] not in others},
        units={unit: category for unit, category in played.units.items() if unit not in others},
    )
    few_units, all_units = alone.play().stages, played.play().stages
    for stage in SCORED:
        columns = [name for name in few_units[stage] if name not in POOLED]
        rows = all_units[stage][~all_units[stage]["unit"].isin(others)].reset_index(drop=True)
        pd.testing.assert_frame_equal(few_units[stage][columns], rows[columns])


@given(rounds())
@few
def test_the_open_channel_never_enters_a_score(played: Round) -> None:
    closed = {place: people for place, people in played.answers.items() if place[2] != "o"}
    first, second = (one.play().stages for one in (played, replace(played, answers=closed)))
    for stage in (*SCORED, "strata"):
        pd.testing.assert_frame_equal(first[stage], second[stage])


@st.composite
def complete_rounds(draw: st.DrawFn) -> Round:
    """Both groups answer every question of an arithmetic tree, and always share alike."""
    codes, share = ("ease", "speed", "trust"), draw(st.integers(1, 99))
    shares = {"citizens": share, "experts": 100 - share}
    leaves = [{"code": code, "points": 5, "groups": shares} for code in codes]
    first, second = (draw(percentages(2, 1, 9)) for _ in range(2))
    service = {"code": "service", "weight": first[0], "weights": "equal", "children": leaves[:2]}
    tree = {"code": "score", "children": [service, leaves[2] | {"weight": first[1]}]}
    strata = dict(zip("ab", second, strict=True))
    groups = [group(code, (1, 1, 1), strata) | {"weight": part} for code, part in shares.items()]
    scheme = parse_scheme(small_mapping(groups=groups, tree=tree, order="group-outside"))
    people = st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=1, max_size=4)
    places = [(unit, code, part) for unit in CATEGORIES for code in shares for part in "ab"]
    return Round(scheme, {place: draw(people) for place in places}, Supplement())


@given(complete_rounds())
@few
def test_both_orders_agree_in_an_arithmetic_tree_without_gaps(played: Round) -> None:
    forms = {code: form(code, code, ["ease", "speed", "trust"]) for code in ("citizens", "experts")}
    inside = replace(played, scheme=replace(played.scheme, order="group-inside"))
    first, second = (one.play(forms).stages for one in (played, inside))
    for stage in SCORED:
        pd.testing.assert_frame_equal(first[stage], second[stage], rtol=0, atol=1e-9)
