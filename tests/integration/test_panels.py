"""Experts of a round: competences, drawn and uploaded assignments, conflicts and who takes their place."""

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import (
    Assignment,
    AuditEntry,
    Competence,
    Indicator,
    Response,
    Role,
    Round,
    RoundState,
)
from evalsys.services import assignments
from evalsys.services.access import actor_of
from evalsys.services.assignments import Filled
from evalsys.services.panels import competences, conflicts, drawing, ratings, roster
from evalsys.services.panels.conflicts import Link
from evalsys.services.panels.design import Wish
from scoring.collect import unpack
from tests.factories import NOW, make_account, sign_in
from tests.integration.panelling import World, assign, make_world
from tests.pages import check_page, get_page, post_form

PANELS = "/en/oversight/rounds/2025/panels"


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def tasks(session: Session) -> set[tuple[str, str, str]]:
    session.expire_all()
    return {(task.account.login, task.unit.code, task.state) for task in session.scalars(select(Assignment))}


def judges(session: Session, world: World, expert: int, *codes: str) -> None:
    for indicator in session.scalars(select(Indicator).where(Indicator.code.in_(codes))).all():
        session.add(Competence(account_id=world.experts[expert].id, indicator_id=indicator.id))
    session.commit()


def upload(client: FlaskClient, url: str, text: str) -> tuple[int, list[str]]:
    """The status, and the problems that the page lists."""
    token = get_page(client, PANELS).fields()["csrf_token"]
    sent = {"csrf_token": token, "file": (io.BytesIO(text.encode()), "table.csv")}
    answer = client.post(url, data=sent, content_type="multipart/form-data")
    if answer.status_code == 302:
        return 302, []
    return answer.status_code, check_page(answer, answer.status_code).texts(".error-summary li")


def test_an_expert_is_asked_only_what_lies_within_her_competence(
    world: World, client: FlaskClient, session: Session
) -> None:
    judges(session, world, 0, "results")
    task = assign(session, world, 0, 0)
    sign_in(client, session, world.experts[0])
    page = get_page(client, f"/en/assignments/{task.id}")
    assert page.select("#q_results")
    assert not page.select("#q_leadership")
    answer = client.post(
        f"/en/assignments/{task.id}", data={**page.fields("#form"), "q_results": "60", "act": "submit"}
    )
    assert answer.status_code == 302
    assert unpack(session.scalars(select(Response.answers)).one(), [101, 101]) == [0, 61]
    rater = ratings.pseudonym_of(world.round.id, world.experts[0].id)
    assert ratings.read_panel_ratings(session, world.round) == [(rater, "U01", "results", 61)]


def test_a_pseudonym_holds_for_a_round_and_names_nobody(world: World, session: Session) -> None:
    first = ratings.pseudonym_of(world.round.id, world.experts[0].id)
    assert first == ratings.pseudonym_of(world.round.id, world.experts[0].id)
    assert first != ratings.pseudonym_of(world.round.id + 1, world.experts[0].id)
    assert first != ratings.pseudonym_of(world.round.id, world.experts[1].id)


def test_an_expert_whose_competence_lies_elsewhere_cannot_send(world: World, session: Session) -> None:
    other = Indicator(code="elsewhere", points=101)
    session.add(other)
    session.flush()
    session.add(Competence(account_id=world.experts[0].id, indicator_id=other.id))
    task = assign(session, world, 0, 0)
    with pytest.raises(Invalid, match="competence"):
        assignments.submit_assignment(world.actor(0), task.id, Filled([]), now=NOW)


def test_competences_come_from_a_page_and_nothing_ticked_means_everything(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    url = f"{PANELS}/experts/{world.experts[0].id}"
    assert post_form(client, url, {"c_results": "yes"}, "#competences").status_code == 302
    assert competences.declared(session, [world.experts[0].id]) == {world.experts[0].id: frozenset({"results"})}
    page = get_page(client, url)
    data = {name: value for name, value in page.fields("#competences").items() if name != "c_results"}
    assert client.post(f"{url}/competences", data=data).status_code == 302
    session.expire_all()
    assert competences.declared(session, [world.experts[0].id]) == {}
    assert "Everything" in get_page(client, PANELS).text


def test_competences_come_from_a_file_all_or_none(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    url = f"{PANELS}/competences"
    status, said = upload(client, url, "login,competences\ne1,results nonsense\nnobody,results\ne2,\ne2,results\n")
    assert status == 422
    assert said == [
        "Line 2: competences nonsense – The experts of this round are not asked about this indicator.",
        "Line 3: login nobody – There is no expert with this user name.",
        "Line 5: login e2 – The same stands in line 4 already.",
    ]
    assert competences.declared(session, [one.id for one in world.experts]) == {}
    assert upload(client, url, "\ufefflogin,competences\ne1,results\ne2,\n")[0] == 302
    session.expire_all()
    assert set(competences.declared(session, [one.id for one in world.experts])) == {world.experts[0].id}
    assert upload(client, url, "login;competences\ne1;results\n")[0] == 302
    assert upload(client, url, "name;competences\ne1;results\n") == (422, ["The file has no column “login”."])
    token = get_page(client, PANELS).fields()["csrf_token"]
    check_page(client.post(url, data={"csrf_token": token}), 422)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"",
        b"login,competences\n",
        b"login,competences\ne1\n",
        b'login,competences\n"e1,x\n',
        b"login,competences\ne1,\0\n",
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_reason(world: World, session: Session, content: bytes) -> None:
    with pytest.raises(Invalid):
        competences.import_competences(world.analyst, "2025", content, now=NOW)
    assert session.scalars(select(AuditEntry.outcome)).all() == ["refused"]


def test_a_draw_is_recorded_with_its_seed_and_can_be_repeated(world: World, session: Session) -> None:
    assign(session, world, 0, 0)
    design = drawing.draw_assignments(world.analyst, "2025", Wish(2, 1, 3), seed=42, now=NOW)
    first = tasks(session)
    assert len(first) == len(design.tasks) == 6 + 4 * 3
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.act, entry.outcome, entry.detail["seed"], entry.detail["panels"]) == (
        "assignment.draw",
        "done",
        42,
        2,
    )
    assert entry.detail["common_units"] == list(design.common)
    drawing.draw_assignments(world.analyst, "2025", Wish(2, 1, 3), seed=42, now=NOW)
    assert tasks(session) == first
    assert set(session.scalars(select(Assignment.origin))) == {"draw"}
    assert set(session.scalars(select(Assignment.panel))) == {"1", "2"}


def test_nothing_is_drawn_once_an_expert_has_begun(world: World, session: Session) -> None:
    task = assign(session, world, 0, 0)
    assignments.save_draft(world.actor(0), task.id, {"q_results": "1"}, now=NOW)
    with pytest.raises(Conflict, match="begun"):
        drawing.draw_assignments(world.analyst, "2025", Wish(2, 1, 3), now=NOW)
    assert len(tasks(session)) == 1


def test_a_closed_round_and_other_roles_draw_nothing(world: World, session: Session) -> None:
    board = actor_of(make_account(session, Role.BOARD))
    with pytest.raises(Forbidden):
        drawing.draw_assignments(board, "2025", Wish(2, 1, 3), now=NOW)
    session.get_one(Round, world.round.id).state = RoundState.CLOSED
    session.commit()
    with pytest.raises(Conflict):
        drawing.draw_assignments(world.analyst, "2025", Wish(2, 1, 3), now=NOW)
    with pytest.raises(NotFound):
        drawing.draw_assignments(world.analyst, "1999", Wish(2, 1, 3), now=NOW)


def test_a_wish_that_cannot_be_met_keeps_what_was_typed(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    page = get_page(client, PANELS)
    data = {**page.fields("#draw"), "panels": "7", "common": "1", "at_least": "3"}
    answer = check_page(client.post(f"{PANELS}/draw", data=data), 422)
    assert "no more panels than there are experts" in answer.text
    assert answer.fields("#draw")["panels"] == "7"
    check_page(client.post(f"{PANELS}/draw", data={**data, "panels": "2", "common": "0"}), 422)
    check_page(client.post(f"{PANELS}/draw", data={**data, "panels": ""}), 422)
    assert client.post(f"{PANELS}/draw", data={**data, "panels": "2"}).status_code == 302
    assert "Draw the assignments" in get_page(client, PANELS).text


def test_a_conflict_declared_before_the_draw_is_respected(world: World, session: Session) -> None:
    for unit in ("U01", "U02", "U03"):
        conflicts.record_conflict(world.analyst, "2025", Link(world.experts[0].id, unit, "worked there"), now=NOW)
    drawing.draw_assignments(world.analyst, "2025", Wish(2, 2, 3), seed=1, now=NOW)
    mine = {(unit, state) for login, unit, state in tasks(session) if login == "e1" and unit in ("U01", "U02", "U03")}
    assert mine == {("U01", "conflict"), ("U02", "conflict"), ("U03", "conflict")}
    with pytest.raises(Conflict):
        conflicts.record_conflict(world.analyst, "2025", Link(world.experts[0].id, "U01", "again"), now=NOW)


def test_assignments_come_from_a_file_and_mistakes_are_named_line_by_line(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    conflicts.record_conflict(world.analyst, "2025", Link(world.experts[1].id, "U01", "worked there"), now=NOW)
    url = f"{PANELS}/assignments"
    wrong = f"login,unit,panel\ne1,U99,1\nghost,U01,1\ne1,U01,1\ne1,U01,1\ne2,U01,1\ne3,U01,{'x' * 31}\n"
    status, said = upload(client, url, wrong)
    assert status == 422
    assert said == [
        "Line 2: unit U99 – The experts of this round do not score this office.",
        "Line 3: login ghost – There is no expert with this user name.",
        "Line 5: e1, U01 – The same stands in line 4 already.",
        "Line 6: unit U01 – The expert declared a conflict of interest about this office.",
        f"Line 7: panel {'x' * 31} – This text is longer than 30 characters.",
    ]
    assert tasks(session) == {("e2", "U01", "conflict")}
    assert upload(client, url, "login,unit,panel\ne1,U01,law\ne2,U02,law\n")[0] == 302
    assert tasks(session) == {("e2", "U01", "conflict"), ("e1", "U01", "open"), ("e2", "U02", "open")}


def test_the_place_of_a_conflict_goes_to_the_next_suited_expert_of_the_panel(
    world: World, client: FlaskClient, session: Session
) -> None:
    judges(session, world, 3, "results")
    task = assign(session, world, 0, 0, panel="1", origin="draw")
    assign(session, world, 1, 1, panel="1", origin="draw")
    assign(session, world, 1, 2, panel="1", origin="draw")
    assign(session, world, 3, 1, panel="1", origin="draw")
    assignments.declare_conflict(world.actor(0), task.id, "My brother leads it.", now=NOW)
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    page = get_page(client, PANELS)
    assert "My brother leads it." in page.text
    url = f"{PANELS}/assignments/{task.id}/replacement"
    token = page.fields()["csrf_token"]
    assert client.post(url, data={"csrf_token": token}).status_code == 302
    assert ("e2", "U01", "open") in tasks(session)
    check_page(client.post(url, data={"csrf_token": token}), 409)
    entries = select(AuditEntry).where(AuditEntry.act == "assignment.draw").order_by(AuditEntry.id)
    entry = session.scalars(entries).first()
    assert entry is not None
    assert entry.detail == {"unit": "U01", "for": "e1", "expert": "e2"}


def test_nobody_is_drawn_who_may_not_score_there(world: World, session: Session) -> None:
    task = assign(session, world, 0, 0, panel="1", origin="draw")
    for number in range(1, 6):
        conflicts.record_conflict(world.analyst, "2025", Link(world.experts[number].id, "U01", "worked there"), now=NOW)
    assignments.declare_conflict(world.actor(0), task.id, "a friend", now=NOW)
    with pytest.raises(Conflict, match="No other expert"):
        conflicts.replace_expert(world.analyst, "2025", task.id, now=NOW)
    roster_conflict = session.scalars(select(Assignment).where(Assignment.origin == "roster")).first()
    assert roster_conflict is not None
    with pytest.raises(Conflict, match="Nobody has to be replaced"):
        conflicts.replace_expert(world.analyst, "2025", roster_conflict.id, now=NOW)


def test_the_page_counts_who_covers_what_and_warns_below_three(
    world: World, client: FlaskClient, session: Session
) -> None:
    judges(session, world, 2, "results")
    for expert in range(3):
        assign(session, world, expert, 0)
    page = roster.read_panels(world.analyst, "2025", "en")
    assert [unit.cover for unit in page.units] == [(2, 3), (0, 0), (0, 0), (0, 0), (0, 0)]
    assert page.short == 5
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    assert "5 offices have an indicator that fewer than three experts judge" in get_page(client, PANELS).text
    get_page(client, PANELS.replace("/en/", "/ar/"))


def test_a_conflict_needs_an_office_and_a_reason(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, session.get_one(type(world.experts[0]), world.analyst.account_id))
    url = f"{PANELS}/experts/{world.experts[0].id}"
    data = get_page(client, url).fields("#conflict")
    page = check_page(client.post(f"{url}/conflicts", data={**data, "unit": "U01", "reason": ""}), 422)
    assert page.fields("#conflict")["unit"] == "U01"
    check_page(client.post(f"{url}/conflicts", data={**data, "unit": "U99", "reason": "x"}), 422)
    assert client.post(f"{url}/conflicts", data={**data, "unit": "U01", "reason": "a cousin"}).status_code == 302
    assert "a cousin" in get_page(client, url).text
    get_page(client, f"{PANELS}/experts/{world.analyst.account_id}", 404)


def test_another_role_reads_and_changes_nothing(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_account(session, Role.AUDITOR))
    page = get_page(client, PANELS)
    assert not page.select("#draw")
    assert not get_page(client, f"{PANELS}/experts/{world.experts[0].id}").select("#conflict")
    assert not get_page(client, f"{PANELS}/cases").select("main form")
