"""Units, the peer categories they are compared in, and the services they offer."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from evalsys.db import Base


class Category(Base):
    """Units that may fairly be compared; ranks exist only inside one."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    position: Mapped[int] = mapped_column(default=0)


class Unit(Base):
    """A department or agency that is rated."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    category: Mapped[Category] = relationship()
    services: Mapped[list["Service"]] = relationship(secondary="unit_service", back_populates="units")


class Service(Base):
    """Something that people come for: the words by which a unit is found."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    units: Mapped[list[Unit]] = relationship(secondary="unit_service", back_populates="services")


class UnitService(Base):
    """Which unit offers which service; a service may be shared."""

    __tablename__ = "unit_service"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)


class Lineage(Base):
    """What became of a unit when offices were reorganised: trends of both break on that day."""

    __tablename__ = "lineage"
    __table_args__ = (
        CheckConstraint("kind IN ('split', 'merge', 'succeed')", name="kind"),
        CheckConstraint("former_id <> later_id", name="two_units"),
    )

    former_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    later_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    day: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    former: Mapped[Unit] = relationship(foreign_keys=[former_id])
    later: Mapped[Unit] = relationship(foreign_keys=[later_id])
