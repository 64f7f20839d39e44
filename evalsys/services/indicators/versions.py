"""Stored versions of entries: steps that use cases share inside their transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import Indicator, IndicatorVersion
from evalsys.services.indicators.entries import Entry, read_entries


def newest_versions(session: Session, ids: Iterable[int] | None = None) -> dict[int, IndicatorVersion]:
    """The newest version of each indicator (of those with these ids) that has one, by the indicator's id."""
    last = select(IndicatorVersion.indicator_id, func.max(IndicatorVersion.number).label("number"))
    if ids is not None:
        last = last.where(IndicatorVersion.indicator_id.in_(list(ids)))
    newest = last.group_by(IndicatorVersion.indicator_id).subquery()
    is_newest = (IndicatorVersion.indicator_id == newest.c.indicator_id) & (IndicatorVersion.number == newest.c.number)
    return {one.indicator_id: one for one in session.scalars(select(IndicatorVersion).join(newest, is_newest))}


def current_versions(session: Session, indicators: Iterable[Indicator], now: datetime) -> dict[str, IndicatorVersion]:
    """The version of each entry as it stands now, by code, made where there is none yet.

    There is none where nobody has edited the entry, or where a preset or a questionnaire has given it words since.
    """
    wanted = list(indicators)
    entries, newest = read_entries(session, wanted), newest_versions(session, [one.id for one in wanted])
    found = {}
    for indicator in wanted:
        entry, last = entries[indicator.code], newest.get(indicator.id)
        if last is None or last.digest != entry.digest:
            last = add_version(session, indicator, entry, (last.number if last else 0) + 1, now)
        found[indicator.code] = last
    session.flush()
    return found


def add_version(session: Session, indicator: Indicator, entry: Entry, number: int, now: datetime) -> IndicatorVersion:
    """Keep an entry under a number; who made it and why is added by whoever knows."""
    made = IndicatorVersion(
        indicator_id=indicator.id, number=number, body=entry.canonical, digest=entry.digest, created_at=now
    )
    session.add(made)
    return made
