"""Kiosks: a device at a service point that shows the form of one unit and nothing else.

The analyst turns a kiosk on and gets its address, once; the row keeps the digest of the secret in it. Turning the kiosk
off, or on anew, ends every device that was started with the old address.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from evalsys.db import db
from evalsys.errors import Conflict, NotFound
from evalsys.models import Place, Unit
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text

SESSION_KEY = "kiosk"
SECRET_BYTES, DEVICE_BYTES = 18, 9


@dataclass(frozen=True)
class KioskLine:
    """A service point in the analyst's list."""

    code: str
    name: Text
    unit_name: Text
    is_on: bool


def list_kiosks(actor: Actor, locale: str) -> list[KioskLine]:
    """All active service points, with those that have a kiosk. Raises Forbidden."""
    require(actor, "place.manage")
    names, units = content.names("place", locale), content.names("unit", locale)
    rows = db.session.scalars(select(Place).where(Place.is_active).options(joinedload(Place.unit)).order_by(Place.code))
    return [
        KioskLine(
            row.code,
            names.get(row.code, Text(row.code, "")),
            units.get(row.unit.code, Text(row.unit.code, "")),
            bool(row.kiosk_digest),
        )
        for row in rows
    ]


def turn_on(actor: Actor, code: str, *, now: datetime) -> str:
    """Give a service point a kiosk, or a new address for it; returns the secret of the address, this once.

    Raises Forbidden, NotFound.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    act = Act(actor, "place.manage", f"place:{code}", now, detail={"kiosk": "on"})
    with audited(act) as session:
        _take(session, code).kiosk_digest = _digest(secret)
    return secret


def turn_off(actor: Actor, code: str, *, now: datetime) -> None:
    """End the kiosk of a service point. Raises Forbidden, NotFound, Conflict when it has none."""
    act = Act(actor, "place.manage", f"place:{code}", now, detail={"kiosk": "off"})
    with audited(act) as session:
        place = _take(session, code)
        if not place.kiosk_digest:
            raise Conflict("This service point has no kiosk.")
        place.kiosk_digest = ""


def begin(secret: str) -> dict[str, str | int]:
    """What a device must remember that is started with this secret: plain values for its cookie. Raises NotFound."""
    query = (
        select(Place.id, Unit.code)
        .join(Unit, Unit.id == Place.unit_id)
        .where(Place.kiosk_digest == _digest(secret), Place.is_active, Unit.is_active)
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound("This kiosk is not turned on. Ask the oversight body for its address.")
    device = secrets.token_urlsafe(DEVICE_BYTES)
    return {"place": found.id, "unit": found.code, "digest": _digest(secret), "device": device}


def is_on(kept: dict[str, str | int]) -> bool:
    """True while the kiosk that this device was started for has not been turned off."""
    query = select(Place.id).where(Place.id == kept["place"], Place.kiosk_digest == kept["digest"], Place.is_active)
    return db.session.scalar(query) is not None


def _take(session: Session, code: str) -> Place:
    found = session.scalar(select(Place).where(Place.code == code, Place.is_active).with_for_update())
    if found is None:
        raise NotFound("This service point does not exist.")
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(f"evalsys/kiosk/v1/{secret}".encode("utf-8", "replace")).hexdigest()
