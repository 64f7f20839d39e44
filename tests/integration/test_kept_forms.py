"""Nobody loses a filled form: lost cookies, lost databases, foreign sites, and breaks of days."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.clock import utc_now
from evalsys.models import Draft, Inbox, Round, RoundState
from evalsys.services.collection import find_draft
from tests.integration.collecting import PACKED, World, filled, in_box, make_tokens, make_world
from tests.integration.test_web import lose_database
from tests.pages import Page, check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

URL = "/en/units/U01/rating"
__all__ = ["lose_database"]


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def save(client: FlaskClient, **over: str) -> str:
    """Save the form for later; returns where that leads."""
    answer = client.post(URL, data={**filled(client), "act": "save", **over})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def code_of(page: Page) -> str:
    (code,) = page.texts(".receipt__code")
    return code


@pytest.mark.parametrize("token", ["", "made-up", "IjEi.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
def test_an_old_page_comes_back_filled_with_a_fresh_token_and_works(
    world: World, client: FlaskClient, session: Session, token: str
) -> None:
    form = filled(client, comment="kept", csrf_token=token)
    with client.session_transaction() as cookie:
        cookie.clear()
    page = check_page(client.post(URL, data=form), 400)
    assert "Your answers are still here: send them again." in page.text
    assert not in_box(session)
    again = page.fields()
    assert (again["comment"], again["q_satisfaction"], again["nonce"]) == ("kept", "4", form["nonce"])
    assert client.post(URL, data=again).status_code == 302
    assert [lies.answers for lies in in_box(session)] == [PACKED]


def test_a_lost_cookie_does_not_lose_the_invitation(world: World, client: FlaskClient, session: Session) -> None:
    (token,) = make_tokens(session, world, 1)
    post_form(client, f"/en/invitations/{token}", {})
    form = filled(client)
    assert token not in str(form)
    with client.session_transaction() as cookie:
        cookie.clear()
    again = check_page(client.post(URL, data=form), 400).fields()
    assert client.post(URL, data=again).status_code == 302
    assert session.scalars(select(Inbox.stratum)).all() == ["users"]
    with client.session_transaction() as cookie:
        cookie.clear()
    fresh = {**filled(client), "pass": "00" * 40}
    assert client.post(URL, data=fresh).status_code == 302
    session.expire_all()
    assert sorted(session.scalars(select(Inbox.stratum))) == ["open", "users"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", [URL, "/en/account/sign-out"])
def test_another_site_is_refused_whatever_it_sends(
    world: World, client: FlaskClient, session: Session, headers: dict[str, str], path: str
) -> None:
    form = filled(client)
    assert client.post(path, data=form, headers=headers).status_code == 403
    assert not in_box(session)
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post(path, data=form, headers=own).status_code == 302


def test_without_a_database_the_answers_stay_in_the_page(
    world: World, client: FlaskClient, session: Session, lose_database: Callable[[], None]
) -> None:
    form = filled(client, comment='kept "in" quotes & <b>')
    lose_database()
    answer = client.post(URL, data=form)
    assert answer.headers["Retry-After"] == "5"
    page = check_page(answer, 503)
    kept = page.fields()
    assert {name: kept[name] for name in form if name != "csrf_token"} == {
        name: text for name, text in form.items() if name != "csrf_token"
    }


def test_a_saved_form_comes_back_in_another_language_and_browser(
    world: World, client: FlaskClient, session: Session
) -> None:
    place = save(client, comment="half a thought", q_speed="")
    shown = get_page(client, place)
    code = code_of(shown)
    assert any(link.endswith(f"/drafts/{code}") for link in shown.links)
    elsewhere = client.application.test_client()
    typed = elsewhere.get("/ar/drafts", query_string={"code": code.lower().replace("-", " ")})
    page = get_page(elsewhere, typed.headers["Location"])
    assert page.root.get("dir") == "rtl"
    kept = page.fields()
    assert (kept["comment"], kept["q_satisfaction"], kept["draft"]) == ("half a thought", "4", code)
    assert "q_speed" not in kept
    session.rollback()
    assert len(session.scalars(select(Draft)).all()) == 1
    assert elsewhere.post("/ar/units/U01/rating", data={**kept, "q_speed": "1"}).status_code == 302
    assert [lies.answers for lies in in_box(session)] == [PACKED]
    assert not session.scalars(select(Draft)).all()
    get_page(elsewhere, f"/en/drafts/{code}", 404)


def test_saving_again_keeps_the_code(world: World, client: FlaskClient, session: Session) -> None:
    code = code_of(get_page(client, save(client, comment="first")))
    resumed = get_page(client, f"/en/drafts/{code}").fields()
    answer = client.post(URL, data={**resumed, "comment": "second", "act": "save"})
    assert code_of(get_page(client, answer.headers["Location"])) == code
    assert get_page(client, f"/zh/drafts/{code}").fields()["comment"] == "second"
    assert len(session.scalars(select(Draft)).all()) == 1


def test_a_stored_draft_says_nothing_without_its_code(world: World, client: FlaskClient, session: Session) -> None:
    code = code_of(get_page(client, save(client, comment="my own words")))
    row = session.scalars(select(Draft)).one()
    assert b"my own words" not in row.sealed
    assert code not in str((row.digest, row.sealed))
    assert find_draft(code[:-1] + ("A" if code[-1] != "A" else "B"), now=utc_now()) is None


def test_a_draft_lives_thirty_days_and_not_longer_than_its_round(
    world: World, client: FlaskClient, session: Session
) -> None:
    code = code_of(get_page(client, save(client)))
    assert find_draft(code, now=utc_now() + timedelta(days=29))
    assert find_draft(code, now=utc_now() + timedelta(days=32)) is None
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    get_page(client, f"/en/drafts/{code}", 404)


def test_invited_people_find_their_draft_by_opening_the_invitation(
    world: World, client: FlaskClient, session: Session
) -> None:
    (token,) = make_tokens(session, world, 1)
    post_form(client, f"/en/invitations/{token}", {})
    shown = get_page(client, save(client, comment="half"))
    assert not shown.select(".receipt__code")
    assert token not in shown.text
    elsewhere = client.application.test_client()
    back = post_form(elsewhere, f"/ar/invitations/{token}", {})
    assert back.headers["Location"] == "/ar/units/U01/rating"
    resumed = get_page(elsewhere, "/ar/units/U01/rating").fields()
    assert resumed["comment"] == "half"
    assert elsewhere.post("/ar/units/U01/rating", data=resumed).status_code == 302
    assert session.scalars(select(Inbox.stratum)).all() == ["users"]
    assert not session.scalars(select(Draft)).all()


def test_looking_for_a_draft_writes_nothing_and_unknown_codes_get_one_page(
    world: World, client: FlaskClient, session: Session
) -> None:
    get_page(client, "/en/drafts")
    pages = {get_page(client, f"/en/drafts/{code}", 404).text for code in ("AAA-BBB", "x" * 300, "%F0%9F%98%80")}
    assert len(pages) == 1
    get_page(client, "/en/drafts/invitation/saved", 404)


def test_a_network_cannot_fill_the_table_of_drafts(
    world: World, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = client.application.config["GUARD"].__class__(0, drafts_an_hour=2)
    monkeypatch.setitem(client.application.config, "GUARD", limits)
    for _ in range(2):
        save(client)
    page = check_page(client.post(URL, data={**filled(client, comment="kept"), "act": "save"}), 429)
    assert page.fields()["comment"] == "kept"
    assert len(session.scalars(select(Draft)).all()) == 2
