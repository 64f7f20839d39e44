"""Questionnaires: the immutable forms that a group answers about a unit in a round."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.indicator import Indicator
from evalsys.models.round import Round
from evalsys.models.unit import Unit


class Questionnaire(Base):
    """The ordered questions of one group; for all units of the round, or for one unit alone."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("round_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    code: Mapped[str] = mapped_column(String(60))
    group: Mapped[str] = mapped_column("group_code", String(30))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), doc="empty: the same form for every unit")
    body: Mapped[str] = mapped_column(
        Text, default="", doc="canonical JSON of sections, items and words; empty: one scale a question"
    )
    digest: Mapped[str] = mapped_column(String(64), default="", doc="of the body")
    version: Mapped[int] = mapped_column(default=1)
    round: Mapped[Round] = relationship()
    unit: Mapped[Unit | None] = relationship()
    questions: Mapped[list["Question"]] = relationship(
        back_populates="questionnaire", order_by="Question.position", cascade="all, delete-orphan"
    )


class Question(Base):
    """One question: its position is the index of its character in every response."""

    __tablename__ = "question"

    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    questionnaire: Mapped[Questionnaire] = relationship(back_populates="questions")
    indicator: Mapped[Indicator] = relationship(lazy="joined", innerjoin=True)


class QuestionnaireVersion(Base):
    """A questionnaire as it was saved once; what people saw can be read for ever."""

    __tablename__ = "questionnaire_version"

    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")
    saved_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()
