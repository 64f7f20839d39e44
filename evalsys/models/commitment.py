"""What offices promise with their reply, and what they report on it later."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.round import Round
from evalsys.models.unit import Unit


class Commitment(Base):
    """One thing that an office will do, who answers for it and by when; fixed once the right of reply has ended."""

    __tablename__ = "commitment"
    __table_args__ = (
        UniqueConstraint("round_id", "unit_id", "number"),
        CheckConstraint("text <> '' AND owner <> ''", name="words"),
        CheckConstraint("number BETWEEN 1 AND 5", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(60), default="", doc="code of a part of the score; empty: all of it")
    owner: Mapped[str] = mapped_column(String(120), doc="the role that answers for it, not a name")
    due: Mapped[date]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()
    unit: Mapped[Unit] = relationship()
    reports: Mapped[list["CommitmentReport"]] = relationship(
        order_by="CommitmentReport.id", back_populates="commitment", cascade="all, delete-orphan"
    )


class CommitmentReport(Base):
    """How far a commitment is, as the office says; the newest one counts, the former ones stay."""

    __tablename__ = "commitment_report"
    __table_args__ = (
        CheckConstraint("state IN ('in_work', 'done', 'late', 'dropped')", name="state"),
        CheckConstraint("note <> '' OR state IN ('in_work', 'done')", name="note"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    commitment: Mapped[Commitment] = relationship(back_populates="reports")
