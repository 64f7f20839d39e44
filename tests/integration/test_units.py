"""Finding a unit by what it does, and the page of a unit."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from evalsys.models import Round, RoundState, Unit
from tests.factories import make_service, make_unit, name_it
from tests.integration.collecting import World, make_world
from tests.pages import get_page

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL


@pytest.fixture
def world(session: Session) -> World:
    found = make_world(session)
    transport, parks = make_unit(session, code="U13"), make_unit(session, code="U03")
    stops, gardens = make_service(session, [transport], code="S1"), make_service(session, [parks], code="S2")
    name_it(session, "service", stops.code, "keywords", en="bus stop, shelter", zh="公交站", ar="موقف الحافلات")
    name_it(session, "service", gardens.code, "keywords", en="botanic garden", zh="植物园", ar="حديقة")
    return found


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
@pytest.mark.parametrize("words", ["bus stop", "Bus Stops", "موقف الحافلات", "مَوقِف حافلات", "公交站", "buss stop"])
def test_a_unit_is_found_by_what_it_does_in_each_language_on_each_page(
    world: World, client: FlaskClient, locale: str, words: str
) -> None:
    page = get_page(client, f"/{locale}/units?q={words}")
    assert page.texts(".unit-list__name") == [f"U13 name ({locale})"]


def test_words_that_fit_nothing_say_so_and_show_the_way_to_all_units(world: World, client: FlaskClient) -> None:
    page = get_page(client, "/en/units?q=spaceship")
    assert "We found no office for these words" in page.text
    assert "/en/units" in page.links


@pytest.mark.parametrize("query", ["%00", "a" * 101, "%F0%9F%9A%8C", "%25' OR 1=1 --", "%E2%80%AE"])
def test_strange_words_do_no_harm(world: World, client: FlaskClient, query: str) -> None:
    get_page(client, f"/ar/units?q={query}")


def test_without_words_all_units_are_listed_by_category(world: World, client: FlaskClient) -> None:
    page = get_page(client, "/zh/units")
    assert page.texts(".unit-list__name") == [f"{code} name (zh)" for code in ("U01", "U02", "U03", "U13")]


def test_only_units_of_a_collecting_round_can_be_rated_from_the_list(world: World, client: FlaskClient) -> None:
    links = get_page(client, "/en/units").links
    assert {"/en/units/U01/rating", "/en/units/U02/rating"} <= set(links)
    assert "/en/units/U13/rating" not in links


def test_a_unit_that_was_abolished_is_gone(world: World, client: FlaskClient, session: Session) -> None:
    session.execute(update(Unit).where(Unit.code == "U13").values(is_active=False))
    get_page(client, "/en/units/U13", 404)
    assert "U13" not in get_page(client, "/en/units").text
    assert "U13" not in get_page(client, "/en/units?q=bus").text


def test_the_page_of_a_unit_invites_to_rate_while_its_round_collects(
    world: World, client: FlaskClient, session: Session
) -> None:
    assert "/en/units/U01/rating" in get_page(client, "/en/units/U01").links
    assert "/en/units/U13/rating" not in get_page(client, "/en/units/U13").links
    session.execute(update(Round).values(state=RoundState.CLOSED))
    assert "/en/units/U01/rating" not in get_page(client, "/en/units/U01").links


def test_the_front_page_says_whether_ratings_are_open(world: World, client: FlaskClient, session: Session) -> None:
    assert "Ratings are open now" in get_page(client, "/en/").text
    session.execute(update(Round).values(state=RoundState.CLOSED))
    assert "No ratings are collected today" in get_page(client, "/en/").text
