"""Paper forms: typed in twice by two operators before they count."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base, UtcDateTime


class PaperEntry(Base):
    """One numbered paper form; its first entry is kept sealed until a second one agrees, then only the number stays."""

    __tablename__ = "paper_entry"
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        CheckConstraint("state IN ('once', 'differs', 'done')", name="state"),
        CheckConstraint("second_by IS NULL OR second_by <> first_by", name="two_operators"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    questionnaire_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[str] = mapped_column(String(40), doc="printed on the form")
    state: Mapped[str] = mapped_column(String(10), default="once")
    first: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    second: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    first_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    second_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
