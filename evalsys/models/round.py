"""Evaluation rounds."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.unit import Category, Unit


class RoundState(StrEnum):
    """Where a round stands; services.rounds holds the table of acts."""

    DRAFT = "draft"
    APPROVED = "approved"
    COLLECTING = "collecting"
    CLOSED = "closed"
    SCORED = "scored"
    PUBLISHED = "published"


class Round(Base):
    """One evaluation of a set of units over one period."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("state IN ('draft', 'approved', 'collecting', 'closed', 'scored', 'published')", name="state"),
        CheckConstraint("period_start <= period_end", name="period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(20), default=RoundState.DRAFT)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    method: Mapped[str] = mapped_column(String(60), default="", doc="trends break where this changes")
    period_start: Mapped[date]
    period_end: Mapped[date]
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal_key: Mapped[bytes | None] = mapped_column(
        LargeBinary, doc="public key to which ratings are sealed; the private one is a file, never a row"
    )
    network_salt: Mapped[bytes | None] = mapped_column(
        LargeBinary, doc="makes network marks of the open channel; forgotten when the round closes"
    )
    previous: Mapped["Round | None"] = relationship(remote_side=[id])
    units: Mapped[list["RoundUnit"]] = relationship(back_populates="round", cascade="all, delete-orphan")


class RoundUnit(Base):
    """A unit's place in a round, with the category it had then."""

    __tablename__ = "round_unit"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    round: Mapped[Round] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()
    category: Mapped[Category] = relationship()
