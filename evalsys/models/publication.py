"""What is printed of published results beside the scorecards: result posters and booklets."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base, UtcDateTime

POSTER, BOOKLET = "poster", "booklet"


class PublicationFile(Base):
    """A PDF of a published run in one language: the poster of a unit, or the booklet of all units."""

    __tablename__ = "publication_file"
    __table_args__ = (
        UniqueConstraint("run_id", "kind", "unit_id", "locale"),
        Index(
            "uq_publication_file_whole",
            "run_id",
            "kind",
            "locale",
            unique=True,
            sqlite_where=text("unit_id IS NULL"),
            postgresql_where=text("unit_id IS NULL"),
        ),
        CheckConstraint("kind IN ('poster', 'booklet')", name="kind"),
        CheckConstraint("kind <> 'poster' OR unit_id IS NOT NULL", name="unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    kind: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    locale: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(160), doc="file below the instance's scorecards folder")
    digest: Mapped[str] = mapped_column(String(64), doc="SHA-256 of its bytes")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PrintedFile(Base):
    """A poster or booklet that was made, by the SHA-256 of its signed bytes; one that was made again has several."""

    __tablename__ = "printed_file"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    kind: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    locale: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
