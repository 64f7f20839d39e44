"""The pages of the builder and of groups: what an analyst does there, step by step, without script."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Questionnaire
from evalsys.services.questionnaires import editing
from evalsys.services.questionnaires.document import canonical, parse
from evalsys.services.questionnaires.editing import Place
from evalsys.services.questionnaires.lint import missing_words
from tests.factories import NOW, sign_in
from tests.integration.governing import World, make_world
from tests.pages import check_page, get_page, post_form
from tests.questionnaires import SATISFACTION, whole

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    made.forms["citizens"].code = "citizens"
    session.commit()
    return made


def stored(session: Session) -> Questionnaire:
    session.expire_all()
    return session.scalars(select(Questionnaire).where(Questionnaire.code == "citizens")).one()


def test_the_analyst_builds_a_questionnaire_page_by_page(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, world.analyst)
    here = "/en/oversight/rounds/2025/questionnaires/citizens"
    assert "/en/oversight/rounds/2025/groups" in get_page(client, "/en/oversight/rounds/2025").links
    assert here in get_page(client, "/en/oversight/rounds/2025/groups").links
    new = f"{here}/sections/0/items/new?shape=thumbs-2"
    words_of = {
        f"{name}_{locale}": f"{name} {locale}" for name in ("text", "a1", "a2") for locale in ("en", "zh", "ar")
    }
    assert post_form(client, new, {"code": "again", **words_of}).status_code == 302
    asked = stored(session)
    added = parse(asked.body).items[-1]
    assert (added.code, added.look, added.signs, added.text["zh"]) == ("again", "thumbs", (-1, 1), "text zh")
    page = get_page(client, here)
    assert page.texts(".item__text .question__number") == ["1", "2", "3"]
    assert page.texts(".item .tag") == ["not counted by the weights"]
    assert post_form(client, here, {"act": "up:0:2"}).status_code == 302
    assert [one.code for one in parse(stored(session).body).items] == ["satisfaction", "again", "trust"]
    edited = f"{here}/sections/0/items/1"
    assert get_page(client, edited).fields("#form")["text_ar"] == "text ar"
    tilted = check_page(post_form(client, edited, {"sign1": "1", "note": "stays"}), 422)
    assert "2 points are positive and only 0 negative" in tilted.text
    assert tilted.fields("#form")["note"] == "stays"
    assert post_form(client, here, {"act": "remove:0:1"}).status_code == 302
    assert post_form(client, here, {"act": "restore:2"}).status_code == 302
    assert [one.code for one in parse(stored(session).body).items] == ["satisfaction", "trust", "again"]
    assert post_form(client, f"{here}/sections/new", {"title_en": "More"}).status_code == 302
    assert "Still missing" in get_page(client, here).text
    check_page(post_form(client, here, {"act": "drop:0"}), 422)
    assert post_form(client, here, {"act": "drop:1"}).status_code == 302


@pytest.mark.parametrize("locale", ["en", "zh", "ar"])
def test_the_preview_shows_the_form_in_any_language_and_cannot_be_sent(
    world: World, client: FlaskClient, session: Session, locale: str
) -> None:
    place = Place("2025", "citizens", 1)
    editing.save_document(world.actor(world.analyst), place, whole(), "why", now=NOW)
    sign_in(client, session, world.second)
    page = get_page(client, f"/{locale}/oversight/rounds/2025/questionnaires/citizens/preview")
    assert len(page.select("fieldset")) >= 8
    assert not page.select("main form")
    assert SATISFACTION.text[locale] in page.text
    assert client.post(f"/{locale}/oversight/rounds/2025/questionnaires/citizens/preview").status_code in (400, 405)


def test_a_file_is_brought_by_a_page_and_its_faults_are_listed(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.analyst)
    here = "/en/oversight/rounds/2025/questionnaires/citizens"
    file = client.get(f"{here}/file.json")
    assert file.headers["Content-Disposition"] == 'attachment; filename="2025-citizens.json"'
    fields = get_page(client, f"{here}/import").fields("#form")
    broken = {**fields, "file": (BytesIO(b'{"sections": 5}'), "q.json")}
    page = check_page(client.post(f"{here}/import", data=broken, content_type="multipart/form-data"), 422)
    assert "/sections: a list is needed here." in page.text
    assert page.fields("#form")["content"] == '{"sections": 5}'
    good = {**fields, "file": (BytesIO(canonical(whole()).encode()), "q.json")}
    assert client.post(f"{here}/import", data=good, content_type="multipart/form-data").status_code == 302
    assert stored(session).digest == whole().digest


@pytest.mark.parametrize(
    "shape",
    [
        "likert-5",
        "likert-4",
        "likert-7",
        "likert-10",
        "stars-5",
        "thumbs-2",
        "number-101",
        "choice-10",
        "ticks-8",
        "text-0",
    ],
)
def test_every_kind_of_question_can_be_added_and_edited_again(
    world: World, client: FlaskClient, session: Session, shape: str
) -> None:
    sign_in(client, session, world.analyst)
    here = "/en/oversight/rounds/2025/questionnaires/citizens"
    new = f"{here}/sections/0/items/new?shape={shape}"
    empty = get_page(client, new)
    check_page(client.post(new, data={**empty.fields("#form"), "code": ""}), 422)
    data = {
        "code": "fresh",
        "k1_code": "box_a",
        "k2_code": "box_b",
        "at1": "0",
        "at2": "50",
        "sign3": "-1",
        "sign4": "1",
    }
    rows = 2 if shape.startswith(("choice", "ticks", "number")) else int(shape.split("-")[1])
    for locale in ("en", "zh", "ar"):
        data |= {f"text_{locale}": "How?", **{f"a{row}_{locale}": f"p{row}" for row in range(1, rows + 1)}}
    data |= {"sign2": "1"} if shape.startswith("choice") else {}
    data = {name: value for name, value in data.items() if shape.startswith("choice") or not name.startswith("sign")}
    answer = client.post(new, data={**empty.fields("#form"), **data})
    assert answer.status_code == 302, check_page(answer, 422).text
    body = stored(session).body
    added = parse(body).items[-1]
    assert added.kind in shape or added.look in shape
    again = get_page(client, f"{here}/sections/0/items/2")
    unchanged = check_page(client.post(f"{here}/sections/0/items/2", data=again.fields("#form")), 422)
    assert "Nothing has changed." in unchanged.text
    assert not [one for one in missing_words(parse(body)) if one.number == 3]


def test_a_group_is_added_on_a_page_after_a_look_at_the_effect(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.analyst)
    url = "/en/oversight/rounds/2025/groups/new"
    data = {"code": "businesses", "name_en": "Businesses", "name_zh": "企业", "name_ar": "الشركات", "mode": "public"}
    data |= {"promise": "anonymous", "source": "citizens", "weight": "10", "reason": "They pay.", "s1_code": "firms"}
    data |= {f"s1_{locale}": f"Firms {locale}" for locale in ("en", "zh", "ar")} | {"s1_weight": "100"}
    seen = check_page(post_form(client, url, {**data, "act": "check"}), 200)
    assert "45" in seen.text
    assert not session.scalars(select(Questionnaire).where(Questionnaire.group == "businesses")).all()
    wrong = check_page(post_form(client, url, {**data, "s1_weight": "90", "act": "add"}), 422)
    assert "exactly 100" in wrong.text
    assert wrong.fields("#form")["s1_weight"] == "90"
    assert post_form(client, url, {**data, "act": "add"}).headers["Location"].endswith("/groups/businesses")
    page = get_page(client, "/en/oversight/rounds/2025/groups/businesses")
    assert "Waiting for a decision" in page.text
    check_page(post_form(client, page.url, {"mode": "assigned"}), 422)
    assert post_form(client, page.url, {"mode": "public"}).status_code == 302
    weigh = f"{page.url}/weight"
    token = page.fields("#form")["csrf_token"]
    effect = client.post(weigh, data={"csrf_token": token, "weight": "20", "reason": "more", "act": "check"})
    assert "40" in check_page(effect, 200).text
    sent = {"csrf_token": token, "weight": "20", "reason": "more", "act": "propose"}
    assert client.post(weigh, data=sent).status_code == 302
