"""The pages of imports and exports: upload, check, start, progress, download, and everything that is refused."""

import io
import shutil
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.i18n import LOCALES
from evalsys.models import Response, Role, RoundState, Transfer, WorkItem
from evalsys.models.response import COUNTED
from evalsys.services import rounds, runs
from evalsys.services.imports import portions
from evalsys.services.transfers import files
from tests.factories import NOW, make_account, sign_in
from tests.integration.governing import World, audit_of, make_world
from tests.integration.transferring import work_off, work_once
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

BASE = "/en/oversight/rounds/2025/transfers"
FORM = "form[enctype]"
HEADER = "respondent,unit,stratum,channel,satisfaction,trust,note"
LINES = ("p1,U01,users,web,5,4,x", "p2,U02,open,paper,1,dk,y", "p1,U02,users,web,3,na,z", "p2,U02,users,web,1,1,again")
TOO_MUCH = 200_000


@pytest.fixture
def world(client: FlaskClient, session: Session) -> World:
    """A round that collects, its analyst signed in, and no file of an earlier test."""
    shutil.rmtree(files.folder())
    made = make_world(session, RoundState.COLLECTING)
    sign_in(client, session, made.analyst)
    return made


def send(client: FlaskClient, world: World, *lines: str, **over: Any) -> TestResponse:
    content = "\r\n".join([HEADER, *lines, ""]).encode()
    answers = (io.BytesIO(content), "answers.csv")
    return post_form(client, BASE, {"answers": answers, "form": world.forms["citizens"].code, **over}, form=FORM)


def act(client: FlaskClient, place: str, what: str) -> TestResponse:
    token = get_page(client, BASE).fields()["csrf_token"]
    return client.post(f"{place}/acts", data={"csrf_token": token, "act": what})


def one(session: Session) -> Transfer:
    session.expire_all()
    return session.scalars(select(Transfer)).one()


def counted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Response).where(Response.status == COUNTED)) or 0


def test_a_file_is_checked_before_anything_is_imported(client: FlaskClient, session: Session, world: World) -> None:
    place = send(client, world, *LINES, "p9,U99,users,web,1,1,", "p8,U01,users,web,seven,1,").location
    page = get_page(client, place)
    assert "Checked, not started" in page.text
    assert "U99" in page.text
    assert "seven" in page.text
    assert "note" in page.text
    assert session.scalars(select(Response)).all() == []
    assert session.scalars(select(WorkItem)).all() == []


def test_an_import_runs_in_the_background_and_tells_how_far_it_is(
    client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "BATCH_RESPONSES", 2)
    place = send(client, world, *LINES).location
    act(client, place, "start")
    batch = f"transfer-{one(session).id}"
    work_once(batch)
    running = get_page(client, place)
    assert running.select("#job[data-poll]")
    assert int(running.one("progress").get("value", "")) == one(session).position > 0
    assert counted(session) == 0
    work_off(batch)
    done = get_page(client, place)
    assert not done.select("#job[data-poll]")
    assert one(session).state == "done"
    assert counted(session) == 3
    assert not list(files.folder().glob("*.csv")), "the file with the answers is deleted"
    rejected = client.get(f"{place}/rejected.csv")
    assert rejected.data.decode().splitlines() == [
        "line,column,value,reason",
        "5,respondent,p2,This respondent has a row already.",
    ]
    rejected.close()
    assert audit_of(session, "response.import") == [("response.import", "done")] * 3


def test_cancelling_takes_everything_back(
    client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "BATCH_RESPONSES", 2)
    place = send(client, world, *LINES).location
    act(client, place, "start")
    batch = f"transfer-{one(session).id}"
    work_once(batch)
    assert session.scalar(select(func.count()).select_from(Response)) == 2
    act(client, place, "cancel")
    work_off(batch)
    assert one(session).state == "cancelled"
    assert session.scalars(select(Response)).all() == []
    assert "Nothing of it was kept." in get_page(client, place).text
    check_page(act(client, place, "cancel"), 409)


def test_a_file_that_is_only_uploaded_can_be_discarded(client: FlaskClient, session: Session, world: World) -> None:
    place = send(client, world, *LINES).location
    act(client, place, "cancel")
    assert one(session).state == "cancelled"
    assert list(files.folder().iterdir()) == []


def test_while_an_import_runs_its_round_is_neither_closed_nor_takes_another(
    client: FlaskClient, session: Session, world: World
) -> None:
    first, second = send(client, world, *LINES).location, send(client, world, LINES[0]).location
    act(client, first, "start")
    check_page(act(client, second, "start"), 409)
    with pytest.raises(Exception, match="is not finished"):
        rounds.close_round(world.actor(world.analyst), "2025", now=NOW)
    for transfer in session.scalars(select(Transfer)):
        work_off(f"transfer-{transfer.id}")
    rounds.close_round(world.actor(world.analyst), "2025", now=NOW)
    rounds.move_round(world.actor(world.analyst), "2025", "check", now=NOW)
    runs.score_round(world.actor(world.analyst), "2025", now=NOW)


def test_what_does_not_fit_is_said_with_every_problem(client: FlaskClient, session: Session, world: World) -> None:
    content = (io.BytesIO(b"respondent,unit\r\np1,U01\r\n"), "bad.csv")
    place = send(client, world, answers=content).location
    page = get_page(client, place)
    for column in ("stratum", "channel", "satisfaction", "trust"):
        assert f"The file has no column “{column}”." in page.text
    assert not page.select("input[value=start]")


def test_a_file_that_breaks_half_way_is_taken_back_with_its_line(
    client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "BATCH_RESPONSES", 2)
    place = send(
        client, world, *LINES[:2], *(f"q{n},U01,users,web,1,1,x" for n in range(300)), 'p3,U01,"a"b,c'
    ).location
    act(client, place, "start")
    work_off(f"transfer-{one(session).id}")
    assert one(session).state == "failed"
    assert session.scalars(select(Response)).all() == []
    assert "The file cannot be read as CSV at line 304" in get_page(client, place).text
    assert audit_of(session, "response.import")[-1] == ("response.import", "refused")


def test_an_import_whose_workers_stop_can_go_on(client: FlaskClient, session: Session, world: World) -> None:
    place = send(client, world, *LINES).location
    check_page(act(client, place, "resume"), 409)
    act(client, place, "start")
    item = session.scalars(select(WorkItem)).one()
    item.state, item.error = 3, "every worker that took this item stopped"
    session.commit()
    assert "The work has stopped" in get_page(client, place).text
    act(client, place, "resume")
    work_off(f"transfer-{one(session).id}")
    assert one(session).state == "done"


def test_wrong_input_is_answered_with_everything_kept(client: FlaskClient, session: Session, world: World) -> None:
    page = check_page(send(client, world, *LINES, form="", respondent="kept", channel="paper"), 422)
    assert page.one("#respondent").get("value") == "kept"
    assert page.texts(".error-summary a") == ["Choose a questionnaire, or a mapping file."]
    page = check_page(send(client, world, *LINES, form="-"), 422)
    assert page.texts(".error-summary a") == ["Choose the mapping file, or a questionnaire."]
    mapping = (io.BytesIO(b"colour = 'red'"), "map.toml")
    check_page(send(client, world, *LINES, form="-", mapping=mapping), 422)
    assert session.scalars(select(Transfer)).all() == []
    assert list(files.folder().iterdir()) == []


def test_a_large_file_is_taken_from_who_may_import_and_from_nobody_else(
    app: Flask, client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [f"p{number},U01,users,web,5,4,{'x' * 60}" for number in range(TOO_MUCH // 80)]
    assert send(client, world, *many).status_code == 302
    assert one(session).size > TOO_MUCH
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    for role in (None, Role.AUDITOR, Role.BOARD):
        other = app.test_client()
        if role:
            sign_in(other, session, make_account(session, role))
        answers = (io.BytesIO(b"x" * TOO_MUCH), "answers.csv")
        refused = other.post(f"{BASE}/imports", data={"answers": answers, "form": "x"}).status_code
        assert refused in (401, 403, 413), role
    too_large = client.post(f"{BASE}/exports", data={"group": "x" * TOO_MUCH})
    assert too_large.status_code == 413


def test_an_export_is_asked_for_made_and_downloaded(client: FlaskClient, session: Session) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    sign_in(client, session, world.analyst)
    wish = {"group": "citizens", "format": "xlsx", "labels": "zh", "comments": "yes"}
    place = post_form(client, BASE, wish, form="form[action$=exports]").location
    get_page(client, place)
    work_off(f"transfer-{one(session).id}")
    page = get_page(client, place)
    assert one(session).digest in page.text
    token = page.fields()["csrf_token"]
    archive = client.post(f"{place}/file", data={"csrf_token": token})
    assert archive.status_code == 200
    assert archive.headers["Content-Type"] == "application/zip"
    assert archive.headers["Cache-Control"] == "no-store"
    archive.close()
    assert audit_of(session, "response.export") == [("response.export", "done")] * 2


def test_running_results_are_refused_on_the_page(client: FlaskClient, session: Session, world: World) -> None:
    answer = post_form(client, BASE, {"group": "citizens"}, form="form[action$=exports]")
    page = check_page(answer, 409)
    assert "nobody sees results while it runs" in page.one(".error-summary").find("p").text  # type: ignore[union-attr,operator]
    check_page(post_form(client, BASE, {"group": ""}, form="form[action$=exports]"), 422)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_pages_are_sound_in_every_language(
    client: FlaskClient, session: Session, world: World, locale: str
) -> None:
    place = send(client, world, *LINES, ",U01,users,web,1,1,x").location
    get_page(client, f"/{locale}/oversight/rounds/2025")
    get_page(client, BASE.replace("/en/", f"/{locale}/"))
    get_page(client, place.replace("/en/", f"/{locale}/"))
    act(client, place, "start")
    get_page(client, place.replace("/en/", f"/{locale}/"))
