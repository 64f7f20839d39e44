"""Real answers: the Kansas City resident survey, imported, scored, published, and added up again by hand.

The file is not part of the project. Without it these tests are skipped.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from evalsys.config import PROJECT
from evalsys.db import db
from evalsys.errors import Conflict
from evalsys.models import PublishedScorecard, Response, Round, Unit
from evalsys.reports.scorecard import Scorecard
from evalsys.services import imports, printing, replies, rounds, runs, schemes
from evalsys.services.accounts import actor_named
from evalsys.services.demo import load_staff
from tests.conftest import make_app
from tests.factories import give_rules
from tests.pages import get_page
from tests.pdf.making import text_of

DATA = PROJECT.parent / "shared" / "data" / "kansas-city"
MAP = PROJECT / "evalsys" / "presets" / "kansas_city_map.toml"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
REPLY = timedelta(days=40)
ROUNDS = {"2021-Q3": "kc-2021-q3", "2022-Q1": "kc-2022-q1"}
CENT = Decimal("0.01")

pytestmark = pytest.mark.skipif(
    not (DATA / "responses.csv").is_file(), reason=f"the survey file is not there: {DATA / 'responses.csv'}"
)


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, imports.ImportReport]:
    """Both rounds imported, approved by a second person, opened, closed, scored and published."""
    folder = tmp_path_factory.mktemp("kansas")
    app = make_app(folder, f"sqlite:///{folder / 'evalsys.sqlite'}")
    with app.app_context():
        load_staff(is_production=False, now=NOW)
        analyst, board = (actor_named(f"{name}@rivergate.example") for name in ("analyst", "board1"))
        source = imports.Source(DATA / "responses.csv", imports.read_map(MAP))
        report = imports.import_responses(analyst, source, now=NOW)
        for code in ROUNDS.values():
            decision = schemes.Decision(code, 1, is_approved=True, reason="As agreed.")
            schemes.decide_proposal(board, decision, now=NOW)
            give_rules(db.session(), code)
            rounds.open_round(analyst, code, now=NOW)
            rounds.close_round(analyst, code, now=NOW)
            rounds.move_round(analyst, code, "check", now=NOW)
            runs.score_round(analyst, code, now=NOW)
            replies.share_results(analyst, code, now=NOW)
            replies.adopt_results(board, code, now=NOW + REPLY)
            runs.publish_round(board, code, now=NOW)
        db.session.remove()
    return app, report


@pytest.fixture(scope="module")
def cards(survey: tuple[Flask, imports.ImportReport]) -> dict[tuple[str, str], dict[str, Any]]:
    """What was published in English, by round and unit."""
    query = select(Round.code, Unit.code, PublishedScorecard.content).select_from(PublishedScorecard)
    query = query.join(Round, PublishedScorecard.round_id == Round.id).join(Unit, PublishedScorecard.unit_id == Unit.id)
    with survey[0].app_context():
        rows = db.session.execute(query.where(PublishedScorecard.locale == "en")).all()
        db.session.remove()
    return {(code, unit): json.loads(content) for code, unit, content in rows}


def raw_rows(cycle: str) -> list[dict[str, str]]:
    with open(DATA / "responses.csv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["cycle"] == cycle]


def codebook() -> list[dict[str, str]]:
    with open(DATA / "codebook.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rounded(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def mean_by_hand(rows: list[dict[str, str]], column: str) -> Fraction:
    """Mean on 0-100: (answer - 1) x 25; 9 and empty cells are left out."""
    marks = [int(row[column]) for row in rows if row[column] in set("12345")]
    return Fraction(sum(marks) - len(marks), len(marks)) * 25


def by_hand() -> Iterator[tuple[str, str, dict[str, Fraction], Fraction]]:
    """Round, unit, mean of each question, score: half overall, half the mean of the details, or the one there is."""
    for cycle, code in ROUNDS.items():
        rows = raw_rows(cycle)
        for unit in sorted({line["unit_code"] for line in codebook()}):
            own = [line for line in codebook() if line["unit_code"] == unit]
            means = {line["column"]: mean_by_hand(rows, line["column"]) for line in own}
            kinds = []
            for kind in ("overall", "detail"):
                some = [means[line["column"]] for line in own if line["kind"] == kind]
                if some:
                    kinds.append(sum(some, Fraction(0)) / len(some))
            yield code, unit, means, sum(kinds, Fraction(0)) / len(kinds)


def test_the_import_reports_what_the_file_holds(survey: tuple[Flask, imports.ImportReport]) -> None:
    report = survey[1]
    assert report.count.respondents == {"kc-2021-q3": 1033, "kc-2022-q1": 984}
    assert (report.count.valid, report.count.dont_know) == (95_171, 25_849)
    assert (report.count.rejected_rows, report.count.rejected_cells) == (0, 0)
    assert report.added == report.responses


def test_every_published_score_can_be_added_up_from_the_raw_file(cards: dict[tuple[str, str], dict[str, Any]]) -> None:
    found = {(code, unit): score for code, unit, _, score in by_hand()}
    assert len(found) == len(cards) == 30
    assert {key: card["score"] for key, card in cards.items()} == {key: str(rounded(s)) for key, s in found.items()}


def test_every_published_mean_can_be_added_up_from_the_raw_file(cards: dict[tuple[str, str], dict[str, Any]]) -> None:
    for code, unit, means, _ in by_hand():
        lines = {line["code"].removeprefix("kc_"): line["score"] for line in cards[code, unit]["indicators"]}
        assert lines == {column: str(rounded(mean)) for column, mean in means.items()}, (code, unit)


def is_share(percent: int, part: int, whole: int) -> bool:
    """Whether the whole percent is one of the two next to the exact share; the largest remainder says which."""
    return abs(percent - Fraction(100 * part, whole)) < 1


def test_every_published_count_and_share_is_that_of_the_raw_file(
    cards: dict[tuple[str, str], dict[str, Any]],
) -> None:
    for cycle, code in ROUNDS.items():
        rows = raw_rows(cycle)
        for line in codebook():
            counted = Counter(row[line["column"]] for row in rows)
            (shown,) = [
                found
                for found in cards[code, line["unit_code"]]["indicators"]
                if found["code"] == f"kc_{line['column']}"
            ]
            known = sum(counted[mark] for mark in "12345")
            assert int(shown["n"]) == known
            assert "n_to" not in shown  # from 100 people on, numbers are exact
            assert is_share(int(shown["dont_know_share"]), counted["9"], known + counted["9"])
            shares = [int(percent) for percent in shown["shares"]]
            assert sum(shares) == 100
            assert all(is_share(*share, known) for share in zip(shares, (counted[m] for m in "12345"), strict=True))


def test_published_rounds_take_no_second_import(survey: tuple[Flask, imports.ImportReport]) -> None:
    source = imports.Source(DATA / "responses.csv", imports.read_map(MAP))
    with survey[0].app_context():
        with pytest.raises(Conflict):
            imports.import_responses(actor_named("analyst@rivergate.example"), source, now=NOW)
        assert db.session.scalar(select(func.count()).select_from(Response)) == survey[1].added
        db.session.remove()


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_published_page_shows_the_score_by_hand(survey: tuple[Flask, imports.ImportReport], locale: str) -> None:
    scores = {(code, unit): score for code, unit, _, score in by_hand()}
    page = get_page(survey[0].test_client(), f"/{locale}/rounds/kc-2022-q1/units/POLICE")
    assert str(rounded(scores["kc-2022-q1", "POLICE"])) in page.text


def test_a_scorecard_of_each_round_is_printed_with_the_score_added_by_hand(
    survey: tuple[Flask, imports.ImportReport],
) -> None:
    by_unit = {(code, unit): score for code, unit, _means, score in by_hand()}
    police = PublishedScorecard.unit.has(Unit.code == "POLICE")
    query = select(PublishedScorecard).where(PublishedScorecard.locale == "en", police)
    with survey[0].app_context():
        cards = [Scorecard.from_json(row.content) for row in db.session.scalars(query)]
        assert {card.round_code for card in cards} == set(ROUNDS.values())
        for card in cards:
            score = by_unit[card.round_code, card.unit_code]
            assert str(rounded(score)) in text_of(printing.render(card))
        db.session.remove()
