"""Pages that are drawn once: nobody gets what belongs to somebody else, and nothing old is shown."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from evalsys import drawing
from evalsys.models import Role, Translation
from evalsys.services.questionnaires.document import plain_document
from forms.questionnaire import build_form
from forms.rating import RatingForm
from tests.factories import make_account, sign_in
from tests.integration.collecting import ANSWERS, filled, make_world
from tests.pages import Page, check_page, get_page

URL = "/en/units/U01/rating"


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
