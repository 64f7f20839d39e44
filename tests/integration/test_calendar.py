"""Working days: days off and days of rest are left out, and who may change them."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Forbidden, Invalid, NotFound
from evalsys.models import Holiday, Role, Round, RoundState, Translation
from evalsys.services import calendar, replies
from evalsys.services.access import actor_of
from evalsys.services.calendar import add_working_days, working_days_between
from tests.factories import NOW, make_account
from tests.integration.governing import audit_of, make_world

FRIDAY, MONDAY = date(2025, 10, 31), date(2025, 11, 3)
NAMES = {"en": "National day", "zh": "国庆节", "ar": "العيد الوطني"}


def test_a_weekend_is_no_working_day(session: Session) -> None:
    assert add_working_days(session, FRIDAY, 1) == MONDAY
    assert add_working_days(session, FRIDAY, 0) == FRIDAY
    assert add_working_days(session, MONDAY, 10) == date(2025, 11, 17)
    assert working_days_between(session, FRIDAY, MONDAY) == 1
    assert working_days_between(session, MONDAY, FRIDAY) == -1
    assert working_days_between(session, MONDAY, MONDAY) == 0


def test_days_off_are_left_out_by_name_in_three_languages(session: Session) -> None:
    analyst = actor_of(make_account(session, Role.ANALYST))
    calendar.add_holiday(analyst, MONDAY, NAMES, now=NOW)
    assert add_working_days(session, FRIDAY, 1) == date(2025, 11, 4)
    assert working_days_between(session, FRIDAY, date(2025, 11, 7)) == 4
    assert [str(line.name) for line in calendar.calendar_page(analyst, "ar").holidays] == [NAMES["ar"]]
    with pytest.raises(Conflict):
        calendar.add_holiday(analyst, MONDAY, NAMES, now=NOW)
    calendar.remove_holiday(analyst, MONDAY.isoformat(), now=NOW)
    assert session.scalars(select(Holiday.day)).all() == []
    assert session.scalars(select(Translation).where(Translation.entity == "holiday")).all() == []
    assert audit_of(session, "calendar.set") == [
        ("calendar.set", "done"),
        ("calendar.set", "refused"),
        ("calendar.set", "done"),
    ]


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("day", ["2025-11-03", "soon", "", "9999-99-99"])
def test_a_day_that_is_not_in_the_list_is_not_found(session: Session, day: str) -> None:
    with pytest.raises(NotFound):
        calendar.remove_holiday(actor_of(make_account(session, Role.ADMINISTRATOR)), day, now=NOW)


def test_other_days_of_rest_move_the_week(session: Session) -> None:
    administrator = actor_of(make_account(session, Role.ADMINISTRATOR))
    calendar.set_rest_days(administrator, [4, 5], now=NOW)
    assert add_working_days(session, FRIDAY, 1) == date(2025, 11, 2)
    assert calendar.calendar_page(administrator, "en").rest_days == {4, 5}


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("weekdays", [[], list(range(7)), [7], [-1]])
def test_a_week_needs_rest_and_work(session: Session, weekdays: list[int]) -> None:
    with pytest.raises(Invalid):
        calendar.set_rest_days(actor_of(make_account(session, Role.ANALYST)), weekdays, now=NOW)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("role", [Role.BOARD, Role.AUDITOR, Role.HEAD])
def test_others_may_not_change_the_calendar(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden):
        calendar.set_rest_days(actor_of(make_account(session, role)), [4], now=NOW)


def test_the_right_of_reply_counts_working_days(session: Session) -> None:
    world = make_world(session, RoundState.DRAFT_RESULTS)
    analyst = world.actor(world.analyst)
    calendar.add_holiday(analyst, date(2025, 11, 4), NAMES, now=NOW)
    replies.share_results(analyst, "2025", now=NOW)
    session.expire_all()
    assert session.get_one(Round, world.round.id).reply_until == date(2025, 11, 24)
