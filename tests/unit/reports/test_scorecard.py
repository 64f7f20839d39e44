import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from evalsys.reports.scorecard import GroupLine, Scorecard
from tests.pdf.samples import LOCALES, SAMPLES, normal, not_graded, without_citizens


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_survives_its_canonical_form(name: str, locale: str) -> None:
    card = SAMPLES[name](locale)
    assert Scorecard.from_json(card.canonical()) == card
    assert Scorecard.from_json(card.canonical()).digest == card.digest


def test_canonical_form_has_sorted_keys_and_every_number_as_text() -> None:
    plain = json.loads(normal("en").canonical())
    assert list(plain) == sorted(plain)
    assert plain["score"] == "75.69"
    assert plain["rank"] == "2"
    assert plain["published_on"] == "2026-03-16"
    assert plain["change_is_clear"] == "no"
    assert not [value for value in plain.values() if isinstance(value, (int, float))]


def test_any_changed_figure_changes_the_digest() -> None:
    card = normal("en")
    assert replace(card, score=Decimal("75.70")).digest != card.digest
    assert replace(card, published_on=date(2026, 3, 17)).digest != card.digest


def test_what_is_withheld_is_not_in_the_card_at_all() -> None:
    plain = json.loads(not_graded("en").canonical())
    assert plain["score"] is None
    assert "82.38" not in not_graded("en").canonical().decode()
    assert not not_graded("en").is_shown


@pytest.mark.parametrize(
    ("low", "high", "place"),
    [(73, 78, "above"), (70, 78, "near"), (60, 72, "below"), (None, None, "")],
)
def test_a_score_is_above_its_category_only_when_the_interval_is(low: int | None, high: int | None, place: str) -> None:
    card = replace(
        normal("en"), low=None if low is None else Decimal(low), high=None if high is None else Decimal(high)
    )
    assert card.against_category == place


def test_dates_are_written_in_the_language_of_the_card_with_latin_digits() -> None:
    assert [normal(locale).published_text for locale in LOCALES] == ["March 16, 2026", "2026年3月16日", "16 مارس 2026"]
    assert normal("en").adopted_text == "December 2, 2024"


def test_lines_are_found_by_dimension_and_by_finding() -> None:
    card = normal("en")
    assert [(name, len(lines)) for name, lines in card.by_dimension] == [
        ("Citizens’ experience", 7),
        ("Cooperation", 3),
        ("Management", 6),
    ]
    assert [line.name for line in card.best] == ["Ease", "Staff", "Works with us"]
    assert [line.name for line in card.worst] == ["Shares information", "Strategy", "Speed"]
    assert card.widest == 10


def test_the_group_that_limits_the_level_is_named() -> None:
    line = not_graded("en").limiting_group
    assert isinstance(line, GroupLine)
    assert line.code == "citizens"
    assert normal("en").limiting_group is None


def test_moved_weights_are_noticed() -> None:
    assert without_citizens("en").weights_moved
    assert not normal("en").weights_moved
