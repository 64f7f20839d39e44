"""A batch as the board sees it: cancelled, taken up again, tried again; nothing is lost and nothing done twice."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from evalsys.clock import utc_now
from evalsys.db import transaction
from evalsys.errors import Conflict, Forbidden, NotFound
from evalsys.models import Account, AuditEntry, Role, WorkItem
from evalsys.models.work import FAILED
from evalsys.services import batches, jobs, work
from evalsys.services.access import Actor, actor_of
from tests.factories import NOW, make_account, make_round, make_unit, sign_in
from tests.pages import get_page

BATCH = "cards-2025-1"
KEYS = ("U01/en/1", "U01/zh/1", "U01/ar/1", "U02/en/1")


@pytest.fixture
def board(session: Session) -> Actor:
    make_round(session, [make_unit(session, code="U01")], code="2025", state="published")
    account = make_account(session, Role.BOARD)
    session.commit()
    queue("scorecard")
    return actor_of(account)


def queue(kind: str, batch: str = BATCH) -> None:
    with transaction() as session:
        work.enqueue(session, batch, kind, [(key, {}) for key in KEYS], NOW)


def press(client: FlaskClient, act: str) -> TestResponse:
    place = f"/en/oversight/jobs/{BATCH}"
    token = get_page(client, f"{place}/cancellation" if act == "cancel" else place).fields("form")["csrf_token"]
    return client.post(place, data={"act": act, "csrf_token": token})


def entries(session: Session) -> list[tuple[str, str, str]]:
    found = session.scalars(select(AuditEntry).where(AuditEntry.act == jobs.RIGHT).order_by(AuditEntry.id)).all()
    session.rollback()
    return [(one.subject, str(one.detail["step"]), one.outcome) for one in found]


def test_a_cancelled_batch_stops_drops_what_is_at_work_and_can_be_taken_up_again(
    session: Session, board: Actor
) -> None:
    first, second, *_rest = work.claim("a", NOW)
    assert work.finish(first, "a", NOW)
    jobs.cancel_job(board, BATCH, now=NOW)
    assert not work.finish(second, "a", NOW, lambda writing: writing.add(_mark()))
    assert work.claim("b", NOW) == []
    assert work.progress(BATCH) == work.Progress(0, 0, 1, 0, 3)
    assert work.progress(BATCH).is_over
    jobs.resume_job(board, BATCH, now=NOW)
    assert [item.key for item in work.claim("b", NOW)] == list(KEYS[1:])
    assert not work.fail(second, "a", "late", NOW)
    assert session.scalars(select(AuditEntry).where(AuditEntry.act == "test")).all() == []
    assert entries(session) == [("round:2025", "cancel", "done"), ("round:2025", "resume", "done")]


def _mark() -> AuditEntry:
    return AuditEntry(at=NOW, actor="a", act="test", subject="late", outcome="done")


def test_what_failed_is_tried_again(session: Session, board: Actor) -> None:
    item, *_rest = work.claim("a", NOW)
    assert work.fail(item, "a", "RenderError: no glyph", NOW, 1)
    assert work.failures(BATCH) == [work.Failure("U01/en/1", "RenderError: no glyph")]
    jobs.retry_job(board, BATCH, now=NOW)
    assert [one.attempt for one in work.claim("b", NOW)] == [1]
    with pytest.raises(Conflict, match="has failed"):
        jobs.retry_job(board, BATCH, now=NOW)


def test_only_the_board_acts_and_only_on_what_may_be_stopped(session: Session, board: Actor) -> None:
    analyst = actor_of(make_account(session, Role.ANALYST))
    session.commit()
    queue("import", "transfer-7")
    with pytest.raises(Forbidden):
        jobs.cancel_job(analyst, BATCH, now=NOW)
    with pytest.raises(Conflict, match="cannot be stopped"):
        jobs.cancel_job(board, "transfer-7", now=NOW)
    with pytest.raises(NotFound):
        jobs.cancel_job(board, "nothing", now=NOW)
    with pytest.raises(Conflict, match="was cancelled"):
        jobs.resume_job(board, BATCH, now=NOW)
    assert work.progress(BATCH).waiting == 4
    assert [outcome for _, _, outcome in entries(session)] == ["refused"] * 4


def test_a_dead_worker_loses_an_attempt_only_for_what_it_had_begun(session: Session, board: Actor) -> None:
    chunk = work.claim("dead", NOW)
    assert work.renew(chunk[0], "dead", NOW + timedelta(seconds=1))
    work.abandon("dead", NOW + timedelta(seconds=2))
    later = NOW + timedelta(seconds=3)
    assert [(item.key, item.attempt) for item in work.claim("b", later)] == [(key, 1) for key in KEYS[1:]]
    assert [(item.key, item.attempt) for item in work.claim("b", later)] == [(KEYS[0], 2)]


def test_a_worker_that_died_before_it_began_costs_nothing(session: Session, board: Actor) -> None:
    work.claim("dead", NOW)
    work.abandon("dead", NOW)
    work.abandon("nobody", NOW)
    assert [item.attempt for item in work.claim("b", NOW)] == [1, 1, 1, 1]


def test_small_work_does_not_wait_behind_scorecards(session: Session, board: Actor) -> None:
    with transaction() as writing:
        work.enqueue(writing, "mixing", "mix", [("2025", {})], NOW - timedelta(hours=1))
    (item,) = work.claim_among("keeper", NOW, work.Among(kinds=("mix", "recount")))
    assert item.kind == "mix"
    assert {item.kind for item in work.claim_among("printer", NOW, work.Among(kinds=("scorecard",)))} == {"scorecard"}


def test_the_pace_is_told_once_it_is_known(session: Session, board: Actor) -> None:
    assert batches.pace(BATCH, 4, NOW) is None
    for seconds, item in enumerate(work.claim("a", NOW)[:3]):
        work.finish(item, "a", NOW + timedelta(seconds=10 * seconds))
    found = batches.pace(BATCH, 13, NOW + timedelta(seconds=20))
    assert found == batches.Pace(6.0, 3)
    assert batches.pace(BATCH, 13, NOW + timedelta(hours=1)) is None


def test_batches_that_nobody_works_on_are_known(session: Session, board: Actor) -> None:
    queue("import", "transfer-7")
    assert batches.unattended(NOW) == {BATCH: 4, "transfer-7": 4}
    work.claim("a", NOW, limit=1, batch=BATCH)
    assert batches.unattended(NOW) == {"transfer-7": 4}
    assert batches.unattended(NOW + timedelta(hours=1)) == {BATCH: 4, "transfer-7": 4}


@pytest.mark.database("sqlite")
def test_the_page_names_each_failure_and_leads_through_cancelling_and_back(
    session: Session, client: FlaskClient, board: Actor
) -> None:
    item, *_rest = work.claim("a", NOW, limit=1)
    work.fail(item, "a", "TookTooLong: It took longer than 60 seconds and was stopped.", utc_now(), 1)
    session.execute(update(WorkItem).where(WorkItem.key == KEYS[1]).values(state=2, done_at=utc_now()))
    session.commit()
    sign_in(client, session, session.get_one(Account, board.account_id))
    page = get_page(client, f"/en/oversight/jobs/{BATCH}")
    for words in (
        "Being made",
        "U01 name (en)",
        "English",
        "longer than it may",
        "60 seconds",
        "Try again what failed",
    ):
        assert words in page.text
    question = get_page(client, f"/en/oversight/jobs/{BATCH}/cancellation")
    assert "2 files are not made yet." in question.text
    answer = press(client, "cancel")
    assert answer.status_code == 302
    page = get_page(client, f"/en/oversight/jobs/{BATCH}")
    assert "The work is cancelled" in page.text
    assert "2 files were not made." in page.text
    assert "left to be cancelled" in get_page(client, f"/en/oversight/jobs/{BATCH}/cancellation").text
    press(client, "resume")
    assert work.progress(BATCH) == work.Progress(2, 0, 1, 1)


@pytest.mark.database("sqlite")
def test_a_batch_that_nobody_has_taken_up_is_not_called_done(
    session: Session, client: FlaskClient, board: Actor
) -> None:
    sign_in(client, session, make_account(session, Role.AUDITOR))
    page = get_page(client, f"/en/oversight/jobs/{BATCH}")
    assert "Waiting for a worker" in page.text
    assert "Done" not in page.text
    assert "Cancel the work" not in page.text
    assert press(client, "explode").status_code == 422


@pytest.mark.database("sqlite")
def test_a_batch_of_a_publication_names_cards_posters_and_booklets_and_obeys(
    session: Session, client: FlaskClient, board: Actor
) -> None:
    with transaction() as writing:
        work.enqueue(writing, BATCH, "poster", [("poster/U01/ar/1", {})], NOW)
        work.enqueue(writing, BATCH, "booklet", [("booklet/zh/1", {})], NOW)
    lost = WorkItem.key.in_(("U01/en/1", "poster/U01/ar/1", "booklet/zh/1"))
    session.execute(update(WorkItem).where(lost).values(state=FAILED, error="NoRoom: full"))
    session.commit()
    page = jobs.job_page(board, BATCH, "en", now=NOW)
    assert (page.may_act, page.is_of_cards, page.is_planned) == (True, True, False)
    assert [(one.kind, str(one.unit), one.locale) for one in page.errors] == [
        ("card", "U01 name (en)", "en"),
        ("booklet", "None", "zh"),
        ("poster", "U01 name (en)", "ar"),
    ]
    sign_in(client, session, make_account(session, Role.BOARD))
    shown = get_page(client, f"/en/oversight/jobs/{BATCH}").text
    for words in ("Booklet of the round", "Result poster", "There is no room left"):
        assert words in shown
    jobs.retry_job(board, BATCH, now=NOW)
    jobs.cancel_job(board, BATCH, now=NOW)
    assert work.progress(BATCH).cancelled == len(KEYS) + 2
    jobs.resume_job(board, BATCH, now=NOW)
    assert work.progress(BATCH).waiting == len(KEYS) + 2


@pytest.mark.database("sqlite")
def test_the_batch_of_a_plan_belongs_to_its_round_and_says_what_cancelling_means(
    session: Session, client: FlaskClient, board: Actor
) -> None:
    batch = "plan-2025-1"
    with transaction() as writing:
        work.enqueue(writing, batch, "planned", [("U01/zh", {})], NOW)
    page = jobs.job_page(board, batch, "en", now=NOW)
    assert (page.round_code, page.may_act, page.is_planned) == ("2025", True, True)
    sign_in(client, session, make_account(session, Role.BOARD))
    assert "kept back" in get_page(client, f"/en/oversight/jobs/{batch}/cancellation").text
