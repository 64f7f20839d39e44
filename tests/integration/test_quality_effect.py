"""The effect of an exclusion: locked until it is decided, and the same as a run with and without the answers."""

import pytest
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import (
    Exclusion,
    RoundState,
)
from evalsys.models.response import COUNTED
from evalsys.services import runs
from evalsys.services.quality import desk, effect, exclusions
from scoring.result import Result
from tests.integration.checking import LATER, add_responses, decide, plant_speeders, propose, statuses
from tests.integration.checking import check as check_now
from tests.integration.governing import audit_of, make_world


def test_the_effect_is_locked_until_it_is_decided_and_the_round_is_closed(session: Session) -> None:
    world = make_world(session, RoundState.COLLECTING)
    plant_speeders(session, world)
    number = propose(world)
    board = world.actor(world.first)
    for is_decided, state in (
        (False, RoundState.COLLECTING),
        (False, RoundState.CLOSED),
        (True, RoundState.COLLECTING),
    ):
        world.round.state = state
        session.commit()
        if is_decided:
            decide(world, number)
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
    world = make_world(session, RoundState.QUALITY_CONTROL)
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
    rows = Result.from_json(result).stages["scores"].to_dict("records")
    return float(next(row["score"] for row in rows if row["unit"] == "U01"))


def test_a_unit_with_fewer_than_ten_of_its_answers_in_an_exclusion_shows_no_effect(session: Session) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    plant_speeders(session, world)
    add_responses(session, world.forms["citizens"], world.units[1], [[1, 1]] * 9, pace=1)
    check_now()
    number = propose(world)
    decide(world, number)
    found = effect.effect_of(world.actor(world.first), "2025", number, "en", now=LATER)
    assert [line.code for line in found.lines] == ["U01"]
    assert found.hidden == 1


def test_declined_leaves_all_counted_and_unlocks_the_effect(session: Session) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
    plant_speeders(session, world)
    number = propose(world)
    decide(world, number, is_confirmed=False)
    assert statuses(session) == {COUNTED: 92}
    assert effect.effect_of(world.actor(world.first), "2025", number, "en", now=LATER).lines


def test_after_an_effect_was_seen_or_a_run_made_proposals_are_marked(session: Session) -> None:
    world = make_world(session, RoundState.QUALITY_CONTROL)
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
