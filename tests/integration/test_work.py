"""The queue: nothing is lost, nothing is done twice, whoever dies."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import transaction
from evalsys.models import AuditEntry, WorkItem
from evalsys.services import work

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=work.LEASE_SECONDS + 1)


def queue(count: int, batch: str = "cards", now: datetime = NOW) -> int:
    items = [(f"item-{number:03d}", {"number": number}) for number in range(count)]
    with transaction() as session:
        return work.enqueue(session, batch, "note", items, now)


def test_queueing_the_same_items_again_adds_nothing(session: Session) -> None:
    assert queue(600) == 600
    assert queue(603) == 3
    assert work.progress("cards") == work.Progress(603, 0, 0, 0)


def test_a_claim_takes_a_chunk_that_nobody_else_gets(session: Session) -> None:
    queue(7)
    first, second, third = (work.claim(worker, NOW) for worker in "abc")
    assert [item.key for item in first] == [f"item-{number:03d}" for number in range(5)]
    assert [item.key for item in second] == ["item-005", "item-006"]
    assert third == []
    assert first[0].payload == {"number": 0}
    assert first[0].attempt == 1


def test_a_claim_may_keep_to_one_batch(session: Session) -> None:
    queue(1, "one")
    queue(1, "two")
    assert [item.batch for item in work.claim("a", NOW, batch="two")] == ["two"]


def test_a_lost_lease_is_taken_over_one_item_at_a_time(session: Session) -> None:
    queue(3)
    work.claim("dead", NOW)
    assert work.claim("b", NOW + timedelta(seconds=work.LEASE_SECONDS - 1)) == []
    taken = work.claim("b", LATER)
    assert [(item.key, item.attempt) for item in taken] == [("item-000", 2)]


def test_a_worker_without_its_lease_writes_nothing(session: Session) -> None:
    queue(1)
    (item,) = work.claim("slow", NOW)
    (again,) = work.claim("quick", LATER)
    entry = AuditEntry(at=NOW, actor="slow", act="test", subject="late", outcome="done")
    assert not work.renew(item, "slow", LATER)
    assert not work.finish(item, "slow", LATER, lambda session: session.add(entry))
    assert not work.fail(item, "slow", "too late", LATER)
    assert work.finish(again, "quick", LATER)
    assert session.scalars(select(AuditEntry)).all() == []
    assert work.progress("cards") == work.Progress(0, 0, 1, 0)


def test_an_effect_is_written_with_the_end_of_the_item_or_not_at_all(session: Session) -> None:
    queue(1)
    (item,) = work.claim("a", NOW)

    def effect(session: Session) -> None:
        session.add(AuditEntry(at=NOW, actor="a", act="test", subject="half", outcome="done"))
        session.flush()
        raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk is full"):
        work.finish(item, "a", NOW, effect)
    assert work.progress("cards").leased == 1
    assert session.scalars(select(AuditEntry)).all() == []


def test_a_failing_item_waits_longer_each_time_and_is_given_up_with_its_error(session: Session) -> None:
    queue(1)
    now = NOW
    for attempt in range(1, work.MOST_ATTEMPTS + 1):
        (item,) = work.claim("a", now)
        assert item.attempt == attempt
        assert work.fail(item, "a", "ValueError: no", now)
        assert work.claim("a", now) == []
        now += timedelta(seconds=2**attempt)
    assert work.claim("a", now + timedelta(days=1)) == []
    assert work.progress("cards") == work.Progress(0, 0, 0, 1)
    assert work.failures("cards") == [work.Failure("item-000", "ValueError: no")]
    assert work.retry("cards") == 1
    assert [item.attempt for item in work.claim("a", now)] == [1]


def test_an_item_that_kills_every_worker_is_given_up(session: Session) -> None:
    queue(1)
    now = NOW
    for _attempt in range(work.MOST_ATTEMPTS):
        assert len(work.claim("dead", now)) == 1
        now += timedelta(seconds=work.LEASE_SECONDS + 1)
    assert work.claim("dead", now) == []
    (failure,) = work.failures("cards")
    assert "every worker" in failure.error


def test_a_stopping_worker_gives_back_what_it_did_not_begin(session: Session) -> None:
    queue(5)
    first, *_rest = work.claim("a", NOW)
    work.finish(first, "a", NOW)
    assert work.release("a") == 4
    assert [item.attempt for item in work.claim("b", NOW)] == [1, 1, 1, 1]


def test_a_batch_that_is_not_there_is_over(session: Session) -> None:
    assert work.progress("nothing").is_over
    assert session.scalar(select(WorkItem.id)) is None


def test_an_item_that_failed_does_not_wait_for_all_new_ones(session: Session) -> None:
    queue(20)
    first, *_rest = work.claim("a", NOW, limit=2)
    assert work.fail(first, "a", "ValueError: no", NOW)
    soon = NOW + timedelta(seconds=10)
    assert first.key not in [item.key for item in work.claim("b", soon)]
    late = NOW + timedelta(seconds=work.OVERDUE_SECONDS + 5)
    assert [(item.key, item.attempt) for item in work.claim("b", late)] == [(first.key, 2)]
    assert len(work.claim("b", late)) == work.CHUNK_ITEMS
