"""The rule document of a round: attached before it opens, frozen by its digest, and open to everybody afterwards."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.errors import Invalid, NotFound, Unavailable
from evalsys.models import BEFORE_OPENING, Round, RuleDocument
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.design.settings import RoundHead, head_of
from evalsys.services.evidence.kinds import clean_file_name, kind_of
from evalsys.services.files import write_whole
from evalsys.services.rounds.completeness import rules_in_force
from evalsys.services.rounds.states import find_round, subject_of, take_round

TITLE_CHARACTERS = 200


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: its title ("" takes the file's name), its name and its bytes."""

    title: str
    name: str
    data: bytes


@dataclass(frozen=True)
class RuleLine:
    """A rule document in words; one that another has replaced says when."""

    title: str
    name: str
    size: int
    digest: str
    uploaded_by: str
    uploaded_at: datetime
    replaced_at: datetime | None


@dataclass(frozen=True)
class RulesPage:
    """The document in force, if any, and those before it, the newest first."""

    head: RoundHead
    current: RuleLine | None
    former: tuple[RuleLine, ...]


@dataclass(frozen=True)
class RuleFile:
    """A rule document's content, its title, its name for saving, its media type and the digest of its bytes."""

    content: bytes
    title: str
    name: str
    media_type: str
    digest: str


def attach_rules(actor: Actor, code: str, upload: Upload, *, now: datetime) -> str:
    """Make this the rule document of a round that is not open; the former one stays on record. Returns its digest.

    Raises Forbidden, NotFound, Conflict once the round is open; Invalid for a kind or size that is not kept, and for
    the document that is in force already.
    """
    act = Act(actor, "round.design", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "design")
        kind, digest = kind_of(upload.data), hashlib.sha256(upload.data).hexdigest()
        former, name = rules_in_force(session, round_.id), clean_file_name(upload.name, kind)
        if former is not None and former.digest == digest:
            raise Invalid("This very document is the rule document already.")
        if former is not None:
            former.replaced_at = now
            session.flush()
        session.add(
            RuleDocument(
                round_id=round_.id,
                title=(upload.title or name.rpartition(".")[0])[:TITLE_CHARACTERS],
                name=name,
                kind=kind.media_type,
                size=len(upload.data),
                digest=digest,
                uploaded_by=actor.account_id,
                uploaded_at=now,
            )
        )
        act.detail = {"rules": digest, "replaced": former.digest if former else ""}
        _store(digest, upload.data)
        return digest


def rules_page(actor: Actor, code: str, locale: str) -> RulesPage:
    """The rule documents of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), code)
    query = select(RuleDocument).where(RuleDocument.round_id == round_.id).options(joinedload(RuleDocument.account))
    rows = list(db.session.scalars(query.order_by(RuleDocument.id.desc())))
    current = next((row for row in rows if row.replaced_at is None), None)
    former = tuple(_line(row) for row in rows if row.replaced_at is not None)
    return RulesPage(head_of(actor, round_, locale), _line(current) if current else None, former)


def read_rules(actor: Actor, code: str) -> RuleFile:
    """The rule document in force, for the oversight body. Raises Forbidden, NotFound, Unavailable."""
    require(actor, "oversight.read")
    return _file(find_round(db.session(), code))


def read_public_rules(code: str) -> RuleFile:
    """The rule document of a round that has been opened, for everybody. Raises NotFound, Unavailable."""
    round_ = find_round(db.session(), code)
    if round_.state in BEFORE_OPENING:
        raise NotFound("This round does not exist.")
    return _file(round_)


def _file(round_: Round) -> RuleFile:
    found = rules_in_force(db.session(), round_.id)
    if found is None:
        raise NotFound("This document does not exist.")
    path = _folder() / found.digest
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != found.digest:
        raise Unavailable("This document is damaged on our side. Tell the oversight body.")
    return RuleFile(data, found.title, found.name, found.kind, found.digest)


def _line(row: RuleDocument) -> RuleLine:
    return RuleLine(
        title=row.title,
        name=row.name,
        size=row.size,
        digest=row.digest,
        uploaded_by=row.account.name,
        uploaded_at=row.uploaded_at,
        replaced_at=row.replaced_at,
    )


def _folder() -> Path:
    return Path(current_app.instance_path) / "rules"


def _store(digest: str, data: bytes) -> None:
    path = _folder() / digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, data)
