"""The public pages of published rounds: everything that may be shown, nothing else, kept by anybody for a minute."""

import re
import subprocess
import sys
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.clock import utc_now
from evalsys.models import Role
from evalsys.services import printing, scorecards, work
from tests.factories import make_account, sign_in
from tests.pages import check_page, get_page
from tests.published import make_published_round, make_scored_round
from tests.standing_in import draw_instead

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

PAGES = ("/rounds/2025", "/rounds/2025/units/U01", "/rounds/2025/method", "/method")
SECRETS = ("80.50", "80.45")  # the composite and the citizens' score of U20, who may not be shown


def print_one(key: str = "U01/en/1", data: bytes = b"%PDF-1.7 small") -> Any:
    """Do one work item as a worker would, with a stand-in for the renderer."""
    worker = "printer"
    while chunk := work.claim(worker, utc_now()):
        for item in chunk:
            with pytest.MonkeyPatch.context() as patch:
                draw_instead(patch, lambda _card: data)
                effect = printing.print_scorecard(item)
            work.finish(item, worker, utc_now(), effect)
            if item.key == key:
                return item
    raise AssertionError(f"{key} is not queued")


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_sound_in_every_language(client: FlaskClient, session: Session, locale: str, path: str) -> None:
    make_published_round(session)
    get_page(client, f"/{locale}{path}")


def test_the_overview_ranks_inside_a_category_only_what_is_fully_graded(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025")
    rows = page.texts("tbody tr")
    first = next(row for row in rows if "U01" in row)
    assert "75.69" in first
    assert "1 of 2" in first
    assert "Indicative" in next(row for row in rows if "U08" in row)
    assert "no rank" in next(row for row in rows if "U08" in row)
    assert "Not graded, n = 20" in next(row for row in rows if "U20" in row)
    assert page.texts("h2")[:2] == ["A name (en)", "D name (en)"]
    assert "/en/rounds/2025/units/U01" in page.links


def test_the_scorecard_shows_the_worked_example(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    text = get_page(client, "/en/rounds/2025/units/U01").text
    for figure in ("75.69", "82.38", "70.50", "68.00", "87.50", "8.00", "7.5 %", "7.5"):
        assert figure in text
    assert "The PDF is being made" in text


def test_ranks_stand_beside_the_range_in_which_they_would_lie(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    row = next(row for row in get_page(client, "/en/rounds/2025").texts("tbody tr") if "U01" in row)
    assert "likely 1" in row
    text = get_page(client, "/en/rounds/2025/units/U01").text
    assert re.search(r"with other respondents from the same people it would (stay at|lie between) 1", text)


def test_the_calculation_of_every_number_lies_in_a_fold_beside_it(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025/units/U01")
    folds = page.texts("details.sc-how summary")
    assert len(folds) == 1 + 3 + 3 + 16  # the whole, groups, dimensions, indicators
    assert len(set(folds)) == len(folds)
    for step in (
        "41.190",
        "(4.40 − 1) ÷ (5 − 1) × 100 = 85.00",
        "Divided by the weights, 50 %",
        "7.5 % × 85.00 = 6.38",
    ):
        assert step in page.text, step


def test_what_is_withheld_has_no_calculation(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025/units/U20")
    assert not [fold for fold in page.texts("details.sc-how summary") if "citizens" in fold]
    assert "Not published: too few ratings." in page.text


@pytest.mark.parametrize("url", ["/en/rounds/2025", "/ar/rounds/2025/units/U20", "/zh/rounds/2025/units/U19"])
def test_withheld_figures_are_on_no_page(client: FlaskClient, session: Session, url: str) -> None:
    make_published_round(session)
    text = client.get(url).text
    assert not [figure for figure in SECRETS if figure in text]


def test_unit_without_a_grade_says_so_with_its_number(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    text = get_page(client, "/en/rounds/2025/units/U20").text
    assert "Not graded" in text
    assert "n = 20" in text


@pytest.mark.parametrize("tail", ["", "/units/U01", "/units/U01.pdf", "/method"])
def test_a_round_that_is_not_published_is_not_there(client: FlaskClient, session: Session, tail: str) -> None:
    make_scored_round(session)
    check_page(client.get(f"/en/rounds/2025{tail}"), 404)
    check_page(client.get(f"/en/rounds/1999{tail}"), 404)


def test_a_unit_that_was_not_rated_has_no_scorecard(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    check_page(client.get("/en/rounds/2025/units/U99"), 404)
    check_page(client.get("/en/rounds/2025/units/U99.pdf"), 404)


def test_a_pdf_that_is_being_made_asks_to_come_back(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    before = work.progress(scorecards.batch_of("2025", 1))
    response = client.get("/en/rounds/2025/units/U01.pdf")
    check_page(response, 503)
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store"
    assert work.progress(scorecards.batch_of("2025", 1)) == before


def test_a_finished_pdf_is_sent_for_saving_and_not_sent_twice(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    print_one()
    url = "/en/rounds/2025/units/U01.pdf"
    response = client.get(url)
    assert response.data == b"%PDF-1.7 small"
    assert response.mimetype == "application/pdf"
    assert "attachment; filename=RCC-2025-U01-" in response.headers["Content-Disposition"]
    again = client.get(url, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert url in get_page(client, "/en/rounds/2025/units/U01").links


@pytest.mark.parametrize("path", [*PAGES, "/rounds/2025/units/U01.pdf"])
def test_public_results_may_be_kept_for_a_minute_and_set_no_cookie(
    client: FlaskClient, session: Session, path: str
) -> None:
    make_published_round(session)
    print_one()
    response = client.get(f"/en{path}")
    assert response.status_code == 200
    assert _cache(response) == "public, max-age=60"
    assert "Set-Cookie" not in response.headers


def test_a_page_with_somebodys_name_on_it_is_kept_by_nobody(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    sign_in(client, session, make_account(session, Role.AUDITOR))
    assert _cache(client.get("/en/rounds/2025")) == "no-store"


def test_the_method_page_names_every_weight_and_who_adopted_it(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025/method")
    rows = page.texts("#weights tbody tr")
    assert len(rows) == 19
    assert any(row.endswith("15.0 7.5") for row in rows)
    assert any("40.0 8.0" in row for row in rows)
    assert "70.0 %" in page.text
    assert "without weight" in page.text
    assert "Board" in page.text
    assert page.texts("#minimum tbody tr")[0].endswith("10 30 100")


def test_the_method_page_stands_before_there_is_any_round(client: FlaskClient) -> None:
    page = get_page(client, "/en/method")
    assert page.select("#weights") == []


def test_a_web_process_never_loads_the_pdf_engine() -> None:
    code = "import sys, evalsys.app; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _cache(response: TestResponse) -> str:
    return response.headers["Cache-Control"]
