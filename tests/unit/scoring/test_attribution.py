"""Scores and gaps are divided exactly among the figures, whatever the tree."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, settings
from hypothesis import given as every
from hypothesis import strategies as st

from scoring.attribution import Mean, average_unit, divide_gap, divide_gaps, divide_scores, shapley
from scoring.attribution.node import ratio, slope
from scoring.attribution.side import alone, children_of, same_places
from scoring.frames import Flags, Floats, InputError
from scoring.scheme import Cap, Coverage, Scheme
from scoring.tree import AGGREGATIONS, Values, evaluate
from tests.unit.scoring.trees import X, asked, branch, draw_values, figure, given, group, scheme, schemes

WEIGHTS = np.array([[0.5, 0.3, 0.2]])
NEW, OLD = np.array([[64.0, 20.0, 90.0]]), np.array([[16.0, 45.0, 90.0]])


def two(method: str = "arithmetic", **over: object) -> Scheme:
    """Two figures, weighing 3 to 1."""
    return scheme(branch("score", figure("ease", "0.75"), figure("cost", "0.25"), aggregation=method, **over))


def test_two_players_who_need_each_other_share_what_they_make_together() -> None:
    parts = shapley(lambda who: np.array([10.0 * who[0], 6.0 * who[0] * who[1]]), 2)
    assert parts.tolist() == [[10.0, 0.0], [3.0, 3.0]]


def test_three_players_get_their_average_over_all_orders() -> None:
    worths = {0: 0.0, 1: 6.0, 2: 12.0, 4: 42.0, 3: 60.0, 5: 48.0, 6: 54.0, 7: 90.0}

    def worth(who: Flags) -> Floats:
        return np.array([worths[int(who @ [1, 2, 4])]])

    # The first adds 6, 6, 48, 6, 36 and 36 in the six orders, and so on.
    assert shapley(worth, 3) == pytest.approx(np.array([[23.0, 29.0, 38.0]]))


def test_nobody_to_divide_among_is_no_part() -> None:
    assert shapley(lambda _: np.array([5.0, 6.0]), 0).shape == (2, 0)


def test_twelve_parts_are_divided_and_thirteen_refused_by_name() -> None:
    assert shapley(lambda who: np.array([float(who.sum())]), 12) == pytest.approx(np.ones((1, 12)))
    with pytest.raises(InputError, match="^service: 13 parts to divide among; allowed are at most 12$"):
        shapley(lambda _: np.zeros(1), 13, "service")
    with pytest.raises(InputError, match="^shapley: 13 parts"):
        shapley(lambda _: np.zeros(1), 13)


@pytest.mark.parametrize(
    ("power", "expected"),
    [(1.0, 1.0), (2.0, 13.0), (-1.0, 1 / 36), (0.0, np.log(9 / 4) / 5), (0.5, 0.2)],
)
def test_the_slope_between_two_points_is_that_of_the_function(power: float, expected: float) -> None:
    x, b = np.array([9.0, 4.0]), np.array([4.0, 9.0])
    assert slope(power, x, b) == pytest.approx([expected, expected], rel=1e-14)


@pytest.mark.parametrize(("power", "expected"), [(1.0, 1.0), (2.0, 8.0), (-1.0, 1 / 16), (0.0, 0.25), (0.5, 0.25)])
def test_the_slope_where_nothing_moved_is_the_derivative_and_no_noise(power: float, expected: float) -> None:
    x = np.array([4.0, 4.0 * (1 + 1e-14)])
    assert slope(power, x, np.array([4.0, 4.0])) == pytest.approx([expected, expected], rel=1e-12)


def test_between_two_zeros_nothing_has_a_slope() -> None:
    assert slope(2.0, np.array([0.0, 3.0]), np.array([0.0, 0.0])).tolist() == [0.0, 3.0]


def test_a_ratio_is_zero_only_where_nothing_moved() -> None:
    gaps, size = np.array([2.0, 1e-12, 2e-11, 1e-10]), np.array([5.0, 0.5, 0.5, 50.0])
    assert ratio(np.full(4, 1e-11), gaps, size).tolist() == [5e-12, 0.0, 0.5, 0.0]


@pytest.mark.parametrize("method", [name for name in AGGREGATIONS if name != "copeland"])
def test_the_parts_of_a_node_sum_to_its_gap(method: str) -> None:
    leaves = [figure(f"i{at}", weight) for at, weight in enumerate(WEIGHTS[0])]
    one = scheme(branch("node", *leaves, aggregation=method, power=Fraction(2)))
    gap = [evaluate(given(table), one, gradient=False).score[0, 0] for table in (NEW.tolist(), OLD.tolist())]
    parts, ratios = divide_gap(Mean("node", method, 2.0), NEW, OLD, 10 * WEIGHTS)
    assert parts.sum() == pytest.approx(gap[0] - gap[1], abs=1e-12)
    assert ratios * (NEW - OLD) == pytest.approx(parts, abs=1e-12)
    assert parts[0, 2] == pytest.approx(0, abs=1e-12)


def test_a_gap_of_the_arithmetic_mean_is_weight_times_difference() -> None:
    parts, ratios = divide_gap(Mean("node", "arithmetic"), NEW, OLD, WEIGHTS)
    assert parts == pytest.approx(np.array([[24.0, -7.5, 0.0]]), abs=1e-12)
    assert ratios == pytest.approx(WEIGHTS)


def test_a_gap_of_the_geometric_mean_is_the_logarithmic_mean_times_weighted_logs() -> None:
    parts, ratios = divide_gap(Mean("node", "geometric"), NEW, OLD, WEIGHTS)
    ends = [np.exp((WEIGHTS * np.log(table)).sum()) for table in (NEW, OLD)]
    mean = (ends[0] - ends[1]) / np.log(ends[0] / ends[1])
    assert parts == pytest.approx(mean * WEIGHTS * np.log(NEW / OLD), abs=1e-12)
    assert ratios[0, 2] == pytest.approx(mean * 0.2 / 90)


def test_a_gap_of_the_harmonic_mean_is_divided_by_weighted_reciprocals() -> None:
    parts, _ = divide_gap(Mean("node", "harmonic"), NEW, OLD, WEIGHTS)
    ends = [1 / (WEIGHTS / table).sum() for table in (NEW, OLD)]
    assert parts == pytest.approx(ends[0] * ends[1] * WEIGHTS * (1 / OLD - 1 / NEW), abs=1e-12)


def test_a_gap_of_the_minimum_is_shared_by_shapley() -> None:
    parts, _ = divide_gap(Mean("node", "minimum"), np.array([[30.0, 60.0]]), np.array([[10.0, 20.0]]), np.ones((1, 2)))
    # Raising the first alone gives 10 of the 20 points, after the second 20; the second alone none, after the first 10.
    assert parts.tolist() == [[15.0, 5.0]]


def test_a_child_that_is_missing_or_weighs_nothing_has_no_part() -> None:
    new, old = np.array([[80.0, X, 10.0], [X, X, X]]), np.array([[60.0, X, 50.0], [X, X, X]])
    for method in ("arithmetic", "harmonic", "median"):
        parts, ratios = divide_gap(Mean("node", method), new, old, np.array([[3.0, 3.0, 0.0]] * 2))
        assert parts.tolist() == [[20.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        assert ratios.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_a_mean_that_does_not_weigh_has_no_exponent() -> None:
    found = [
        Mean("node", method, 3.0).exponent for method in ("arithmetic", "geometric", "harmonic", "power", "median")
    ]
    assert found == [1.0, 0.0, -1.0, 3.0, None]


def test_children_stand_under_their_parents_parents_first() -> None:
    tree = branch("score", branch("d", figure("a"), figure("b")), figure("c"))
    assert list(children_of(scheme(tree)).items()) == [(0, [1, 4]), (1, [2, 3])]


def test_each_unit_is_compared_with_the_row_it_is_given() -> None:
    assert same_places(2, [3, 0], 5).tolist() == [3, 0]
    assert same_places(3, None, 1).tolist() == [0, 0, 0]
    assert same_places(3, None, 3).tolist() == [0, 1, 2]


def test_a_group_alone_keeps_what_it_rates_and_what_is_given() -> None:
    tree = branch("score", asked("ease", citizens="0.5", experts="0.5"), asked("law", experts=1), figure("cost"))
    whole = scheme(tree, group("citizens", "0.6"), group("experts", "0.4"), order="group-outside")
    values = Values(np.full((1, 3, 2), 50.0), np.full((1, 3), 20.0), np.array([[True, True, True]]))
    own, inside = alone(values, whole, 0)
    assert own.applies.tolist() == [[True, False, True]]
    assert np.isnan(own.rated[:, :, 1]).all()
    assert (own.rated[:, :, 0] == 50).all()
    assert inside.order == "group-inside"


def test_contributions_to_an_arithmetic_tree_are_weights_as_used_times_figures() -> None:
    tree = branch("score", asked("ease", "0.8", citizens="0.5", experts="0.5"), figure("cost", "0.2"))
    values = Values(np.array([[[80.0, 60.0], [9.0, 9.0]], [[X, 60.0], [9.0, 9.0]]]), np.array([[7.0, 40.0]] * 2),
                    np.ones((2, 2), dtype=bool))  # fmt: skip
    found = divide_scores(values, scheme(tree, group("citizens"), group("experts")))
    assert found.figures == pytest.approx(np.array([[[32, 24, 0], [0, 0, 8]], [[0, 48, 0], [0, 0, 8]]]))
    assert found.nodes.tolist() == [[0.0] * 3] * 2
    assert found.total() == pytest.approx([64, 56])


def test_what_a_cap_takes_stays_with_the_capped_node() -> None:
    below = branch("d", figure("a", "0.5"), figure("b", "0.5"), weight="0.5",
                   caps=(Cap("a", Fraction(40), Fraction(45)),))  # fmt: skip
    whole = scheme(branch("score", below, figure("c", "0.5")))
    values = given([[30, 90, 80], [50, 90, 80]])
    found = divide_scores(values, whole)
    assert found.figures[:, :, 0] == pytest.approx(np.array([[7.5, 22.5, 40], [12.5, 22.5, 40]]))
    assert found.nodes == pytest.approx(np.array([[0, -7.5, 0, 0, 0], [0, 0, 0, 0, 0]]))
    gaps = divide_gaps(values, values, whole, rows=[1, 1])
    assert gaps.figures[0, :, 0] == pytest.approx([-5, 0, 0])
    assert gaps.nodes[0] == pytest.approx([0, -7.5, 0, 0, 0])


def test_a_missing_child_that_counts_as_its_lowest_value_has_a_row_of_its_own() -> None:
    whole = two(missing="lowest")
    values = given([[80, X], [60, 40]])
    assert divide_scores(values, whole).nodes[0] == pytest.approx([0, 0, 0.25])
    gaps = divide_gaps(values, values, whole, rows=[1, 0])
    assert gaps.figures[:, :, 0] == pytest.approx(np.array([[15, 0], [-15, 0]]))
    assert gaps.nodes[:, 2] == pytest.approx([-9.75, 9.75])


def test_a_figure_that_one_side_lacks_stands_at_its_parents_score() -> None:
    values = given([[80, X], [60, 40]])
    gaps = divide_gaps(values, values, two(), rows=[1, 0])  # 80 against 55
    assert gaps.figures[:, :, 0] == pytest.approx(np.array([[15, 0], [-15, 0]]))
    assert gaps.nodes[:, 2] == pytest.approx([10, -10])


def test_a_group_that_one_side_lacks_stands_at_the_indicators_score() -> None:
    whole = scheme(branch("score", asked("ease", citizens="0.5", experts="0.5")), group("citizens"), group("experts"))
    rated = np.array([[[80.0, X]], [[60.0, 30.0]]])
    values = Values(rated, np.full((2, 1), X), np.ones((2, 1), dtype=bool))
    gaps = divide_gaps(values, values, whole, rows=[1, 0])  # 80 against 45
    assert gaps.figures[:, 0] == pytest.approx(np.array([[10, 25, 0], [-10, -25, 0]]))


def test_a_group_that_one_side_lacks_at_the_top_stays_with_the_top() -> None:
    leaf = asked("ease", citizens="0.5", experts="0.5")
    groups = group("citizens", "0.6"), group("experts", "0.4")
    whole = scheme(branch("score", leaf), *groups, order="group-outside")
    values = Values(np.array([[[80.0, X]], [[60.0, 30.0]]]), np.full((2, 1), X), np.ones((2, 1), dtype=bool))
    assert divide_scores(values, whole).figures[:, 0] == pytest.approx(np.array([[80, 0, 0], [36, 12, 0]]))
    gaps = divide_gaps(values, values, whole, rows=[1, 0])  # 80 against 48
    assert gaps.figures[:, 0] == pytest.approx(np.array([[12, 0, 0], [-12, 0, 0]]))
    assert gaps.nodes[:, 0] == pytest.approx([20, -20])


def test_a_unit_without_a_score_has_no_parts() -> None:
    values = given([[X, X], [60, 40]])
    for found in (divide_scores(values, two()), divide_gaps(values, values, two(), rows=[1, 0])):
        assert not found.figures[0].any()
        assert found.total()[0] == 0
    assert divide_gaps(values, values, two(), rows=[1, 0]).total().tolist() == [0, 0]


def test_outranking_is_divided_by_leaving_children_out_for_all_units() -> None:
    whole = two("copeland")
    values = given([[9, 1], [5, 5], [5, 9]])
    found = divide_scores(values, whole)
    # Ease alone gives 2, -1, -1; cost alone -2, 0, 2; both as ease does, but that the tied second and third part.
    assert found.total() == pytest.approx([2, -2, 0])
    assert found.figures[:, :, 0] == pytest.approx(np.array([[3, -1], [-1.5, -0.5], [-1.5, 1.5]]))
    gaps = divide_gaps(values, values, whole, rows=[2, 0, 1])
    assert gaps.figures[0, :, 0] == pytest.approx([4.5, -2.5])


def test_a_part_of_outranking_goes_on_below_a_child() -> None:
    below = branch("d", figure("a", "0.5"), figure("b", "0.5"), weight="0.75")
    whole = scheme(branch("score", below, figure("cost", "0.25"), aggregation="copeland"))
    found = divide_scores(given([[12, 4, 1], [4, 4, 5], [2, 2, 9]]), whole)
    assert found.figures[0, :2, 0] == pytest.approx([2.25, 0.75])


def test_a_unit_that_a_coverage_rule_leaves_out_is_outranked_by_nobody() -> None:
    whole = two("copeland", coverage=Coverage(Fraction(1)))
    found = divide_scores(given([[9, 1], [5, 5], [99, X]]), whole)
    assert found.total() == pytest.approx([1, -1, 0])


def test_an_average_unit_has_the_mean_of_the_figures_there_are() -> None:
    rated = np.array([[[80.0, X]], [[60.0, X]], [[10.0, 30.0]]])
    values = Values(rated, np.array([[1.0], [X], [5.0]]), np.array([[True], [True], [False]]))
    found = average_unit(values, [[0, 1], [1, 2], [2]])
    assert np.array_equal(found.rated, np.array([[[70, X]], [[60, X]], [[X, X]]]), equal_nan=True)
    assert np.array_equal(found.given, np.array([[1], [X], [X]]), equal_nan=True)
    assert found.applies.tolist() == [[True], [True], [False]]
    with pytest.raises(InputError, match="^average unit: no members; allowed are one or more$"):
        average_unit(values, [[0], []])


@settings(max_examples=60, deadline=None)
@every(schemes(), st.integers(0, 10**6))
def test_contributions_sum_to_the_score_in_any_tree(drawn: Scheme, seed: int) -> None:
    values = draw_values(drawn, 5, seed)
    score = _score(values, drawn)
    assert divide_scores(values, drawn).total() == pytest.approx(np.nan_to_num(score), abs=1e-9)


@settings(max_examples=60, deadline=None)
@every(schemes(methods=[name for name in AGGREGATIONS if not name.startswith("ampi")]), st.integers(0, 10**6))
def test_parts_of_a_gap_sum_to_it_in_any_tree(drawn: Scheme, seed: int) -> None:
    values, base = draw_values(drawn, 5, seed), draw_values(drawn, 5, seed + 1)
    gap = np.nan_to_num(_score(values, drawn) - _score(base, drawn))
    assert divide_gaps(values, base, drawn).total() == pytest.approx(gap, abs=1e-9)


@settings(max_examples=25, deadline=None)
@every(schemes(methods=["arithmetic", "geometric", "harmonic", "power", "median", "minimum"]), st.integers(0, 10**6))
def test_the_derivatives_of_the_tree_are_the_contributions_by_another_way(drawn: Scheme, seed: int) -> None:
    values = draw_values(drawn, 4, seed)
    scores = evaluate(values, drawn, gradient="top")
    figures = np.nan_to_num(np.concatenate([values.rated, values.given[:, :, None]], axis=2))
    found = divide_scores(values, drawn)
    assert found.figures == pytest.approx(scores.gradient[:, 0] * figures, abs=1e-9)
    assert found.nodes == pytest.approx(scores.remainder, abs=1e-9)


def _score(values: Values, drawn: Scheme) -> Floats:
    try:
        return evaluate(values, drawn, gradient=False).score[:, 0]
    except InputError:
        assume(False)  # a mean that must lie above 0 does not
        raise
