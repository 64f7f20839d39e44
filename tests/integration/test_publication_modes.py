"""A scheme may publish scores, grades, or both: what is left out is on no card, page or PDF; the overseers read all."""

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import PublishedScorecard, Role, Run
from evalsys.reports.scorecard import Scorecard
from evalsys.services import printing, run_pages
from evalsys.services.access import actor_of
from tests.factories import make_account
from tests.pages import get_page
from tests.published import CITY, card_of, make_published_round

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

PATHS = ("/en/rounds/2025", "/en/rounds/2025/units/U01", "/ar/rounds/2025/units/U01", "/en/units/U01")
OWN_BOUNDS = {"0.00", "100.00"}


def figures_of(card: Scorecard) -> set[str]:
    """Every score, mean, bound and contribution anywhere in a card, as it is printed, with two decimals."""
    return set(_texts(json.loads(card.canonical()))) - OWN_BOUNDS


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if re.fullmatch(r"-?\d+\.\d\d", value) else []
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from [] if name.startswith("weight") else _texts(item)


def printed(card: Scorecard) -> str:
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(
        command, input=printing.render(card), capture_output=True, check=True, timeout=60
    ).stdout.decode()


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d+\.\d\d", text))


def stored_cards(session: Session) -> list[Scorecard]:
    session.rollback()
    return [Scorecard.from_json(text) for text in session.scalars(select(PublishedScorecard.content))]


def test_grades_alone_leave_no_figure_on_any_card(session: Session) -> None:
    make_published_round(session, publication="grades")
    cards = stored_cards(session)
    assert len(cards) == 3 * len(CITY)
    assert [figures_of(card) for card in cards] == [set()] * len(cards)
    card = card_of(session, "U01")
    assert (card.band, card.level, card.score, card.rank, card.change) == ("B", "full", None, None, None)
    assert (card.strengths, card.weaknesses, [point.score for point in card.history]) == ((), (), [None])
    assert [(line.n, line.score) for line in card.groups] == [(120, None), (10, None), (4, None)]
    assert card.open_channel is not None
    assert (card.open_channel.n, card.open_channel.n_to, card.open_channel.mean) == (20, 49, None)
    assert card_of(session, "U08").band == ""


def test_grades_alone_leave_no_figure_on_page_or_pdf(session: Session, client: FlaskClient) -> None:
    make_published_round(session, publication="grades")
    for path in PATHS:
        text = get_page(client, path).text
        assert numbers_in(text) <= OWN_BOUNDS, path
    text = printed(card_of(session, "U01"))
    assert "U01" in text
    assert numbers_in(text) <= OWN_BOUNDS


def test_scores_alone_leave_no_grade_on_any_card(session: Session) -> None:
    make_published_round(session, publication="scores")
    assert {(card.band, card.bands) for card in stored_cards(session)} == {("", ())}
    card = card_of(session, "U01")
    assert (card.score, card.rank, card.ranked_of) == (Decimal("75.69"), 1, 2)
    assert {point.band for point in card.history} == {""}


def test_every_figure_of_a_card_is_found_where_all_is_published(session: Session) -> None:
    make_published_round(session)
    card = card_of(session, "U01")
    assert {"75.69", "82.38", "70.50", "68.00", "80.00", "8.00", str(card.low), str(card.high)} <= figures_of(card)


def test_scores_alone_leave_scores_on_page_and_pdf(session: Session, client: FlaskClient) -> None:
    make_published_round(session, publication="scores")
    assert "75.69" in get_page(client, "/en/rounds/2025/units/U01").text
    assert "75.69" in printed(card_of(session, "U01"))


@pytest.mark.parametrize("publication", ["grades", "scores"])
def test_the_oversight_body_reads_scores_and_grades_whatever_is_published(session: Session, publication: str) -> None:
    make_published_round(session, publication=publication)
    run_id = session.scalars(select(Run.id)).one()
    text = run_pages.run_csv(actor_of(make_account(session, Role.BOARD)), run_id, "scores")[1]
    found = {row["unit"]: (row["score"][:6], row["band"]) for row in csv.DictReader(io.StringIO(text))}
    assert found["U01"] == ("75.687", "B")
