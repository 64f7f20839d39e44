"""What offices say about their draft results, and how the board decides on it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.round import Round
from evalsys.models.run import Run
from evalsys.models.unit import Unit


class ResultReply(Base):
    """An office's own words beside its result; they may change until its right of reply ends."""

    __tablename__ = "result_reply"
    __table_args__ = (UniqueConstraint("round_id", "unit_id"), CheckConstraint("text <> ''", name="text"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    text: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Objection(Base):
    """An office's objection to its draft result; open until the board has decided with a reason."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'upheld', 'partly', 'rejected', 'withdrawn')", name="state"),
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint("decided_by IS NULL OR decided_by <> account_id", name="two_persons"),
        CheckConstraint(
            "state IN ('open', 'withdrawn') OR (decision <> '' AND decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name="decided",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), doc="the draft result that it is about")
    topic: Mapped[str] = mapped_column(String(60), default="", doc="code of a part of the score; empty: all of it")
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="open")
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(Text, default="", doc="the reasons, as the office reads them")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()
    unit: Mapped[Unit] = relationship()
    run: Mapped[Run] = relationship()
    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decided_by])


class ObjectionDocument(Base):
    """A document that an objection rests on."""

    __tablename__ = "objection_document"

    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)


class ObjectionVote(Base):
    """What one member of the panel thinks of an objection."""

    __tablename__ = "objection_vote"
    __table_args__ = (CheckConstraint("choice IN ('upheld', 'partly', 'rejected')", name="choice"),)

    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    choice: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()


class ResultVote(Base):
    """A board member's vote on adopting the results of a run."""

    __tablename__ = "result_vote"
    __table_args__ = (CheckConstraint("choice IN ('for', 'against', 'abstain')", name="choice"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    choice: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()
