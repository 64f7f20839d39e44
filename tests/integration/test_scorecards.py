"""What is published of each unit: the worked example to the second decimal, and nothing that is withheld."""

import hashlib
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.db import transaction
from evalsys.models import PublishedScorecard, Round, Run
from evalsys.services import scorecards, work
from evalsys.services.scorecards.sheet import weight
from tests.published import CITY, card_of, make_published_round


def test_the_worked_example_is_published_to_the_second_decimal(session: Session) -> None:
    make_published_round(session)
    card = card_of(session, "U01")
    assert (card.score, card.band, card.level, card.n) == (Decimal("75.69"), "B", "full", 134)
    assert (card.is_least, card.coverage) == (True, Decimal(100))
    assert [line.score for line in card.groups] == [Decimal("82.38"), Decimal("70.50"), Decimal("68.00")]
    assert [str(line.weight_used) for line in card.groups] == ["50", "20", "30"]
    assert (card.rank, card.ranked_of) == (1, 2)
    trust = next(line for line in card.indicators if line.code == "trust")
    assert (trust.score, trust.contribution, str(trust.weight_used)) == (Decimal("80.00"), Decimal("8.00"), "10")
    assert (trust.distribution, trust.shares, trust.dont_know_share) == ((), (0, 0, 0, 80, 20), 0)
    assert card.low is not None
    assert card.high is not None
    assert card.low < card.score < card.high  # type: ignore[operator]  # it is shown, see above


def test_a_missing_group_gives_its_weight_to_the_others(session: Session) -> None:
    make_published_round(session)
    card = card_of(session, "U18")
    assert [(line.code, str(line.weight_nominal), str(line.weight_used)) for line in card.groups] == [
        ("citizens", "50", "0"),
        ("peers", "20", "40"),
        ("experts", "30", "60"),
    ]
    assert card.groups[0].level == "absent"
    assert card.score == Decimal("69.00")
    assert {line.group_code for line in card.indicators} == {"peers", "experts"}


def test_too_few_ratings_leave_number_but_no_figure(session: Session) -> None:
    make_published_round(session)
    card = card_of(session, "U20")
    assert (card.level, card.level_group, card.level_n) == ("overseer", "citizens", 20)
    assert (card.score, card.low, card.high, card.band, card.rank) == (None, None, None, "", None)
    citizens = card.groups[0]
    assert (citizens.n, citizens.score, citizens.low, citizens.needed) == (20, None, None, 30)
    lines = [line for line in card.indicators if line.group_code == "citizens"]
    assert len(lines) == 7
    assert all((line.score, line.n, line.contribution, line.raw_mean) == (None,) * 4 for line in lines)
    assert all((line.distribution, line.dont_know) == ((), 0) for line in lines)
    assert (card.category_mean, card.strengths, card.weaknesses) == (None, (), ())


def test_a_hidden_number_cannot_be_worked_out_from_the_total(session: Session) -> None:
    make_published_round(session)
    card = card_of(session, "U21")
    assert (card.level, card.level_n, card.groups[0].n) == ("hidden", None, None)
    assert card.n == 14


def test_an_indicative_result_has_a_score_but_no_band_and_no_rank(session: Session) -> None:
    make_published_round(session)
    card = card_of(session, "U08")
    assert (card.level, card.level_n, card.band, card.rank) == ("indicative", 50, "", None)
    assert card.level_n_to == 99
    assert card.score is not None
    assert card.groups[0].needed == 100


def test_a_category_with_one_published_unit_has_no_mean(session: Session) -> None:
    make_published_round(session)
    assert card_of(session, "U19").category_mean is None
    assert all(
        line.category_mean is None for line in card_of(session, "U19").indicators if line.group_code == "citizens"
    )
    assert card_of(session, "U01").category_units == 3


def test_answers_without_invitation_are_shown_and_count_nothing(session: Session) -> None:
    make_published_round(session)
    line = card_of(session, "U01").open_channel
    assert line is not None
    assert (line.n, line.n_to, line.mean) == (20, 49, Decimal("82.38"))
    assert card_of(session, "U02").open_channel is None


def test_strengths_and_weaknesses_are_measured_against_the_category(session: Session) -> None:
    make_published_round(session)
    card = card_of(session, "U01")
    gaps = {line.code: line.gap for line in card.indicators}
    assert card.strengths[0] == max(gaps, key=lambda code: gaps[code] or Decimal(0))
    assert all((gaps[code] or 0) > 0 for code in card.strengths)
    assert card.weaknesses == ()


def test_every_unit_gets_one_card_a_language_with_one_reference(session: Session) -> None:
    make_published_round(session)
    session.rollback()
    rows = session.scalars(select(PublishedScorecard)).all()
    assert len(rows) == 3 * len(CITY)
    assert all(row.digest == hashlib.sha256(row.content.encode()).hexdigest() for row in rows)
    references = {card_of(session, "U01", locale).reference for locale in ("en", "zh", "ar")}
    assert len(references) == 1
    assert references.pop().startswith("RCC-2025-U01-")
    assert card_of(session, "U01", "ar").direction == "rtl"


def test_publishing_the_same_run_again_adds_nothing(session: Session) -> None:
    make_published_round(session)
    batch = scorecards.batch_of("2025", 1)
    printed = 3 * (2 * len(CITY) + 1)  # a card and a poster of each unit, and a booklet, in every language
    assert work.progress(batch).total == printed
    with transaction() as writing:
        round_ = writing.scalars(select(Round)).one()
        run = writing.scalars(select(Run)).one()
        assert scorecards.publish(writing, round_, run, utc_now()) == batch
    assert work.progress(batch).total == printed
    assert session.scalar(select(func.count()).select_from(PublishedScorecard)) == 3 * len(CITY)


def test_the_trend_breaks_where_the_method_changed(session: Session) -> None:
    make_published_round(session, "2023", method="old")
    make_published_round(session, "2024", method="new")
    make_published_round(session, "2025", method="new")
    assert [p.comparable for p in card_of(session, "U01").history] == [False, True, True]
    assert (card_of(session, "U01").change, card_of(session, "U01").change_since) == (Decimal("0.00"), "2024")
    assert card_of(session, "U01").change_is_clear is False
    lines = card_of(session, "U01").indicators
    assert {(line.change, bool(line.change_is_clear)) for line in lines} == {(Decimal(0), False)}
    assert all(line.change is None for line in card_of(session, "U01", round_code="2024").indicators)
    hidden = [line for line in card_of(session, "U20").indicators if line.group_code == "citizens"]
    assert all((line.score, line.change) == (None, None) for line in hidden)
    assert card_of(session, "U01", round_code="2024").change is None
    assert [p.score for p in card_of(session, "U20").history] == [None, None, None]


def test_weights_are_printed_without_idle_zeros() -> None:
    assert [str(weight(value)) for value in (50.0, 7.5, 62.5, 33.333333, 0.0, 100.0)] == [
        "50", "7.5", "62.5", "33.33", "0", "100",
    ]  # fmt: skip
