"""Who sees which documents: oversight all, a head those of her unit, an expert those of the units assigned to her.

Experts do not see what an office sent for an objection after the round had closed: they rated without it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, and_, exists, false, not_, select, true
from sqlalchemy.orm import Session, joinedload

from evalsys.db import db
from evalsys.errors import NotFound, Unavailable
from evalsys.models import Assignment, Document, ObjectionDocument, Questionnaire, Round, RoundState, RoundUnit, Unit
from evalsys.services import content
from evalsys.services.access import OVERSIGHT, Actor, Role, may, require
from evalsys.services.content import Text

OPEN_STATES = (RoundState.APPROVED, RoundState.COLLECTING)


@dataclass(frozen=True)
class DocumentLine:
    """A document as it is listed; `size` in bytes. One that was withdrawn has its reason and is not served."""

    id: int
    title: str
    name: str
    size: int
    uploaded_by: str
    uploaded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str


@dataclass(frozen=True)
class UnitEvidence:
    """The documents of one unit, and those of the former round that could be used again."""

    code: str
    name: Text
    documents: tuple[DocumentLine, ...]
    former: tuple[DocumentLine, ...]


@dataclass(frozen=True)
class EvidencePage:
    """The evidence of a round as the reader may see it."""

    round_code: str
    round_name: Text
    is_open: bool
    may_add: bool
    may_withdraw: bool
    units: tuple[UnitEvidence, ...]


@dataclass(frozen=True)
class Stored:
    """A document's content, its name for saving, its media type and the digest of its bytes."""

    content: bytes
    name: str
    media_type: str
    digest: str


def folder() -> Path:
    """Where the files lie, each under its SHA-256."""
    return Path(current_app.instance_path) / "evidence"


def list_rounds(actor: Actor, locale: str) -> tuple[tuple[str, Text, str], ...]:
    """(code, name, state) of the rounds that take evidence now, the newest first. Raises Forbidden."""
    require(actor, "document.read")
    titles = content.names("round", locale)
    query = select(Round.code, Round.state).where(Round.state.in_(OPEN_STATES)).order_by(Round.id.desc())
    if actor.role == Role.HEAD:
        query = query.join(RoundUnit).where(RoundUnit.unit_id == actor.unit_id)
    return tuple((code, titles.get(code, Text(code, "")), state) for code, state in db.session.execute(query))


def read_evidence(actor: Actor, round_code: str, locale: str) -> EvidencePage:
    """All documents of a round that the actor may see, by unit. Raises Forbidden, NotFound."""
    require(actor, "document.read")
    session = db.session()
    round_ = session.scalar(select(Round).where(Round.code == round_code))
    units = _visible_units(session, actor, round_) if round_ is not None else []
    if round_ is None or not (units or actor.role in OVERSIGHT):
        raise NotFound("This round does not exist.")
    names = content.names("unit", locale)
    is_open, may_add = round_.state in OPEN_STATES, may(actor, "document.add")
    shown = _for_experts() if actor.role == Role.EXPERT else ()
    return EvidencePage(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        is_open=is_open,
        may_add=is_open and may_add,
        may_withdraw=may(actor, "document.withdraw") and (is_open or actor.role == Role.ANALYST),
        units=tuple(
            UnitEvidence(
                code=unit.code,
                name=names.get(unit.code, Text(unit.code, "")),
                documents=_lines(session, round_.id, unit.id, *shown),
                former=_former(session, round_, unit.id) if is_open and may_add else (),
            )
            for unit in units
        ),
    )


def read_document(actor: Actor, document_id: int) -> Stored:
    """The content of a document that the actor may see and that was not withdrawn.

    Raises Forbidden, NotFound; Unavailable when the file is missing or no longer what it was.
    """
    require(actor, "document.read")
    query = select(Document).where(Document.id == document_id, Document.withdrawn_at.is_(None), _visible(actor))
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("This document does not exist.")
    path = folder() / found.digest
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != found.digest:
        raise Unavailable("This document is damaged on our side. Tell the oversight body.")
    return Stored(data, found.name, found.kind, found.digest)


def documents_of(session: Session, round_id: int, unit_id: int) -> tuple[DocumentLine, ...]:
    """A unit's evidence: everything that was not withdrawn."""
    return _lines(session, round_id, unit_id, Document.withdrawn_at.is_(None))


def documents_for_experts(session: Session, round_id: int, unit_id: int) -> tuple[DocumentLine, ...]:
    """What experts see of a unit's evidence."""
    return _lines(session, round_id, unit_id, *_for_experts())


def _lines(session: Session, round_id: int, unit_id: int, *shown: ColumnElement[bool]) -> tuple[DocumentLine, ...]:
    query = select(Document).where(Document.round_id == round_id, Document.unit_id == unit_id, *shown)
    ordered = query.options(joinedload(Document.account)).order_by(Document.withdrawn_at.is_not(None), Document.id)
    return tuple(_line(document) for document in session.scalars(ordered))


def _line(document: Document) -> DocumentLine:
    return DocumentLine(
        id=document.id,
        title=document.title,
        name=document.name,
        size=document.size,
        uploaded_by=document.account.name,
        uploaded_at=document.uploaded_at,
        withdrawn_at=document.withdrawn_at,
        withdrawn_reason=document.withdrawn_reason,
    )


def _former(session: Session, round_: Round, unit_id: int) -> tuple[DocumentLine, ...]:
    """Documents of the former round that are not there yet: the same evidence is asked for once."""
    if round_.previous_id is None:
        return ()
    there = select(Document.digest).where(
        Document.round_id == round_.id, Document.unit_id == unit_id, Document.withdrawn_at.is_(None)
    )
    known = set(session.scalars(there))
    query = select(Document).where(Document.round_id == round_.previous_id, Document.unit_id == unit_id)
    usable = query.where(Document.withdrawn_at.is_(None)).options(joinedload(Document.account)).order_by(Document.id)
    return tuple(_line(document) for document in session.scalars(usable) if document.digest not in known)


def _visible_units(session: Session, actor: Actor, round_: Round) -> Sequence[Unit]:
    query = select(Unit).join(RoundUnit).where(RoundUnit.round_id == round_.id).order_by(Unit.code)
    if actor.role == Role.HEAD:
        query = query.where(Unit.id == actor.unit_id)
    elif actor.role == Role.EXPERT:
        query = query.where(_is_assigned(actor, Questionnaire.round_id == round_.id, Assignment.unit_id == Unit.id))
    return session.scalars(query).all()


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.role == Role.HEAD:
        return Document.unit_id == actor.unit_id
    if actor.role == Role.EXPERT:
        place = Questionnaire.round_id == Document.round_id, Assignment.unit_id == Document.unit_id
        return and_(_is_assigned(actor, *place), *_for_experts())
    return true() if actor.role in OVERSIGHT else false()


def _for_experts() -> tuple[ColumnElement[bool], ...]:
    """Nothing withdrawn, and nothing that came after the round had closed, to prove an objection."""
    is_proof = exists().where(ObjectionDocument.document_id == Document.id)
    is_late = exists().where(Round.id == Document.round_id, Round.closed_at < Document.uploaded_at)
    return Document.withdrawn_at.is_(None), not_(and_(is_proof, is_late))


def _is_assigned(actor: Actor, *place: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = and_(Assignment.account_id == actor.account_id, Assignment.state != "conflict", Assignment.is_named, *place)
    return exists().where(Questionnaire.id == Assignment.questionnaire_id, mine)
