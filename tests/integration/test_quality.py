"""Rules and flags: what is fixed when, and that checks are work items."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import (
    AuditEntry,
    Flag,
    QualityRule,
    RoundState,
    WorkItem,
)
from evalsys.services import work
from evalsys.services.quality import check
from evalsys.services.quality.rules import CODES, Setting, set_rule, settings_of
from tests.factories import NOW
from tests.integration.checking import LATER, START, add_responses
from tests.integration.checking import check as check_now
from tests.integration.governing import make_world


def test_rules_have_usual_numbers_until_an_analyst_sets_others_on_record(session: Session) -> None:
    world = make_world(session)
    assert [one.code for one in settings_of(session, world.round.id)] == list(CODES)
    set_rule(world.actor(world.analyst), "2025", Setting("speed", {"slowest": 1}, excludes=True), now=NOW)
    found = settings_of(session, world.round.id)[0]
    assert (dict(found.parameters), found.is_on, found.excludes) == ({"slowest": 1}, True, True)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "quality.set")).one()
    assert entry.detail["before"]["parameters"] == {"slowest": 2}
    assert entry.detail["after"]["excludes"] is True


@pytest.mark.parametrize("number", [0, 4])
def test_a_number_out_of_its_bounds_is_refused(session: Session, number: int) -> None:
    world = make_world(session)
    with pytest.raises(Invalid):
        set_rule(world.actor(world.analyst), "2025", Setting("speed", {"slowest": number}), now=NOW)
    assert session.scalar(select(func.count()).select_from(QualityRule)) == 0


def test_what_excludes_is_fixed_once_the_round_is_open_and_nothing_changes_once_it_is_closed(session: Session) -> None:
    world = make_world(session)
    analyst = world.actor(world.analyst)
    set_rule(analyst, "2025", Setting("bursts", {"least": 30, "rarity": 6}, excludes=True), now=NOW)
    world.round.state = RoundState.COLLECTING
    session.commit()
    set_rule(analyst, "2025", Setting("speed", {"slowest": 1}), now=NOW)
    for late in (
        Setting("speed", {"slowest": 1}, excludes=True),
        Setting("bursts", {"least": 31, "rarity": 6}, excludes=True),
        Setting("bursts", {"least": 30, "rarity": 6}),
    ):
        with pytest.raises(Conflict):
            set_rule(analyst, "2025", late, now=NOW)
    world.round.state = RoundState.CLOSED
    session.commit()
    with pytest.raises(Conflict):
        set_rule(analyst, "2025", Setting("speed", {"slowest": 2}), now=NOW)


def test_the_check_is_a_work_item_that_may_run_twice(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    add_responses(session, world.forms["citizens"], world.units[0], [[1, 2]] * 3, pace=1)
    batch = check.request_check(world.actor(world.analyst), "2025", now=NOW)
    for _ in range(2):
        (item,) = work.claim("w", LATER, batch=batch) or (None,)
        if item is None:
            assert work.reopen(db.session(), batch, ["2025"]) == 1
            db.session.commit()
            (item,) = work.claim("w", LATER, batch=batch)
        assert work.finish(item, "w", LATER, check.check_item(item))
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Flag)) == 3
    assert tasks.HANDLERS["quality"] == "evalsys.services.quality.check:check_item"


def test_checks_are_queued_when_answers_came_and_every_five_minutes_at_most(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    form, unit = world.forms["citizens"], world.units[0]
    assert check.queue_checks(now=NOW) == 0
    add_responses(session, form, unit, [[4, 4]])
    assert check.queue_checks(now=NOW) == 1
    assert check.queue_checks(now=NOW + timedelta(hours=1)) == 0
    add_responses(session, form, unit, [[4, 4]])
    assert check.queue_checks(now=NOW + timedelta(minutes=4)) == 0
    assert check.queue_checks(now=NOW + timedelta(minutes=5)) == 1
    session.rollback()
    assert session.scalars(select(WorkItem.kind)).all() == ["quality"] * 2


def test_a_planted_burst_of_the_open_channel_is_flagged(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    form, unit = world.forms["citizens"], world.units[0]
    add_responses(session, form, unit, [[4, 4], [3, 4]] * 350, stratum="open")
    night = add_responses(session, form, unit, [[5, 5]] * 300, stratum="open", day=START + timedelta(days=30))
    check_now()
    found = set(session.scalars(select(Flag.response_id).where(Flag.rule == "bursts", Flag.grade == 3)))
    assert set(night) <= found
    assert len(found) < 320


def test_peers_days_and_equal_marks_are_no_burst_and_no_copies(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    add_responses(session, world.forms["peers"], world.units[0], [[4]] * 40, stratum="all", day=START, channel="staff")
    assert check_now() == 0
