"""Pages of the list, as the analyst works through them; typing a code; the commands."""

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalsys.cli import roll as commands
from evalsys.models import Role, RollEntry, WorkItem
from evalsys.services.roll.codes import grouped
from tests.factories import make_account, make_service, sign_in
from tests.integration.governing import World, audit_of
from tests.integration.inviting import (
    as_csv,
    drain,
    drain_till_given_up,
    load_people,
    mail_settings,
    make_list_world,
    person,
    states,
)
from tests.pages import check_page, get_page, post_form

pytestmark = pytest.mark.database("sqlite")  # pages; test_access calls each on PostgreSQL

URL = "/en/oversight/rounds/2025/list"


@pytest.fixture
def world(session: Session, client: FlaskClient) -> World:
    found = make_list_world(session)
    sign_in(client, session, found.analyst)
    return found


def csv_file(rows: list[dict[str, str]]) -> tuple[io.BytesIO, str]:
    return io.BytesIO(as_csv(rows)), "people.csv"


def test_a_list_is_loaded_invited_and_downloaded_by_pages(session: Session, client: FlaskClient, world: World) -> None:
    assert URL in get_page(client, "/en/oversight/rounds/2025").links
    get_page(client, URL)
    rows = [person(1), person(2, stratum="=aliens")]
    sent = post_form(client, f"{URL}/new", {"group": "citizens", "channel": "mail", "file": csv_file(rows)})
    assert sent.status_code == 302, sent.text
    assert "Kilobytes" in get_page(client, sent.location).text
    drain()
    done = get_page(client, sent.location)
    (rejected,) = [link for link in done.links if link.endswith("rejected.csv")]
    assert "'=aliens" in client.get(rejected).text
    listed = get_page(client, URL)
    assert "Citizens · users" in listed.text.replace("(en)", "")
    invited = client.post(f"{URL}/invitations", data={**listed.fields(), "group": "citizens", "way": "eml"})
    assert invited.status_code == 302
    get_page(client, invited.location)
    drain()
    (link,) = [link for link in get_page(client, URL).links if "/files/" in link]
    taken = client.get(link)
    assert taken.data.startswith(b"PK")
    assert taken.headers["Cache-Control"] == "no-store"
    token = listed.fields()["csrf_token"]
    assert client.post(link, data={"csrf_token": token}).status_code == 302
    assert client.get(link).status_code == 404
    for locale in ("zh", "ar"):
        get_page(client, URL.replace("/en/", f"/{locale}/"))
    assert [outcome for _, outcome in audit_of(session, "roll.invite")] == ["done", "done", "done", "refused"]


def test_wrong_input_is_named_and_nothing_chosen_is_lost(client: FlaskClient, world: World) -> None:
    answer = post_form(client, f"{URL}/new", {"channel": "mail"})
    page = check_page(answer, 422)
    assert page.texts(".error-summary a") == ["Choose a group.", "Choose a file."]
    assert page.one("input[value=mail]").get("checked") is not None
    empty = post_form(
        client, f"{URL}/new", {"group": "citizens", "channel": "mail", "file": (io.BytesIO(b""), "a.csv")}
    )
    assert "not empty" in check_page(empty, 422).text


def test_a_large_file_is_taken_here_and_nowhere_else(client: FlaskClient, world: World) -> None:
    rows = [person(number, name="x" * 90) for number in range(2000)]
    sent = post_form(client, f"{URL}/new", {"group": "citizens", "channel": "letter", "file": csv_file(rows)})
    assert sent.status_code == 302
    token = get_page(client, URL).fields(f"form[action='{'/en/account/sign-out'}']")
    refused = client.post(f"{URL}/invitations", data={**token, "group": "x" * 70_000})
    assert refused.status_code == 413


def test_a_failed_batch_shows_its_people_and_asks_for_a_reason(
    app: Flask, session: Session, client: FlaskClient, world: World
) -> None:
    load_people(world.actor(world.analyst), 3, "mail")
    with mail_settings(app, "smtp://127.0.0.1:1"):
        page = get_page(client, URL)
        client.post(f"{URL}/invitations", data={**page.fields(), "group": "citizens", "way": "smtp"})
        drain_till_given_up(session)
    (link,) = [link for link in get_page(client, URL).links if "/batches/" in link]
    assert "Person 2" in get_page(client, link).text
    assert post_form(client, link, {"reason": ""}).status_code == 422
    assert post_form(client, link, {"reason": "server down"}).status_code == 302
    assert states(session) == {"new": 3}


def test_other_roles_read_numbers_and_no_buttons(session: Session, client: FlaskClient, world: World) -> None:
    load_people(world.actor(world.analyst), 2, "mail")
    sign_in(client, session, make_account(session, Role.AUDITOR))
    page = get_page(client, URL)
    assert page.select("main form") == []
    assert "Person" not in page.text


def test_reminders_are_ordered_by_a_button(session: Session, client: FlaskClient, world: World) -> None:
    load_people(world.actor(world.analyst), 2, "mail")
    session.execute(update(RollEntry).values(state="invited", invited_on=world.round.period_start))
    session.commit()
    page = get_page(client, URL)
    data = {**page.fields(), "group": "citizens", "way": "eml"}
    assert client.post(f"{URL}/reminders", data=data).status_code == 302
    assert "not over" in client.post(f"{URL}/reminders", data=data).text


def test_a_code_is_typed_as_people_type(session: Session, client: FlaskClient, world: World) -> None:
    make_service(session, world.units)
    token = "0123456789ABCDEFGHJKMNPQRSTV"
    assert client.get("/i").location == "/en/invitations"
    typed = grouped(token).lower().replace("0", "o", 1).replace("-", " ")
    assert post_form(client, "/en/invitations", {"code": typed}).location == f"/en/invitations/{token}"
    assert check_page(post_form(client, "/en/invitations", {"code": ""}), 422).texts(".error-summary a")
    get_page(client, f"/en/invitations/{token}", 404)


def test_operators_load_and_write_by_commands(
    app: Flask, session: Session, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(_transfer_id: int) -> int:
        return len(drain())

    monkeypatch.setattr(commands, "_drain", here)
    path, rejected = tmp_path / "people.csv", tmp_path / "rejected.csv"
    path.write_bytes(as_csv([person(1), person(2), person(3, language="fr")]))
    run, login = app.test_cli_runner().invoke, world.analyst.login
    options = ["--round", "2025", "--channel", "mail", "--rejected", str(rejected), "--as", login]
    done = run(args=["roll", "load", str(path), *options])
    assert done.exit_code == 0, done.output
    assert "2 people added, 0 corrected, 1 rows rejected" in done.output
    assert "language" in rejected.read_text()
    written = run(args=["roll", "letters", "2025", "--way", "eml", "--to", str(tmp_path / "out"), "--as", login])
    assert written.exit_code == 0, written.output
    assert len(list((tmp_path / "out").iterdir())) == 1
    again = run(args=["roll", "letters", "2025", "--way", "eml", "--as", login])
    assert again.exit_code == 1
    assert "nobody to write to" in again.output
    assert session.scalars(select(WorkItem.state)).all() == [2, 2]
