"""Public consultation of a draft round: comments with their answers, and an advisory poll. Nobody is named."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.round import Round
from evalsys.models.scheme import SchemeVersion


class Consultation(Base):
    """The draft that was laid open, until when, and whether people may say how they would weigh."""

    __tablename__ = "consultation"
    __table_args__ = (UniqueConstraint("round_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    has_poll: Mapped[bool] = mapped_column(default=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_on: Mapped[date]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()
    version: Mapped[SchemeVersion] = relationship()


class ConsultationComment(Base):
    """What somebody said about a part of the draft, and what the oversight body answered; only its day is kept."""

    __tablename__ = "consultation_comment"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'published', 'hidden')", name="state"),
        CheckConstraint("state <> 'hidden' OR hidden_reason <> ''", name="hidden"),
        CheckConstraint("answer = '' OR answered_by IS NOT NULL", name="answered"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, doc="random")
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    topic: Mapped[str] = mapped_column(String(60), default="", doc="code of a node or group of the draft; empty: all")
    text: Mapped[str] = mapped_column(Text)
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="received")
    hidden_reason: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PollAnswer(Base):
    """How somebody would weigh the parts of the score: advice, counted nowhere."""

    __tablename__ = "poll_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, doc="random")
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON, doc="importance from 0 to 10 by code of the part")
    day: Mapped[date]
