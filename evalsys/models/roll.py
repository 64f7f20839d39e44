"""Who is invited: apart from answers and credentials, with nothing that joins them."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base


class RollEntry(Base):
    """One person on a round's list: no token, no "done" mark; the same person cannot stand on it twice."""

    __tablename__ = "roll_entry"
    __table_args__ = (
        UniqueConstraint("round_id", "person"),
        CheckConstraint("state IN ('new', 'sending', 'invited', 'failed')", name="state"),
        CheckConstraint("channel IN ('letter', 'mail')", name="channel"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, doc="128 random bits, hex")
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    group: Mapped[str] = mapped_column("group_code", String(30))
    stratum: Mapped[str] = mapped_column(String(30))
    person: Mapped[str] = mapped_column(String(64), doc="HMAC of the identifier under a key of the round")
    contact: Mapped[bytes] = mapped_column(LargeBinary, doc="name, address and mail, sealed; empty once erased")
    channel: Mapped[str] = mapped_column(String(10), doc="how this person is written to: letter, mail")
    locale: Mapped[str] = mapped_column(String(10), default="en")
    state: Mapped[str] = mapped_column(String(10), default="new")
    invited_on: Mapped[date | None] = mapped_column(Date)
    reminders: Mapped[int] = mapped_column(SmallInteger, default=0)
