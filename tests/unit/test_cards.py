"""Cards made from runs: each printed number can be followed, nothing is printed that is not published."""

import json
import re
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from evalsys.reports.lines import HistoryPoint
from scoring.result import Supplement
from tests.unit.drawn_cards import build, page, shared, two_units
from tests.unit.scoring.rounds import leaf
from tests.unit.test_run_tables import as_first_engine, small_run
from tests.unit.test_sheet import full_run

D = Decimal
DECIMAL = re.compile(r"\d\.\d\d")


def test_every_number_of_a_plain_card_comes_out_of_the_printed_figures() -> None:
    card = build(*full_run())
    assert (card.score, card.low, card.high, card.band) == (D("74.55"), D("72.60"), D("76.50"), "B")
    assert card.top is not None
    whole = card.node_sum(card.top)
    assert whole is not None
    assert whole.formula == "70 % × 76.50 + 30 % × 70.00"
    assert (whole.total, whole.outcome, whole.gap) == (D("74.550"), D("74.55"), D("0.00"))
    citizens = card.group_sum(card.groups[0])
    assert citizens is not None
    assert citizens.formula == "(42 % × 82.50 + 28 % × 67.50) ÷ 70 %"
    assert (citizens.total, citizens.outcome) == (D("53.550"), D("76.50"))
    service = card.node("service")
    assert service is not None
    assert (service.score, service.low, service.high) == (D("76.50"), D("73.88"), D("79.12"))
    ease = card.indicators[0]
    assert ease.reading is not None
    assert (ease.reading.formula, ease.reading.result, ease.score) == (
        "(4.30 − 1) ÷ (5 − 1) × 100",
        D("82.50"),
        D("82.50"),
    )
    assert (ease.n, ease.n_to, ease.reading.n_effective) == (50, 99, None)
    assert (ease.shares, ease.distribution) == ((0, 0, 0, 70, 30), ())
    assert (card.points, card.base, card.adjusted, card.adds_up) == (D("74.55"), D("74.55"), "", True)
    text = page(card)
    for words in (
        "Rank 1 of 2; with other respondents from the same people it would stay at 1 in 90 of 100 cases.",
        "it would be the same in 69 of 100 cases",
        "42 % × 82.50 = 34.65",
        "The mean of the answers is the score",
        "The printed points add up to 74.55.",
    ):
        assert words in text, words


def test_a_missing_group_shows_which_weights_moved() -> None:
    text = page(build(*full_run(), "U03"))
    assert "70 → 0 %" in text
    assert "30 → 100 %" in text
    assert "What is missing passes its weight to the others in proportion" in text


def test_units_that_the_draws_do_not_tell_apart_are_named() -> None:
    result, scheme = two_units({"children": [{**shared(100), "groups": {"experts": 100}}]})
    card = build(result, scheme)
    assert card.trial is not None
    assert card.trial.tied == ("Office U02",)
    assert "It is not distinguishable from Office U02." in page(card)


def test_an_indicator_of_two_groups_shows_how_they_are_joined() -> None:
    card = build(*two_units({"children": [shared(50), leaf("speed", 50, "citizens")]}))
    ease = card.leaf_sum(card.indicators[0])
    assert ease is not None
    assert ease.formula == "60.00 % × 82.50 + 40.00 % × 75.00"
    assert (ease.outcome, ease.result) == (D("79.50"), D("79.50"))
    assert [line.code for line in card.shared] == ["ease"]
    assert card.leaf_sum(card.indicators[2]) is None
    assert "weighted mean of the groups" in page(card)


def test_findings_are_told_with_points_reasons_and_the_band_that_they_allow() -> None:
    rows = [
        ("U01", "deduction", "late", 2, "external", "two weeks late"),
        ("U01", "deduction", "open", 1, "self", ""),
        ("U01", "bonus", "idea", 5, "external", "a new idea"),
        ("U01", "limiter", "breach", 0, "external", "a proven case"),
    ]
    columns = ["unit", "kind", "code", "points", "source", "reason"]
    supplement = Supplement(adjustments=pd.DataFrame(rows, columns=columns))
    over = {
        "bonus": {"cap": 3},
        "deductions": {"self_reported": "ignored"},
        "limiters": [{"code": "breach", "band": "B"}],
    }
    card = build(*two_units({"children": [shared(50), leaf("speed", 50, "citizens")]}, supplement, **over))
    assert (card.score_before, card.bonus, card.deduction, card.score) == (D("73.50"), D("3.00"), D("2.00"), D("74.50"))
    assert (card.band, card.limit, card.limit_band, card.is_capped) == ("B", "breach", "B", True)
    text = page(card)
    for words in (
        "73.50 + 3.00 − 2.00 = 74.50 · Band B",
        "The finding breach allows no better band than B.",
        "Deduction late: two weeks late 2.00",
        "Deduction open reported by the office itself 1.00 counted: 0.00",
        "Bonus idea: a new idea 5.00",
        "Limit of the band breach: a proven case",
        "The scheme limits what bonuses add and deductions take in all.",
        "Score before bonus and deduction: the sum of the points Weight100 % Points brought73.50",
    ):
        assert words in text, words
    plain = build(*two_units({"children": [shared(50), leaf("speed", 50, "citizens")]}), "U02")
    assert (plain.score_before, plain.adjustments, plain.is_capped) == (None, (), False)
    assert "Bonus" not in page(plain)


def test_the_trial_says_what_else_was_moved() -> None:
    simulation = {"weights": 20, "methods": ["harmonic"]}
    card = build(
        *two_units(
            {"children": [shared(50, range=[1, 100]), leaf("speed", 50, "citizens") | {"range": [1, 100]}]},
            simulation=simulation,
        )
    )
    assert card.trial is not None
    assert (card.trial.weights, card.trial.has_methods) == (D(20), True)
    text = page(card)
    assert "each weight was also made up to 20 % larger or smaller" in text
    assert "Other ways to put the parts together were tried as well." in text


def test_without_draws_nothing_is_said_of_other_ranks() -> None:
    card = build(*two_units({"children": [shared(100)]}, simulation={"draws": 0}))
    assert card.trial is not None
    assert (card.trial.rank_low, card.trial.rank_high, card.trial.band_share) == (None, None, None)
    assert "other respondents" not in page(card)


def test_grades_alone_are_drawn_without_a_score_anywhere() -> None:
    card = build(*full_run("grades"))
    assert (card.is_graded, card.is_shown, card.is_covering) == (True, False, False)
    text = page(card)
    assert "Only bands are published in this round, no scores." in text
    assert not DECIMAL.search(text)
    assert not re.search(r'"\d+\.\d\d"', json.dumps(json.loads(card.canonical())))
    assert "Show the calculation" not in text


def test_scores_alone_are_drawn_without_a_band_and_without_calling_them_a_first_indication() -> None:
    text = page(build(*full_run("scores")))
    assert "Office U01 scored 74.55 of 100." in text
    assert "first indication" not in text
    assert "Band" not in text.replace("Band B", "")


def test_a_run_of_the_first_engine_gives_a_card_without_ranges() -> None:
    result, scheme = small_run()
    card = build(as_first_engine(result), scheme)
    assert (card.trial, card.adjustments, card.score_before) == (None, (), None)
    assert "Not published: too few ratings." in page(card)


def test_where_one_dimension_is_the_whole_it_has_no_line_of_its_own() -> None:
    card = build(*two_units({"children": [shared(50), leaf("speed", 50, "citizens")]}))
    assert card.matrix == ()
    assert "hidden" not in page(card)


def test_a_trend_is_drawn_where_a_round_has_a_score() -> None:
    card = build(*full_run())
    point = HistoryPoint("2024", D("70.00"), "B", "full", comparable=True)
    assert replace(card, history=(point,)).has_trend
    assert not replace(card, history=(replace(point, score=None),)).has_trend
