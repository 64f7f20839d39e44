"""Service points: entered one by one or by a file, reached by a short link, printed on posters."""

import io

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Place, Role
from evalsys.services import places, posters, work
from evalsys.services.access import Actor, actor_of
from evalsys.services.places import PlaceFacts
from evalsys.services.poster_printing import print_posters
from evalsys.services.rowlist import WRONG_WIDTH
from tests.factories import NOW, make_account, make_service, make_unit, sign_in
from tests.integration.governing import audit_of
from tests.pages import get_page, post_form

NAMES = {"en": "Counter 3", "zh": "三号窗口", "ar": "الشباك ٣"}
HEADER = "code,unit,service,name_en,name_zh,name_ar\n"


@pytest.fixture
def analyst(session: Session) -> Actor:
    units = [make_unit(session, code="U01"), make_unit(session, code="U02")]
    make_service(session, units[:1], code="S01")
    return actor_of(make_account(session, Role.ANALYST))


def add(analyst: Actor, code: str = "hall-1", **over: object) -> None:
    facts = {"code": code, "unit": "U01", "service": "", "names": NAMES, **over}
    places.add_place(analyst, PlaceFacts(**facts), now=NOW)  # type: ignore[arg-type]


def drawn(found: posters.PosterFile) -> list[str]:
    """The text of each page of a poster that was asked for, once a worker has drawn it."""
    assert found.path is None
    (item,) = work.claim("tester", utc_now())
    print_posters(item)
    work.finish(item, "tester", utc_now())
    (path,) = (posters.path_of(posters.make_posters(item.payload["codes"])),)
    return [page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages]


def test_a_short_link_of_a_service_point_leads_to_its_units_form(
    session: Session, analyst: Actor, client: FlaskClient
) -> None:
    add(analyst)
    assert client.get("/r/hall-1").location == "/en/units/U01/rating?via=qr"
    assert client.get("/r/U02").location == "/en/units/U02/rating?via=qr"
    places.edit_place(analyst, PlaceFacts("hall-1", "U02", "", NAMES, is_active=False), now=NOW)
    assert client.get("/r/hall-1").location == "/en/units/U02"
    assert audit_of(session, "place.manage") == [("place.manage", "done")] * 2


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"unit": "U99"}, "no office"),
        ({"service": "S99"}, "does not offer"),
        ({"unit": "U02", "service": "S01"}, "does not offer"),
        ({"names": {**NAMES, "ar": " "}}, "every language"),
        ({"code": "two words"}, "Latin letters"),
    ],
)
def test_a_service_point_that_does_not_fit_is_refused(
    session: Session, analyst: Actor, over: dict[str, object], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        add(analyst, **over)  # type: ignore[arg-type]
    assert session.scalars(select(Place)).all() == []


def test_a_code_belongs_to_one_thing(session: Session, analyst: Actor) -> None:
    add(analyst)
    for code in ("hall-1", "U02"):
        with pytest.raises(Conflict):
            add(analyst, code)


def test_a_file_is_added_whole_or_not_at_all(session: Session, analyst: Actor) -> None:
    good = "a1,U01,S01,One,一,واحد\na2,U02,,Two,二,اثنان\n"
    with pytest.raises(Invalid) as refusal:
        places.import_places(analyst, (HEADER + good + "a1,U01,,x,x,x\nb,U99,,x,x,x\n").encode(), now=NOW)
    assert [(params["line"], params["column"], params["value"]) for _, params in refusal.value.problems] == [
        (4, "code", "a1"),
        (5, "unit", "U99"),
    ]
    assert session.scalars(select(Place)).all() == []
    assert places.import_places(analyst, (HEADER + good).encode(), now=NOW) == 2
    page = places.places_page(analyst, "zh")
    assert [(line.code, str(line.name), line.unit_code) for line in page.places] == [
        ("a1", "一", "U01"),
        ("a2", "二", "U02"),
    ]
    for wrong, said in (("code,unit\n", "must name"), (HEADER + "a,b\n", "Nothing"), (HEADER + 'a,"b" c\n', "as CSV")):
        with pytest.raises(Invalid, match=said):
            places.import_places(analyst, wrong.encode(), now=NOW)
    with pytest.raises(Invalid) as refusal:
        places.import_places(analyst, (HEADER + "a,b\n" + "b,U01,S09,x,,x\n").encode(), now=NOW)
    assert [(message, params["line"], params["column"]) for message, params in refusal.value.problems] == [
        (WRONG_WIDTH, 2, ""),
        ("This office does not offer this service.", 3, "service"),
        ("Give a name of at most %(most)s characters in every language.", 3, "name_zh"),
    ]


def test_a_poster_says_it_in_three_languages(session: Session, analyst: Actor) -> None:
    add(analyst, service="S01")
    (page,) = drawn(posters.find_poster("hall-1"))
    assert "How were you served here?" in page
    assert "Counter 3" in page
    assert "三号窗口" in page
    assert "/r/hall-1" in page
    again = posters.find_poster("hall-1")
    assert again.path is not None
    assert work.progress("posters").total == 1
    with pytest.raises(NotFound):
        posters.find_poster("hall-2")


def test_all_posters_are_one_file_and_follow_what_is_in_use(session: Session, analyst: Actor) -> None:
    add(analyst)
    add(analyst, "hall-2")
    places.edit_place(analyst, PlaceFacts("hall-2", "U01", "", NAMES, is_active=False), now=NOW)
    pages = drawn(posters.find_all_posters(analyst))
    assert len(pages) == 3
    assert ["/r/U01" in pages[0], "/r/hall-1" in pages[1], "/r/U02" in pages[2]] == [True] * 3


def test_service_points_are_kept_by_the_analyst_in_pages(session: Session, analyst: Actor, client: FlaskClient) -> None:
    person = make_account(session, Role.ANALYST)
    sign_in(client, session, person)
    data = {"code": "hall-1", "unit": "U01", "service": "S01", **{f"name_{key}": name for key, name in NAMES.items()}}
    wrong = post_form(client, "/en/oversight/places/new", {**data, "name_ar": ""})
    assert wrong.status_code == 422
    assert "Counter 3" in wrong.text
    taken = post_form(client, "/en/oversight/places/new", {**data, "code": "U02"})
    assert taken.status_code == 409
    assert post_form(client, "/en/oversight/places/new", data).status_code == 302
    for locale in ("en", "ar"):
        assert "hall-1" in get_page(client, f"/{locale}/oversight/places").text
    edited = get_page(client, "/en/oversight/places/entries/hall-1")
    assert edited.fields()["name_zh"] == NAMES["zh"]
    changed = {**edited.fields(), "name_en": "Counter 4"}
    changed.pop("is_active")
    assert client.post("/en/oversight/places/entries/hall-1", data=changed).status_code == 302
    page = get_page(client, "/en/oversight/places")
    assert "Counter 4" in page.text
    assert "Not in use" in page.text


def test_a_file_of_service_points_is_sent_by_a_page(session: Session, analyst: Actor, client: FlaskClient) -> None:
    sign_in(client, session, make_account(session, Role.ANALYST))
    url = "/en/oversight/places"
    wrong = post_form(client, url, {"file": (io.BytesIO((HEADER + "a,U99,,x,x,x\n").encode()), "p.csv")})
    assert wrong.status_code == 422
    assert "Line 2" in wrong.text
    good = post_form(client, url, {"file": (io.BytesIO((HEADER + "a,U01,,x,x,x\n").encode()), "p.csv")})
    assert good.status_code == 302
    assert post_form(client, url, {}).status_code == 422


def test_staff_find_the_poster_on_the_units_page(session: Session, analyst: Actor, client: FlaskClient) -> None:
    assert "/en/posters/U01.pdf" not in get_page(client, "/en/units/U01").links
    sign_in(client, session, make_account(session, Role.ANALYST))
    assert "/en/posters/U01.pdf" in get_page(client, "/en/units/U01").links
    get_page(client, "/en/posters/U01.pdf", 503)
