"""Administrative figures: one number a unit, indicator and period, with its source."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.unit import Unit


class Figure(Base):
    """A figure in raw units; a correction is a new row, and the old one stays as no longer current."""

    __tablename__ = "figure"
    __table_args__ = (
        Index(
            "uq_figure_current",
            "round_id",
            "unit_id",
            "indicator",
            "period",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    indicator: Mapped[str] = mapped_column(String(60), doc="code of the scheme's leaf or of a denominator")
    period: Mapped[str] = mapped_column(String(20), default="")
    value: Mapped[str] = mapped_column(String(40), doc="exact decimal as it was given, point as decimal sign")
    measure: Mapped[str] = mapped_column(String(60), doc="unit of measure")
    source: Mapped[str] = mapped_column(Text)
    is_current: Mapped[bool] = mapped_column(Boolean, default=True)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unit: Mapped[Unit] = relationship()
    account: Mapped[Account] = relationship()
