"""What two releases of the same cells tell together."""

import numpy as np
import pandas as pd
import pytest

from scoring.scheme import Scheme
from scoring.suppress import Release, differs_safely, published_view, release, releases
from scoring.suppress.grids import read_grids
from tests.unit.scoring.results import branch, rated, result, scheme_of, with_groups

Answers = dict[tuple[str, str, str], tuple[float, int]]

SCHEME = scheme_of(
    branch("da", 60, rated("a1", 50, a=100), rated("a2", 30, a=100), rated("a3", 20, a=100)),
    branch("db", 40, rated("b1", 60, b=100), rated("b2", 40, b=100)),
    groups="ab",
)
LEAVES = ("a1", "a2", "a3", "b1", "b2")


def answers(units: str = "U1", mean: float = 50.0, **n: int) -> Answers:
    """Twenty answers an indicator, or as many as named."""
    return {(unit, leaf, leaf[0]): (mean, n.get(leaf, 20)) for unit in units.split() for leaf in LEAVES}


def made(figures: Answers, scheme: Scheme = SCHEME, **categories: str) -> Release:
    stages = result(scheme, figures, **(categories or {"U1": "K"}))
    return Release(stages, published_view(stages, scheme))


def is_safe(before: Answers, after: Answers, scheme: Scheme = SCHEME) -> bool:
    return differs_safely(made(before, scheme), made(after, scheme), scheme)["U1"]


def test_the_same_release_twice_tells_nothing_new() -> None:
    assert is_safe(answers(), answers())
    assert is_safe(answers(a1=4), answers(a1=4))


@pytest.mark.parametrize(("gained", "safe"), [(1, False), (4, False), (5, True), (12, True)])
def test_newcomers_are_told_unless_there_are_enough_of_them(gained: int, safe: bool) -> None:
    assert is_safe(answers(), answers(a1=20 + gained)) is safe
    assert is_safe(answers(a1=20 + gained), answers()) is safe, "who withdrew is told alike"


def test_the_least_number_is_that_of_the_group() -> None:
    strict = with_groups(SCHEME, minimum=(8, 10, 10))
    assert not is_safe(answers(), answers(a1=27), strict)
    assert is_safe(answers(), answers(a1=28), strict)


def test_newcomers_to_a_figure_that_is_never_shown_are_not_told() -> None:
    assert is_safe(answers(a1=3, a2=4), answers(a1=4, a2=4))


def test_a_figure_that_covered_another_must_not_turn_up_unchanged() -> None:
    """First a1 is hidden and a3 covers it. Then a1 has enough answers, and a3, now shown, tells the old a1."""
    assert made(answers(a1=4, a3=19)).view["means"]["withheld"].tolist()[:3] == ["primary", "", "complementary"]
    assert not is_safe(answers(a1=4, a3=19), answers(a1=30, a3=19))


def test_a_figure_that_covered_another_may_turn_up_with_many_newcomers() -> None:
    assert is_safe(answers(a1=4, a3=19), answers(a1=30, a2=40, a3=60))
    assert not is_safe(answers(a1=4, a3=519, a2=600), answers(a1=30, a2=600, a3=530))


def test_hiding_what_was_shown_does_not_help_when_it_is_the_cover() -> None:
    """The old release shows a3; if nobody joined, the new one cannot hide a1 behind it."""
    assert not is_safe(answers(a1=10, a3=19), answers(a1=4, a3=19))


def test_figures_that_come_or_go_are_nobodys_newcomers() -> None:
    fewer = {key: value for key, value in answers().items() if key[1] != "a3"}
    assert is_safe(fewer, answers())
    assert is_safe(answers(), fewer)


def test_old_figures_and_newcomers_means_make_the_quantities_of_both_releases() -> None:
    """One figure grows, one shrinks, one stays, one is new, and one goes."""
    told = {"a1": (50.0, 20), "a2": (40.0, 30), "a3": (70.0, 20), "b1": (60.0, 20)}
    later = {"a1": (60.0, 30), "a2": (45.0, 12), "a3": (70.0, 20), "b2": (30.0, 20)}
    sides = []
    for part in (told, later):
        made_of = made({("U1", leaf, leaf[0]): figure for leaf, figure in part.items()})
        grids = read_grids(made_of.stages, SCHEME)
        sides += list(releases._sides(made_of, grids, SCHEME, np.array([0])))
    base = np.union1d(sides[0].cells.base, sides[1].cells.base)
    known, grown = releases._joined(*(releases._spread(side, base) for side in sides))
    assert grown.tolist() == [10, 18, 0, 0, 0]
    assert known.point[:5].tolist() == [50, 45, 70, 60, 30]
    assert known.point[5:] == pytest.approx([80, (30 * 40 - 12 * 45) / 18, 70, 60, 30])
    values = np.concatenate([side.cells.rows @ side.cells.point for side in sides])
    assert known.rows @ known.point == pytest.approx(values)
    assert known.rows[0][[0, 5]].tolist() == [1, 0], "the old mean is the first release's"
    assert (known.low <= known.point).all()
    assert (known.high >= known.point).all()


def test_units_are_judged_one_by_one_and_new_ones_are_safe() -> None:
    before = made(answers("U1 U2 U4"), U1="K", U2="K", U4="L")
    after = made(answers("U1 U2 U3") | answers("U2", a1=21), U1="K", U2="K", U3="L")
    assert differs_safely(before, after, SCHEME) == {"U1": True, "U2": False, "U3": True}


def two_releases() -> tuple[Release, Release]:
    """U2 of category K gains one answer, U1 of K and U3 of L enough of them; U5 is new in K and U4 has gone."""
    before = made(answers("U1 U2 U3 U4"), U1="K", U2="K", U3="L", U4="L")
    later = answers("U1 U3 U5", 70.0, **dict.fromkeys(LEAVES, 40)) | answers("U2", 60.0, **dict.fromkeys(LEAVES, 21))
    return before, made(later, U1="K", U2="K", U3="L", U5="K")


def test_a_unit_that_is_held_keeps_all_its_old_rows() -> None:
    before, after = two_releases()
    found = release(before, after, SCHEME)
    for part in (found.view, found.stages):
        assert part["scores"]["unit"].tolist() == ["U1", "U2", "U3", "U5"]
        assert part["scores"]["score"].tolist() == [70, 50, 70, 70]
        assert part["means"].groupby("unit")["mean"].first().tolist() == [70, 50, 70, 70]
        assert part["means"].groupby("unit")["n"].first().tolist() == [40, 20, 40, 40]
        assert part["nodes"].index.tolist() == list(range(len(part["nodes"])))


def test_the_category_of_a_held_unit_keeps_its_mean_and_ranks() -> None:
    before, after = two_releases()
    view = release(before, after, SCHEME).view
    assert after.view["scores"]["rank"].tolist() == [1, 3, 1, 1]
    assert view["scores"]["rank"].tolist() == [1, 1, 1, pd.NA]
    assert view["scores"]["ranked_of"].isna().tolist() == [False, False, False, True]
    assert view["categories"]["mean"].tolist() == [50, pytest.approx(float("nan"), nan_ok=True)]
    assert view["categories"]["units"].tolist() == [2, 1]


def test_tables_that_compare_units_are_held_too() -> None:
    before, after = two_releases()
    one, two = (_with_comparisons(part, value) for part, value in ((before, 1.0), (after, 2.0)))
    view = release(one, two, SCHEME).view
    assert view["robustness"][["unit", "first"]].to_numpy().tolist() == [["U1", 1.0], ["U2", 1.0], ["U3", 2.0]]
    assert view["influence"]["spread_share"].tolist() == [1.0]


def _with_comparisons(made: Release, value: float) -> Release:
    robustness = made.view["scores"][["unit", "category"]].assign(first=value)
    influence = pd.DataFrame({"node": ["da"], "spread_share": [value]})
    return Release(made.stages, {**made.view, "robustness": robustness, "influence": influence})


def test_where_nobody_is_held_the_later_release_is_published() -> None:
    before = made(answers())
    after = made(answers("U1", 60.0, **dict.fromkeys(LEAVES, 30)))
    found = release(before, after, SCHEME)
    assert all(found.view[name] is after.view[name] for name in after.view)
    assert all(found.stages[name] is after.stages[name] for name in after.stages)


def test_a_table_that_the_previous_release_did_not_have_is_taken_from_the_later_one() -> None:
    before, after = two_releases()
    late = {**after.view, "robustness": after.view["scores"][["unit", "category"]].assign(first=2.0)}
    assert release(before, Release(after.stages, late), SCHEME).view["robustness"]["first"].tolist() == [2.0] * 4
