"""Versions of the weighted scheme of a round."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.round import Round


class SchemeVersion(Base):
    """A set of weights, proposed, approved, rejected or superseded; triggers refuse a change of its body."""

    __tablename__ = "scheme_version"
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'superseded')", name="state"),
        CheckConstraint("approver_id IS NULL OR approver_id <> proposer_id", name="two_persons"),
        CheckConstraint("state = 'proposed' OR (approver_id IS NOT NULL AND decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("reason <> ''", name="reason"),
        Index(
            "uq_scheme_version_one_approved",
            "round_id",
            unique=True,
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    body: Mapped[str] = mapped_column(Text, doc="canonical JSON of the scheme")
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()
    proposer: Mapped[Account] = relationship(foreign_keys=[proposer_id])
    approver: Mapped[Account | None] = relationship(foreign_keys=[approver_id])
