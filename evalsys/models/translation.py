"""Content in several languages; message catalogues hold interface text only."""

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base


class Translation(Base):
    """One text of one thing in one language.

    entity: "unit", "service", "category", "indicator", "dimension", "group", "stratum", "round"; entity_key: its code;
    field: "name", "question", "hint", "keywords", "anchor_1" ….
    """

    __tablename__ = "translation"
    __table_args__ = (
        UniqueConstraint("entity", "entity_key", "field", "locale"),
        CheckConstraint("status IN ('draft', 'checked')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(String(20))
    entity_key: Mapped[str] = mapped_column(String(60))
    field: Mapped[str] = mapped_column(String(30))
    locale: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="checked")
    source_hash: Mapped[str] = mapped_column(String(64), default="", doc="digest of the default text it was made from")
