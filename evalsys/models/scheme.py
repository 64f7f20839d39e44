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
    public_reason: Mapped[str] = mapped_column(Text, default="", doc="what everybody reads about the change")
    public_reason_locale: Mapped[str] = mapped_column(String(8), default="", doc="the language it is written in")
    is_amendment: Mapped[bool] = mapped_column(default=False, doc="proposed after the round had opened")
    proposer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()
    proposer: Mapped[Account] = relationship(foreign_keys=[proposer_id])
    approver: Mapped[Account | None] = relationship(foreign_keys=[approver_id])


class WeightBound(Base):
    """The least and the most that one weight may be, in percent of its family; exact decimals."""

    __tablename__ = "weight_bound"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    family: Mapped[str] = mapped_column(String(80), primary_key=True, doc="code as services.weights names families")
    member: Mapped[str] = mapped_column(String(60), primary_key=True)
    low: Mapped[str] = mapped_column(String(20), default="0")
    high: Mapped[str] = mapped_column(String(20), default="100")


class SchemeVote(Base):
    """A board member's vote on a version; it may change until the version is decided, and dissent stays."""

    __tablename__ = "scheme_vote"
    __table_args__ = (CheckConstraint("choice IN ('for', 'against', 'abstain')", name="choice"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    choice: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()


class SchemeRemark(Base):
    """One contribution to the discussion of a version."""

    __tablename__ = "scheme_remark"
    __table_args__ = (CheckConstraint("text <> ''", name="text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()
