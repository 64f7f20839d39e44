"""Citizen supervisors: for how long and where they may inspect, and what they visited."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.unit import Unit


class Term(Base):
    """The time a supervisor serves; her area are the units of `TermUnit`, all units when there are none."""

    __tablename__ = "term"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    account: Mapped[Account] = relationship()
    units: Mapped[list["TermUnit"]] = relationship(cascade="all, delete-orphan")


class TermUnit(Base):
    """A unit of a supervisor's area."""

    __tablename__ = "term_unit"

    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    unit: Mapped[Unit] = relationship()


class Visit(Base):
    """One inspection: when, where, what was seen, and the response it gave; supervisors are named to oversight."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    visited_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    nonce: Mapped[str] = mapped_column(
        String(64), unique=True, doc="digest of the form's number: sent twice, one visit"
    )
    response_id: Mapped[str] = mapped_column(ForeignKey("response.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()
    unit: Mapped[Unit] = relationship()
