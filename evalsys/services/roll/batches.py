"""Batches: the letters or mails that one work item writes. What a batch is about stands in the item's payload."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from evalsys.models import Transfer, WorkItem
from evalsys.models.work import DONE
from evalsys.services import work
from evalsys.services.audit import Act

INVITATIONS, REMINDERS = "invitations", "reminders"
KINDS = (INVITATIONS, REMINDERS)
WAYS = {"letters": "letter", "eml": "mail", "smtp": "mail"}
"""How a batch leaves the house, and the channel of the people it is for."""
MOST_IN_A_BATCH = 250


@dataclass(frozen=True)
class Plan:
    """One order: what is written, for which group of which round, and how it leaves the house."""

    kind: str
    round_id: int
    group: str
    way: str


def queue(session: Session, plan: Plan, chosen: Mapping[str, list[str]], act: Act) -> int:
    """Queue an order within the caller's transaction: {stratum: ids of the list}; returns the transfer's number.

    The people of a stratum are shared out evenly, so that no batch is much smaller than the others.
    """
    transfer = Transfer(
        direction="out",
        kind=plan.kind,
        round_id=plan.round_id,
        name=f"{plan.kind}-{plan.group}",
        options={"group": plan.group, "way": plan.way},
        counts={"people": sum(map(len, chosen.values()))},
        state="running",
        created_by=act.actor.account_id,
        created_at=act.now,
    )
    session.add(transfer)
    session.flush()
    facts = {"transfer": transfer.id, "round": plan.round_id, "group": plan.group, "way": plan.way}
    items = [
        (f"{stratum}-{number:03d}", {**facts, "stratum": stratum, "people": part})
        for stratum, ids in sorted(chosen.items())
        for number, part in enumerate(shared_out(sorted(ids)), 1)
    ]
    work.enqueue(session, batch_name(transfer.id), plan.kind, items, act.now)
    act.detail = {**act.detail, "transfer": transfer.id, "batches": len(items)}
    return transfer.id


def shared_out(ids: list[str]) -> list[list[str]]:
    """The list in as few parts of at most 250 as will do, none larger than another by more than one.

    >>> [len(part) for part in shared_out(["x"] * 251)]
    [126, 125]
    """
    parts = -(-len(ids) // MOST_IN_A_BATCH)
    return [ids[start::parts] for start in range(parts)]


def batch_name(transfer_id: int) -> str:
    """What the work items of a transfer are called."""
    return f"transfer-{transfer_id}"


def items_of(session: Session, round_id: int) -> Select[WorkItem]:
    """The work items of all orders of a round."""
    query = select(Transfer.id).where(Transfer.round_id == round_id, Transfer.kind.in_(KINDS))
    names = [batch_name(number) for number in session.scalars(query)]
    return select(WorkItem).where(WorkItem.batch.in_(names))


def settle(session: Session, item: work.Claimed, now: datetime, kept: Mapping[str, Any]) -> None:
    """Put `kept` in the place of the people and digests of a finished batch, and end its transfer after the last."""
    row = session.get_one(WorkItem, item.id)
    facts: Iterable[str] = ("transfer", "round", "group", "stratum", "way")
    row.payload = {name: item.payload[name] for name in facts} | dict(kept)
    settle_transfer(session, item.batch, item.payload["transfer"], now)


def settle_transfer(session: Session, batch: str, transfer_id: int, now: datetime) -> None:
    """End a transfer whose last batch is done, within the caller's transaction."""
    session.flush()
    left = select(func.count()).where(WorkItem.batch == batch, WorkItem.state != DONE)
    if not session.scalar(left):
        transfer = session.get_one(Transfer, transfer_id)
        transfer.state, transfer.finished_at = "done", now
