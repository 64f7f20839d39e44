"""Exclusions: who decides, what can be taken back, what is told of them."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, EvalsysError, Forbidden, Invalid, NotFound
from evalsys.models import (
    Dirty,
    Exclusion,
    Role,
    RoundState,
)
from evalsys.models.response import COUNTED, EXCLUDED_BY_PERSONS, EXCLUDED_BY_RULE
from evalsys.services.access import Actor
from evalsys.services.cells import find_wrong_cells, recount
from evalsys.services.quality import desk, exclusions, flags
from evalsys.services.quality.exclusions import Decision, Selection
from evalsys.services.quality.rules import Setting, set_rule
from tests.factories import NOW, make_account
from tests.integration.checking import LATER, SPEED, START, decide, plant_speeders, propose, statuses
from tests.integration.governing import World, audit_of, make_world


def elected(world: World) -> Actor:
    """The analyst who proposes, since then a member of the board."""
    return replace(world.actor(world.analyst), role=Role.BOARD)


def test_an_exclusion_takes_two_people_and_changes_status_never_rows(session: Session) -> None:
    world = make_world(session, RoundState.CLOSED)
    plant_speeders(session, world)
    with pytest.raises(Invalid):
        propose(world, "  ")
    number = propose(world)
    assert statuses(session) == {COUNTED: 92}
    with pytest.raises(Conflict):
        exclusions.decide_exclusion(elected(world), "2025", Decision(number, True, ""), now=NOW)
    for role in (Role.AUDITOR, Role.ANALYST):
        other = world.actor(make_account(session, role))
        with pytest.raises(Forbidden):
            exclusions.decide_exclusion(other, "2025", Decision(number, True, ""), now=NOW)
    decide(world, number)
    assert statuses(session) == {COUNTED: 80, EXCLUDED_BY_PERSONS: 12}
    assert session.scalars(select(Dirty.unit_id)).all() == [world.units[0].id]
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
        exclusions.lift_exclusion(elected(world), "2025", found.id, "I changed my mind", now=LATER)
    with pytest.raises(Forbidden):
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
