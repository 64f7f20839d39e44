"""Counting within windows of time, for all worker processes together: one statement, in the caller's transaction."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.models import Throttle

HOUR, DAY = 3600, 86_400


@dataclass(frozen=True)
class Cap:
    """At most `most` within `seconds` of what `name` names, such as "solved 203.0.113.0/24"."""

    name: str
    most: int
    seconds: int = HOUR


def count_up(session: Session, caps: Iterable[Cap], secret: str, now: datetime) -> int:
    """Count one more for every cap; returns the seconds until the first window that is over its cap ends, or 0.

    Rows hold a digest under a key that changes daily, so that they can be compared with nothing.
    """
    keyed = {_key(cap, secret, now): cap for cap in caps}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    # In the order of their keys, so that two who wait for each other's rows cannot be.
    rows = [{"key": key, "window": _window(keyed[key], now), "hits": 1} for key in sorted(keyed)]
    new = dialect.insert(Throttle).values(rows)
    counted = new.on_conflict_do_update(index_elements=["key", "window"], set_={"hits": Throttle.hits + 1}).returning(
        Throttle.key, Throttle.hits
    )
    full = [keyed[key] for key, hits in session.execute(counted).all() if hits > keyed[key].most]
    return max((cap.seconds - int(now.timestamp()) % cap.seconds for cap in full), default=0)


def _window(cap: Cap, now: datetime) -> int:
    return int(now.timestamp()) // cap.seconds


def _key(cap: Cap, secret: str, now: datetime) -> str:
    daily = hmac.digest(secret.encode(), f"evalsys/throttle/v1/{now:%Y-%m-%d}".encode(), "sha256")
    return hmac.new(daily, f"{cap.seconds} {cap.name}".encode(), "sha256").hexdigest()
