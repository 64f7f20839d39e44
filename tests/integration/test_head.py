"""The head of a unit reads her own unit's published results and no other's."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Role, Unit
from evalsys.services.work import Claimed
from tests.factories import make_account, make_unit, sign_in
from tests.integration.test_results import print_one
from tests.pages import check_page, get_page
from tests.published import card_of, make_published_round, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL


def sign_in_head(client: FlaskClient, session: Session, unit: str) -> None:
    owner = session.scalars(select(Unit).where(Unit.code == unit)).one()
    sign_in(client, session, make_account(session, Role.HEAD, unit=owner))


def test_the_start_page_shows_the_newest_result_and_former_ones(client: FlaskClient, session: Session) -> None:
    make_published_round(session, "2024")
    make_published_round(session, "2025")
    sign_in_head(client, session, "U01")
    page = get_page(client, "/en/head")
    assert "75.69" in page.text
    assert "2024 name (en)" in page.text
    assert str(card_of(session, "U02").score) not in page.text
    assert not [link for link in page.links if "U02" in link]


def test_a_head_reads_her_card_and_takes_the_pdf_along(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    sign_in_head(client, session, "U01")
    assert "75.69" in get_page(client, "/en/head/rounds/2025").text
    check_page(client.get("/en/head/rounds/2025/scorecard.pdf"), 503)
    item: Claimed = print_one()
    assert item.key == "U01/en/1"
    response = client.get("/en/head/rounds/2025/scorecard.pdf")
    assert response.data.startswith(b"%PDF")
    assert response.headers["Cache-Control"] == "no-store"


def test_a_head_sees_no_more_of_a_withheld_result_than_the_public(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    sign_in_head(client, session, "U20")
    for url in ("/en/head", "/en/head/rounds/2025"):
        text = get_page(client, url).text
        assert "Not graded" in text
        assert "80.45" not in text


@pytest.mark.parametrize("tail", ["", "/scorecard.pdf"])
def test_a_round_before_publication_is_not_there_for_the_head(client: FlaskClient, session: Session, tail: str) -> None:
    make_scored_round(session)
    sign_in_head(client, session, "U01")
    check_page(client.get(f"/en/head/rounds/2025{tail}"), 404)
    assert "No result yet" in get_page(client, "/en/head").text


def test_the_head_of_a_unit_outside_the_round_finds_nothing(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    make_unit(session, code="U77")
    sign_in_head(client, session, "U77")
    check_page(client.get("/en/head/rounds/2025"), 404)
    check_page(client.get("/en/head/rounds/2025/scorecard.pdf"), 404)
    assert "No result yet" in get_page(client, "/en/head").text


def test_others_are_kept_out(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    assert client.get("/en/head").status_code == 302
    sign_in(client, session, make_account(session, Role.AUDITOR))
    check_page(client.get("/en/head/rounds/2025"), 403)
