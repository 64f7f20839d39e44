"""Scorecards as they were published."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.round import Round
from evalsys.models.run import Run
from evalsys.models.unit import Unit


class PublishedScorecard(Base):
    """One unit's card of one run in one language: its content as canonical JSON, and the PDF file made from it."""

    __tablename__ = "scorecard"
    __table_args__ = (UniqueConstraint("run_id", "unit_id", "locale"), UniqueConstraint("reference"))

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(60))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    locale: Mapped[str] = mapped_column(String(10))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    pdf_name: Mapped[str] = mapped_column(String(120), default="", doc="file below the instance's scorecards folder")
    pdf_digest: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()
    run: Mapped[Run] = relationship()
    unit: Mapped[Unit] = relationship()
