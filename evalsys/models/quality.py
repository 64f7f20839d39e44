"""Quality of answers: named rules, graded flags, and exclusions that two people decide and can take back."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.round import Round


class QualityRule(Base):
    """A rule of a round with its parameters; one that excludes must be set before the round opens."""

    __tablename__ = "quality_rule"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_on: Mapped[bool] = mapped_column(default=True)
    excludes: Mapped[bool] = mapped_column(default=False)


class Flag(Base):
    """What a rule found in a response: a grade from 1 (look) to 3 (grave); made anew at each check."""

    __tablename__ = "flag"
    __table_args__ = (CheckConstraint("grade BETWEEN 1 AND 3", name="grade"),)

    response_id: Mapped[str] = mapped_column(ForeignKey("response.id"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(30), primary_key=True)
    grade: Mapped[int] = mapped_column(SmallInteger)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Exclusion(Base):
    """Responses left out of the count: by a rule, or proposed by one person and confirmed by another."""

    __tablename__ = "exclusion"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'in_force', 'declined', 'lifted')", name="state"),
        CheckConstraint("decider_id IS NULL OR decider_id <> proposer_id", name="two_persons"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("rule <> '' OR state IN ('proposed') OR decider_id IS NOT NULL", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    rule: Mapped[str] = mapped_column(String(30), default="", doc="code of the excluding rule, empty: two persons")
    selection: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, doc="what was asked for, in words of the desk"
    )
    number: Mapped[int] = mapped_column(default=0, doc="responses in it")
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    proposer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_reason: Mapped[str] = mapped_column(Text, default="")
    round: Mapped[Round] = relationship()
    proposer: Mapped[Account] = relationship(foreign_keys=[proposer_id])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decider_id])


class ExcludedResponse(Base):
    """A response of an exclusion."""

    __tablename__ = "excluded_response"

    exclusion_id: Mapped[int] = mapped_column(ForeignKey("exclusion.id"), primary_key=True)
    response_id: Mapped[str] = mapped_column(ForeignKey("response.id"), primary_key=True)


class Target(Base):
    """How many responses field work aims at, for a group or one of its parts ("" and 0 stand for all)."""

    __tablename__ = "target"
    __table_args__ = (CheckConstraint("number >= 0", name="number"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    group: Mapped[str] = mapped_column("group_code", String(30), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(30), primary_key=True, default="")
    unit_code: Mapped[str] = mapped_column(String(30), primary_key=True, default="")
    option: Mapped[str] = mapped_column(
        String(80), primary_key=True, default="", doc="'indicator:level' of a background question, such as a district"
    )
    number: Mapped[int]
