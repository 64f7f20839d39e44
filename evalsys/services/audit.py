"""The audit log: every act that changes something leaves exactly one entry, done or refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.errors import EvalsysError, Forbidden
from evalsys.models import AuditEntry
from evalsys.services.access import Actor, may, require
from evalsys.services.transfers.cells import visible

SUBJECT_CHARACTERS = 100
ACCESS = ("account.sign_in", "response.export", "quality.read", "run.repeat", "sample.draw", "roll.load", "roll.invite")
"""Acts by which somebody gets to see, or takes out, more than pages show."""


@dataclass(frozen=True)
class LogFilter:
    """Which entries: "all", those of "access" to answers and accounts, or "refused" ones; empty texts stand for all."""

    kind: str = "all"
    actor: str = ""
    subject: str = ""


@dataclass
class Act:
    """What is being done, by whom, to what; the use case may add a reason and details before it ends."""

    actor: Actor
    name: str
    subject: str
    now: datetime
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    def entry(self, outcome: str) -> AuditEntry:
        """The row that tells of this act."""
        return AuditEntry(
            at=self.now,
            actor=self.actor.login,
            account_id=self.actor.account_id,
            act=self.name,
            subject=visible(self.subject)[:SUBJECT_CHARACTERS],
            outcome=outcome,
            reason=self.reason,
            detail=_storable(self.detail),
        )


def _storable(value: Any) -> Any:
    """The same without signs that no page may show: parts of addresses and files get here unchecked."""
    if isinstance(value, dict):
        return {name: _storable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_storable(part) for part in value]
    return visible(value) if isinstance(value, str) else value


@contextmanager
def audited(act: Act) -> Iterator[Session]:
    """A transaction in which `act` is done: its entry is written with it, or, when refused, alone.

    The role must hold the right of the act's name; a refusal (missing right, wrong state, broken rule) undoes
    everything, is recorded with its reason, and is raised again.
    """
    try:
        with transaction() as session:
            require(act.actor, act.name)
            yield session
            session.add(act.entry("done"))
    except EvalsysError as refusal:
        with transaction() as session:
            act.detail = {**act.detail, "status": refusal.status, "refusal": refusal.message}
            act.detail["params"] = {name: str(value) for name, value in refusal.params.items()}
            session.add(act.entry("refused"))
        raise


def require_on_record(actor: Actor, right: str, subject: str, *, now: datetime) -> None:
    """Raise Forbidden unless `actor` holds `right`; the refusal leaves its entry."""
    if not may(actor, right):
        with audited(Act(actor, right, subject, now)):
            pass


def list_entries(
    actor: Actor, wanted: LogFilter = LogFilter(), *, before_id: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """The newest entries first, from `before_id` downwards. Raises Forbidden."""
    if not may(actor, "audit.read"):
        raise Forbidden("Your role does not allow this.")
    query = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(db.session.scalars(query))


def _conditions(wanted: LogFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.kind == "access":
        yield AuditEntry.act.in_(ACCESS)
    if wanted.kind == "refused":
        yield AuditEntry.outcome == "refused"
    if wanted.actor:
        yield AuditEntry.actor == wanted.actor
    if wanted.subject:
        yield AuditEntry.subject == wanted.subject
