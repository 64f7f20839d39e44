"""Experts: what they may judge, how they are calibrated, and the documents they read."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.unit import Unit


class Competence(Base):
    """An indicator that an expert is fit to judge; an expert without any judges all."""

    __tablename__ = "competence"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), primary_key=True)


class CalibrationCase(Base):
    """A described office with the scores a reference panel gave it; words are translations (entity "case")."""

    __tablename__ = "calibration_case"
    __table_args__ = (UniqueConstraint("questionnaire_id", "code"), CheckConstraint("tolerance > 0", name="tolerance"))

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    reference: Mapped[dict[str, Any]] = mapped_column(JSON, doc="indicator code to score")
    tolerance: Mapped[int] = mapped_column(doc="largest mean distance from the reference that passes, in points")


class CalibrationAttempt(Base):
    """An expert's answer to a case; every attempt is kept."""

    __tablename__ = "calibration_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("calibration_case.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    scores: Mapped[dict[str, Any]] = mapped_column(JSON)
    distance: Mapped[str] = mapped_column(String(20), doc="mean distance from the reference, exact decimal")
    is_passed: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Document(Base):
    """Evidence about a unit in a round; the file lies below the instance folder under its digest."""

    __tablename__ = "document"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200), doc="file name for saving")
    kind: Mapped[str] = mapped_column(String(80), doc="media type, by content")
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[Unit] = relationship()
    account: Mapped[Account] = relationship()
