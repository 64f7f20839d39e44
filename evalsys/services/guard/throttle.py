"""Counting within windows of time, for all worker processes together: one statement, in the caller's transaction."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

HOUR, DAY = 3600, 86_400
# Written out for both databases: SQLAlchemy would put an insert of several rows together anew at every call.
_INTO, _ROW = 'INSERT INTO throttle (key, "window", hits) VALUES ', "(:key0, :window0, 1)"
_ONCE_MORE = ' ON CONFLICT (key, "window") DO UPDATE SET hits = throttle.hits + 1 RETURNING key, hits'
STATEMENTS = {
    1: text(_INTO + _ROW + _ONCE_MORE),
    2: text(_INTO + _ROW + ", (:key1, :window1, 1)" + _ONCE_MORE),
}


@dataclass(frozen=True)
class Cap:
    """At most `most` within `seconds` of what `name` names, such as "solved 203.0.113.0/24"."""

    name: str
    most: int
    seconds: int = HOUR


def count_up(session: Session, caps: Iterable[Cap], secret: str, now: datetime) -> int:
    """Count one more for each of one or two caps; returns the seconds until there is room again, or 0.

    Rows hold a digest under a key that changes daily, so that they can be compared with nothing.
    """
    keyed = {_key(cap, secret, now): cap for cap in caps}
    # In the order of their keys, so that no two wait for each other's rows.
    values = {f"{name}{place}": value for place, row in enumerate(_rows(keyed, now)) for name, value in row.items()}
    counted = session.execute(STATEMENTS[len(keyed)], values).all()
    full = [keyed[key] for key, hits in counted if hits > keyed[key].most]
    return max((cap.seconds - int(now.timestamp()) % cap.seconds for cap in full), default=0)


def _rows(keyed: Mapping[str, Cap], now: datetime) -> list[dict[str, object]]:
    return [{"key": key, "window": _window(keyed[key], now)} for key in sorted(keyed)]


def _window(cap: Cap, now: datetime) -> int:
    return int(now.timestamp()) // cap.seconds


def _key(cap: Cap, secret: str, now: datetime) -> str:
    daily = hmac.digest(secret.encode(), f"evalsys/throttle/v1/{now:%Y-%m-%d}".encode(), "sha256")
    return hmac.new(daily, f"{cap.seconds} {cap.name}".encode(), "sha256").hexdigest()
