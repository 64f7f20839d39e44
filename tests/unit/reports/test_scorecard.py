import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from evalsys.reports import charts, paper
from evalsys.reports.calculation import Trial
from evalsys.reports.scorecard import GroupLine, Scorecard
from tests.pdf.making import environment
from tests.pdf.samples import LOCALES, normal
from tests.pdf.situations import SAMPLES, not_graded, without_citizens


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


NEW = {
    "groups": {"withheld", "parts", "raked", "estimator", "trim", "shrinkage", "severity"},
    "indicators": {"parent", "withheld", "reading"},
    "": {
        "publication", "order", "banding", "nodes", "trial", "score_before", "bonus", "deduction", "limit",
        "limit_band", "adjustments",
    },
}  # fmt: skip


def as_first_published(card: Scorecard) -> bytes:
    """The card as it was stored before cards kept the steps behind their numbers."""
    plain = {name: value for name, value in json.loads(card.canonical()).items() if name not in NEW[""]}
    for name in ("groups", "indicators"):
        plain[name] = [{key: value for key, value in row.items() if key not in NEW[name]} for row in plain[name]]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_that_was_published_before_keeps_its_bytes_and_can_be_drawn(name: str) -> None:
    stored = as_first_published(SAMPLES[name]("en"))
    card = Scorecard.from_json(stored)
    assert card.canonical() == stored
    assert card.digest == hashlib.sha256(stored).hexdigest()
    assert (card.nodes, card.trial, card.top, card.adjusted, card.publication) == (
        (),
        None,
        None,
        "",
        "scores-and-grades",
    )
    drawn = environment("en").get_template("pdf/scorecard.html").render(card=card, charts=charts, paper=paper)
    assert "Show the calculation" not in drawn
    assert "The calculation, number by number" not in drawn


def test_names_of_units_that_are_alike_are_listed_as_the_language_does() -> None:
    card = replace(normal("en"), trial=Trial(1, 3, None, ("Parks", "Water", "Roads")))
    assert card.tied_text == "Parks, Water, and Roads"
    assert replace(card, trial=None).tied_text == ""


def test_points_are_not_added_up_when_one_is_not_shown() -> None:
    card = normal("en")
    assert card.points == Decimal("75.69")
    hidden = replace(card.indicators[0], contribution=None)
    assert replace(card, indicators=(hidden, *card.indicators[1:])).points is None
    uncounted = replace(hidden, weight_used=Decimal(0))
    assert replace(card, indicators=(uncounted, *card.indicators[1:])).points == Decimal("69.31")


def test_a_score_that_is_withheld_for_others_is_told_from_one_of_few_ratings() -> None:
    assert replace(normal("en"), score=None).is_covering
    assert not not_graded("en").is_covering


def test_parts_between_the_whole_and_the_indicators_are_found() -> None:
    card = normal("en")
    half = replace(card.nodes[1], code="half", parent="score")
    nested = (card.nodes[0], half, replace(card.nodes[1], parent="half"), *card.nodes[2:])
    assert [node.code for node in replace(card, nodes=nested).inner] == ["half"]
    assert card.inner == ()
