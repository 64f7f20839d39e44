"""What an office sends for its objection: who reads it, and that nobody takes it away while the objection is open."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.models import Account, Document, Role, RoundState
from evalsys.services import objections
from evalsys.services.access import actor_of
from evalsys.services.evidence import keeping, reading
from evalsys.services.evidence.keeping import Sent
from evalsys.services.objections import NewObjection
from evalsys.services.panels.desk import read_beside
from tests.factories import NOW, make_account, make_assignment
from tests.integration.acts_results import LATER, end_reply
from tests.integration.governing import World, make_world

BEFORE, AFTER = NOW - timedelta(days=1), NOW + timedelta(hours=1)


def objected(session: Session) -> tuple[World, Account, int]:
    """An objection of U01 that rests on a document 1 of before the closing, and on a new document 2; its number."""
    world = make_world(session, RoundState.RIGHT_OF_REPLY)
    world.round.closed_at = NOW
    end_reply(session, world, LATER)
    head = make_account(session, Role.HEAD, unit=world.units[0])
    place = world.round, world.units[0]
    early = keeping.keep_document(session, place, Sent("", "early.pdf", b"%PDF-1.7 early"), actor_of(head), BEFORE).id
    session.commit()
    new = NewObjection("", "two answers are not ours", (early,), (Sent("", "late.pdf", b"%PDF-1.7 late"),))
    return world, head, objections.raise_objection(actor_of(head), "2025", new, now=AFTER)


def documents(session: Session) -> dict[str, int]:
    return {one.title: one.id for one in session.scalars(select(Document))}


def test_experts_read_what_was_there_before_the_closing_and_nothing_sent_for_an_objection(session: Session) -> None:
    world, head, _number = objected(session)
    expert = make_account(session, Role.EXPERT)
    task = make_assignment(session, world.forms["experts"], expert, world.units[0])
    sent, reader = documents(session), actor_of(expert)
    assert reading.read_document(reader, sent["early"]).name == "early.pdf"
    with pytest.raises(NotFound):
        reading.read_document(reader, sent["late"])
    (unit,) = reading.read_evidence(reader, "2025", "en").units
    assert [one.title for one in unit.documents] == ["early"]
    assert [one.title for one in read_beside(reader, task.id).documents] == ["early"]
    for other in (head, world.analyst, world.first):
        assert reading.read_document(actor_of(other), sent["late"]).name == "late.pdf"


@pytest.mark.parametrize("title", ["early", "late"])
def test_what_an_open_objection_rests_on_is_not_withdrawn(session: Session, title: str) -> None:
    world, head, number = objected(session)
    analyst, document = world.actor(world.analyst), documents(session)[title]
    with pytest.raises(Conflict, match="An open objection rests on this document"):
        keeping.withdraw_document(analyst, document, "It is in the way.", now=AFTER)
    objections.withdraw_objection(actor_of(head), "2025", number, now=AFTER)
    keeping.withdraw_document(analyst, document, "It names a citizen.", now=AFTER)
    with pytest.raises(NotFound):
        reading.read_document(analyst, document)
