"""The pages of the quality desk: from a flag to an exclusion, its effect, and back."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Exclusion, RoundState
from evalsys.services import runs
from tests.factories import NOW, sign_in
from tests.integration.checking import plant_speeders
from tests.integration.governing import World, make_world
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

DESK = "/en/oversight/rounds/2025/quality"


def signed_in(app: Flask, session: Session, account: Account) -> FlaskClient:
    client = app.test_client()
    sign_in(client, session, account)
    return client


def proposed(app: Flask, session: Session) -> tuple[World, FlaskClient, int]:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    plant_speeders(session, world)
    client = signed_in(app, session, world.analyst)
    wanted = {"rule": "speed", "grade": "3", "unit": "U01", "reason": "nobody reads that fast"}
    answer = post_form(client, f"{DESK}/exclusions/new", wanted)
    assert answer.status_code == 302
    number = session.scalars(select(Exclusion.id)).one()
    session.rollback()
    return world, client, number


def test_an_analyst_sets_rules_and_keeps_what_was_typed_wrong(app: Flask, session: Session) -> None:
    world = make_world(session)
    client = signed_in(app, session, world.analyst)
    form = "form[action$='rules/bursts']"
    right = post_form(client, f"{DESK}/rules", {"bursts-least": "٤٠", "bursts-excludes": "yes"}, form)
    assert right.status_code == 302
    page = get_page(client, f"{DESK}/rules")
    assert page.fields(form)["bursts-least"] == "40"
    assert page.fields(form)["bursts-excludes"] == "yes"
    wrong = check_page(post_form(client, f"{DESK}/rules", {"bursts-least": "a few"}, form), 422)
    assert wrong.fields(form)["bursts-least"] == "a few"
    assert wrong.one(".error-summary a").get("href") == "#bursts-least"


def test_from_a_flag_to_an_exclusion_and_its_effect_and_back(app: Flask, session: Session) -> None:
    world, analyst, number = proposed(app, session)
    url = f"{DESK}/exclusions/{number}"
    own = get_page(analyst, url)
    assert not own.select("main form")
    assert "Somebody else decides" in own.text
    assert "Locked until somebody has decided" in own.text
    token = get_page(analyst, f"{DESK}/exclusions/new").fields()["csrf_token"]
    assert analyst.post(f"{url}/effect", data={"csrf_token": token}).status_code == 409
    board = signed_in(app, session, world.first)
    assert check_page(post_form(board, url, {"decision": "decline"}, "main form"), 422).select(".error-summary")
    assert post_form(board, url, {"decision": "confirm"}, "main form").status_code == 302
    seen = check_page(post_form(board, url, {}, "form[action$='effect']"))
    assert "U01 name (en)" in seen.texts("#effect tbody th")
    run = runs.score_round(world.actor(world.analyst), "2025", now=NOW.replace(year=2099))
    page = get_page(board, f"/en/oversight/runs/{run}")
    assert "12 answers are left out by a decision of two people. Reason: nobody reads that fast" in page.text
    assert check_page(post_form(board, url, {}, "form[action$='lift']"), 422).select(".error-summary")
    assert post_form(board, url, {"reason": "they were pupils"}, "form[action$='lift']").status_code == 302
    assert "Counted again" in get_page(board, url).text


def test_a_proposal_that_fits_nothing_is_refused_with_all_that_was_typed(app: Flask, session: Session) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    client = signed_in(app, session, world.analyst)
    wanted = {"grade": "2", "reason": "why not", "first": "2025-06-01"}
    page = check_page(post_form(client, f"{DESK}/exclusions/new", wanted), 422)
    assert "No counted answer fits this choice." in page.one(".error-summary").findtext("p", "")
    kept = page.fields()
    assert (kept["grade"], kept["reason"], kept["first"]) == ("2", "why not", "2025-06-01")
    days = check_page(post_form(client, f"{DESK}/exclusions/new", {**wanted, "last": "2025-05-01"}), 422)
    assert days.one(".error-summary a").get("href") == "#last"


def test_desk_and_list_are_read_in_every_language(app: Flask, session: Session) -> None:
    world, _client, number = proposed(app, session)
    client = signed_in(app, session, world.second)
    for locale in ("en", "zh", "ar"):
        desk = f"/{locale}/oversight/rounds/2025/quality"
        for path in ("", "/flags", "/flags?rule=speed&page=1", "/rules", "/raters", f"/exclusions/{number}"):
            get_page(client, f"{desk}{path}")
        get_page(client, f"/{locale}/oversight/rounds/2025/field-work")
    assert any(link.endswith("/quality") for link in get_page(client, "/en/oversight/rounds/2025").links)
