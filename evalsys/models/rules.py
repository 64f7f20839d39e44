"""The rule document of a round: the decision or regulation that it rests on."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base, UtcDateTime
from evalsys.models.account import Account


class RuleDocument(Base):
    """A rule document; the file lies below the instance folder under its digest. One a round is in force."""

    __tablename__ = "rule_document"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        Index(
            "uq_rule_document_one_in_force",
            "round_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    title: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200), doc="file name for saving")
    kind: Mapped[str] = mapped_column(String(80), doc="media type, by content")
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the file")
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    account: Mapped[Account] = relationship()
