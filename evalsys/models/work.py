"""Work to be done outside a request; this table is the truth, whoever drains it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base, UtcDateTime

WAITING, LEASED, DONE, FAILED, CANCELLED = 0, 1, 2, 3, 4


class WorkItem(Base):
    """One piece of work with a lease: a worker that dies loses the lease, and another takes over."""

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("batch", "key"),
        Index("ix_work_item_state_lease", "state", "lease_until"),
        CheckConstraint("state BETWEEN 0 AND 4", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(
        String(100), doc="names the item inside its batch, so that queueing twice adds nothing"
    )
    kind: Mapped[str] = mapped_column(String(30))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[int] = mapped_column(SmallInteger, default=WAITING)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(60), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
