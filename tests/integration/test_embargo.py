"""An embargo is one for every address: a planned publication changes nothing that anybody outside can fetch."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import PreparedScorecard, PublishedScorecard, RoundState, SignedFile
from evalsys.reports.scorecard import Scorecard
from evalsys.services.publication.releasing import release_due
from tests.factories import NOW
from tests.integration.governing import World, add_answers
from tests.integration.test_decisions import publish, rescore, shared, vote_for
from tests.integration.test_releases import MOMENT, folder, plan, print_all
from tests.integration.walking import Answer, walk

pytestmark = pytest.mark.database("sqlite")  # what is planned lies in a table of its own: its SQL is tested on both
__all__ = ["folder"]

EXISTS = ("consultations.show", "public.rules", "public.round_method", "public.round_method_history")
"""What is public of a round while it runs: its rules, its method, and how they came about."""


def prepared(session: Session) -> list[Scorecard]:
    session.expire_all()
    return [Scorecard.from_json(row.content) for row in session.scalars(select(PreparedScorecard))]


def marks_of(cards: list[Scorecard]) -> set[str]:
    """What stands on the cards alone: scores, ends of intervals, references."""
    figures = {str(one) for card in cards for one in (card.score, card.low, card.high) if one is not None}
    fine = {str(line.fine) for card in cards for line in card.indicators if line.fine is not None}
    return {one for one in figures | fine if len(one) >= len("12.34")} | {card.reference for card in cards}


def told(found: dict[str, Answer], marks: set[str]) -> dict[str, set[str]]:
    named = {address: {mark for mark in marks if mark in one.text} for address, one in found.items()}
    return {address: marks for address, marks in named.items() if marks}


def walked(app: Flask, session: Session, *references: str) -> dict[str, Answer]:
    session.rollback()
    return walk(app, reference=("RCC-2025-U01", *references))


def test_a_planned_first_publication_is_nowhere(app: Flask, session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    before = walked(app, session)
    plan(world)
    print_all(session, folder)
    cards = prepared(session)
    assert release_due(now=MOMENT - timedelta(seconds=1)) == 0
    after = walked(app, session, cards[0].reference, f"{cards[0].reference}-en")
    assert {address: after[address] for address in before} == before
    assert told(after, marks_of(cards) - {card.reference for card in cards}) == {}
    assert {one.status for address, one in after.items() if "verify/RCC" in address} == {404}
    of_round = {one for address, one in after.items() if "2025" in address and one.endpoint not in EXISTS}
    assert {one.status for one in of_round} - {302} == {404}
    assert release_due(now=MOMENT) == 1
    assert told(walked(app, session), marks_of(cards))


def test_a_planned_correction_is_nowhere_beside_what_is_public(app: Flask, session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    _correct(session, world)
    before = walked(app, session)
    plan(world)
    print_all(session, folder)
    cards = prepared(session)
    public = "".join(one.text for one in before.values())
    new = {mark for mark in marks_of(cards) if mark not in public}
    assert new
    after = walked(app, session)
    assert after == before
    assert told(after, new) == {}


def _correct(session: Session, world: World) -> None:
    add_answers(session, world.forms["citizens"], world.units[0], [[1, 1]] * 6)
    rescore(world, "six answers more")
    vote_for(world)


def test_a_file_is_known_to_the_register_from_the_moment_of_its_publication(session: Session, folder: Path) -> None:
    world = shared(session, RoundState.FINAL)
    plan(world, now=NOW)
    print_all(session, folder)
    assert session.scalars(select(SignedFile)).all() == []
    session.rollback()
    assert release_due(now=MOMENT) == 1
    session.expire_all()
    cards = {row.id: row.pdf_digest for row in session.scalars(select(PublishedScorecard))}
    assert {one.scorecard_id: one.digest for one in session.scalars(select(SignedFile))} == cards
