"""Adding, withdrawing and using again: a file is stored under its digest, once, whole or not at all."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Document, Objection, ObjectionDocument, Role, Round, RoundUnit, Unit
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.evidence.kinds import clean_file_name, kind_of
from evalsys.services.evidence.reading import OPEN_STATES, folder
from evalsys.services.files import write_whole

MOST_DOCUMENTS = 20
TITLE_CHARACTERS = 200


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: about which unit, its title ("" takes the file's name), its name and its bytes."""

    unit_code: str
    title: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Sent:
    """A file as it was sent, whatever it is about: its title ("" takes the file's name), its name and its bytes."""

    title: str
    name: str
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def add_document(actor: Actor, round_code: str, upload: Upload, *, now: datetime) -> int:
    """Store a document about a unit and return its number; a head adds to her own unit alone.

    Raises Forbidden, NotFound, Conflict (round closed, 20 documents there, the same one there), Invalid (kind or size).
    """
    act = Act(actor, "document.add", _subject(round_code, upload.unit_code), now)
    with audited(act) as session:
        round_, unit = _take_place(session, actor, round_code, upload.unit_code)
        kind_of(upload.data)
        sent = Sent(upload.title, upload.name, upload.data)
        _require_room(session, round_, unit, sent.digest)
        document = _add(session, (round_, unit), sent, actor, now)
        act.detail = {"document": document.id, "digest": sent.digest}
        return document.id


def keep_document(session: Session, place: tuple[Round, Unit], sent: Sent, actor: Actor, now: datetime) -> Document:
    """A step of other use cases: the document that holds these bytes, stored unless the unit has it already.

    Raises Conflict (20 documents there), Invalid (kind or size).
    """
    round_, unit = place
    own = Document.round_id == round_.id, Document.unit_id == unit.id, Document.withdrawn_at.is_(None)
    there = session.scalar(select(Document).where(*own, Document.digest == sent.digest).limit(1))
    if there is not None:
        return there
    kind_of(sent.data)
    _require_room(session, round_, unit, sent.digest)
    return _add(session, place, sent, actor, now)


def withdraw_document(actor: Actor, document_id: int, reason: str, *, now: datetime) -> str:
    """Stop serving a document; it stays on record with the reason. Returns the code of its round.

    Raises Forbidden, NotFound (also for another unit's), Conflict (withdrawn before; round closed for a head; an
    open objection rests on it), Invalid.
    """
    act = Act(actor, "document.withdraw", f"document:{document_id}", now, reason=reason)
    with audited(act) as session:
        document = session.scalar(select(Document).where(Document.id == document_id).with_for_update())
        if document is None or (actor.role == Role.HEAD and document.unit_id != actor.unit_id):
            raise NotFound("This document does not exist.")
        round_ = session.get_one(Round, document.round_id)
        if actor.role == Role.HEAD and round_.state not in OPEN_STATES:
            raise _closed()
        if document.withdrawn_at is not None:
            raise Conflict("This document was withdrawn before.")
        if _is_needed(session, document):
            raise Conflict(
                "An open objection rests on this document. It can be withdrawn once the objection is decided."
            )
        if not reason.strip():
            raise Invalid("Say why this document is withdrawn.")
        document.withdrawn_at, document.withdrawn_reason = now, reason
        return round_.code


def _is_needed(session: Session, document: Document) -> bool:
    query = select(ObjectionDocument).join(Objection, Objection.id == ObjectionDocument.objection_id)
    return bool(session.scalar(query.where(ObjectionDocument.document_id == document.id, Objection.state == "open")))


def reuse_document(actor: Actor, round_code: str, document_id: int, *, now: datetime) -> int:
    """Use a document of the former round again: no file is sent a second time. Returns the new document's number.

    Raises Forbidden, NotFound, Conflict as `add_document` does.
    """
    act = Act(actor, "document.add", f"document:{document_id}", now)
    with audited(act) as session:
        former = session.get(Document, document_id)
        if former is None or former.withdrawn_at is not None:
            raise NotFound("This document does not exist.")
        round_, unit = _take_place(session, actor, round_code, former.unit.code)
        if round_.previous_id != former.round_id:
            raise NotFound("This document does not exist.")
        _require_room(session, round_, unit, former.digest)
        facts = {name: getattr(former, name) for name in ("title", "name", "kind", "size", "digest")}
        document = Document(round_id=round_.id, unit_id=unit.id, uploaded_by=actor.account_id, uploaded_at=now, **facts)
        session.add(document)
        session.flush()
        act.detail = {"document": document.id, "digest": former.digest, "round": round_code}
        return document.id


def _add(session: Session, place: tuple[Round, Unit], sent: Sent, actor: Actor, now: datetime) -> Document:
    kind = kind_of(sent.data)
    name = clean_file_name(sent.name, kind)
    document = Document(
        round_id=place[0].id,
        unit_id=place[1].id,
        title=(sent.title or name.rpartition(".")[0])[:TITLE_CHARACTERS],
        name=name,
        kind=kind.media_type,
        size=len(sent.data),
        digest=sent.digest,
        uploaded_by=actor.account_id,
        uploaded_at=now,
    )
    session.add(document)
    session.flush()
    _store(sent.digest, sent.data)
    return document


def _subject(round_code: str, unit_code: str) -> str:
    return f"evidence:{round_code}/{unit_code}"[:100]


def _take_place(session: Session, actor: Actor, round_code: str, unit_code: str) -> tuple[Round, Unit]:
    """Lock the unit's place in the round, so that two uploads are counted one after the other."""
    query = (
        select(RoundUnit)
        .join(Round, Round.id == RoundUnit.round_id)
        .join(Unit, Unit.id == RoundUnit.unit_id)
        .where(Round.code == round_code, Unit.code == unit_code)
    )
    if actor.role == Role.HEAD:
        query = query.where(Unit.id == actor.unit_id)
    place = session.scalar(query.with_for_update(of=RoundUnit))
    if place is None:
        raise NotFound("This office is not in the round, or it is not yours.")
    if place.round.state not in OPEN_STATES:
        raise _closed()
    return place.round, place.unit


def _closed() -> Conflict:
    return Conflict("Evidence is taken while a round is approved or collects answers, and at no other time.")


def _require_room(session: Session, round_: Round, unit: Unit, digest: str) -> None:
    there = select(Document).where(
        Document.round_id == round_.id, Document.unit_id == unit.id, Document.withdrawn_at.is_(None)
    )
    if session.scalar(there.where(Document.digest == digest).limit(1)):
        raise Conflict("This very document is there already.")
    if (session.scalar(select(func.count()).select_from(there.subquery())) or 0) >= MOST_DOCUMENTS:
        raise Conflict("There are %(most)s documents already. Withdraw one first.", {"most": MOST_DOCUMENTS})


def _store(digest: str, data: bytes) -> None:
    path = folder() / digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_whole(path, data)
