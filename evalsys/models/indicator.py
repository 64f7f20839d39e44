"""The dictionary of indicators."""

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalsys.db import Base


class Indicator(Base):
    """What is measured; its name, question and anchors are translations keyed by `code`."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("code"), CheckConstraint("points BETWEEN 2 AND 101", name="points"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    points: Mapped[int] = mapped_column(doc="number of points of its scale: 5 for a five-point scale, 101 for 0-100")
    source: Mapped[str] = mapped_column(String(300), default="")
