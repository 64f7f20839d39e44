"""The time zone of the body: which day it is there, and which moment its clocks mean."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask import current_app

from evalsys.config import Config
from evalsys.errors import Invalid


def body_zone() -> ZoneInfo:
    """The zone of the settings."""
    config: Config = current_app.config["EVALSYS"]
    return config.zone


def local_day(moment: datetime) -> date:
    """The day that it is for the body at this moment."""
    return moment.astimezone(body_zone()).date()


def moment_of(day: date, clock: time) -> datetime:
    """What the body's clocks mean, in UTC; the first of two where they are put back.

    Raises Invalid for a time that is skipped when they are put forward.
    """
    try:
        found = datetime.combine(day, clock, body_zone()).astimezone(UTC)
        shown = found.astimezone(body_zone())
    except OverflowError as error:
        raise Invalid("Enter a day that the calendar has.") from error
    if (shown.date(), shown.time()) != (day, clock):
        raise Invalid("The clocks are put forward on that day, and this time does not exist. Choose another one.")
    return found
