"""Evidence: who adds, who reads, what is refused, and how a file is served."""

import hashlib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.errors import Conflict, Invalid, NotFound, Unavailable
from evalsys.models import Account, AuditEntry, Document, Role, Round, RoundState
from evalsys.services.access import Actor, actor_of
from evalsys.services.evidence import keeping, reading
from evalsys.services.evidence.keeping import Upload
from tests.factories import NOW, make_account, make_round, sign_in
from tests.integration.panelling import World, assign, make_world
from tests.pages import check_page, get_page

PDF = b"%PDF-1.7 a report"
PAGE = "/en/evidence/rounds/2025"


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def head(session: Session, world: World) -> Account:
    return make_account(session, Role.HEAD, unit=world.units[0])


def add(actor: Actor, data: bytes = PDF, unit: str = "U01", name: str = "report.pdf") -> int:
    return keeping.add_document(actor, "2025", Upload(unit, "", name, data), now=NOW)


def post(client: FlaskClient, fields: dict[str, str], data: bytes | None, name: str = "report.pdf") -> TestResponse:
    """Send a form with a file; the test client's own encoder would leave a temporary file open."""
    parts = [f'name="{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()]
    if data is not None:
        parts.append(f'name="file"; filename="{name}"\r\n\r\n'.encode() + data)
    body = b"".join(b"--edge\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return client.post(PAGE, data=body, content_type="multipart/form-data; boundary=edge")


def send(client: FlaskClient, data: bytes, name: str = "report.pdf", **over: str) -> int:
    page = get_page(client, PAGE)
    answer = post(client, {**page.fields("#form"), **over}, data, name)
    if answer.status_code != 302:
        check_page(answer, answer.status_code)
    return answer.status_code


def test_a_head_adds_a_document_that_her_experts_save_and_nothing_runs(
    world: World, head: Account, client: FlaskClient, session: Session, app: Flask
) -> None:
    assert head.unit is not None
    task = assign(session, world, 0, 0)
    sign_in(client, session, head)
    assert "/en/evidence" in get_page(client, "/en/head").links
    assert PAGE in get_page(client, "/en/evidence").links
    assert send(client, PDF, "../Jahresbericht.html", title="Year") == 302
    row = session.scalars(select(Document)).one()
    assert (row.title, row.name, row.kind, row.size) == ("Year", "Jahresbericht.pdf", "application/pdf", len(PDF))
    stored = Path(app.instance_path) / "evidence" / hashlib.sha256(PDF).hexdigest()
    assert stored.read_bytes() == PDF
    sign_in(client, session, world.experts[0])
    url = f"/en/evidence/documents/{row.id}"
    assert url in get_page(client, f"/en/assignments/{task.id}").links
    answer = client.get(url)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename=Jahresbericht.pdf"
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers.getlist("Content-Security-Policy") == ["sandbox; default-src 'none'"]
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"


def test_only_assigned_experts_oversight_and_the_units_head_read_it(
    world: World, head: Account, session: Session
) -> None:
    number = add(actor_of(head))
    assign(session, world, 0, 0)
    assign(session, world, 1, 1)
    assign(session, world, 2, 0, state="conflict", conflict_reason="a friend")
    other = actor_of(make_account(session, Role.HEAD, unit=world.units[1]))
    for actor in (actor_of(head), world.actor(0), world.analyst, actor_of(make_account(session, Role.AUDITOR))):
        assert reading.read_document(actor, number).content == PDF
    for actor in (world.actor(1), world.actor(2), world.actor(3), other):
        with pytest.raises(NotFound):
            reading.read_document(actor, number)
    assert [unit.code for unit in reading.read_evidence(world.actor(0), "2025", "en").units] == ["U01"]
    with pytest.raises(NotFound):
        reading.read_evidence(world.actor(3), "2025", "en")


def test_a_head_adds_nothing_about_another_unit(
    world: World, head: Account, client: FlaskClient, session: Session
) -> None:
    with pytest.raises(NotFound):
        add(actor_of(head), unit="U02")
    sign_in(client, session, head)
    assert send(client, PDF, unit="U02") == 422
    assert not session.scalars(select(Document)).all()
    theirs = add(world.analyst, unit="U02")
    with pytest.raises(NotFound):
        keeping.withdraw_document(actor_of(head), theirs, "not mine", now=NOW)


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"<!doctype html><h1>x</h1>", "page.pdf"), (b"", "empty.pdf"), (b"%PDF-" + bytes(11 * 1024 * 1024), "big.pdf")],
    ids=["html", "empty", "11 MB"],
)
def test_hostile_files_are_refused_with_a_page_that_keeps_the_title(
    world: World, client: FlaskClient, session: Session, data: bytes, name: str
) -> None:
    sign_in(client, session, session.get_one(Account, world.analyst.account_id))
    page = get_page(client, PAGE)
    fields = {**page.fields("#form"), "unit": "U01", "title": "stays"}
    answer = check_page(post(client, fields, data, name), 422)
    assert answer.fields("#form")["title"] == "stays"
    assert not session.scalars(select(Document)).all()
    assert session.scalars(select(AuditEntry.outcome)).all() == ["refused"]


def test_a_body_beyond_all_measure_is_not_even_read(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, session.get_one(Account, world.analyst.account_id))
    fields = {**get_page(client, PAGE).fields("#form"), "unit": "U01"}
    assert post(client, fields, bytes(13 << 20)).status_code == 413
    large = {"document": "1", "csrf_token": fields["csrf_token"], "more": "x" * (100 << 10)}
    assert client.post(f"{PAGE}/reuse", data=large).status_code == 413


def test_nothing_chosen_is_said_beside_the_form(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, session.get_one(Account, world.analyst.account_id))
    fields = get_page(client, PAGE).fields("#form")
    check_page(post(client, {**fields, "unit": "U01"}, None), 422)
    check_page(post(client, {**fields, "unit": ""}, None), 422)


def test_a_withdrawn_document_stays_on_record_and_is_no_longer_served(
    world: World, head: Account, client: FlaskClient, session: Session
) -> None:
    number = add(actor_of(head))
    task = assign(session, world, 0, 0)
    sign_in(client, session, head)
    token = get_page(client, PAGE).fields()["csrf_token"]
    url = f"/en/evidence/documents/{number}"
    check_page(client.post(f"{url}/withdrawal", data={"csrf_token": token, "reason": " "}), 422)
    sent = {"csrf_token": token, "reason": "It names a citizen."}
    assert client.post(f"{url}/withdrawal", data=sent).status_code == 302
    assert "It names a citizen." in get_page(client, PAGE).text
    get_page(client, url, 404)
    check_page(client.post(f"{url}/withdrawal", data=sent), 409)
    sign_in(client, session, world.experts[0])
    page = get_page(client, f"/en/assignments/{task.id}")
    assert url not in page.links
    assert "names a citizen" not in page.text
    assert "names a citizen" not in get_page(client, PAGE).text
    row = session.scalars(select(Document)).one()
    assert (row.withdrawn_reason, row.digest) == ("It names a citizen.", hashlib.sha256(PDF).hexdigest())


def test_the_same_file_lies_on_the_disk_once_and_in_a_unit_once(world: World, session: Session) -> None:
    add(world.analyst)
    add(world.analyst, unit="U02")
    with pytest.raises(Conflict, match="there already"):
        add(world.analyst, name="another name.pdf")
    assert len({row.digest for row in session.scalars(select(Document))}) == 1
    assert len(session.scalars(select(Document)).all()) == 2


def test_a_unit_has_twenty_documents_at_most(world: World, session: Session) -> None:
    numbers = [add(world.analyst, PDF + bytes([number])) for number in range(20)]
    with pytest.raises(Conflict, match="documents already") as refused:
        add(world.analyst, b"%PDF-1.7 one more")
    assert refused.value.params == {"most": 20}
    add(world.analyst, unit="U02")
    keeping.withdraw_document(world.analyst, numbers[0], "old", now=NOW)
    add(world.analyst, b"%PDF-1.7 one more")


def test_evidence_is_taken_while_a_round_is_approved_or_collects(
    world: World, head: Account, client: FlaskClient, session: Session
) -> None:
    number = add(world.analyst)
    for state in RoundState:
        session.get_one(Round, world.round.id).state = state
        session.commit()
        data = PDF + state.encode()
        if state in (RoundState.APPROVED, RoundState.COLLECTING):
            add(world.analyst, data)
        else:
            with pytest.raises(Conflict):
                add(world.analyst, data)
    with pytest.raises(Conflict):
        keeping.withdraw_document(actor_of(head), number, "late", now=NOW)
    keeping.withdraw_document(world.analyst, number, "It names a citizen.", now=NOW)
    sign_in(client, session, head)
    assert not get_page(client, PAGE).select("#form")
    assert "No evidence is asked for now" in get_page(client, "/en/evidence").text


def test_a_document_of_the_former_round_is_used_again_by_one_click(
    world: World, head: Account, client: FlaskClient, session: Session
) -> None:
    number = add(actor_of(head))
    gone = add(actor_of(head), PDF + b"2")
    keeping.withdraw_document(actor_of(head), gone, "wrong", now=NOW)
    theirs = add(world.analyst, unit="U02")
    next_ = make_round(session, world.units, code="2026", state=RoundState.APPROVED, previous_id=world.round.id)
    sign_in(client, session, head)
    page = get_page(client, "/en/evidence/rounds/2026")
    assert page.texts("input[name=document]") == [""]
    data = {"csrf_token": page.fields()["csrf_token"], "document": str(number)}
    assert client.post("/en/evidence/rounds/2026/reuse", data=data).status_code == 302
    row = session.scalars(select(Document).where(Document.round_id == next_.id)).one()
    assert (row.name, row.digest) == ("report.pdf", hashlib.sha256(PDF).hexdigest())
    assert not get_page(client, "/en/evidence/rounds/2026").select("input[name=document]")
    check_page(client.post("/en/evidence/rounds/2026/reuse", data=data), 409)
    for wrong in (gone, theirs, 999_999):
        check_page(client.post("/en/evidence/rounds/2026/reuse", data={**data, "document": str(wrong)}), 404)
    check_page(client.post("/en/evidence/rounds/2026/reuse", data={**data, "document": "x"}), 422)


def test_a_file_that_changed_on_the_disk_is_not_served(world: World, session: Session) -> None:
    number = add(world.analyst, b"%PDF-1.7 to be damaged")
    path = reading.folder() / reading.read_document(world.analyst, number).digest
    path.write_bytes(b"something else")
    with pytest.raises(Unavailable):
        reading.read_document(world.analyst, number)
    path.unlink()
    with pytest.raises(Unavailable):
        reading.read_document(world.analyst, number)
    with pytest.raises(Invalid):
        add(world.analyst, b"\x00")
