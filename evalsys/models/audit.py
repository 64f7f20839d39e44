"""The audit log: who did what, when, why, and what was refused."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base, UtcDateTime


class AuditEntry(Base):
    """One act; append-only (triggers refuse UPDATE and DELETE). Never holds an answer, a comment or a password."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("actor <> ''", name="actor"),
        CheckConstraint("outcome IN ('done', 'refused')", name="outcome"),
        Index("ix_audit_entry_subject", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(200), doc="login, or 'system'")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(100), doc="what it was done to, as kind:code")
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
