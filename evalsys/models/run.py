"""Scoring runs: what went in, what came out, table by table."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account
from evalsys.models.round import Round
from evalsys.models.scheme import SchemeVersion


class Run(Base):
    """One scoring of a round; the same input, scheme and engine give the same result bytes."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int]
    scheme_version_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    input_digest: Mapped[str] = mapped_column(String(64))
    result_digest: Mapped[str] = mapped_column(String(64))
    engine_version: Mapped[str] = mapped_column(String(30))
    seed: Mapped[str] = mapped_column(String(20))
    input: Mapped[bytes] = mapped_column(LargeBinary, doc="the frozen cells, so that the run can be repeated")
    result: Mapped[bytes] = mapped_column(LargeBinary, doc="canonical JSON of every stage's table")
    reason: Mapped[str] = mapped_column(Text, default="", doc="why the round was scored again; everybody reads it")
    is_as_opened: Mapped[bool] = mapped_column(
        default=False, doc="scored with the weights of the opening, for comparison with those changed later"
    )
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[Round] = relationship()
    scheme_version: Mapped[SchemeVersion] = relationship()
    actor: Mapped[Account] = relationship()
    tables: Mapped[list["RunTable"]] = relationship(order_by="RunTable.position")


class RunTable(Base):
    """One stage's table of a run as CSV, for reading and download."""

    __tablename__ = "run_table"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(30), primary_key=True)
    position: Mapped[int]
    csv: Mapped[str] = mapped_column(Text)
