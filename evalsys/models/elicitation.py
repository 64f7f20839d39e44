"""Weights asked of the members of the board, one method and one family of weights at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account


class Elicitation(Base):
    """A question to the board: how much each member of a family of weights should count."""

    __tablename__ = "elicitation"
    __table_args__ = (CheckConstraint("method IN ('budget', 'ahp', 'rank', 'swing')", name="method"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    family: Mapped[str] = mapped_column(String(80), doc="code as services.weights names families")
    method: Mapped[str] = mapped_column(String(10))
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ElicitationAnswer(Base):
    """What one member of the board answered, as typed: points, judgements or places by the family's member codes."""

    __tablename__ = "elicitation_answer"

    elicitation_id: Mapped[int] = mapped_column(ForeignKey("elicitation.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()
