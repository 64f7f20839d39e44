from dataclasses import replace
from decimal import Decimal

import pytest

from evalsys.reports.calculation import Reading, Sum, Term, Trial, adjusted_formula, cents, shares, signed

D = Decimal
LINEAR = Reading("linear", 1, 5, D(0), D(100), False, D("4.40"))


def term(score: str | None, weight: str, nominal: str = "") -> Term:
    return Term("part", None if score is None else D(score), D(nominal or weight), D(weight))


def test_the_mean_of_answers_becomes_points_by_a_formula_with_the_real_numbers() -> None:
    assert (LINEAR.formula, LINEAR.result) == ("(4.40 − 1) ÷ (5 − 1) × 100", D("85.00"))
    panel = Reading("linear", 0, 20, D(0), D(100), False, D("13.00"))
    assert (panel.formula, panel.result) == ("13.00 ÷ 20 × 100", D("65.00"))
    signed_range = replace(LINEAR, low=D(-5), high=D(5), is_reversed=True)
    assert (signed_range.formula, signed_range.result) == ("−5 + (5 − −5) × (1 − (4.40 − 1) ÷ (5 − 1))", D("-3.50"))


@pytest.mark.parametrize("rescale", ["favourable", "levels"])
def test_what_is_no_straight_line_has_no_formula(rescale: str) -> None:
    assert (replace(LINEAR, rescale=rescale).formula, replace(LINEAR, rescale=rescale).result) == ("", None)


def test_without_a_mean_nothing_is_calculated() -> None:
    assert (replace(LINEAR, mean=None).formula, replace(LINEAR, mean=None).result) == ("", None)


def test_a_scale_that_is_the_range_itself_needs_no_formula() -> None:
    panel = Reading("linear", 0, 100, D(0), D(100), False, D("68.00"))
    assert (panel.is_direct, panel.formula) == (True, "")
    assert not replace(panel, is_reversed=True).is_direct
    assert replace(panel, is_reversed=True).formula == "(1 − 68.00 ÷ 100) × 100"


def test_a_sum_states_its_points_and_what_they_come_to() -> None:
    found = Sum((term("82.38", "50"), term("70.50", "20"), term("68.00", "30")), D("75.69"))
    assert [part.points for part in found.terms] == [D("41.190"), D("14.100"), D("20.400")]
    assert (found.weight, found.total, found.outcome, found.gap) == (D(100), D("75.690"), D("75.69"), D("0.00"))
    assert found.formula == "50 % × 82.38 + 20 % × 70.50 + 30 % × 68.00"
    assert not found.weights_moved


def test_a_sum_whose_weights_are_not_100_is_divided_by_them() -> None:
    found = Sum((term("85.00", "7.5"), term("80.00", "10")), D("82.15"), is_divided=True)
    assert (found.weight, found.total, found.outcome, found.gap) == (D("17.5"), D("14.375"), D("82.14"), D("0.01"))
    assert found.formula == "(7.5 % × 85.00 + 10 % × 80.00) ÷ 17.5 %"


def test_a_part_without_weight_adds_nothing_and_moves_the_weights() -> None:
    found = Sum((term(None, "0", "50"), term("70.50", "40", "20"), term("68.00", "60", "30")), D("69.00"))
    assert (found.total, found.formula, found.weights_moved) == (D("69.000"), "40 % × 70.50 + 60 % × 68.00", True)


def test_a_part_that_is_not_shown_leaves_no_sum_to_work_it_out_from() -> None:
    found = Sum((term(None, "50"), term("70.50", "50")), D("75.00"))
    assert (found.total, found.outcome, found.gap, found.formula) == (None, None, None, "")
    nothing = Sum((), D("75.00"))
    assert (nothing.total, nothing.formula) == (None, "")
    assert Sum((term("70.50", "100"),), None).gap is None


def test_a_power_mean_without_its_power_has_no_formula() -> None:
    assert Sum((term("70.50", "100"),), D("70.50"), "power").formula == ""


def test_numbers_are_rounded_half_up_and_carry_a_true_minus() -> None:
    assert (cents(D("1.005")), cents(D("-1.005")), signed(D("-3.5"))) == (D("1.01"), D("-1.01"), "−3.5")
    assert shares([D(9), D(6)]) == [D("60.00"), D("40.00")]
    assert shares([D(0), D(0)]) == [D(0), D(0)]


def test_bonus_and_deduction_are_written_only_where_there_are_any() -> None:
    before = D("75.69")
    assert adjusted_formula(before, D("1.00"), D("2.00")) == "75.69 + 1.00 − 2.00"
    assert adjusted_formula(before, D("1.00"), D(0)) == "75.69 + 1.00"
    assert adjusted_formula(before, D(0), D("2.00")) == "75.69 − 2.00"


@pytest.mark.parametrize(("share", "doubt"), [("79", True), ("80", False), (None, False)])
def test_a_band_is_in_doubt_below_80_of_100(share: str | None, doubt: bool) -> None:
    assert Trial(1, 2, None if share is None else D(share)).has_doubt is doubt


@pytest.mark.parametrize(("count", "named"), [(0, False), (1, True), (3, True), (4, False)])
def test_up_to_three_units_are_named_as_alike(count: int, named: bool) -> None:
    assert Trial(1, 2, None, ("unit",) * count).is_tied_with_few is named
