"""The city's printed scorecards: golden figures in the text of the PDF, in three languages."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from evalsys.db import db
from evalsys.models import PublishedScorecard, Round, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services import printing
from tests.pdf.making import text_of, tool

LOCALES = ["en", "zh", "ar"]
ROUNDING = Decimal("0.02")
SHIPPED = {"Card-Sans", "Card-Naskh", "Card-Han"}


def printed(unit: str, locale: str, round_code: str = "2025") -> bytes:
    query = select(PublishedScorecard.content).join(Unit, PublishedScorecard.unit_id == Unit.id)
    query = query.join(Round, PublishedScorecard.round_id == Round.id)
    found = query.where(Unit.code == unit, Round.code == round_code, PublishedScorecard.locale == locale)
    return printing.render(Scorecard.from_json(db.session.scalars(found).one()))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.usefixtures("in_city")
def test_the_golden_unit_is_printed_with_its_score_groups_and_weights(locale: str) -> None:
    text = text_of(printed("U01", locale))
    for figure in ("75.69", "82.38", "70.50", "68.00", "620", "50 %", "20 %", "30 %"):
        assert figure in text, figure


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.usefixtures("in_city")
def test_a_unit_without_citizens_prints_both_lines_of_weights(locale: str) -> None:
    text = text_of(printed("U18", locale))
    for figure in ("50 %", "20 %", "30 %", "0 %", "40 %", "60 %"):
        assert figure in text, figure


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.usefixtures("in_city")
def test_a_unit_that_is_not_graded_prints_the_band_of_its_n_and_no_score(locale: str) -> None:
    text = text_of(printed("U20", locale))
    assert "n = 10–19" in text  # 18 citizens (ADR 21)
    assert "62.21" not in text
    assert "66.53" not in text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.usefixtures("in_city")
def test_the_golden_score_is_printed_with_its_calculation(locale: str) -> None:
    text = text_of(printed("U01", locale))
    assert "50 % × 82.38 + 20 % × 70.50 + 30 % × 68.00" in text
    assert "4.40 − 1 ÷ 5 − 1 × 100 = 85.00" in re.sub("[()]", "", text)  # poppler turns brackets round in Arabic lines


@pytest.mark.usefixtures("in_city")
def test_a_unit_without_citizens_prints_the_sum_with_the_weights_used() -> None:
    assert re.search(r"40 % × \d+\.\d\d \+ 60 % × \d+\.\d\d", text_of(printed("U18", "en")))


@pytest.mark.usefixtures("in_city")
def test_every_printed_sum_of_the_city_comes_to_the_printed_score() -> None:
    query = select(PublishedScorecard.content).where(PublishedScorecard.locale == "en")
    cards = [Scorecard.from_json(text) for text in db.session.scalars(query)]
    sums = [card.node_sum(node) for card in cards for node in card.branches]
    sums += [card.group_sum(line) for card in cards for line in card.groups]
    gaps = [abs(found.gap) for found in sums if found and found.gap is not None]
    assert len(gaps) > 300
    assert max(gaps) <= ROUNDING
    readings = [(line.reading, line.score) for card in cards for line in card.indicators if line.reading]
    apart = [abs(reading.result - score) for reading, score in readings if reading.result is not None and score]
    assert len(apart) > 300
    assert max(apart) <= ROUNDING


@pytest.mark.usefixtures("in_city")
def test_an_indicative_unit_prints_a_score_without_band_and_rank() -> None:
    text = text_of(printed("U08", "en"))
    assert "60.42" in text
    assert "This is a first indication, without a band" in text
    assert "Rank in the category" not in text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.usefixtures("in_city")
def test_only_shipped_fonts_are_used_and_all_are_embedded(locale: str) -> None:
    lines = tool(["pdffonts", "-"], printed("U01", locale)).splitlines()[2:]
    assert lines
    for line in lines:
        name = line.split()[0].split("+")[-1]
        assert any(name.startswith(family) for family in SHIPPED), line
        assert re.search(r"\byes yes yes\b", line), line
