"""Service points: where a unit meets people, each with a short link, a poster and, if wanted, a kiosk."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base
from evalsys.models.unit import Service, Unit


class Place(Base):
    """One counter, branch or office; its name is a translation (entity "place")."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    kiosk_digest: Mapped[str] = mapped_column(String(64), default="", doc="of the secret in its kiosk's address")
    unit: Mapped[Unit] = relationship()
    service: Mapped[Service | None] = relationship()
