"""Units, the peer categories they are compared in, and the services they offer."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
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
