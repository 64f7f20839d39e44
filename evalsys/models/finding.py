"""Findings about units: cases that add or take points, limit a band or veto it, as the scheme says."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.unit import Unit


class Finding(Base):
    """One finding: proposed by one person, put in force by another, and taken back with a reason."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'in_force', 'declined', 'lifted')", name="state"),
        CheckConstraint("decider_id IS NULL OR decider_id <> proposer_id", name="two_persons"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("state = 'proposed' OR decider_id IS NOT NULL", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(60), doc="code of a rule of the scheme")
    source: Mapped[str] = mapped_column(String(20), default="", doc="how it was found, as the scheme names sources")
    points: Mapped[str] = mapped_column(String(20), default="", doc="exact decimal, where the rule asks for points")
    reason: Mapped[str] = mapped_column(Text, doc="what happened; everybody reads it beside the score")
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    proposer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_reason: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[Unit] = relationship()
    proposer: Mapped[Account] = relationship(foreign_keys=[proposer_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decider_id])
