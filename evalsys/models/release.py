"""Publications that are planned: their cards lie here until the moment, apart from those that everybody reads."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.round import Round
from evalsys.models.run import Run
from evalsys.models.unit import Unit


class Release(Base):
    """The one planned publication of a round, first results or a correction; gone once it has happened."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("round_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, doc="when the cards become public")
    day: Mapped[date] = mapped_column(doc="the day of publication that the prepared cards name")
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime, doc="since when something keeps it back")
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list, doc="message ids and values of what does")
    round: Mapped[Round] = relationship()
    run: Mapped[Run] = relationship()
    account: Mapped[Account] = relationship()


class PreparedScorecard(Base):
    """A card that is written and printed, and not public yet. What everybody reads never looks into this table."""

    __tablename__ = "prepared_scorecard"
    __table_args__ = (UniqueConstraint("release_id", "unit_id", "locale"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    locale: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    pdf_name: Mapped[str] = mapped_column(String(120), default="")
    pdf_digest: Mapped[str] = mapped_column(String(64), default="")
    release: Mapped[Release] = relationship()
    unit: Mapped[Unit] = relationship()
