"""Evaluation rounds."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.unit import Category, Unit


class RoundState(StrEnum):
    """Where a round stands, in the order of the year; services.rounds holds the table of acts."""

    DRAFT = "draft"
    CONSULTED = "consulted"
    APPROVED = "approved"
    COLLECTING = "collecting"
    CLOSED = "closed"
    QUALITY_CONTROL = "quality_control"
    DRAFT_RESULTS = "draft_results"
    RIGHT_OF_REPLY = "right_of_reply"
    FINAL = "final"
    PUBLISHED = "published"
    IMPROVING = "improving"
    FOLLOWED_UP = "followed_up"
    ARCHIVED = "archived"


_ORDER = tuple(RoundState)
BEFORE_OPENING = _ORDER[: _ORDER.index(RoundState.COLLECTING)]
OVER = _ORDER[_ORDER.index(RoundState.CLOSED) :]
PUBLIC = _ORDER[_ORDER.index(RoundState.PUBLISHED) :]
IN_REVIEW = (RoundState.CLOSED, RoundState.QUALITY_CONTROL, RoundState.DRAFT_RESULTS, RoundState.RIGHT_OF_REPLY)
"""Answers are in, and what counts of them may still change."""


class Round(Base):
    """One evaluation of a set of units over one period."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in RoundState)})", name="state"),
        CheckConstraint("period_start <= period_end", name="period"),
        CheckConstraint("majority IN ('half', 'two_thirds', 'all')", name="majority"),
        CheckConstraint("quorum >= 1", name="quorum"),
        CheckConstraint("suspended_at IS NULL OR suspended_reason <> ''", name="suspended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(20), default=RoundState.DRAFT)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    method: Mapped[str] = mapped_column(String(60), default="", doc="trends break where this changes")
    is_pilot: Mapped[bool] = mapped_column(default=False, doc="tried out: never ranked, published or part of a trend")
    quorum: Mapped[int] = mapped_column(default=1, doc="votes of the board that a decision needs")
    majority: Mapped[str] = mapped_column(
        String(10), default="half", doc="more than half, at least two thirds, or all of the votes for and against"
    )
    reply_days: Mapped[int] = mapped_column(default=14, doc="working days that offices have for their reply")
    reply_until: Mapped[date | None] = mapped_column(doc="last day of the right of reply, once it has begun")
    opened_scheme: Mapped[str] = mapped_column(
        String(64), default="", doc="digest of the weights in force when the round opened"
    )
    rules_digest: Mapped[str] = mapped_column(
        String(64), default="", doc="digest of all that was frozen when the round opened"
    )
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_reason: Mapped[str] = mapped_column(Text, default="")
    period_start: Mapped[date]
    period_end: Mapped[date]
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    adopted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
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
