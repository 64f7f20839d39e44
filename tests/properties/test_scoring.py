"""What must hold for every scheme and every set of answers, not only for those someone thought of."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.collect import Form, pack, tally, unpack
from scoring.pipeline import run
from scoring.result import Result
from scoring.scheme import Node, Scheme, parse_scheme
from tests.unit.scoring.rounds import cell, form, group, leaf, small_mapping, table, units

INDICATORS = ("ease", "speed", "trust", "leadership")
CITIZENS = form("c", "citizens", ["ease", "speed", "trust"])
EXPERTS = form("e", "experts", ["leadership", "trust"])
FORMS = {"c": CITIZENS, "e": EXPERTS}
UNITS = ("U01", "U02", "U03")
Responses = dict[tuple[str, str, str], list[list[int]]]


@st.composite
def percentages(draw: st.DrawFn, count: int) -> list[str]:
    """Weights with one decimal that sum to exactly 100; some of them may be 0."""
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=count - 1, max_size=count - 1)))
    return [f"{(high - low) / 10:.1f}" for low, high in zip([0, *cuts], [*cuts, 1000], strict=True)]


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    service, top, strata, shares = (draw(percentages(count)) for count in (2, 3, 2, 2))
    both = {**leaf("trust", top[1], "citizens"), "groups": {"citizens": shares[0], "experts": shares[1]}}
    dimension = {
        "code": "service",
        "weight": top[0],
        "children": [leaf("ease", service[0], "citizens"), leaf("speed", service[1], "citizens")],
    }
    groups = [
        group("citizens", (2, 3, 4), {"a": strata[0], "b": strata[1], "open": 0}),
        group("experts", (1, 2, 2), {"all": 100}),
    ]
    children = [dimension, both, leaf("leadership", top[2], "experts")]
    return parse_scheme(small_mapping(groups=groups, tree={"code": "score", "children": children}))


@st.composite
def rounds(draw: st.DrawFn) -> Responses:
    places = [(unit, "c", stratum) for unit in UNITS for stratum in ("a", "b", "open")]
    places += [(unit, "e", "all") for unit in UNITS]
    chosen = draw(st.lists(st.sampled_from(places), unique=True, max_size=len(places)))
    return {place: draw(st.lists(answers(FORMS[place[1]]), min_size=1, max_size=5)) for place in chosen}


def answers(asked: Form) -> st.SearchStrategy[list[int]]:
    return st.tuples(*(st.integers(0, k + 2) for k in asked.points)).map(list)


def cells_of(responses: Responses) -> pd.DataFrame:
    return table(*(cell(unit, FORMS[code], part, codes) for (unit, code, part), codes in responses.items()))


def play(responses: Responses, scheme: Scheme) -> Result:
    return run(cells_of(responses), FORMS, units(U01="A", U02="A", U03="B"), scheme)


def lines(result: Result, stage: str) -> Iterator[dict[str, Any]]:
    yield from result.stages[stage].to_dict("records")  # type: ignore[misc]  # column names are text


@given(rounds(), schemes())
@settings(max_examples=25, deadline=None)
def test_contributions_sum_to_the_score(responses: Responses, scheme: Scheme) -> None:
    result = play(responses, scheme)
    sums = result.stages["contributions"].groupby("unit")[["contribution", "weight_used"]].sum()
    groups = result.stages["groups"].assign(points=lambda rows: rows["weight_used"] / 100 * rows["score"])
    by_group = groups.groupby("unit")["points"].sum()
    for line in lines(result, "scores"):
        present = pd.notna(line["score"])
        assert sums["contribution"][line["unit"]] == pytest.approx(line["score"] if present else 0, abs=1e-9)
        assert sums["weight_used"][line["unit"]] == pytest.approx(100 if present else 0, abs=1e-9)
        assert by_group[line["unit"]] == pytest.approx(line["score"] if present else 0, abs=1e-9)


@given(rounds(), schemes())
@settings(max_examples=25, deadline=None)
def test_a_score_lies_between_its_lowest_and_highest_figure_and_inside_its_interval(
    responses: Responses, scheme: Scheme
) -> None:
    result = play(responses, scheme)
    used = result.stages["contributions"].query("weight_used > 0").groupby("unit")["score"]
    low, high = used.min(), used.max()
    for line in lines(result, "scores"):
        if pd.notna(line["score"]):
            assert low[line["unit"]] - 1e-9 <= line["score"] <= high[line["unit"]] + 1e-9
            assert 0 <= line["low"] <= line["score"] + 1e-9
            assert line["score"] - 1e-9 <= line["high"] <= 100


@given(rounds(), schemes(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_and_of_responses_changes_no_byte(responses: Responses, scheme: Scheme, chance: Any) -> None:
    turned = {place: chance.sample(codes, len(codes)) for place, codes in responses.items()}
    order = chance.sample(sorted(turned), len(turned))
    first, second = play(responses, scheme), play({place: turned[place] for place in order}, scheme)
    assert first.to_json() == second.to_json()
    assert Result.from_json(first.to_json()).to_json() == first.to_json()


@given(rounds(), schemes())
@settings(max_examples=25, deadline=None)
def test_what_is_missing_or_withheld_is_never_a_zero(responses: Responses, scheme: Scheme) -> None:
    result = play(responses, scheme)
    for line in lines(result, "scores"):
        assert (line["level"] == "absent") == pd.isna(line["score"]) == pd.isna(line["low"])
        graded = line["level"] == "full"
        assert graded == (line["band"] != "") == pd.notna(line["rank"])
        assert (line["level_group"] == "") == (line["level"] in ("full", "absent"))
    for line in lines(result, "groups"):
        assert (line["level"] == "absent") == pd.isna(line["score"])
    for line in lines(result, "nodes"):
        assert line["present"] == pd.notna(line["score"])
    for line in lines(result, "means"):
        assert (line["n"] == 0) == pd.isna(line["mean"]) == (line["level"] == "absent")


@given(rounds(), schemes())
@settings(max_examples=25, deadline=None)
def test_a_better_answer_never_lowers_a_score(responses: Responses, scheme: Scheme) -> None:
    def better(code: int) -> int:
        return code + 1 if 1 <= code <= 4 else code

    before = play(responses, scheme)
    raised = {place: [[better(code) for code in codes] for codes in people] for place, people in responses.items()}
    after = play(raised, scheme)
    gain = after.stages["scores"]["score"] - before.stages["scores"]["score"]
    assert (gain.dropna() >= -1e-9).all()
    assert before.stages["scores"]["score"].isna().equals(after.stages["scores"]["score"].isna())


@given(rounds(), schemes(), st.fractions(Fraction(1, 9), 9))
@settings(max_examples=25, deadline=None)
def test_only_the_proportions_of_weights_matter(responses: Responses, scheme: Scheme, factor: Fraction) -> None:
    """A scheme file must sum to 100; the arithmetic divides by the sum, as it must when something is missing."""

    def scaled(node: Node) -> Node:
        children = tuple(replace(scaled(child), weight=child.weight * factor) for child in node.children)
        return replace(node, children=children)

    before, after = play(responses, scheme), play(responses, replace(scheme, tree=scaled(scheme.tree)))
    for stage in ("scores", "nodes", "contributions"):
        plain, other = (run_of.stages[stage].select_dtypes("float64") for run_of in (before, after))
        pd.testing.assert_frame_equal(plain, other, rtol=0, atol=1e-9)


@given(rounds(), schemes())
@settings(max_examples=25, deadline=None)
def test_another_unit_changes_nobody(responses: Responses, scheme: Scheme) -> None:
    alone = {place: codes for place, codes in responses.items() if place[0] == "U01"}
    columns = ["score", "low", "high", "level", "band"]
    one, all_units = (play(given_round, scheme).stages["scores"] for given_round in (alone, responses))
    pd.testing.assert_frame_equal(one[columns].iloc[:1], all_units[columns].iloc[:1])


@given(rounds(), schemes())
@settings(max_examples=25, deadline=None)
def test_the_open_channel_never_enters_a_score(responses: Responses, scheme: Scheme) -> None:
    closed = {place: codes for place, codes in responses.items() if place[2] != "open"}
    first, second = (play(given_round, scheme).stages for given_round in (responses, closed))
    for stage in ("scores", "means", "groups", "nodes"):
        pd.testing.assert_frame_equal(first[stage], second[stage])


@given(st.lists(st.integers(2, 300), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_packed_answers_come_back_and_are_counted(points: list[int], data: st.DataObject) -> None:
    asked = Form("f", "citizens", tuple(f"q{number}" for number in range(len(points))), tuple(points))
    people = data.draw(st.lists(answers(asked), max_size=8))
    texts = [pack(codes, points) for codes in people]
    assert [unpack(text, points) for text in texts] == people
    assert all(len(text) == len(points) for text in texts)
    counted = tally("".join(texts), asked)
    assert counted.n == len(people)
    for question in range(len(points)):
        chosen = [codes[question] for codes in people]
        assert counted.counts[question].tolist() == [chosen.count(code) for code in range(asked.width)]


@given(schemes())
@settings(max_examples=25, deadline=None)
def test_a_scheme_comes_back_from_its_own_mapping(scheme: Scheme) -> None:
    assert parse_scheme(scheme.to_mapping()) == scheme
