"""Objections as plain values, for the office, the panel and the public."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Document, Objection, ObjectionDocument
from evalsys.services.content import Text
from evalsys.services.weights import Labels


@dataclass(frozen=True)
class Evidence:
    """A document that an objection rests on; one that was withdrawn since is not served."""

    id: int
    title: str
    size: int
    is_withdrawn: bool


@dataclass(frozen=True)
class ObjectionLine:
    """One objection; `topic` is None when it is about the whole score. `decision` are the reasons of the board."""

    number: int
    unit_code: str
    topic: Text | None
    text: str
    state: str
    by: str
    at: datetime
    run_number: int
    decision: str
    decided_at: datetime | None
    documents: tuple[Evidence, ...]


def objection_line(session: Session, objection: Objection, labels: Labels) -> ObjectionLine:
    """The objection with the names of what it is about."""
    query = select(Document).join(ObjectionDocument, ObjectionDocument.document_id == Document.id)
    documents = session.scalars(query.where(ObjectionDocument.objection_id == objection.id).order_by(Document.id))
    return ObjectionLine(
        number=objection.id,
        unit_code=objection.unit.code,
        topic=labels.node(objection.topic) if objection.topic else None,
        text=objection.text,
        state=objection.state,
        by=objection.account.name,
        at=objection.at,
        run_number=objection.run.number,
        decision=objection.decision,
        decided_at=objection.decided_at,
        documents=tuple(Evidence(one.id, one.title, one.size, one.withdrawn_at is not None) for one in documents),
    )
