"""Rules, flags and exclusions: what is fixed when, who decides, what can be taken back, what it does to the scores."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys import tasks
from evalsys.db import db
from evalsys.errors import Conflict, EvalsysError, Forbidden, Invalid, NotFound
from evalsys.models import (
    AuditEntry,
    Dirty,
    Exclusion,
    Flag,
    QualityRule,
    Response,
    Role,
    RoundState,
    WorkItem,
)
from evalsys.models.response import COUNTED, EXCLUDED_BY_PERSONS, EXCLUDED_BY_RULE
from evalsys.services import runs, work
from evalsys.services.cells import find_wrong_cells, recount
from evalsys.services.quality import check, desk, effect, exclusions, flags
from evalsys.services.quality.exclusions import Decision, Selection
from evalsys.services.quality.rules import CODES, Setting, set_rule, settings_of
from tests.factories import NOW, make_account
from tests.integration.checking import START, add_responses, plant_speeders
from tests.integration.checking import check as check_now
from tests.integration.governing import World, audit_of, make_world

LATER = NOW + timedelta(hours=1)
SPEED = Selection(rule="speed", grade=3)


def statuses(session: Session) -> Counter[int]:
    session.rollback()
    return Counter(session.scalars(select(Response.status)))


def propose(world: World, reason: str = "nobody reads that fast") -> int:
    return exclusions.propose_exclusion(world.actor(world.analyst), "2025", SPEED, reason, now=NOW)


def decide(world: World, number: int, *, is_confirmed: bool = True) -> None:
    decision = Decision(number, is_confirmed, "looked at it")
    exclusions.decide_exclusion(world.actor(world.first), "2025", decision, now=LATER)


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


def test_an_exclusion_takes_two_people_and_changes_status_never_rows(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    with pytest.raises(Invalid):
        propose(world, "  ")
    number = propose(world)
    assert statuses(session) == {COUNTED: 92}
    with pytest.raises(Conflict):
        exclusions.decide_exclusion(world.actor(world.analyst), "2025", Decision(number, True, ""), now=NOW)
    auditor = world.actor(make_account(session, Role.AUDITOR))
    with pytest.raises(Forbidden):
        exclusions.decide_exclusion(auditor, "2025", Decision(number, True, ""), now=NOW)
    decide(world, number)
    assert statuses(session) == {COUNTED: 80, EXCLUDED_BY_PERSONS: 12}
    assert session.scalar(select(func.count()).select_from(Dirty)) > 0
    recount()
    assert find_wrong_cells() == []
    with pytest.raises(Conflict):
        decide(world, number)
    assert ("exclusion.decide", "done") in audit_of(session, "exclusion.decide")


def test_the_database_refuses_one_person_for_both(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    one = world.analyst.id
    facts = {"round_id": world.round.id, "reason": "x", "proposer_id": one, "proposed_at": NOW}
    session.add(Exclusion(**facts, state="in_force", decider_id=one))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    session.add(Exclusion(**facts, state="in_force"))
    with pytest.raises(IntegrityError):
        session.flush()


def test_of_two_decisions_at_once_one_wins(app: Flask, session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    number = propose(world)
    people = [world.actor(world.first), world.actor(world.second)]
    session.commit()
    results: list[str] = []
    start = threading.Barrier(2)

    def act(place: int) -> None:
        with app.app_context():
            start.wait()
            try:
                decision = Decision(number, place == 0, "my view")
                exclusions.decide_exclusion(people[place], "2025", decision, now=LATER)
                results.append("done")
            except Conflict:
                results.append("conflict")
            db.session.remove()

    threads = [threading.Thread(target=act, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["conflict", "done"]
    state = session.scalars(select(Exclusion.state)).one()
    assert statuses(session)[EXCLUDED_BY_PERSONS] == (12 if state == "in_force" else 0)


def test_the_effect_is_locked_until_it_is_decided_and_the_round_is_closed(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    plant_speeders(session, world)
    number = propose(world)
    board = world.actor(world.first)
    for is_decided in (False, True):
        if is_decided:
            decide(world, number)
            recount()
        with pytest.raises(Conflict):
            effect.effect_of(board, "2025", number, "en", now=LATER)
        assert not desk.exclusion_page(board, "2025", number, "en").is_unlocked
    world.round.state = RoundState.CLOSED
    session.commit()
    assert desk.exclusion_page(board, "2025", number, "en").is_unlocked
    found = effect.effect_of(board, "2025", number, "en", now=LATER)
    line = next(one for one in found.lines if one.code == "U01")
    assert line.before.score is not None
    assert line.after.score is not None
    assert line.after.score > line.before.score
    assert ("quality.read", "done") in audit_of(session, "quality.read")
    assert ("quality.read", "refused") in audit_of(session, "quality.read")


def test_the_effect_is_that_of_a_run_without_the_answers_whatever_state_they_are_in(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    analyst, board = world.actor(world.analyst), world.actor(world.first)
    number = propose(world)
    decide(world, number)
    in_force = effect.effect_of(board, "2025", number, "en", now=LATER)
    exclusions.lift_exclusion(board, "2025", number, "they were pupils in a hurry", now=LATER)
    assert effect.effect_of(board, "2025", number, "en", now=LATER) == in_force
    session.rollback()
    first = runs.score_round(analyst, "2025", now=LATER)
    score = runs.find_run(first).result
    assert float(next(one for one in in_force.lines if one.code == "U01").before.score or 0) == pytest.approx(
        _score(score), abs=0.006
    )


def _score(result: bytes) -> float:
    from_run = runs.Result.from_json(result).stages["scores"]
    return float(from_run.set_index("unit").loc["U01", "score"])


def test_a_unit_with_fewer_than_ten_of_its_answers_in_an_exclusion_shows_no_effect(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    add_responses(session, world.forms["citizens"], world.units[1], [[1, 1]] * 9, pace=1)
    check_now()
    number = propose(world)
    decide(world, number)
    found = effect.effect_of(world.actor(world.first), "2025", number, "en", now=LATER)
    assert [line.code for line in found.lines] == ["U01"]
    assert found.hidden == 1


def test_declined_leaves_all_counted_and_unlocks_the_effect(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    number = propose(world)
    decide(world, number, is_confirmed=False)
    assert statuses(session) == {COUNTED: 92}
    assert effect.effect_of(world.actor(world.first), "2025", number, "en", now=LATER).lines


def test_after_an_effect_was_seen_or_a_run_made_proposals_are_marked(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    number = propose(world)
    assert not session.get_one(Exclusion, number).selection["after_results"]
    decide(world, number, is_confirmed=False)
    effect.effect_of(world.actor(world.first), "2025", number, "en", now=LATER)
    second = propose(world)
    session.expire_all()
    assert session.get_one(Exclusion, second).selection["after_results"]
    decide(world, second)
    (note,) = exclusions.exclusions_of(session, world.round.id)
    assert (note.number, note.rule, note.after_results) == (12, "", True)


def test_only_a_rule_that_was_set_before_opening_excludes_and_only_after_closing(session: Session) -> None:
    world = make_world(session)
    analyst, board = world.actor(world.analyst), world.actor(world.first)
    set_rule(analyst, "2025", Setting("speed", {"slowest": 1}, excludes=True), now=NOW)
    world.round.state = RoundState.COLLECTING
    session.commit()
    plant_speeders(session, world)
    with pytest.raises(Conflict):
        exclusions.apply_rules(analyst, "2025", now=NOW)
    world.round.state = RoundState.CLOSED
    session.commit()
    assert exclusions.apply_rules(analyst, "2025", now=NOW) == 12
    assert exclusions.apply_rules(analyst, "2025", now=NOW) == 0
    assert statuses(session) == {COUNTED: 80, EXCLUDED_BY_RULE: 12}
    (note,) = exclusions.exclusions_of(session, world.round.id)
    assert (note.rule, note.number, note.after_results) == ("speed", 12, False)
    (found,) = session.scalars(select(Exclusion))
    with pytest.raises(Conflict):
        exclusions.lift_exclusion(analyst, "2025", found.id, "I changed my mind", now=LATER)
    exclusions.lift_exclusion(board, "2025", found.id, "the clock of the kiosk was wrong", now=LATER)
    assert statuses(session) == {COUNTED: 92}
    assert exclusions.apply_rules(analyst, "2025", now=LATER) == 0
    assert statuses(session) == {COUNTED: 92}


def test_without_an_excluding_rule_there_is_nothing_to_apply(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    with pytest.raises(Conflict):
        exclusions.apply_rules(world.actor(world.analyst), "2025", now=NOW)


def test_an_answer_in_two_exclusions_counts_again_when_both_are_lifted(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    first, second = propose(world), propose(world)
    decide(world, first)
    decide(world, second)
    for number, left in ((first, 12), (second, 0)):
        exclusions.lift_exclusion(world.actor(world.second), "2025", number, "a mistake", now=LATER)
        assert statuses(session)[EXCLUDED_BY_PERSONS] == left


def test_a_published_round_cannot_be_changed(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    waiting, decided = propose(world), propose(world)
    decide(world, decided)
    world.round.state = RoundState.PUBLISHED
    session.commit()
    board = world.actor(world.second)
    acts = (
        lambda: propose(world),
        lambda: decide(world, waiting),
        lambda: exclusions.lift_exclusion(board, "2025", decided, "late", now=LATER),
        lambda: exclusions.apply_rules(world.actor(world.analyst), "2025", now=LATER),
    )
    for act in acts:
        with pytest.raises(Conflict):
            act()
    assert statuses(session)[EXCLUDED_BY_PERSONS] == 12


def test_a_run_tells_what_was_left_out_when_it_was_made(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    number = propose(world)
    decide(world, number)
    then = LATER + timedelta(hours=1)
    exclusions.lift_exclusion(world.actor(world.second), "2025", number, "a mistake", now=then)
    told = {
        moment: len(exclusions.exclusions_of(session, world.round.id, moment))
        for moment in (NOW, LATER, then, then + timedelta(days=1))
    }
    assert list(told.values()) == [0, 1, 0, 0]


def test_a_selection_is_limited_to_unit_channel_and_days_and_fixed_when_proposed(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    analyst = world.actor(world.analyst)
    wanted = Selection(rule="speed", unit="U01", channel="web", first=START, last=START + timedelta(days=2))
    number = exclusions.propose_exclusion(analyst, "2025", wanted, "three days", now=NOW)
    assert session.get_one(Exclusion, number).number == 3
    with pytest.raises(Invalid):
        exclusions.propose_exclusion(analyst, "2025", Selection(rule="speed", unit="U02"), "none", now=NOW)
    with pytest.raises(NotFound):
        exclusions.propose_exclusion(analyst, "1999", SPEED, "none", now=NOW)


def test_desk_and_list_show_counts_without_identity(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    fast = plant_speeders(session, world)
    auditor = world.actor(make_account(session, Role.AUDITOR))
    page = desk.desk_page(auditor, "2025", "en")
    assert (page.total, page.flagged, page.excluded) == (92, 12, 0)
    assert {line.setting.code: line.grades for line in page.rules}["speed"] == (0, 0, 12)
    assert (page.may_set, page.may_propose, page.may_apply) == (False, False, False)
    listed = flags.flags_page(auditor, "2025", "speed", 99, "en")
    assert (listed.total, listed.page, len(listed.lines)) == (12, 1, 12)
    assert not any(id_ in repr(listed) for id_ in fast)
    for role in (Role.HEAD, Role.EXPERT, Role.ADMINISTRATOR):
        with pytest.raises(EvalsysError):
            desk.desk_page(world.actor(make_account(session, role)), "2025", "en")
