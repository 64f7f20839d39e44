"""The calendar of the oversight body: days off and weekly rest, by which working days are counted."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import Conflict, Invalid
from evalsys.i18n import current_locale
from evalsys.services import calendar
from evalsys.services.audit import require_on_record
from evalsys.web import actor, make_blueprint, notify
from forms.design import HolidayForm, RestDaysForm

blueprint = make_blueprint("oversight_calendar", right="oversight.read", prefix="/oversight/calendar")

Page = tuple[str, int] | Response


@blueprint.get("")
def show() -> str:
    """Days off and rest days."""
    return _show()


@blueprint.post("/holidays")
def add() -> Page:
    """Add a day off."""
    require_on_record(actor(), "calendar.set", "page:oversight_calendar.add", now=utc_now())
    form = HolidayForm(request.form)
    if not form.validate():
        return _show(form=form), 422
    try:
        calendar.add_holiday(actor(), form.day.data, form.names(), now=utc_now())
    except Conflict as refusal:
        return _show(form=form, refusal=refusal), refusal.status
    notify("The day off is in the list.")
    return redirect(url_for("oversight_calendar.show"))


@blueprint.post("/holidays/<day>/removal")
def remove(day: str) -> Response:
    """Take a day off out of the list."""
    calendar.remove_holiday(actor(), day, now=utc_now())
    notify("The day is a working day again, unless it is a day of rest.")
    return redirect(url_for("oversight_calendar.show"))


@blueprint.post("/rest-days")
def set_rest() -> Page:
    """Say on which weekdays nobody works."""
    require_on_record(actor(), "calendar.set", "page:oversight_calendar.set_rest", now=utc_now())
    form = RestDaysForm(request.form)
    form.validate()
    try:
        calendar.set_rest_days(actor(), form.weekdays(), now=utc_now())
    except Invalid as refusal:
        return _show(rest_form=form, refusal=refusal), refusal.status
    notify("The days of rest are saved.")
    return redirect(url_for("oversight_calendar.show"))


def _show(**given: Any) -> str:
    page = calendar.calendar_page(actor(), current_locale())
    rest = {f"rest{day}": True for day in page.rest_days}
    forms = {"form": HolidayForm(), "rest_form": RestDaysForm(data=rest), "refusal": None, **given}
    return render_template("oversight/calendar.html", page=page, **forms)
