"""A head objects to the draft result of the own office, with evidence, or takes the objection back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Document, Objection, ObjectionDocument, Round, Run, Unit
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.evidence.keeping import Sent, keep_document
from evalsys.services.replies.laid import laid_runs
from evalsys.services.replies.places import own_unit, refuse_after_last_day
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.weights import scheme_of
from evalsys.services.zone import local_day

OPEN, WITHDRAWN = "open", "withdrawn"
MOST_CHARACTERS = 5000
MOST_OPEN = 10


@dataclass(frozen=True)
class NewObjection:
    """What an office objects to: a part of the score ("" for all of it), why, and what it rests on.

    `documents` are ids of documents of the own unit in this round; `files` are new ones.
    """

    topic: str
    text: str
    documents: tuple[int, ...] = ()
    files: tuple[Sent, ...] = ()


def raise_objection(actor: Actor, code: str, new: NewObjection, *, now: datetime) -> int:
    """Object to the draft result that the own office reads; returns the number of the objection.

    Raises Forbidden; NotFound for an office that is not in the round, or a foreign document; Conflict after the last
    day; Invalid.
    """
    act = Act(actor, "objection.raise", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "object")
        unit = own_unit(session, actor, round_)
        refuse_after_last_day(round_, local_day(now))
        laid = laid_runs(session, round_, unit)
        if not laid:
            raise Conflict("There is no draft result to object to.")
        run = laid[-1]
        _check(session, new, run, unit)
        made = Objection(round_id=round_.id, unit_id=unit.id, run_id=run.id, topic=new.topic, text=new.text)
        made.account_id, made.at = actor.account_id, now
        session.add(made)
        session.flush()
        documents = _documents(session, round_, unit, new.documents)
        documents |= {keep_document(session, (round_, unit), sent, actor, now).id for sent in new.files}
        session.add_all(ObjectionDocument(objection_id=made.id, document_id=one) for one in sorted(documents))
        act.detail = {"objection": made.id, "unit": unit.code, "topic": new.topic, "documents": sorted(documents)}
        return made.id


def withdraw_objection(actor: Actor, code: str, number: int, *, now: datetime) -> None:
    """Take an open objection of the own office back; it stays on record. Raises Forbidden, NotFound, Conflict."""
    act = Act(actor, "objection.withdraw", subject_of(code), now, detail={"objection": number})
    with audited(act) as session:
        round_ = take_round(session, code, "withdraw")
        unit = own_unit(session, actor, round_)
        found = find_objection(session, round_, number)
        if found.unit_id != unit.id:
            raise NotFound("This objection does not exist.")
        if found.state != OPEN:
            raise Conflict("This objection is decided or withdrawn already.")
        found.state = WITHDRAWN


def find_objection(session: Session, round_: Round, number: int) -> Objection:
    """An objection of this round. Raises NotFound."""
    query = select(Objection).where(Objection.id == number, Objection.round_id == round_.id)
    found = session.scalar(query)
    if found is None:
        raise NotFound("This objection does not exist.")
    return found


def topics_of(run: Run) -> tuple[str, ...]:
    """The parts of the score that an objection may be about."""
    tree = scheme_of(run.scheme_version.body)
    return tuple(node.code for node in tree.nodes() if node.code != tree.tree.code)


def _check(session: Session, new: NewObjection, run: Run, unit: Unit) -> None:
    if not new.text.strip():
        raise Invalid("Say what is wrong with the draft result, and why.")
    if len(new.text) > MOST_CHARACTERS:
        raise Invalid("Write at most %(most)s characters.", {"most": MOST_CHARACTERS})
    if new.topic and new.topic not in topics_of(run):
        raise Invalid("Choose the part of the score that you object to.")
    waiting = select(Objection.id).where(
        Objection.round_id == run.round_id, Objection.unit_id == unit.id, Objection.state == OPEN
    )
    if len(session.scalars(waiting).all()) >= MOST_OPEN:
        raise Conflict("There are %(most)s open objections already. Withdraw one first.", {"most": MOST_OPEN})


def _documents(session: Session, round_: Round, unit: Unit, chosen: Iterable[int]) -> set[int]:
    wanted = set(chosen)
    own = Document.round_id == round_.id, Document.unit_id == unit.id, Document.withdrawn_at.is_(None)
    locked = select(Document.id).where(Document.id.in_(wanted), *own).order_by(Document.id).with_for_update()
    if wanted != set(session.scalars(locked)):
        raise NotFound("This document does not exist.")
    return wanted
