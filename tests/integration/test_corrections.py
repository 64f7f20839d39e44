"""Publishing results again: with the votes of the board, safely beside what is public; the former cards are kept."""

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, EvalsysError
from evalsys.models import Response, RoundState
from evalsys.services.cells import recount
from evalsys.services.mixing import mark_dirty
from evalsys.services.publication.correcting import republish_round
from evalsys.services.publication.record import former_card, unit_record
from evalsys.services.results import read_card
from tests.integration.governing import World, add_answers
from tests.integration.test_decisions import AFTER, problems_of, publish, rescore, shared, vote_for


def test_a_correction_replaces_what_is_public_and_keeps_it_readable(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    first = read_card("2025", "U01", "en").card
    with pytest.raises(Conflict, match="no newer run"):
        republish_round(world.actor(world.first), "2025", now=AFTER)
    rescore(world, "looked at again")
    with pytest.raises(Conflict, match="nothing to correct"):
        republish_round(world.actor(world.first), "2025", now=AFTER)
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers were found")
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    second = read_card("2025", "U01", "en").card
    assert first.score != second.score
    record = unit_record("2025", "U01", "en")
    assert [(one.run_number, one.reason) for one in record.corrections] == [(3, "six answers were found")]
    assert [(one.run_number, one.score) for one in record.former] == [(1, first.score)]
    assert former_card("2025", "U01", 1, "en") == first
    with pytest.raises(EvalsysError):
        former_card("2025", "U01", 3, "en")


def test_a_correction_needs_the_votes_that_the_first_results_needed(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    with pytest.raises(Conflict, match="public already"):
        vote_for(world)
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers were found")
    with pytest.raises(Conflict) as refusal:
        republish_round(world.actor(world.first), "2025", now=AFTER)
    assert problems_of(refusal) == [
        "Votes of the board: 0 of the 1 that are needed.",
        "No majority for these results: 0 for, 0 against.",
    ]
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)


def test_a_correction_that_tells_what_one_newcomer_said_is_not_published(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]])
    rescore(world, "an answer was found")
    vote_for(world)
    with pytest.raises(Conflict) as refusal:
        republish_round(world.actor(world.first), "2025", now=AFTER)
    text = "Together with what is public, hidden figures of these offices could be worked out: U01."
    narrow = "Public figures of these offices would change with the answers of fewer than 5 people: U01."
    assert problems_of(refusal) == [text, narrow]


def lose_answers(session: Session, world: World, number: int) -> None:
    """So many of the lowest answers of citizens about the first office are gone again, say because they were double."""
    form, unit = world.forms["citizens"].id, world.units[0].id
    own = Response.questionnaire_id == form, Response.unit_id == unit
    lost = session.scalars(select(Response.id).where(*own).order_by(Response.answers).limit(number)).all()
    session.execute(delete(Response).where(Response.id.in_(lost)))
    mark_dirty(session, form, {unit})
    session.commit()
    recount()


def test_two_wide_steps_that_make_a_narrow_one_are_not_published(session: Session) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers were found")
    vote_for(world)
    republish_round(world.actor(world.first), "2025", now=AFTER)
    lose_answers(session, world, 5)
    rescore(world, "five of them were double")
    vote_for(world)
    with pytest.raises(Conflict) as refusal:
        republish_round(world.actor(world.first), "2025", now=AFTER)
    assert problems_of(refusal) == [
        "Together with what is public, hidden figures of these offices could be worked out: U01.",
        "Public figures of these offices would change with the answers of fewer than 5 people: U01.",
    ]
