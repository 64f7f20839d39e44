"""The dictionary of indicators."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account


class Indicator(Base):
    """What is measured; its name, question and anchors are translations keyed by `code`."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("code"), CheckConstraint("points BETWEEN 2 AND 101", name="points"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    points: Mapped[int] = mapped_column(doc="number of points of its scale: 5 for a five-point scale, 101 for 0-100")
    source: Mapped[str] = mapped_column(String(300), default="")


class IndicatorVersion(Base):
    """An entry of the dictionary as it stood: definition, source, scale and wording in every language."""

    __tablename__ = "indicator_version"
    __table_args__ = (UniqueConstraint("indicator_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    number: Mapped[int]
    body: Mapped[str] = mapped_column(Text, doc="canonical JSON")
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    indicator: Mapped[Indicator] = relationship()
    author: Mapped[Account | None] = relationship()


class RoundIndicator(Base):
    """The version of an indicator that a round uses for all its units, fixed when the round opens."""

    __tablename__ = "round_indicator"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("indicator_version.id"), primary_key=True)
