"""Scorecards as they were published."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.round import Round
from evalsys.models.run import Run
from evalsys.models.unit import Unit


class PublishedScorecard(Base):
    """One unit's card of one run in one language: its content as canonical JSON, and the PDF file made from it."""

    __tablename__ = "scorecard"
    __table_args__ = (
        UniqueConstraint("run_id", "unit_id", "locale"),
        UniqueConstraint("reference"),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_reason <> ''", name="withdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(60))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    locale: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    pdf_name: Mapped[str] = mapped_column(String(120), default="", doc="file below the instance's scorecards folder")
    pdf_digest: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="since when nobody is shown its figures")
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    round: Mapped[Round] = relationship()
    run: Mapped[Run] = relationship()
    unit: Mapped[Unit] = relationship()


class SignedFile(Base):
    """A PDF that was made of a card, by the SHA-256 of its signed bytes; one that was made again has several."""

    __tablename__ = "signed_file"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecard.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Withdrawal(Base):
    """That a published card, in all languages, is taken back: proposed by one person and decided by another."""

    __tablename__ = "withdrawal"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'in_force', 'declined')", name="state"),
        CheckConstraint("decider_id IS NULL OR decider_id <> proposer_id", name="two_persons"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("state = 'proposed' OR decider_id IS NOT NULL", name="decided"),
        Index(
            "uq_withdrawal_open",
            "run_id",
            "unit_id",
            unique=True,
            sqlite_where=text("state <> 'declined'"),
            postgresql_where=text("state <> 'declined'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    proposer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    run: Mapped[Run] = relationship()
    unit: Mapped[Unit] = relationship()
    proposer: Mapped[Account] = relationship(foreign_keys=[proposer_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decider_id])
