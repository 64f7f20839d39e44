"""Working days: days off with their names, weekly rest days, and counting with both."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Holiday, RestDay, Translation
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text, add_texts, in_languages

SATURDAY, SUNDAY = 5, 6
WEEK = range(7)
SUBJECT = "calendar"


@dataclass(frozen=True)
class HolidayLine:
    """A day off and its name."""

    day: date
    name: Text


@dataclass(frozen=True)
class CalendarPage:
    """All days off, the next year first, the weekdays of rest (0 Monday), and whether this actor may change them."""

    holidays: tuple[HolidayLine, ...]
    rest_days: frozenset[int]
    may_set: bool


@dataclass(frozen=True)
class WorkingDays:
    """The days on which nobody works: weekdays of rest, 0 for Monday, and single days."""

    rest: frozenset[int]
    off: frozenset[date]

    def is_one(self, day: date) -> bool:
        """Whether people work on this day."""
        return day.weekday() not in self.rest and day not in self.off

    def after(self, day: date, number: int) -> date:
        """The `number`-th working day after `day`; `day` itself when `number` is 0."""
        found, left = day, number
        while left > 0:
            found += timedelta(days=1)
            left -= self.is_one(found)
        return found

    def between(self, first: date, last: date) -> int:
        """The working days after `first` up to `last`; below 0 when `last` is the earlier day."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_one(first + timedelta(days=step)) for step in range(1, (last - first).days + 1))


def working_days(session: Session) -> WorkingDays:
    """The calendar as it is set."""
    return WorkingDays(rest_days(session), frozenset(session.scalars(select(Holiday.day))))


def add_working_days(session: Session, day: date, number: int) -> date:
    """The `number`-th working day after `day`; `day` itself when `number` is 0."""
    return working_days(session).after(day, number)


def working_days_between(session: Session, first: date, last: date) -> int:
    """The working days after `first` up to `last`; below 0 when `last` is the earlier day."""
    return working_days(session).between(first, last)


def rest_days(session: Session) -> frozenset[int]:
    """The weekdays on which nobody works, 0 for Monday; Saturday and Sunday while nothing else is set."""
    return frozenset(session.scalars(select(RestDay.weekday))) or frozenset({SATURDAY, SUNDAY})


def calendar_page(actor: Actor, locale: str) -> CalendarPage:
    """Days off and rest days. Raises Forbidden."""
    require(actor, "oversight.read")
    session, names = db.session(), content.names("holiday", locale)
    days = session.scalars(select(Holiday.day).order_by(Holiday.day.desc()))
    lines = tuple(HolidayLine(day, names.get(day.isoformat()) or Text(day.isoformat(), "")) for day in days)
    return CalendarPage(lines, rest_days(session), may(actor, "calendar.set"))


def add_holiday(actor: Actor, day: date, names: Mapping[str, str], *, now: datetime) -> None:
    """Make a day one on which nobody works. Raises Forbidden; Conflict when it is one already."""
    act = Act(actor, "calendar.set", SUBJECT, now, detail={"added": day.isoformat()})
    with audited(act) as session:
        if session.get(Holiday, day) is not None:
            raise Conflict("This day is in the list already.")
        session.add(Holiday(day=day))
        _forget_name(session, day)
        add_texts(session, in_languages("holiday", day.isoformat(), "name", names))


def remove_holiday(actor: Actor, day: str, *, now: datetime) -> None:
    """Make a day one like others again; `day` as YYYY-MM-DD. Raises Forbidden, NotFound."""
    act = Act(actor, "calendar.set", SUBJECT, now, detail={"removed": day[:10]})
    with audited(act) as session:
        found = session.get(Holiday, _day(day))
        if found is None:
            raise NotFound("This day is not in the list.")
        _forget_name(session, found.day)
        session.delete(found)


def set_rest_days(actor: Actor, weekdays: Collection[int], *, now: datetime) -> None:
    """Say on which weekdays nobody works, 0 for Monday. Raises Forbidden; Invalid for none, or for all seven."""
    wanted = sorted(set(weekdays))
    act = Act(actor, "calendar.set", SUBJECT, now, detail={"rest_days": wanted})
    with audited(act) as session:
        if not wanted or len(wanted) >= len(WEEK) or not set(wanted) <= set(WEEK):
            raise Invalid("Choose at least one day of rest, and leave at least one day for work.")
        session.execute(delete(RestDay))
        session.add_all(RestDay(weekday=day) for day in wanted)


def _forget_name(session: Session, day: date) -> None:
    named = Translation.entity == "holiday", Translation.entity_key == day.isoformat()
    session.execute(delete(Translation).where(*named).execution_options(synchronize_session=False))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("This day is not in the list.") from error
