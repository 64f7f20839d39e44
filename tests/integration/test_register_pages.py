"""The pages of the register and of the dictionary: in three languages, keeping what was typed, with few statements."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import Category, Role, RoundState, Unit
from evalsys.services import rounds
from evalsys.services.indicators import editing
from evalsys.services.indicators.editing import Edit
from tests.factories import NOW, make_account, make_indicator, make_service, make_unit, sign_in
from tests.integration.governing import World, make_world
from tests.integration.hostile import TEXTS, problems_of
from tests.integration.registering import NAMES
from tests.pages import FORM, check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # test_access calls each page on PostgreSQL

UNITS = "/en/oversight/units"
INDICATORS = "/en/oversight/indicators"
LOCALES = ("en", "zh", "ar")
NAMED = {f"name_{locale}": name for locale, name in NAMES.items()}
MOST_STATEMENTS = 25
SOME = ("NUL", "override", "long", "placeholder")
MOST_FIELDS = 10


@pytest.fixture
def world(session: Session, client: FlaskClient) -> World:
    """An open round, an analyst signed in, U02 below U01."""
    made = make_world(session, RoundState.APPROVED)
    rounds.open_round(made.actor(made.analyst), "2025", now=NOW)
    make_service(session, made.units, code="S01")
    made.units[1].parent_id = made.units[0].id
    session.commit()
    sign_in(client, session, made.analyst)
    return made


def category(session: Session) -> str:
    return session.scalars(select(Category.code)).one()


def test_every_page_is_sound_in_every_language(session: Session, client: FlaskClient, world: World) -> None:
    editing.edit_indicator(
        world.actor(world.analyst), Edit("trust", 1, "a source", {"definition": NAMES}, "said better"), now=NOW
    )
    make_indicator(session, code="bare", points=101)
    pages = (
        "units", "units/entries/U02", "units/entries/U02/edit", "units/new", "units/reorganisation?former=U02",
        "units/categories/new", f"units/categories/{category(session)}", "units/services/new", "units/services/S01",
        "indicators", "indicators?q=trust", "indicators/new", "indicators/entries/trust", "indicators/entries/bare",
        "indicators/entries/trust/edit", "indicators/entries/bare/edit", "indicators/entries/trust/versions/1",
        "indicators/entries/trust/versions/2", "rounds/2025/indicators", "rounds/2025",
    )  # fmt: skip
    for locale in LOCALES:
        for path in pages:
            get_page(client, f"/{locale}/oversight/{path}")
    assert "U02 name (ar)" in get_page(client, "/ar/oversight/units").text
    page = get_page(client, f"{INDICATORS}/entries/trust/versions/2")
    assert "Changed since version 1" in page.text
    assert NAMES["ar"] in page.text
    bare = get_page(client, f"{INDICATORS}/entries/bare")
    assert "No round that counts this indicator can open" in bare.text
    assert "words of point 91" in bare.text
    assert "Version 2" in get_page(client, f"{INDICATORS}/entries/trust").text
    rows = get_page(client, "/en/oversight/rounds/2025/indicators").texts("#indicators tbody tr")
    assert "The dictionary has version 2 by now." in next(row for row in rows if "trust" in row)


def test_an_office_is_added_changed_and_taken_out_of_use_on_pages(
    session: Session, client: FlaskClient, world: World
) -> None:
    data: dict[str, Any] = {"code": "U09", "category": category(session), "parent": "U01", "services": "S01", **NAMED}
    wrong = check_page(post_form(client, f"{UNITS}/new", {**data, "name_zh": ""}), 422)
    assert wrong.fields()["name_ar"] == NAMES["ar"]
    assert "Enter the name in Chinese." in wrong.text
    assert check_page(post_form(client, f"{UNITS}/new", {**data, "code": "U01"}), 409).fields()["code"] == "U01"
    assert post_form(client, f"{UNITS}/new", data).status_code == 302
    edit = get_page(client, f"{UNITS}/entries/U09/edit")
    assert (edit.fields()["parent"], edit.fields()["services"]) == ("U01", "S01")
    assert post_form(client, f"{UNITS}/entries/U09/edit", {"name_en": "Quay", "parent": ""}).status_code == 302
    page = get_page(client, f"{UNITS}/entries/U09")
    assert "Quay" in page.texts("h1")[0]
    assert post_form(client, f"{UNITS}/entries/U09", {"act": "deactivate", "reason": ""}).status_code == 422
    assert post_form(client, f"{UNITS}/entries/U09", {"act": "deactivate", "reason": "closed"}).status_code == 302
    assert "Take back into use" in get_page(client, f"{UNITS}/entries/U09").text
    assert post_form(client, f"{UNITS}/entries/U09", {"act": "reactivate", "reason": "open"}).status_code == 302
    rated = get_page(client, f"{UNITS}/entries/U01")
    assert "being rated now" in rated.text
    assert not rated.select("textarea[name=reason]")


def test_a_list_is_looked_at_before_anything_is_stored(session: Session, client: FlaskClient, world: World) -> None:
    head = "code,category,parent,services,name_en,name_zh,name_ar"
    rows = f"{head}\nU09,{category(session)},U01,,Quay,码头,رصيف\nU01,A,,,x,x,x\n"
    seen = check_page(post_form(client, UNITS, {"rows": rows, "list_act": "preview"}))
    assert "U09" in seen.texts("#fresh")[0]
    assert "another office" in seen.texts("#problems")[0]
    assert session.scalar(select(Unit).where(Unit.code == "U09")) is None
    assert post_form(client, UNITS, {"rows": rows, "list_act": "save"}).status_code == 302
    assert "Quay" in get_page(client, UNITS).text
    check_page(post_form(client, UNITS, {"rows": "", "list_act": "save"}), 422)
    check_page(post_form(client, UNITS, {"rows": "a,b\n1,2\n", "list_act": "save"}), 422)


def test_a_reorganisation_is_recorded_on_a_page(session: Session, client: FlaskClient, world: World) -> None:
    for code in ("U30", "U31", "U32"):
        make_unit(session, code=code)
    url = f"{UNITS}/reorganisation"
    data = {"kind": "split", "formers": "U30", "laters": ["U31", "U32"], "day": "2025-01-01", "reason": "a new law"}
    wrong = check_page(post_form(client, url, {**data, "reason": ""}), 422)
    assert wrong.select("#laters-U32[checked]")
    check_page(post_form(client, url, {**data, "laters": []}), 422)
    check_page(post_form(client, url, {**data, "formers": "U01"}), 409)
    check_page(post_form(client, url, {**data, "laters": ["U31"]}), 422)
    assert post_form(client, url, data).status_code == 302
    page = get_page(client, f"{UNITS}/entries/U30")
    assert "This office was split on January 1, 2025" in page.text
    assert f"{UNITS}/entries/U32" in page.links
    assert "This office came from" in get_page(client, f"{UNITS}/entries/U31").text


def test_categories_and_services_are_kept_on_pages(session: Session, client: FlaskClient, world: World) -> None:
    url = f"{UNITS}/categories/new"
    check_page(post_form(client, url, {"code": "B", **NAMED, "position": "first"}), 422)
    assert post_form(client, url, {"code": "B", **NAMED, "position": "3"}).status_code == 302
    check_page(post_form(client, url, {"code": "B", **NAMED, "position": "3"}), 409)
    assert post_form(client, f"{UNITS}/categories/B", {"name_en": "Ports"}).status_code == 302
    assert "Ports" in get_page(client, UNITS).text
    get_page(client, f"{UNITS}/categories/Z", 404)
    url = f"{UNITS}/services/new"
    assert post_form(client, url, {"code": "S02", **NAMED, "units": ["U01"]}).status_code == 302
    assert post_form(client, f"{UNITS}/services/S02", {"name_en": "Mooring"}).status_code == 302
    assert "Mooring" in get_page(client, "/en/units/U01").text


def test_an_entry_is_changed_on_a_page_and_what_was_typed_stays(
    session: Session, client: FlaskClient, world: World
) -> None:
    url = f"{INDICATORS}/entries/trust/edit"
    wrong = check_page(post_form(client, url, {"question_en": "Do you trust it?", "reason": ""}), 422)
    assert wrong.fields()["question_en"] == "Do you trust it?"
    assert post_form(client, url, {"question_en": "Do you trust it?", "reason": "plainer"}).status_code == 302
    check_page(post_form(client, url, {"question_en": "x", "reason": "late", "number": "1"}), 409)
    new = f"{INDICATORS}/new"
    check_page(post_form(client, new, {"code": "trust", "points": "5", **NAMED}), 409)
    assert (
        post_form(client, new, {"code": "calm", "points": "101", **NAMED}).location == f"{INDICATORS}/entries/calm/edit"
    )
    assert "anchor_91_ar" in get_page(client, f"{INDICATORS}/entries/calm/edit").fields()


def test_who_may_only_look_sees_no_buttons(session: Session, client: FlaskClient, world: World) -> None:
    sign_in(client, session, make_account(session, Role.AUDITOR))
    for path in (UNITS, f"{UNITS}/entries/U01", INDICATORS, f"{INDICATORS}/entries/trust"):
        page = get_page(client, path)
        assert not page.select("main form[method=post]")
        assert not [link for link in page.links if link.endswith(("/edit", "/new", "/reorganisation"))]


def test_statements_do_not_grow_with_the_number_of_offices_and_indicators(
    session: Session, client: FlaskClient, world: World
) -> None:
    paths = (
        UNITS,
        f"{UNITS}/entries/U02",
        INDICATORS,
        f"{INDICATORS}/entries/trust",
        "/en/oversight/rounds/2025/indicators",
    )
    before = [statements(client, path) for path in paths]
    for number in range(40, 46):
        make_service(session, [make_unit(session, code=f"U{number}", parent_id=world.units[0].id)])
        make_indicator(session)
    assert [statements(client, path) for path in paths] == before
    assert max(before) <= MOST_STATEMENTS


def statements(client: FlaskClient, path: str) -> int:
    count = 0

    def tick(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", tick)
    try:
        get_page(client, path)
    finally:
        event.remove(db.engine, "before_cursor_execute", tick)
    return count


HOSTILE = (
    f"{UNITS}/new", f"{UNITS}/entries/U03/edit", f"{UNITS}/entries/U03", UNITS, f"{UNITS}/reorganisation",
    f"{UNITS}/categories/new", f"{UNITS}/services/S01", f"{INDICATORS}/new", f"{INDICATORS}/entries/trust/edit",
)  # fmt: skip


@pytest.mark.database("postgresql")
def test_hostile_text_in_any_field_breaks_no_page(
    app: Flask, session: Session, client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_unit(session, code="U03")
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    found = []
    for path in HOSTILE:
        page = get_page(client, path)
        target, fields = page.select(FORM)[0].get("action") or path, {"reason": "why", **page.fields()}
        for name in sorted(fields)[:MOST_FIELDS]:
            for sort in SOME:
                answer = client.post(target, data={**fields, name: TEXTS[sort].encode("utf-8", "surrogatepass")})
                found += [f"{path} {name} {sort}: {one}" for one in problems_of(answer)]
                answer.close()
    for path in (UNITS, f"{UNITS}/entries/U03", f"{INDICATORS}?q=%00%E2%80%AE", f"{INDICATORS}/entries/trust"):
        found += [f"{path}, then: {one}" for one in problems_of(client.get(path))]
    assert not found, "\n".join(found)
