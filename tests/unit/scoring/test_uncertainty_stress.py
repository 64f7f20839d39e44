"""How ranks hold: one change at a time, draws of weights and answers, and the evidence of some units alone."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scoring.scheme import Scheme
from scoring.tree import Values, evaluate
from scoring.uncertainty import top_spread
from scoring.uncertainty.stress import Contest, lift, put_to_test, try_scenarios
from scoring.uncertainty.subset import evidence_of, values_of
from tests.unit.scoring.bounded import Round, asked, scheme_of
from tests.unit.scoring.rounds import cell, form
from tests.unit.scoring.trees import X, branch, figure, given, group, scheme
from tests.unit.scoring.trees import asked as rated


def contest(values: Values, of: Scheme, categories: str = "AAA", added: float = 0.0) -> Contest:
    extra = np.zeros(len(values.rated))
    extra[-1] = added
    return Contest(values, None, of, list(categories), extra)  # type: ignore[arg-type]


FLAT = scheme(branch("score", figure("x", "0.6"), figure("y", "0.4")))
FIGURES = given([[90, 10], [50, 60], [40, 40]])


def ranks(one: Contest) -> dict[tuple[str, str], list[int]]:
    return {(found.kind, found.code): found.ranks.tolist() for found in try_scenarios(one)}


def test_each_scenario_changes_one_thing() -> None:
    # Nominal: 58, 54, 40. Geometric: 90^.6 10^.4 = 37.4, 53.8, 40. Equal: 50, 55, 40.
    assert ranks(contest(FIGURES, FLAT)) == {
        ("mean", "geometric"): [3, 1, 2],
        ("equal", ""): [2, 1, 3],
        ("lowest", ""): [1, 2, 3],
        ("indicator", "x"): [3, 1, 2],
        ("indicator", "y"): [1, 2, 3],
    }


def test_a_geometric_tree_is_tried_with_a_plain_sum_and_zeros_do_not_break_the_means() -> None:
    geometric = scheme(branch("score", figure("x", "0.5"), figure("y", "0.5"), aggregation="geometric"))
    assert ranks(contest(given([[90, 20], [50, 50], [45, 45]]), geometric))["mean", "arithmetic"] == [1, 2, 3]
    assert ranks(contest(given([[90, 0], [20, 20], [10, 10]]), FLAT))["mean", "geometric"] == [2, 1, 3]


def test_what_is_missing_counts_as_the_lowest_value() -> None:
    assert ranks(contest(given([[90, X], [60, 50], [40, 40]]), FLAT))["lowest", ""] == [2, 1, 3]


def test_ranks_stay_inside_categories_and_bonus_is_added() -> None:
    assert ranks(contest(FIGURES, FLAT, "ABA", added=30.0))["lowest", ""] == [2, 1, 1]


def test_a_group_leaves_its_weight_to_the_others_and_takes_what_it_alone_rates_with_it() -> None:
    groups = (group("a"), group("b"))
    tree = branch("score", rated("x", "0.5", a="0.5", b="0.5"), rated("y", "0.5", a="1"))
    both = scheme(tree, *groups)
    values = Values(
        np.array([[[80.0, 20.0], [10.0, X]], [[40.0, 60.0], [90.0, X]]]),
        np.full((2, 2), X),
        np.ones((2, 2), dtype=bool),
    )
    found = ranks(contest(values, both, "AA"))
    assert found["group", "a"] == [2, 1]
    assert found["group", "b"] == [2, 1]
    alone = evaluate(values, both, gradient=False).score[:, 0]
    assert alone.tolist() == [30, 70]


def test_a_scheme_of_one_indicator_and_no_group_has_nothing_to_leave_out() -> None:
    one = scheme(branch("score", figure("x", "1")))
    assert [kind for kind, _ in ranks(contest(given([[10], [20], [30]]), one))] == ["mean", "equal", "lowest"]


def test_weights_of_nothing_stay_nothing_when_all_others_are_equal() -> None:
    silent = scheme(branch("score", figure("x", "0.9"), figure("y", "0.1"), figure("z", "0")))
    # Equal shares of x and y: 50, 55, 40; z would turn the order.
    assert ranks(contest(given([[90, 10, 100], [50, 60, 0], [40, 40, 100]]), silent))["equal", ""] == [2, 1, 3]


def test_lifted_ranges_begin_above_zero() -> None:
    leaf = replace(figure("x", "0.5"), output=(Fraction(1), Fraction(10)))
    lifted, high = lift(given([[0.0, 0.0]]), scheme(branch("score", leaf, figure("y", "0.5"))))
    assert lifted.given.tolist() == [[1.0, 1.0]]
    assert [node.output[0] for node in high.leaves()] == [1, 1]


def judged() -> Round:
    """Three units that people judged: the second best of all, the third worst."""
    of = scheme_of(asked("x", 60), asked("y", 40))
    answers = {"U02": [[5, 4], [5, 5], [4, 5], [5, 5], [5, 5]], "U03": [[1, 2], [2, 1], [2, 2], [1, 1]]}
    form_ = form("citizens", "citizens", ["x", "y"])
    more = [cell(unit, form_, "all", rows) for unit, rows in answers.items()]
    names = dict.fromkeys(("U01", "U02", "U03"), "A")
    return Round(of, {"citizens": [[4, 4], [3, 4], [4, 3], [3, 5]]}, more=more, units=names)


def test_a_whole_test_is_firm_where_units_are_far_apart_and_repeats_itself() -> None:
    made = judged()
    whole = Contest(made.combined.values, made.evidence, made.scheme, ["A", "A", "A"], np.zeros(3))
    found, again = put_to_test(whole, 7), put_to_test(whole, 7)
    assert found.units["rank"].tolist() == [2, 1, 3]
    assert found.units["median"].tolist() == [2, 1, 3]
    assert found.units["best"].tolist() == found.units["worst"].tolist() == [2, 1, 3]
    assert (found.units["top"] == 1).all()
    assert found.units["first"].tolist() == [0, 1, 0]
    assert found.units["tie_group"].tolist() == [2, 1, 3]
    assert set(found.shares["trigger"]) == {"aggregation", "missing", "weights", "raters"}
    assert found.units.equals(again.units)


def test_some_units_keep_their_own_figures_and_errors() -> None:
    made = judged()
    values, evidence = made.combined.values, made.evidence
    whole = top_spread(values, evidence, made.scheme)
    rows = np.array([2, 0])
    part = top_spread(values_of(values, rows), evidence_of(evidence, rows), made.scheme)
    assert part.variance == pytest.approx(whole.variance[rows])
    assert part.squares == pytest.approx(whole.squares[rows])
    assert whole.variance[1] not in part.variance
