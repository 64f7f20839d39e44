"""The rules of the quality desk on made-up answers about one unit."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, nbinom, poisson

from evalsys.services.quality import detection
from evalsys.services.quality.detection import Sheet
from scoring.collect import pack

DAYS = 60


def make_sheet(codes: list[list[int]], points: int = 5, **over: Any) -> Sheet:
    """Answers by invitation on the web, spread evenly over sixty days."""
    number, width = len(codes), len(codes[0])
    facts: dict[str, Any] = {
        "ids": [f"{place:032x}" for place in range(number)],
        "stratum": np.array(["users"] * number),
        "channel": np.array(["web"] * number),
        "day": np.arange(number) % DAYS,
        "pace": np.full(number, 4),
        "network": np.zeros(number, dtype=int),
        "answers": np.array([pack(row, [points] * width) for row in codes]),
        "comments": [""] * number,
        "codes": np.array(codes),
        "points": np.full(width, points),
        "scored": np.ones(width, dtype=bool),
        "first": 0,
        "last": DAYS - 1,
    }
    return Sheet(**{**facts, **over})


def varied(number: int, width: int = 7, seed: int = 1) -> list[list[int]]:
    drawn = np.random.default_rng(seed).integers(1, 6, size=(number, width))
    return [[int(code) for code in row] for row in drawn]


def test_pace_classes_up_to_the_slowest_are_flagged_and_the_fastest_is_grave() -> None:
    sheet = make_sheet(varied(5), pace=np.array([0, 1, 2, 3, 5]))
    found = {one.response_id[-1]: one.grade for one in detection.find_speeders(sheet, 2)}
    assert found == {"1": 3, "2": 2}


def test_a_straight_line_is_graded_by_its_place_and_length() -> None:
    rows = [[5] * 7, [3] * 7, [3] * 4 + [0] * 3, [3] * 5 + [6, 7], [3] * 6 + [4], [1] * 7]
    found = {int(one.response_id, 16): one.grade for one in detection.find_straight_liners(make_sheet(rows), 5, 10)}
    assert found == {0: 1, 1: 2, 3: 2, 5: 1}
    long = {int(one.response_id, 16): one.grade for one in detection.find_straight_liners(make_sheet(rows), 5, 7)}
    assert long == {0: 2, 1: 3, 3: 2, 5: 2}


def test_background_questions_are_no_part_of_a_straight_line() -> None:
    rows = [[3, 3, 3, 3, 3, 5], [3, 3, 3, 3, 4, 3]]
    sheet = make_sheet(rows, scored=np.array([True] * 5 + [False]))
    assert [one.response_id[-1] for one in detection.find_straight_liners(sheet, 5, 10)] == ["0"]


def test_two_points_are_no_scale_on_which_a_line_could_be_straight() -> None:
    assert detection.find_straight_liners(make_sheet([[1] * 7], points=2), 5, 10) == []


def test_the_same_long_comment_with_the_same_answers_is_a_copy() -> None:
    said = "The staff were very kind to us"
    rows = [[5, 4, 5], [5, 4, 5], [5, 4, 4], [5, 4, 5]]
    sheet = make_sheet(rows, comments=[said, said.upper() + "  ", said, "good"])
    assert {one.response_id[-1] for one in detection.find_same_words(sheet, 20)} == {"0", "1"}


def test_planted_copies_are_found_among_answers_by_chance() -> None:
    rows = [*varied(600), *[[4, 2, 5, 1, 3, 4, 2]] * 8]
    day = np.concatenate([np.arange(600) % DAYS, np.full(8, 17)])
    found = detection.find_copies(make_sheet(rows, day=day), 5, 6)
    assert {int(one.response_id, 16) for one in found} == set(range(600, 608))


def test_a_string_that_many_give_on_other_days_is_no_copy() -> None:
    rows = [[5, 5, 5, 5, 4, 5, 5]] * 400 + varied(100)
    day = np.concatenate([np.arange(400) % 20, np.arange(100) % 20])
    assert detection.find_copies(make_sheet(rows, day=day), 5, 6) == []


@pytest.mark.parametrize("nights", [1, 2])
def test_three_hundred_in_a_night_among_a_thousand_are_a_burst(nights: int) -> None:
    usual = np.random.default_rng(2).integers(0, DAYS, size=700)
    burst = 30 + np.arange(300) % nights
    sheet = make_sheet(varied(1000), day=np.concatenate([usual, burst]), stratum=np.array(["open"] * 1000))
    found = detection.find_bursts(sheet, 20, 6)
    flagged = {int(one.response_id, 16) for one in found}
    assert set(range(700, 1000)) <= flagged
    assert {sheet.day[place] for place in flagged} == set(range(30, 30 + nights))
    assert {one.grade for one in found} == {3}


def test_a_wave_of_invitations_is_worth_a_look_only() -> None:
    day = np.concatenate([np.random.default_rng(2).integers(0, DAYS, size=700), np.full(300, 30)])
    assert {one.grade for one in detection.find_bursts(make_sheet(varied(1000), day=day), 20, 6)} == {1}


def test_ordinary_days_are_rarely_a_burst() -> None:
    """With 1 in 10^6 for all days together, two hundred quiet units give no flag."""
    for seed in range(200):
        day = np.random.default_rng(seed).integers(0, DAYS, size=900)
        assert detection.find_bursts(make_sheet(varied(900, 1), day=day), 20, 6) == []


def test_few_days_tell_nothing_of_a_usual_one() -> None:
    assert detection.find_bursts(make_sheet(varied(300), day=np.zeros(300, dtype=int), last=5), 20, 6) == []


def test_a_network_with_a_large_share_of_the_open_ratings_is_flagged_but_no_kiosk() -> None:
    network = np.array([7] * 30 + [8] * 9 + list(range(100, 161)))
    sheet = make_sheet(varied(100), network=network, stratum=np.array(["open"] * 100))
    found = detection.find_networks(sheet, 10, 20)
    assert len(found) == 30
    assert {one.grade for one in found} == {1}
    kiosk = make_sheet(varied(100), network=network, stratum=sheet.stratum, channel=np.array(["kiosk"] * 100))
    assert detection.find_networks(kiosk, 10, 20) == []
    invited = make_sheet(varied(100), network=network)
    assert detection.find_networks(invited, 10, 20) == []


@pytest.mark.parametrize(("count", "size", "chance"), [(8, 10, 0.3), (30, 100, 0.1), (100, 100, 0.9)])
def test_the_binomial_bound_is_above_the_true_tail(count: int, size: int, chance: float) -> None:
    assert np.exp(detection.binomial_bound(count, size, chance)) >= binom.sf(count - 1, size, chance) * (1 - 1e-9)


@pytest.mark.parametrize(("count", "mean", "variance"), [(12, 4, 4), (25, 4, 20), (60, 30, 30)])
def test_the_bound_of_counts_is_above_the_true_tail(count: int, mean: float, variance: float) -> None:
    size = mean**2 / (variance - mean) if variance > mean else 0
    true = nbinom.sf(count - 1, size, mean / variance) if size else poisson.sf(count - 1, mean)
    assert np.exp(detection.count_bound(count, mean, variance)) >= true
