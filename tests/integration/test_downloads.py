"""Heads take along what is public of their own unit, oversight that of all; nothing withheld is in a file."""

import io
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role
from evalsys.reports.pictures.raster import png_of
from tests.factories import make_account, sign_in
from tests.integration.test_head import sign_in_head
from tests.pages import check_page, get_page
from tests.published import card_of, make_published_round, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL
ROUND = "/en/oversight/rounds/2025/downloads"
Books = dict[str, list[list[Any]]]


def read_book(client: FlaskClient, url: str) -> Books:
    answer = client.get(url)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def column(rows: list[list[Any]], title: str) -> list[Any]:
    return [row[rows[0].index(title)] for row in rows[1:]]


def test_a_head_finds_the_charts_and_the_workbook_of_her_unit(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    sign_in_head(client, session, "U01")
    assert "/en/head/rounds/2025/charts" in get_page(client, "/en/head/rounds/2025").links
    page = get_page(client, "/en/head/rounds/2025/charts")
    pictures = [link for link in page.links if link.endswith(".svg")]
    assert "/en/head/rounds/2025/charts/scale.svg" in pictures
    for link in pictures:
        answer = client.get(link)
        assert answer.content_type == "image/svg+xml; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Cache-Control"] == "no-store"
    answer = client.get("/en/head/rounds/2025/charts/groups.png")
    assert (answer.content_type, answer.data[:4]) == ("image/png", b"\x89PNG")
    assert f"{card_of(session, 'U01').reference}-groups.png" in answer.headers["Content-Disposition"]
    check_page(client.get("/en/head/rounds/2025/charts/groups.gif"), 404)


def test_a_workbook_holds_the_figures_of_the_card_as_numbers(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    sign_in_head(client, session, "U01")
    book, card = read_book(client, "/en/head/rounds/2025/results.xlsx"), card_of(session, "U01")
    assert dict(map(tuple, book["Summary"]))["Score"] == 75.69
    assert dict(map(tuple, book["Read me"]))["Digest of this scorecard"] == card.digest
    assert column(book["Indicators"], "Score") == [float(line.score or 0) for line in card.indicators]
    assert sum(column(book["Indicators"], "Weight used, %")) == pytest.approx(100)
    assert column(book["Groups"], "Ratings, at least") == [line.n for line in card.groups]
    assert all(
        sum(row[2:]) == 100
        for row in ([c or 0 if i > 1 else c for i, c in enumerate(row)] for row in book["Answers"][1:])
    )
    assert {"Dimensions", "Chart of the indicators", "Rounds", "Method", "Weights"} <= set(book)


def test_a_workbook_made_again_is_the_same_file(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    sign_in_head(client, session, "U01")
    first, second = (client.get("/ar/head/rounds/2025/results.xlsx") for _ in range(2))
    assert first.data == second.data
    sheets = list(openpyxl.load_workbook(io.BytesIO(first.data)))
    assert all(sheet.sheet_view.rightToLeft for sheet in sheets)
    assert (
        client.get("/ar/head/rounds/2025/results.xlsx", headers={"If-None-Match": first.headers["ETag"]}).status_code
        == 304
    )


def test_what_is_withheld_on_the_card_is_withheld_in_the_workbook_with_the_reason(
    client: FlaskClient, session: Session
) -> None:
    make_published_round(session)
    sign_in(client, session, make_account(session, Role.AUDITOR))
    book = read_book(client, f"{ROUND}/units/U20/results.xlsx")
    said = " ".join(str(cell) for rows in book.values() for row in rows for cell in row)
    assert "80.45" not in said
    citizens = next(row for row in book["Groups"] if row[-1] and "Not published" in row[-1])
    assert citizens[1:4] == [None, None, None]


def test_oversight_takes_the_whole_round_along(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    sign_in(client, session, make_account(session, Role.ANALYST))
    page = get_page(client, ROUND)
    assert f"{ROUND}/units/U20" in page.links
    assert client.get(next(link for link in page.links if link.endswith("category-A.svg"))).status_code == 200
    get_page(client, f"{ROUND}/units/U01")
    book = read_book(client, f"{ROUND}/results.xlsx")
    assert set(column(book["Offices"], "Code")) == {"U01", "U02", "U08", "U18", "U19", "U20", "U21"}
    assert 75.69 in column(book["Offices"], "Score")
    assert len(column(book["References"], "Digest of this scorecard")) == 7
    check_page(client.get(f"{ROUND}/nothing.png"), 404)


def test_a_round_of_bands_alone_gives_no_score_away(client: FlaskClient, session: Session) -> None:
    make_published_round(session, publication="grades")
    sign_in(client, session, make_account(session, Role.ANALYST))
    book = read_book(client, f"{ROUND}/results.xlsx")
    assert not [score for score in column(book["Offices"], "Score") if score is not None]
    assert not [score for score in column(book["Indicators"], "Score") if score is not None]
    assert "B" in column(book["Offices"], "Band")
    assert "Answers" not in book
    assert "75.69" not in client.get("/en/rounds/2025/units/U01").text


def test_there_is_nothing_to_take_along_before_publication(client: FlaskClient, session: Session) -> None:
    make_scored_round(session)
    sign_in_head(client, session, "U01")
    for tail in ("charts", "charts/scale.svg", "results.xlsx"):
        check_page(client.get(f"/en/head/rounds/2025/{tail}"), 404)
    check_page(client.get("/en/rounds/2025/units/U01/preview.png"), 404)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/en/rounds/2025/units/U01", "scored 75.69 of 100 and stands in band B. The 95 % interval goes from"),
        ("/en/rounds/2025/units/U20", "is not graded: too few people answered for a result to be published."),
        ("/en/rounds/2025", "Offices are compared only with offices that do similar work."),
        ("/en/", "Rate an office in one minute."),
    ],
)
def test_a_shared_link_shows_a_picture_and_an_honest_sentence(
    client: FlaskClient, session: Session, url: str, said: str
) -> None:
    make_published_round(session)
    page = get_page(client, url)
    known = {one.get("property") or one.get("name"): one.get("content") for one in page.select("head > meta[content]")}
    site = client.application.config["EVALSYS"].public_url
    assert said in (known["og:description"] or "")
    assert known["og:url"] == site + url
    assert known["twitter:card"] == "summary_large_image"
    image = (known["og:image"] or "").removeprefix(site)
    before = png_of.cache_info().misses
    first, second = client.get(image), client.get(image)
    assert first.data[:4] == b"\x89PNG"
    assert first.data == second.data
    assert png_of.cache_info().misses <= before + 1
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert client.get(image, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_everybody_may_take_the_charts_of_a_public_card(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    charts = "/zh/rounds/2025/units/U01/charts"
    assert charts in get_page(client, "/zh/rounds/2025/units/U01").links
    assert f"{charts}/trend.svg" not in get_page(client, charts).links
    assert client.get(f"{charts}/indicators.svg").status_code == 200
