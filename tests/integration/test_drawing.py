"""Pages that are drawn once: nobody gets what belongs to somebody else, and nothing old is shown."""

import re
from collections.abc import Callable
from html import unescape
from itertools import permutations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from evalsys import drawing
from evalsys.models import Place, Role, Translation
from evalsys.services import kiosks
from evalsys.services.access import actor_of
from evalsys.services.questionnaires.document import plain_document
from forms.questionnaire import build_form
from forms.rating import RatingForm
from tests.factories import NOW, make_account, sign_in
from tests.integration.collecting import ANSWERS, filled, make_tokens, make_world
from tests.pages import Page, check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # what is kept lies in memory

URL = "/en/units/U01/rating"
HIDDEN = re.compile(r'name="(?:nonce|csrf_token|pass|draft)" value="([^"]+)"')
PUZZLE = re.compile(r'data-puzzle="([^"]+)"')
OF_ONE_BROWSER = {"open", "refused", "switched", "poster", "arabic"}
RANDOM = re.compile(r"[0-9a-f]{16,}")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """What other tests had drawn is not asked about here."""
    drawing._kept.clear()


def tokens(page: Page) -> tuple[str, str]:
    fields = page.fields()
    return fields["nonce"], fields["csrf_token"]


def test_every_showing_has_tokens_of_its_own_that_work(client: FlaskClient, session: Session) -> None:
    make_world(session)
    pages = [get_page(client.application.test_client(), URL) for _ in range(3)]
    assert len({part for page in pages for part in tokens(page)}) == 6
    assert "\0" not in client.get(URL).text
    again = get_page(client, URL)
    assert client.post(URL, data={**again.fields(), **ANSWERS}).status_code == 302


def test_what_one_person_filled_in_is_never_shown_to_another(client: FlaskClient, session: Session) -> None:
    make_world(session)
    get_page(client, URL)
    secret = filled(client, comment="my own words", q_trust="")
    refused = check_page(client.post(URL, data=secret), 422)
    assert "my own words" in refused.text
    other = get_page(client.application.test_client(), URL)
    assert "my own words" not in other.text
    assert not other.select("input[checked]")
    assert "There is a problem" not in other.text


def test_the_page_of_somebody_signed_in_stays_hers(client: FlaskClient, session: Session) -> None:
    make_world(session)
    sign_in(client, session, make_account(session, Role.ANALYST, name="Ada Lovelace"))
    assert "Ada Lovelace" in get_page(client, URL).text
    assert "Ada Lovelace" not in get_page(client.application.test_client(), URL).text


def test_other_words_give_another_page_and_languages_stay_apart(client: FlaskClient, session: Session) -> None:
    make_world(session)
    assert "U01 name (en)" in get_page(client, URL).text
    assert "trust question (ar)" in get_page(client, URL.replace("/en/", "/ar/")).text
    is_name = Translation.entity_key == "U01", Translation.locale == "en"
    session.execute(update(Translation).where(*is_name).values(text="The new name"))
    session.commit()
    page = get_page(client, URL)
    assert "The new name" in page.text
    assert "U01 name" not in page.text


def test_a_message_is_shown_once(client: FlaskClient, session: Session) -> None:
    make_world(session)
    get_page(client, URL)
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("message", "Hello again")]
    assert "Hello again" in get_page(client, URL).text
    assert "Hello again" not in get_page(client, URL).text


def test_a_filled_form_never_makes_a_key() -> None:
    rating = build_form(plain_document("citizens", (("trust", 5),)), RatingForm)
    assert drawing._frozen(rating()) == drawing._frozen(rating())
    with pytest.raises(TypeError):
        drawing._frozen(rating(MultiDict({"q_trust": "1"})))


def own_texts(page: str) -> set[str]:
    """The random texts that a page gives to its visitor: hidden fields, and those in the puzzle."""
    puzzles = (found for puzzle in PUZZLE.findall(page) for found in RANDOM.findall(unescape(puzzle)))
    return {*HIDDEN.findall(page), *puzzles}


def visitors(app: Flask, session: Session) -> dict[str, Callable[[], str]]:
    """People in all states in which the form can be shown; each looks at it again when called."""
    world = make_world(session)
    session.add(Place(code="P01", unit_id=world.unit.id))
    session.commit()
    secret = kiosks.turn_on(actor_of(make_account(session, Role.ANALYST)), "P01", now=NOW)
    found = {name: app.test_client() for name in ("open", "invited", "kiosk", "signed in", "saved", "empty", "told")}
    (token,) = make_tokens(session, world, 1)
    post_form(found["invited"], f"/en/invitations/{token}", {})
    found["kiosk"].get(f"/k/{secret}")
    sign_in(found["signed in"], session, make_account(session, Role.ANALYST, name="Ada Lovelace"))
    drafts = {}
    for name, data in (
        ("saved", {"comment": "half a thought"}),
        ("empty", {"nonce": "", **dict.fromkeys(ANSWERS, "")}),
    ):
        place = found[name].post(URL, data={**filled(found[name]), **data, "act": "save"}).headers["Location"]
        drafts[name] = place.removesuffix("/saved")

    def tell() -> str:
        with found["told"].session_transaction() as cookie:
            cookie["_flashes"] = [("message", "Only for you")]
        return found["told"].get(URL).text

    looks: dict[str, Callable[[], str]] = {
        name: lambda client=client, name=name: client.get(drafts.get(name, URL)).text  # type: ignore[misc]
        for name, client in found.items()
    }
    refused = {**filled(found["open"]), "q_trust": "", "comment": "my own words"}
    looks["told"] = tell
    looks["refused"] = lambda: found["open"].post(URL, data=refused).text
    looks["switched"] = lambda: found["open"].post("/ar/units/U01/rating", data={**refused, "switch": "ar"}).text
    looks["poster"] = lambda: found["open"].get(f"{URL}?via=qr").text
    looks["arabic"] = lambda: found["open"].get("/ar/units/U01/rating").text
    return looks


def test_no_two_visitors_get_a_token_of_each_other_in_whatever_order_they_come(app: Flask, session: Session) -> None:
    looks = visitors(app, session)
    seen = [(name, looks[name]()) for pair in permutations(looks, 2) for name in pair]
    owners: dict[str, set[str]] = {}
    for name, page in seen:
        assert len(own_texts(page)) >= 2, name
        for text in own_texts(page):
            owners.setdefault(text, set()).add("open" if name in OF_ONE_BROWSER else name)
    assert {len(people) for people in owners.values()} == {1}
    kept = "".join(drawing._kept.values()) + repr(list(drawing._kept))
    assert not [text for text in owners if text in kept]
    for name, page in seen:
        assert "\0" not in page
        me = {"open" if name in OF_ONE_BROWSER else name}
        assert not [text for text, people in owners.items() if people != me and text in page], name


def test_what_belongs_to_one_state_is_on_no_other_page_and_on_no_kept_one(app: Flask, session: Session) -> None:
    looks = visitors(app, session)
    seen = [(name, looks[name]()) for pair in permutations(looks, 2) for name in pair]
    kept = "".join(drawing._kept.values()) + repr(list(drawing._kept))
    only_with = {
        "Ada Lovelace": {"signed in"},
        "half a thought": {"saved"},
        "Only for you": {"told"},
        "my own words": {"refused", "switched"},
        " checked": {"saved", "refused", "switched"},
        'name="draft"': {"saved", "empty"},
        'id="kiosk-warning"': {"kiosk"},
    }
    for words, whose in only_with.items():
        assert words not in kept
        assert {name for name, page in seen if words in page} == whose, words
    also_kept = {
        'name="pass"': {"invited"},
        'dir="rtl"': {"switched", "arabic"},
        "via=qr": {"poster"},
        "data-puzzle": {*looks} - {"invited", "kiosk"},
    }
    for words, whose in also_kept.items():
        assert {name for name, page in seen if words in page} == whose, words
