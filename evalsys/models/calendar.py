"""The year's work of a round, and the days on which nobody works."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base


class RoundDate(Base):
    """When a step of the round is due."""

    __tablename__ = "round_date"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(30), primary_key=True)
    due_on: Mapped[date]


class Holiday(Base):
    """A day off; its name is a translation (entity "holiday", key: the day)."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)


class RestDay(Base):
    """A day of every week on which nobody works: 0 Monday to 6 Sunday; without any: Saturday and Sunday."""

    __tablename__ = "rest_day"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
