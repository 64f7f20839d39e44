"""What leaves the house of numbers of people: bands, whole percents, and releases that tell no newcomer's answer."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalsys.reports.calculation import Reading, percents
from evalsys.services.disclosure import mean_of, number_of, shares_of
from evalsys.services.publication.epochs import may_follow, narrow_steps
from scoring.result import Result
from scoring.scheme import Scheme
from tests.unit.scoring.rounds import SMALL_FORMS, cell, group, score, small_scheme, survey, table

LEVELS = 5
DAYS = 100
MEANS = [4.3, 3.7]
Release = tuple[int, float]


@given(st.integers(10, 5000), st.sampled_from(["anonymous", "confidential"]))
def test_a_number_lies_in_the_band_that_is_told(n: int, promise: str) -> None:
    start, end = number_of(n, promise, 5)
    assert start <= n <= (end or start)
    assert end or n >= 100


def test_who_answers_by_name_is_counted_exactly() -> None:
    assert number_of(4, "accountable", 3) == (4, 0)
    assert number_of(7, "anonymous", 5) == (5, 9)


@given(st.lists(st.integers(0, 300), min_size=2, max_size=11).filter(lambda counts: sum(counts) > 0))
def test_shares_are_whole_percents_that_sum_to_100_and_are_off_by_less_than_one(counts: list[int]) -> None:
    told = percents(counts)
    assert sum(told) == 100
    assert all(abs(share - 100 * count / sum(counts)) < 1 for share, count in zip(told, counts, strict=True))


def test_no_share_tells_of_few_people_or_of_people_who_all_said_the_same() -> None:
    assert shares_of((0, 10, 19)) == ()
    assert shares_of((0, 0, 300)) == ()
    assert shares_of((0, 10, 20)) == (0, 33, 67)


@pytest.mark.parametrize(("high", "is_reversed"), [("100", False), ("100", True), ("10", False)])
def test_a_mean_tells_what_the_score_tells_and_leads_back_to_it(high: str, is_reversed: bool) -> None:
    reading = Reading("linear", 1, 5, Decimal(0), Decimal(high), is_reversed)
    for cents in range(0, 100 * int(high) + 1, 37):
        score_ = Decimal(cents) / 100
        mean = mean_of(score_, reading)
        assert Reading("linear", 1, 5, Decimal(0), Decimal(high), is_reversed, mean).result == score_
    assert mean_of(Decimal(50), Reading("favourable", 1, 5, Decimal(0), Decimal(100), False)) is None


def _days(first: int, seed: int) -> Iterator[tuple[list[int], int]]:
    """One more answer a day: the numbers of answers level by level, and what the newcomer said."""
    chance = np.random.default_rng(seed)
    counts = [int(number) for number in chance.multinomial(first, [1 / LEVELS] * LEVELS)]
    for _day in range(DAYS):
        said = int(chance.integers(LEVELS))
        counts[said] += 1
        yield list(counts), said


def _release(counts: Sequence[int]) -> Release:
    """The mean with two decimals, as a score tells it. The attacker is even given the number of answers."""
    n = sum(counts)
    return n, round(sum(level * count for level, count in enumerate(counts)) / n, 4)


def _worked_out(before: Release, after: Release, newcomers: int) -> list[int]:
    """What an attacker knows for sure that each newcomer said: when one did, or when all said the lowest or highest."""
    total = round(after[0] * after[1] - before[0] * before[1])
    if newcomers == 1:
        return [total]
    return [total // newcomers] * newcomers if total in (0, (LEVELS - 1) * newcomers) else []


def _recovered(is_kept: bool) -> float:
    found = people = 0
    for seed, first in enumerate((10, 20, 40, 80, 150)):
        public, waiting = None, list[int]()
        for counts, said in _days(first, seed):
            waiting.append(said)
            if public is None or not is_kept or may_follow(public, counts):
                if public is not None:
                    told = _worked_out(_release(public), _release(counts), len(waiting))
                    found += sum(a == b for a, b in zip(sorted(told), sorted(waiting), strict=False))
                    people += len(waiting)
                public, waiting = counts, []
    return found / people


def test_an_attacker_who_subtracts_releases_of_a_hundred_days_works_out_nobodys_answer() -> None:
    assert _recovered(is_kept=False) > 0.99
    assert _recovered(is_kept=True) <= 0.01


def _scored(scheme: Scheme, n: int, more: Sequence[Sequence[int]] = ()) -> Result:
    asked = SMALL_FORMS["c"]
    cells = [cell("U01", asked, "a", [*survey(MEANS, n), *more]), cell("U02", asked, "a", survey(MEANS, n))]
    return score(table(*cells), scheme, U01="A", U02="A")


@pytest.mark.parametrize(("more", "refused"), [(0, ()), (1, ("U01",)), (4, ("U01",)), (5, ()), (9, ())])
def test_a_public_figure_changes_with_the_answers_of_five_people_or_not_at_all(
    more: int, refused: tuple[str, ...]
) -> None:
    groups = [group("citizens", (5, 10, 20), {"a": 100}), group("experts", (1, 1, 1), {"all": 100})]
    scheme = small_scheme(groups=groups)
    assert narrow_steps(_scored(scheme, 60), _scored(scheme, 60, [[5, 5]] * more), scheme) == refused


@pytest.mark.parametrize(
    ("counted", "uninvited", "refused"),
    [(0, 0, ()), (0, 1, ("U01",)), (0, 5, ()), (1, 5, ("U01",)), (5, 1, ("U01",)), (5, 5, ())],
)
def test_answers_that_count_and_those_without_an_invitation_do_not_hide_each_other(
    counted: int, uninvited: int, refused: tuple[str, ...]
) -> None:
    strata = {"a": 100, "open": 0}
    scheme = small_scheme(groups=[group("citizens", (5, 10, 20), strata), group("experts", (1, 1, 1), {"all": 100})])
    asked = SMALL_FORMS["c"]

    def scored(more: int, others: int) -> Result:
        parts = ("a", 60, more), ("open", 30, others)
        cells = [cell("U01", asked, part, [*survey(MEANS, n), *[[5, 5]] * new]) for part, n, new in parts]
        return score(table(*cells, cell("U02", asked, "a", survey(MEANS, 60))), scheme, U01="A", U02="A")

    assert narrow_steps(scored(0, 0), scored(counted, uninvited), scheme) == refused


def test_who_answers_by_name_is_not_held_to_it() -> None:
    groups = [{**group(code, (1, 1, 1), {"a": 100}), "promise": "accountable"} for code in ("citizens", "experts")]
    scheme = small_scheme(groups=groups)
    assert narrow_steps(_scored(scheme, 60), _scored(scheme, 60, [[5, 5]]), scheme) == ()
