"""A number of people that a card tells as a range is a range in everything that is made of the card."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role, Unit
from evalsys.reports.pictures.canvas import MARK
from evalsys.reports.pictures.words import result_figures
from evalsys.services import results
from evalsys.services.opendata.editions import content_of, read_edition
from evalsys.services.opendata.rows import rows_of
from tests.factories import make_account, sign_in
from tests.integration import verifying
from tests.integration.test_downloads import column, read_book
from tests.pages import get_page
from tests.published import make_published_round

pytestmark = pytest.mark.database("sqlite")


def test_a_range_is_a_range_in_workbook_interface_table_picture_and_register(
    client: FlaskClient, session: Session
) -> None:
    make_published_round(session)
    card = results.read_card("2025", "U08", "en").card
    own = {line.code: (line.n, line.n_to) for line in card.groups}
    assert own["citizens"] == (50, 99)
    assert own["peers"] == (10, 19)
    least, most = card.n, card.n_most
    assert (least, most) == (50 + 10 + 4, 99 + 19 + 4)
    answer = client.get("/api/v1/rounds/2025/units/U08").get_json()
    assert {one["group"]: (one["n"], one["n_to"]) for one in answer["groups"]} == own
    assert (answer["n"], answer["n_to"]) == (least, most)
    rows = {row["unit"]: row for row in rows_of(content_of(read_edition("2025")), "scores")}
    assert (rows["U08"]["n"], rows["U08"]["n_to"]) == (least, most)
    assert f"{least}–{most}" in "".join(value for _name, value in result_figures(card)).replace(MARK, "")
    page = get_page(client, f"/en/verify/{verifying.card_row(session, 'U08').reference}").text
    assert f"at least {least}" in " ".join(page.split())
    sign_in(client, session, make_account(session, Role.HEAD, unit=_unit(session, "U08")))
    book = read_book(client, "/en/head/rounds/2025/results.xlsx")
    groups = book["Groups"]
    told = zip(column(groups, "Ratings, at least"), column(groups, "Ratings, at most"), strict=True)
    assert list(told) == [(low, high or low) for low, high in own.values()]
    assert {"Ratings, at least": least, "Ratings, at most": most}.items() <= dict(book["Summary"]).items()


def test_shares_are_whole_percents_and_what_a_card_does_not_tell_is_no_zero(session: Session) -> None:
    make_published_round(session)
    content = content_of(read_edition("2025"))
    shares: dict[tuple[object, ...], int] = {}
    for row in rows_of(content, "distribution"):
        key = row["unit"], row["indicator"], row["group"]
        shares[key] = shares.get(key, 0) + int(str(row["share"]))
    assert set(shares.values()) == {100}
    lines = {
        (unit, line.code, line.group_code): line
        for unit, said in content.cards.items()
        for line in said["en"].indicators
    }
    for row in rows_of(content, "indicators"):
        line = lines[str(row["unit"]), str(row["indicator"]), str(row["group"])]
        assert row["dont_know_share"] == line.dont_know_share
        assert row["not_applicable_share"] == line.not_applicable_share


def _unit(session: Session, code: str) -> Unit:
    return session.query(Unit).filter_by(code=code).one()
