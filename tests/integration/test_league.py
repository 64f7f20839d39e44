"""Published results side by side: no order that chance made, no difference without interval, nothing hidden."""

import re
from collections.abc import Mapping
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evalsys.models import Role
from evalsys.services.access import actor_of
from evalsys.services.league.comparison import read_comparison
from evalsys.services.league.overview import read_overview
from evalsys.services.league.standing import read_standing
from evalsys.services.register import reorganising
from evalsys.services.register.reorganising import Reorganisation
from tests import published
from tests.factories import NOW, make_account, make_unit
from tests.pages import check_page, get_page
from tests.published import EXPERTS, GOLDEN, PEERS, PLAIN, Ratings, make_published_round, make_scored_round

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

POOR = (2.0, 2.5, 2.0, 2.5, 2.0, 2.0, 2.0)
PAGES = (
    "/rounds",
    "/rounds/2025?order=name",
    "/rounds/2025/compare",
    "/rounds/2025/compare?a=U01",
    "/rounds/2025/compare?a=U01&b=U02",
    "/rounds/2025/compare?a=U19&b=U20",
    "/rounds/2025/improved",
    "/rounds/2025/units/U01?group=citizens",
    "/rounds/2025/units/U20?group=citizens",
    "/how-to-read",
    "/units",
    "/units/U01",
    "/units/U20",
)
SECRETS = ("80.50", "80.45")  # the composite and the citizens' score of U20, who may not be shown
NUMBER = re.compile(r"\d+\.\d\d")


def publish(
    session: Session, monkeypatch: pytest.MonkeyPatch, code: str, citizens: Mapping[str, tuple[float, ...]]
) -> None:
    """A round of these offices of one category, each with so many good answers that little is left to chance."""
    city = {
        unit: ("A", {"citizens": Ratings(means, 200), "peers": PEERS, "experts": EXPERTS})
        for unit, means in citizens.items()
    }
    monkeypatch.setattr(published, "CITY", city)
    make_published_round(session, code)


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_every_page_is_sound_and_holds_no_hidden_figure(client: FlaskClient, session: Session, locale: str) -> None:
    make_published_round(session)
    for path in PAGES:
        page = get_page(client, f"/{locale}{path}")
        assert not [figure for figure in SECRETS if figure in client.get(f"/{locale}{path}").text], path
        assert page.title.count("–") >= 1, path


def test_a_round_of_grades_alone_leaves_no_number_on_any_page(client: FlaskClient, session: Session) -> None:
    make_published_round(session, publication="grades")
    for path in (*PAGES, "/rounds/2025"):
        if path != "/how-to-read":  # its figures are made up
            assert not NUMBER.search(get_page(client, f"/en{path}").text), path
    pair = get_page(client, "/en/rounds/2025/compare?a=U01&b=U02").text
    assert "Only bands are published" in pair
    assert "more than chance" not in pair.replace("nor whether that is more than chance", "")
    assert "Only bands are published in this round" in get_page(client, "/en/rounds/2025/improved").text


def test_a_round_of_scores_alone_leaves_no_band_on_any_page(client: FlaskClient, session: Session) -> None:
    make_published_round(session, publication="scores")
    for path in (*PAGES, "/rounds/2025"):
        if path != "/how-to-read":
            assert not get_page(client, f"/en{path}").select(".band"), path


@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith("/rounds/")])
def test_nothing_of_a_round_is_there_before_it_is_published(client: FlaskClient, session: Session, path: str) -> None:
    make_scored_round(session)
    check_page(client.get(f"/en{path}"), 404)


def test_rounds_are_listed_once_they_are_published(client: FlaskClient, session: Session) -> None:
    assert "No results yet" in get_page(client, "/en/rounds").text
    make_published_round(session)
    page = get_page(client, "/en/rounds")
    assert "/en/rounds/2025" in page.links
    assert "7 offices" in page.text


def test_offices_that_are_not_told_apart_stand_in_one_frame_by_name(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(session, monkeypatch, "2025", {"U01": POOR, "U02": PLAIN, "U03": (4.0, 3.5, 4.0, 3.5, 4.0, 3.0, 3.99)})
    frames = get_page(client, "/en/rounds/2025").texts("tbody.tie")
    assert len(frames) == 1
    assert frames[0].startswith("2 offices that cannot be told apart places 1–2")
    assert frames[0].index("U02 name") < frames[0].index("U03 name")
    assert "U01 name" not in frames[0]
    blocks = read_standing(read_overview("2025", "en"), "place")[0].blocks
    assert [(block.kind, block.first, block.last) for block in blocks] == [("tied", 1, 2), ("alone", 3, 3)]


def test_the_reader_may_have_all_offices_by_name(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025?order=name")
    assert not page.select("tbody.tie")
    rows = page.texts("section:first-of-type tbody tr")
    assert [row.split()[0] for row in rows] == ["U01", "U02", "U08"]


def test_a_round_of_bands_lists_offices_by_band_and_name(client: FlaskClient, session: Session) -> None:
    make_published_round(session, publication="grades")
    heads = get_page(client, "/en/rounds/2025").texts(".tie__head")
    assert heads[0] == "Band B, by name"
    assert "Without a rank, by name" in heads


def test_two_offices_are_called_different_only_beyond_chance(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(session, monkeypatch, "2025", {"U01": GOLDEN, "U02": POOR, "U03": GOLDEN})
    apart = get_page(client, "/en/rounds/2025/compare?a=U02&b=U01").text
    assert "The difference is more than chance" in apart
    assert re.search(r"U01 name \(en\) scored [\d.]+ points more than U02 name \(en\)", apart)
    turned = read_comparison("2025", "U01", "U02", "en").pair
    assert turned is not None
    assert turned.lead is not None
    assert (turned.first.unit_code, turned.verdict, turned.lead.value > 0) == ("U01", "clear", True)
    alike = get_page(client, "/en/rounds/2025/compare?a=U01&b=U03").text
    assert "They cannot be told apart with certainty" in alike
    assert re.search(r"\b0 of \d+ indicators differ by more than chance", alike)


def test_what_is_hidden_of_one_office_has_no_difference(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    pair = read_comparison("2025", "U19", "U20", "en").pair
    assert pair is not None
    assert (pair.verdict, pair.difference) == ("hidden", None)
    assert [line.difference for line in pair.groups if line.other.score is None] == [None]
    assert "Not published: too few ratings." in get_page(client, "/en/rounds/2025/compare?a=U19&b=U20").text


@pytest.mark.parametrize(
    ("query", "said"),
    [("a=U01&b=U01", "Choose two different offices"), ("a=U01&b=U19", "These two do different work")],
)
def test_only_two_offices_of_one_category_are_compared(
    client: FlaskClient, session: Session, query: str, said: str
) -> None:
    make_published_round(session)
    page = get_page(client, f"/en/rounds/2025/compare?{query}")
    assert said in page.text
    assert not page.select("#whole")
    check_page(client.get("/en/rounds/2025/compare?a=U01&b=U99"), 404)


def test_the_choice_holds_only_offices_of_the_chosen_one_s_category(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025/compare?a=U01")
    assert [found.get("value") for found in page.select("select[name=b] option")] == ["", "U01", "U02", "U08"]
    assert page.one("select[name=a] option[selected]").get("value") == "U01"
    assert len(get_page(client, "/en/rounds/2025/compare").select("select[name=a]")) == 2  # A and E; others stand alone


def test_change_beyond_chance_stands_apart_from_chance(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(session, monkeypatch, "2024", {"U01": POOR, "U02": PLAIN, "U03": GOLDEN, "U05": PLAIN})
    for code in ("U06", "U07"):
        make_unit(session, code=code)
    split = Reorganisation("split", ("U05",), ("U06", "U07"), date(2025, 3, 1), "the law on ports")
    reorganising.reorganise(actor_of(make_account(session, Role.ANALYST)), split, now=NOW)
    publish(session, monkeypatch, "2025", {"U01": GOLDEN, "U02": PLAIN, "U03": POOR, "U04": PLAIN, "U06": PLAIN})
    page = get_page(client, "/en/rounds/2025/improved")
    sections = page.texts("main section")
    assert [text.split(" U0")[0].split(" Office ")[0] for text in sections] == [
        "1 office improved by more than chance",
        "1 office fell by more than chance",
        "1 office changed within chance They stand by name: whether they rose or fell cannot be said.",
        "2 offices are not compared",
    ]
    assert [re.findall(r"U\d\d", text)[0] for text in sections] == ["U01", "U03", "U02", "U04"]
    assert "It has no former result." in sections[3]
    assert "It was reorganised since." in sections[3]
    assert "/en/rounds/2024/units/U01" in page.links


def test_a_former_result_of_another_method_is_not_subtracted(client: FlaskClient, session: Session) -> None:
    make_published_round(session, "2024", method="m0")
    make_published_round(session, "2025")
    text = get_page(client, "/en/rounds/2025/improved").text
    assert "No office can be compared with a former round" in text
    assert "Its former result was made by another method." in text
    assert "Its score is not published in this round." in text
    card = get_page(client, "/en/rounds/2025/units/U01")
    assert "/en/rounds/2024/units/U01" in card.links
    assert "other method, not comparable" in card.text
    assert "/en/rounds/2024/units/U01" in get_page(client, "/en/units/U01").links


def test_a_card_lists_the_lines_of_the_chosen_group_alone(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    whole = get_page(client, "/en/rounds/2025/units/U01")
    rows = ".sc-stack > tbody > tr:not(.sc-how-row):not(.sc-dimension):not(.sc-total)"
    assert len(whole.select(rows)) == 16
    chosen = get_page(client, "/en/rounds/2025/units/U01?group=peers")
    assert len(chosen.select(rows)) == 3
    assert "3 of 16 indicators are listed." in chosen.text
    assert chosen.one("#group option[selected]").get("value") == "peers"
    assert not chosen.select(".sc-stack .sc-total")
    assert len(get_page(client, "/en/rounds/2025/units/U01?group=nobody").select(rows)) == 16


def test_the_table_of_indicators_keeps_its_roles_where_it_is_a_list(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025/units/U01")
    for cell in page.select(".sc-stack > * > tr, .sc-stack > * > tr > *"):
        assert cell.get("role") in {"cell", "row", "rowheader", "columnheader"}


def test_what_counts_and_is_weak_is_drawn_and_told(client: FlaskClient, session: Session) -> None:
    make_published_round(session)
    page = get_page(client, "/en/rounds/2025/units/U01")
    assert len(page.select(".marks--quadrants circle")) == len(page.select(".sc-ranked .disc")) == 16
    hidden = get_page(client, "/en/rounds/2025/units/U21")
    assert len(hidden.select(".marks--quadrants circle")) == 9
    assert "7 indicators are left out" in hidden.text


def test_a_search_leads_to_the_newest_card(client: FlaskClient, session: Session) -> None:
    make_published_round(session, "2024")
    make_published_round(session, "2025")
    links = get_page(client, "/en/units?q=U01").links
    assert "/en/rounds/2025/units/U01" in links
    assert "/en/rounds/2024/units/U01" not in links


@pytest.mark.parametrize("path", ["/rounds", "/rounds/2025/improved", "/how-to-read", "/rounds/2025", "/units/U01"])
def test_a_page_that_has_not_changed_is_not_sent_twice(client: FlaskClient, session: Session, path: str) -> None:
    make_published_round(session)
    first = client.get(f"/en{path}")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    again = client.get(f"/en{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
