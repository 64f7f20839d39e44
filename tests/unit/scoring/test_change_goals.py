"""What would have to happen: points for the next band or the next place."""

from fractions import Fraction

import numpy as np
import pytest

from scoring.change import Goal, Situation, points_to_band, points_to_pass
from scoring.frames import Floats, InputError
from scoring.scheme import Cap, Scheme
from scoring.tree import Values, aggregate_children, evaluate
from tests.unit.scoring.trees import X, asked, bands, branch, figure, given, group, scheme

ABC = bands(A=80, B=60, C=0)


def pair(method: str = "arithmetic", **over: object) -> Scheme:
    leaves = figure("ease", "0.6"), figure("cost", "0.4")
    return scheme(branch("score", *leaves, aggregation=method, **over), bands=ABC)


def situation(rows: list[list[float]], whole: Scheme, added: Floats | None = None) -> Situation:
    units = [f"U{at}" for at in range(len(rows))]
    return Situation(units, given(rows), whole, "U0", added)


def test_the_next_band_is_reached_half_a_last_digit_below_its_bound() -> None:
    goal = points_to_band(situation([[70, 40]], pair()), "ease")  # 58
    assert (goal.aim, goal.state, goal.target) == ("B", "possible", 59.995)
    assert goal.points == pytest.approx(1.995 / 0.6)
    assert points_to_band(situation([[70, 40]], pair()), "cost").points == pytest.approx(1.995 / 0.4)


def test_the_target_follows_the_decimals_that_are_shown() -> None:
    whole = scheme(branch("score", figure("ease", 1)), bands=bands(A=80, B=0), score_decimals=0)
    assert points_to_band(situation([[70]], whole), "ease").target == 79.5
    goal = points_to_band(situation([[79.5]], whole), "ease")
    assert goal == Goal("", "reached", 79.5, 0.0)


def test_a_bound_finer_than_the_shown_score_is_reached_by_the_next_digit() -> None:
    whole = scheme(branch("score", figure("ease", 1)), bands=bands(A="76.61", B=0), score_decimals=1)
    assert points_to_band(situation([[70]], whole), "ease").target == pytest.approx(76.65)


def test_the_best_band_leaves_nothing_to_reach() -> None:
    assert points_to_band(situation([[90, 90]], pair()), "ease") == Goal("", "reached", 90.0, 0.0)


def test_what_lies_beyond_the_range_cannot_be_reached() -> None:
    goal = points_to_band(situation([[90, 20]], pair()), "ease")  # 62; 68 at most
    assert (goal.aim, goal.state) == ("A", "impossible")
    assert np.isnan(goal.points)
    edge = points_to_band(situation([[90, 49.9875]], pair()), "ease")  # 79.995 with 100 points of ease
    assert edge.state == "possible"
    assert edge.points == pytest.approx(10)


def test_bonus_and_deductions_count_on_the_way() -> None:
    plain = points_to_band(situation([[70, 40], [1, 1]], pair(), added=np.array([1.0, 9.0])), "ease")
    assert plain.points == pytest.approx(0.995 / 0.6)
    bent = points_to_band(situation([[70, 40], [1, 1]], pair("geometric"), added=np.array([2.0, 9.0])), "ease")
    assert (70 + bent.points) ** 0.6 * 40**0.4 + 2 == pytest.approx(59.995, abs=1e-8)


@pytest.mark.parametrize("method", ["geometric", "harmonic", "power"])
def test_other_means_are_searched_to_the_last_digit(method: str) -> None:
    goal = points_to_band(situation([[50, 70]], pair(method, power=Fraction(-2))), "ease")
    raised = aggregate_children(method, np.array([[50 + goal.points, 70]]), np.array([0.6, 0.4]), -2.0)
    assert goal.state == "possible"
    assert raised[0] == pytest.approx(59.995, abs=1e-8)


def test_a_cap_on_the_way_makes_the_last_step_a_leap() -> None:
    capped = pair(caps=(Cap("ease", Fraction(50), Fraction(40)),))
    goal = points_to_band(situation([[45, 99]], capped), "ease")  # 66.6, but 40 at most below 50
    assert goal.points == pytest.approx(5, abs=1e-8)
    assert points_to_band(situation([[45, 99]], capped), "cost").state == "impossible"


def test_a_minimum_gains_only_by_its_lowest() -> None:
    whole = scheme(branch("score", figure("ease"), figure("cost"), aggregation="minimum"), bands=ABC)
    assert points_to_band(situation([[30, 90]], whole), "ease").points == pytest.approx(29.995, abs=1e-8)
    assert points_to_band(situation([[30, 90]], whole), "cost").state == "impossible"


def test_an_unbounded_figure_may_rise_as_far_as_it_takes() -> None:
    leaf = figure("ease", "0.5", normaliser=None)
    whole = scheme(branch("score", leaf, figure("cost", "0.5"), aggregation="geometric"), bands=ABC)
    goal = points_to_band(situation([[1, 1]], whole), "ease")
    assert (1 + goal.points) ** 0.5 == pytest.approx(59.995, rel=1e-9)


def test_a_figure_without_weight_or_effect_cannot_do_it() -> None:
    whole = scheme(branch("score", figure("ease", 1), figure("cost", 0)), bands=ABC)
    assert points_to_band(situation([[50, 50]], whole), "cost").state == "impossible"


def test_the_figures_of_all_groups_rise_together() -> None:
    leaf = asked("ease", "0.5", citizens="0.5", experts="0.5")
    groups = group("citizens", "0.8"), group("experts", "0.2")
    for order in ("group-inside", "group-outside"):
        whole = scheme(branch("score", leaf, figure("cost", "0.5")), *groups, order=order, bands=ABC)
        values = Values(np.array([[[60.0, 40.0], [X, X]]]), np.array([[X, 60.0]]), np.ones((1, 2), dtype=bool))
        score = evaluate(values, whole, gradient=False).score[0, 0]
        goal = points_to_band(Situation(["U0"], values, whole, "U0"), "ease")
        assert goal.points == pytest.approx(2 * (59.995 - score))


def test_the_next_unit_is_passed_by_half_a_shown_digit() -> None:
    goal = points_to_pass(situation([[50, 50], [60, 60], [70, 70], [40, 40]], pair()), "ease")
    assert (goal.aim, goal.state) == ("U1", "possible")
    assert goal.target == pytest.approx(60.05)
    assert goal.points == pytest.approx(10.05 / 0.6)


def test_a_unit_that_shares_the_place_is_the_next_to_pass() -> None:
    goal = points_to_pass(situation([[50.04, 50.04], [50, 50], [60, 60]], pair()), "ease")
    assert goal.aim == "U1"
    assert goal.points == pytest.approx(0.01 / 0.6)


def test_only_rivals_with_a_score_are_passed() -> None:
    rows: list[list[float]] = [[50, 50], [60, 60], [70, 70], [X, X]]
    assert points_to_pass(situation(rows, pair()), "ease", ["U0", "U2", "U3"]).aim == "U2"
    assert points_to_pass(situation(rows, pair()), "ease", ["U3"]) == Goal("", "reached", 50.0, 0.0)


def test_among_units_compared_with_each_other_the_rival_stays_where_it_is() -> None:
    whole = scheme(branch("score", figure("ease"), figure("cost"), aggregation="copeland"), bands=ABC)
    goal = points_to_pass(situation([[20, 30], [30, 40], [10, 10]], whole), "ease")
    assert (goal.aim, goal.state) == ("U1", "impossible")  # ease alone makes a draw of it: 1 against 2
    whole = scheme(
        branch("score", figure("ease", 2), figure("cost", 1), aggregation="copeland"), bands=bands(A=2, B=-9)
    )
    goal = points_to_band(situation([[20, 30], [30, 40], [10, 10]], whole), "ease")
    assert goal.points == pytest.approx(10, abs=1e-8)


def test_what_cannot_be_asked_is_refused() -> None:
    fine = situation([[50, 50], [X, 60]], pair())
    with pytest.raises(InputError, match="^what if: 'law' is no indicator; allowed are ease, cost$"):
        points_to_band(fine, "law")
    with pytest.raises(InputError, match="^what if: 'ease' has no figure for 'U1'; allowed are those that have one$"):
        points_to_band(Situation(fine.units, fine.values, fine.scheme, "U1"), "ease")
    with pytest.raises(InputError, match="^what if: unit 'U9' is not there; allowed are U0, U1$"):
        points_to_band(Situation(fine.units, fine.values, fine.scheme, "U9"), "ease")
    with pytest.raises(InputError, match="^what if: unit 'U9' is not there; allowed are U0, U1$"):
        points_to_pass(fine, "ease", ["U1", "U9"])
    with pytest.raises(InputError, match="^what if: unit 'U0' has no score; allowed are units that have one$"):
        points_to_pass(situation([[X, X]], pair()), "ease")
    quota = scheme(branch("score", figure("ease")), bands=ABC, banding="quota")
    with pytest.raises(InputError, match="^what if: banding 'quota' moves with the other units; allowed is absolute$"):
        points_to_band(situation([[50]], quota), "ease")
