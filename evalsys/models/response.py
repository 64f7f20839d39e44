"""The data path of answers: credential, submission, inbox, response, dirty mark, cell.

A submission writes only to `submission` (or `credential`) and `inbox`. The mixer moves inbox rows to `response`
under fresh random ids and sets dirty marks; the recount rebuilds the cells of dirty units. Scoring reads cells alone.
"""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base

COUNTED, REPLACED, EXCLUDED_BY_RULE, EXCLUDED_BY_PERSONS, IMPORTING = 0, 1, 2, 3, 4


class Credential(Base):
    """The right to rate once in a round; no time, no person, only the digest of the token."""

    __tablename__ = "credential"
    __table_args__ = (CheckConstraint("state IN (0, 1)", name="state"), {"sqlite_with_rowid": False})

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    group: Mapped[str] = mapped_column("group_code", String(30), default="citizens")
    stratum: Mapped[str] = mapped_column(String(30))
    state: Mapped[int] = mapped_column(SmallInteger, default=0, doc="0 unspent, 1 spent")
    receipt_check: Mapped[str] = mapped_column(String(64), default="")


class Submission(Base):
    """A form that arrived, so that sending it again gives the same receipt; knows nothing of the answers."""

    __tablename__ = "submission"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True, doc="of the form's nonce")
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    receipt: Mapped[str] = mapped_column(String(30), index=True)


class Inbox(Base):
    """A rating that waits to be mixed: random key, no time, sealed content (services.sealing)."""

    __tablename__ = "inbox"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ballot: Mapped[str] = mapped_column(String(32), primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    stratum: Mapped[str] = mapped_column(String(30))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Draft(Base):
    """A half-filled form of somebody without an account, sealed with a key that only its resume code yields."""

    __tablename__ = "draft"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True, doc="of the resume code")
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    keep_until: Mapped[date] = mapped_column(Date)


class UsedPuzzle(Base):
    """A puzzle of the open channel that was solved and spent; kept until it would have run out anyway."""

    __tablename__ = "used_puzzle"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires: Mapped[int] = mapped_column(doc="epoch seconds")


class Response(Base):
    """One respondent's answers about one unit: one character a question, immutable but for its status."""

    __tablename__ = "response"
    __table_args__ = (
        # Covers the recount, so that it reads the index alone, already in the order of cells.
        Index("ix_response_questionnaire_unit", "questionnaire_id", "unit_id", "stratum", "status", "answers"),
        CheckConstraint("status >= 0", name="status"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, doc="128 random bits, hex")
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    stratum: Mapped[str] = mapped_column(String(30))
    channel: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    status: Mapped[int] = mapped_column(SmallInteger, default=COUNTED, doc="0 counted; other values name a reason")
    pace: Mapped[int] = mapped_column(
        SmallInteger, default=0, doc="seconds a question in coarse steps; 0 not known (services.collection.pace)"
    )
    network: Mapped[int] = mapped_column(
        default=0, doc="mark of the network of an open rating, the same for many; 0 for all others"
    )
    answers: Mapped[str] = mapped_column(String(200))


class Comment(Base):
    """Free text of a response, kept apart from the answers; with an indicator it is the reason for that score."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'checked', 'withheld')", name="state"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    response_id: Mapped[str] = mapped_column(ForeignKey("response.id"), index=True)
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"))
    item: Mapped[str] = mapped_column(String(40), default="", doc="code of the text question, empty for the remark")
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="received")


class Dirty(Base):
    """This unit's cells of this questionnaire must be rebuilt; insert-only, several marks do no harm."""

    __tablename__ = "dirty"
    __table_args__ = (Index("ix_dirty_questionnaire_unit", "questionnaire_id", "unit_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))


class Cell(Base):
    """Counts and cross-moments of all counted responses of one unit, questionnaire and stratum: a cache."""

    __tablename__ = "cell"

    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(30), primary_key=True)
    n: Mapped[int]
    counts: Mapped[bytes] = mapped_column(LargeBinary)
    moments: Mapped[bytes] = mapped_column(LargeBinary)
