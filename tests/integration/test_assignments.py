"""Peers and experts: what they may answer, what they may not, and what is kept of it."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Assignment, AuditEntry, Comment, Dirty, Inbox, Response, Role, Round, RoundState
from evalsys.services import assignments, sealing
from evalsys.services.access import actor_of
from evalsys.services.assignments import Filled
from evalsys.services.task_drafts import open_draft
from scoring.collect import unpack
from tests.factories import make_account, make_assignment, make_unit, sign_in
from tests.integration.collecting import World, in_box, make_world
from tests.pages import check_page, get_page

NOW = datetime(2025, 11, 3, 9, tzinfo=UTC)
PANELS = {
    "q_leadership": "95",
    "reason_leadership": "Everybody learns from them.",
    "q_results": "50",
    "reason_results": "",
}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def log(session: Session) -> list[tuple[str, str]]:
    query = select(AuditEntry.act, AuditEntry.outcome).order_by(AuditEntry.id)
    return [(act, outcome) for act, outcome in session.execute(query)]


def count(session: Session, table: type) -> int:
    return int(session.scalar(select(func.count()).select_from(table)) or 0)


def post(client: FlaskClient, url: str, **data: str) -> tuple[int, str]:
    fields = get_page(client, url).fields("#form")
    answer = client.post(url, data={**fields, **data})
    return answer.status_code, answer.headers.get("Location", "")


def test_a_peer_sees_her_own_list_and_nobody_elses(world: World, client: FlaskClient, session: Session) -> None:
    other = make_account(session, Role.PEER, unit=world.unit)
    mine = make_assignment(session, world.peers, other, make_unit(session, code="U07"))
    sign_in(client, session, world.peer)
    page = get_page(client, "/en/assignments")
    assert len(page.select(".task-list__item")) == 1
    assert f"/en/assignments/{world.peer_task.id}" in page.links
    get_page(client, f"/en/assignments/{mine.id}", 404)


def test_a_guest_is_led_to_the_sign_in_and_others_are_refused(
    world: World, client: FlaskClient, session: Session
) -> None:
    url = f"/en/assignments/{world.peer_task.id}"
    assert "/account/sign-in" in client.get(url).headers["Location"]
    sign_in(client, session, make_account(session, Role.ANALYST))
    get_page(client, url, 403)


def test_a_peer_never_rates_her_own_unit(world: World, client: FlaskClient, session: Session) -> None:
    assert world.peer.unit is not None
    own = make_assignment(session, world.peers, world.peer, world.peer.unit)
    sign_in(client, session, world.peer)
    assert len(get_page(client, "/en/assignments").select(".task-list__item")) == 1
    get_page(client, f"/en/assignments/{own.id}", 404)
    with pytest.raises(NotFound):
        assignments.submit_assignment(actor_of(world.peer), own.id, Filled([5]), now=NOW)


def test_a_draft_survives_until_it_is_sent_and_can_have_gaps(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.peer)
    url = f"/en/assignments/{world.peer_task.id}"
    assert post(client, url, act="save", comment="not finished") == (302, "/en/assignments")
    assert "Draft" in get_page(client, "/en/assignments").text
    assert post(client, url, act="save", q_cooperation="2") == (302, "/en/assignments")
    kept = get_page(client, f"/ar/assignments/{world.peer_task.id}").fields("#form")
    assert (kept["q_cooperation"], kept["comment"]) == ("2", "not finished")
    assert not count(session, Inbox)


def test_what_a_peer_has_not_sent_yet_cannot_be_read_in_the_database(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.peer)
    post(client, f"/en/assignments/{world.peer_task.id}", act="save", q_cooperation="2", comment="my own words")
    session.expire_all()
    task = session.get_one(Assignment, world.peer_task.id)
    assert open_draft(task)["comment"] == "my own words"
    assert set(task.draft) == {"locked"}
    assert "words" not in str(task.draft)
    other = session.get_one(Assignment, world.expert_task.id)
    other.draft = task.draft
    with pytest.raises(sealing.Locked):
        open_draft(other)


def test_a_peers_answers_go_into_the_box_without_any_link(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, world.peer)
    url = f"/en/assignments/{world.peer_task.id}"
    post(client, url, act="save", q_cooperation="2", comment="first words")
    assert post(client, url, act="submit", q_cooperation="dk", comment="last words")[0] == 302
    assert session.scalars(select(Inbox.stratum)).all() == ["all"]
    (lies,) = in_box(session)
    assert (lies.answers, lies.comment, lies.unit_id) == ("6", "last words", world.unit.id)
    assert lies.day == world.round.period_start
    task = session.get_one(Assignment, world.peer_task.id)
    assert (task.state, task.draft, task.response_id) == ("submitted", {}, None)
    assert log(session) == [("assignment.save", "done"), ("assignment.submit", "done")]
    assert not any("words" in str(entry.detail) + entry.reason for entry in session.scalars(select(AuditEntry)))


def test_what_was_sent_cannot_be_changed(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, world.peer)
    url = f"/en/assignments/{world.peer_task.id}"
    fields = get_page(client, url).fields("#form")
    answers = {**fields, "q_cooperation": "4", "act": "submit"}
    assert client.post(url, data=answers).status_code == 302
    check_page(client.post(url, data=answers), 409)
    check_page(client.post(url, data={**answers, "act": "save"}), 409)
    assert not get_page(client, url).select("#form")
    assert count(session, Inbox) == 1
    assert log(session)[1:] == [("assignment.submit", "refused"), ("assignment.save", "refused")]


def test_a_gap_is_named_when_a_peer_sends_and_nothing_is_lost(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.peer)
    url = f"/en/assignments/{world.peer_task.id}"
    fields = get_page(client, url).fields("#form")
    page = check_page(client.post(url, data={**fields, "comment": "stays", "act": "submit"}), 422)
    assert [link.get("href") for link in page.select(".error-summary a")] == ["#q_cooperation-1"]
    assert page.fields("#form")["comment"] == "stays"


def test_an_experts_scores_are_linked_and_carry_their_reasons(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.expert)
    url = f"/en/assignments/{world.expert_task.id}"
    assert post(client, url, act="submit", **PANELS)[0] == 302
    response = session.scalars(select(Response)).one()
    assert unpack(response.answers, [101, 101]) == [96, 51]
    task = session.get_one(Assignment, world.expert_task.id)
    assert (task.state, task.response_id) == ("submitted", response.id)
    reason = session.scalars(select(Comment)).one()
    assert (reason.text, reason.response_id) == ("Everybody learns from them.", response.id)
    assert reason.indicator_id == world.experts.questions[0].indicator_id
    assert count(session, Dirty) == 1
    assert not count(session, Inbox)


@pytest.mark.parametrize(("score", "is_extreme"), [(0, True), (10, True), (11, False), (90, False), (91, True)])
def test_a_score_at_either_end_needs_a_reason_also_without_the_form(
    world: World, session: Session, score: int, is_extreme: bool
) -> None:
    filled = Filled([score + 1, 102])
    if is_extreme:
        with pytest.raises(Invalid):
            assignments.submit_assignment(actor_of(world.expert), world.expert_task.id, filled, now=NOW)
        filled = Filled([score + 1, 102], reasons={"leadership": "seen on site"})
    assignments.submit_assignment(actor_of(world.expert), world.expert_task.id, filled, now=NOW)
    assert unpack(session.scalars(select(Response.answers)).one(), [101, 101]) == [score + 1, 102]


def test_a_missing_reason_is_asked_for_beside_the_panel(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, world.expert)
    url = f"/en/assignments/{world.expert_task.id}"
    fields = get_page(client, url).fields("#form")
    data = {**fields, **PANELS, "reason_leadership": "", "act": "submit"}
    page = check_page(client.post(url, data=data), 422)
    assert [link.get("href") for link in page.select(".error-summary a")] == ["#reason_leadership"]
    assert page.fields("#form")["q_leadership"] == "95"


def test_an_expert_draft_keeps_ticks_and_half_filled_panels(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.expert)
    url = f"/en/assignments/{world.expert_task.id}"
    post(client, url, act="save", q_leadership="٩٥", none_results="yes", reason_results="because")
    kept = get_page(client, url).fields("#form")
    assert (kept["q_leadership"], kept["none_results"], kept["reason_results"]) == ("٩٥", "yes", "because")


def test_a_declared_conflict_ends_the_assignment_with_its_reason(
    world: World, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, world.expert)
    url = f"/en/assignments/{world.expert_task.id}"
    token = get_page(client, url).fields("#form")["csrf_token"]
    check_page(client.post(f"{url}/conflict", data={"csrf_token": token, "statement": " "}), 422)
    given = {"csrf_token": token, "statement": "My brother leads it."}
    assert client.post(f"{url}/conflict", data=given).status_code == 302
    task = session.get_one(Assignment, world.expert_task.id)
    assert (task.state, task.conflict_reason) == ("conflict", "My brother leads it.")
    assert "My brother leads it." in get_page(client, url).text
    with pytest.raises(Conflict):
        assignments.submit_assignment(actor_of(world.expert), task.id, Filled([51, 51]), now=NOW)
    assert not count(session, Response)


def test_a_peer_cannot_declare_a_conflict_and_the_attempt_is_on_record(world: World, session: Session) -> None:
    with pytest.raises(Forbidden):
        assignments.declare_conflict(actor_of(world.peer), world.peer_task.id, "a reason", now=NOW)
    assert log(session) == [("assignment.conflict", "refused")]


def test_a_closed_round_takes_no_drafts_and_no_answers_and_says_so_in_the_log(
    world: World, client: FlaskClient, session: Session
) -> None:
    peer, task = actor_of(world.peer), world.peer_task.id
    sign_in(client, session, world.peer)
    answers = {**get_page(client, f"/en/assignments/{task}").fields("#form"), "q_cooperation": "3", "act": "submit"}
    session.execute(update(Round).values(state=RoundState.CLOSED))
    session.commit()
    with pytest.raises(Conflict):
        assignments.save_draft(peer, task, {"q_cooperation": "3"}, now=NOW)
    with pytest.raises(Conflict):
        assignments.submit_assignment(peer, task, Filled([3]), now=NOW)
    assert log(session) == [("assignment.save", "refused"), ("assignment.submit", "refused")]
    assert not get_page(client, "/en/assignments").select(".task-list__item")
    get_page(client, f"/en/assignments/{task}", 409)
    check_page(client.post(f"/en/assignments/{task}", data=answers), 409)
    assert log(session)[2:] == [("assignment.submit", "refused")]


def test_a_foreign_assignment_is_not_there_and_the_attempt_is_on_record(world: World, session: Session) -> None:
    stranger = actor_of(make_account(session, Role.PEER, unit=make_unit(session, code="U08")))
    with pytest.raises(NotFound):
        assignments.submit_assignment(stranger, world.peer_task.id, Filled([5]), now=NOW)
    assert log(session) == [("assignment.submit", "refused")]
    assert not count(session, Inbox)


@pytest.mark.parametrize("sign", ["م", "中", "😀"])
def test_an_expert_may_send_every_reason_at_full_length(
    world: World, client: FlaskClient, session: Session, sign: str
) -> None:
    sign_in(client, session, world.expert)
    long = dict.fromkeys(("reason_leadership", "reason_results"), sign * 2000)
    padding = {f"reason_of_panel_{number}": sign * 2000 for number in range(4)}
    data = {**PANELS, **long, **padding, "act": "save"}
    status, _ = post(client, f"/en/assignments/{world.expert_task.id}", **data)
    assert status == 302


def test_a_longer_list_takes_no_more_statements(world: World, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, world.peer)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    get_page(client, "/en/assignments")
    few = len(statements)
    for _ in range(5):
        make_assignment(session, world.peers, world.peer, make_unit(session))
    statements.clear()
    assert len(get_page(client, "/en/assignments").select(".task-list__item")) == 6
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) <= few
