"""Batches that were given up: who is in them, and the decision that puts their people back on the list.

When a worker stopped between mails, nobody knows which of them left. Inviting these people again may give somebody a
second credential if she used the first before it was voided; not inviting them may leave somebody without any. The
analyst decides, and the log keeps her reason, how many credentials were voided, and how many had been spent.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Invalid, NotFound
from evalsys.models import RollEntry, Round, WorkItem
from evalsys.models.work import DONE, FAILED
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.credentials import void
from evalsys.services.roll import people
from evalsys.services.roll.batches import INVITATIONS, items_of, settle_transfer
from evalsys.services.rounds.states import find_round, subject_of


@dataclass(frozen=True)
class FailedBatch:
    """A batch that was given up: why, how many are still owed a letter, and whether credentials of it may be about."""

    item_id: int
    key: str
    kind: str
    way: str
    error: str
    number: int
    is_uncertain: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The people of a failed batch go back to the list, for this reason."""

    round_code: str
    item_id: int
    reason: str


def failed_batches(round_id: int) -> tuple[FailedBatch, ...]:
    """The batches of a round that were given up and wait for a decision, without names."""
    items = db.session.scalars(items_of(db.session(), round_id).where(WorkItem.state == FAILED).order_by(WorkItem.id))
    return tuple(_batch(item) for item in items.all())


def read_batch(actor: Actor, round_code: str, item_id: int) -> FailedBatch:
    """One failed batch with the names of its people. Raises Forbidden, NotFound."""
    require(actor, "roll.invite")
    round_ = find_round(db.session(), round_code)
    item = _find(db.session(), round_, item_id)
    rows = db.session.scalars(select(RollEntry.contact).where(_still_owed(item), RollEntry.contact != b""))
    contacts = [people.opened(round_.id, sealed) for sealed in rows]
    return _batch(item, tuple(sorted(one.name or one.email for one in contacts)))


def resolve_batch(actor: Actor, decision: Decision, *, now: datetime) -> int:
    """Put the people of a failed batch back, void its unspent credentials; returns how many had been spent already.

    Raises Forbidden, NotFound, Invalid (no reason).
    """
    act = Act(actor, "roll.invite", subject_of(decision.round_code), now, decision.reason)
    act.detail = {"decided": decision.item_id}
    with audited(act) as session:
        if not decision.reason.strip():
            raise Invalid("Say why these people are written to again.")
        item = _find(session, find_round(session, decision.round_code), decision.item_id)
        facts: dict[str, Any] = dict(item.payload)
        digests = facts.pop("digests", [])
        voided = void(session, digests) if digests else 0
        if item.kind == INVITATIONS:
            owed = update(RollEntry).where(_still_owed(item)).values(state="new")
            session.execute(owed.execution_options(synchronize_session=False))
        item.state, item.done_at, item.payload = DONE, now, facts | {"people": []}
        settle_transfer(session, item.batch, facts["transfer"], now)
        spent = len(digests) - voided
        act.detail = {**act.detail, "voided": voided, "spent": spent}
        return spent


def _find(session: Session, round_: Round, item_id: int) -> WorkItem:
    failed = WorkItem.id == item_id, WorkItem.state == FAILED
    item = session.scalar(items_of(session, round_.id).where(*failed).with_for_update())
    if item is None:
        raise NotFound("This batch does not wait for a decision.")
    return item


def _still_owed(item: WorkItem) -> ColumnElement[bool]:
    """Those of the batch whom no letter is known to have reached."""
    state = "sending" if item.kind == INVITATIONS else "invited"
    return and_(RollEntry.id.in_(item.payload["people"]), RollEntry.state == state)


def _batch(item: WorkItem, names: tuple[str, ...] = ()) -> FailedBatch:
    facts = item.payload
    is_uncertain = bool(facts.get("digests"))
    number = db.session.scalar(select(func.count()).select_from(RollEntry).where(_still_owed(item))) or 0
    return FailedBatch(item.id, item.key, item.kind, facts["way"], item.error, number, is_uncertain, names)
