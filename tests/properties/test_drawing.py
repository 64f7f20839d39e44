"""Drawing working pairs: nobody rates herself, every unit is reached, work is equal, and a seed repeats it all."""

from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from evalsys.services.pairs.drawing import Wish, draw, shortages

SEEDS = st.text("0123456789abcdef", min_size=1, max_size=8)


@st.composite
def wishes(draw_: st.DrawFn) -> Wish:
    """One to eight rated units, up to twelve raters of these or of other units or of none."""
    units = list(range(101, 101 + draw_(st.integers(1, 8))))
    home = st.one_of(st.none(), st.sampled_from([*units, 900, 901]))
    raters = dict(enumerate(draw_(st.lists(home, min_size=1, max_size=12)), start=1))
    return Wish(raters, units, draw_(st.integers(1, 4)))


@st.composite
def wishes_with_pairs(draw_: st.DrawFn) -> Wish:
    """The same, where some pairs are there already and others must not be."""
    wish = draw_(wishes())
    possible = [(rater, unit) for rater, home in wish.raters.items() for unit in wish.units if home != unit]
    picked = draw_(st.lists(st.sampled_from(possible), max_size=10, unique=True)) if possible else []
    cut = draw_(st.integers(0, len(picked)))
    return Wish(wish.raters, wish.units, wish.each, set(picked[:cut]), set(picked[cut:]))


@given(wishes(), SEEDS)
def test_every_unit_gets_the_number_asked_for_and_loads_differ_by_one_at_most(wish: Wish, seed: str) -> None:
    assume(not shortages(wish))
    pairs = draw(wish, seed)
    assert Counter(unit for _, unit in pairs) == dict.fromkeys(wish.units, wish.each)
    loads = [Counter(rater for rater, _ in pairs)[rater] for rater in wish.raters]
    assert max(loads) - min(loads) <= 1


@given(wishes_with_pairs(), SEEDS)
def test_nobody_rates_her_own_unit_or_one_twice_and_given_pairs_stay(wish: Wish, seed: str) -> None:
    assume(not shortages(wish))
    pairs = draw(wish, seed)
    assert len(set(pairs)) == len(pairs)
    assert not set(pairs) & {*wish.given, *wish.barred}
    assert all(wish.raters[rater] != unit for rater, unit in pairs)
    there = Counter(unit for _, unit in [*pairs, *wish.given])
    before = Counter(unit for _, unit in wish.given)
    assert all(there[unit] == max(wish.each, before[unit]) for unit in wish.units)


@given(wishes_with_pairs(), SEEDS)
def test_no_single_change_makes_the_loads_more_equal(wish: Wish, seed: str) -> None:
    assume(not shortages(wish))
    pairs = draw(wish, seed)
    load = Counter(rater for rater, _ in [*pairs, *wish.given])
    there = {*pairs, *wish.given, *wish.barred}
    for rater, unit in pairs:
        for other, home in wish.raters.items():
            if home != unit and (other, unit) not in there:
                assert load[other] + 1 >= load[rater]


@given(wishes_with_pairs(), SEEDS)
def test_the_same_seed_draws_the_same_pairs_whatever_the_order_of_the_rows(wish: Wish, seed: str) -> None:
    assume(not shortages(wish))
    mirrored = Wish(
        dict(list(wish.raters.items())[::-1]), wish.units[::-1], wish.each, sorted(wish.given), sorted(wish.barred)
    )
    assert draw(wish, seed) == draw(mirrored, seed)


@given(wishes(), SEEDS)
def test_a_wish_is_impossible_only_for_units_with_too_few_raters_elsewhere(wish: Wish, seed: str) -> None:
    elsewhere = {unit: sum(home != unit for home in wish.raters.values()) for unit in wish.units}
    assert {one.unit: one.there for one in shortages(wish)} == {
        unit: number for unit, number in elsewhere.items() if number < wish.each
    }


@given(st.integers(2, 6), st.integers(1, 4), st.integers(1, 5), SEEDS)
def test_raters_of_one_unit_do_not_rate_the_same_unit_where_that_can_be_helped(
    units: int, raters_a_unit: int, each: int, seed: str
) -> None:
    assume(each < units)
    homes = {place * 10 + number: place for place in range(units) for number in range(raters_a_unit)}
    met = Counter((homes[rater], unit) for rater, unit in draw(Wish(homes, list(range(units)), each), seed))
    assert max(met.values()) == 1


def test_another_seed_draws_other_pairs() -> None:
    wish = Wish({rater: rater for rater in range(20)}, list(range(20)), 3)
    drawn = {tuple(draw(wish, str(seed))) for seed in range(10)}
    assert len(drawn) == 10
    reached = Counter(pair for pairs in drawn for pair in pairs)
    assert max(reached.values()) < 8
