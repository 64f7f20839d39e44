"""Which peer or expert rates which unit."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base
from evalsys.models.account import Account
from evalsys.models.questionnaire import Questionnaire
from evalsys.models.unit import Unit


class Assignment(Base):
    """A task for one rater: her draft, and, only where the promise is "accountable", a link to the response."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "account_id", "unit_id"),
        CheckConstraint("state IN ('open', 'waiting', 'submitted', 'conflict')", name="state"),
        CheckConstraint("is_named OR response_id IS NULL", name="no_name_without_promise"),
        CheckConstraint("final_response_id IS NULL OR response_id IS NOT NULL", name="first_round_first"),
        CheckConstraint("state <> 'conflict' OR conflict_reason <> ''", name="conflict_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    panel: Mapped[str] = mapped_column(String(30), default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    is_named: Mapped[bool] = mapped_column(doc="true for accountable groups alone")
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    conflict_reason: Mapped[str] = mapped_column(Text, default="")
    submitted_on: Mapped[date | None] = mapped_column(Date)
    response_id: Mapped[str | None] = mapped_column(ForeignKey("response.id"), doc="of the first, blind round")
    final_response_id: Mapped[str | None] = mapped_column(ForeignKey("response.id"), doc="after the spread was shown")
    origin: Mapped[str] = mapped_column(
        String(10), default="", doc="'upload', 'draw' or empty; of a conflict also 'roster', 'replaced'"
    )
    returned_note: Mapped[str] = mapped_column(Text, default="", doc="why the head gave it back")
    reminded_on: Mapped[date | None] = mapped_column(Date)
    questionnaire: Mapped[Questionnaire] = relationship()
    account: Mapped[Account] = relationship()
    unit: Mapped[Unit] = relationship()
