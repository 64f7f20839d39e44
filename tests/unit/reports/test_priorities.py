"""What counts much and is weak first, and differences told apart from chance: both from published figures alone."""

from dataclasses import replace
from decimal import Decimal

import pytest

from evalsys.reports.differences import Difference, difference
from evalsys.reports.priorities import card_priorities
from evalsys.reports.scorecard import IndicatorLine, Scorecard
from tests.pdf.samples import normal

NARROW = (Decimal(70), Decimal(72)), (Decimal(75), Decimal(77))


def with_lines(*lines: tuple[str, str, str | None]) -> Scorecard:
    """A card of these indicators: code, weight and score."""
    card = normal("en")
    return replace(card, indicators=tuple(_line(card.indicators[0], *one) for one in lines))


def _line(line: IndicatorLine, code: str, weight: str, score: str | None) -> IndicatorLine:
    named = replace(line, code=code, name=code, weight_used=Decimal(weight), category_mean=None)
    if score is None:
        return replace(named, score=None, low=None, high=None)
    return replace(named, score=Decimal(score), low=Decimal(score) - 2, high=Decimal(score) + 2)


def test_what_counts_much_and_is_weak_comes_first() -> None:
    found = card_priorities(with_lines(("a", "40", "80"), ("b", "40", "50"), ("c", "10", "51"), ("d", "10", "79")))
    assert found is not None
    assert [(one.line.code, one.quadrant) for one in found.lines] == [
        ("b", "improve"),
        ("a", "keep"),
        ("c", "later"),
        ("d", "ease"),
    ]
    assert (found.cross, found.against_category) == ((Decimal("25.00"), Decimal("65.00")), False)
    assert all(one.is_sure for one in found.lines)


def test_a_figure_whose_interval_holds_the_line_is_not_sure() -> None:
    found = card_priorities(with_lines(("a", "40", "66"), ("b", "40", "64"), ("c", "20", "65")))
    assert found is not None
    assert not any(one.is_sure for one in found.lines)


def test_the_line_is_the_category_s_where_every_indicator_has_a_mean_there() -> None:
    card = with_lines(("a", "40", "66"), ("b", "40", "64"), ("c", "20", "65"))
    beside = tuple(replace(line, category_mean=Decimal(90)) for line in card.indicators)
    found = card_priorities(replace(card, indicators=beside))
    assert found is not None
    assert (found.performance, found.against_category) == (Decimal("90.00"), True)
    assert {one.quadrant for one in found.lines} == {"improve", "later"}


def test_hidden_indicators_are_counted_and_never_placed() -> None:
    found = card_priorities(with_lines(("a", "40", "80"), ("b", "30", "50"), ("c", "20", "51"), ("d", "10", None)))
    assert found is not None
    assert ([one.line.code for one in found.lines], found.hidden) == (["b", "a", "c"], 1)


def test_too_few_indicators_make_no_picture() -> None:
    assert card_priorities(with_lines(("a", "50", "80"), ("b", "50", "50"), ("c", "0", "60"))) is None


def test_a_difference_larger_than_its_margin_is_clear() -> None:
    found = difference(Decimal(71), Decimal(76), *NARROW)
    assert found == Difference(Decimal(5), Decimal("3.59"), Decimal("6.41"), is_clear=True)
    assert found.turned == Difference(Decimal(-5), Decimal("-6.41"), Decimal("-3.59"), is_clear=True)


@pytest.mark.parametrize("interval", [(None, None), (Decimal(70), None)])
def test_without_an_interval_nobody_says_whether_a_difference_is_clear(interval: tuple[Decimal | None, ...]) -> None:
    found = difference(Decimal(71), Decimal(76), (interval[0], interval[1]), NARROW[1])
    assert found == Difference(Decimal(5))


def test_a_hidden_figure_differs_from_nothing() -> None:
    assert difference(None, Decimal(76), *NARROW) is None
    assert difference(Decimal(71), None, *NARROW) is None
