"""When each step of the year is due: set before the round opens, and looked at until it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Invalid
from evalsys.models import Round, RoundDate, RoundState
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.calendar import WorkingDays, working_days
from evalsys.services.design.settings import RoundHead, head_of
from evalsys.services.rounds.states import find_round, subject_of, take_round

# Each step with the state from which it is done.
DONE_FROM = {
    "consultation": RoundState.APPROVED,
    "weights": RoundState.APPROVED,
    "opening": RoundState.COLLECTING,
    "closing": RoundState.CLOSED,
    "quality": RoundState.DRAFT_RESULTS,
    "draft_results": RoundState.RIGHT_OF_REPLY,
    "reply": RoundState.FINAL,
    "adoption": RoundState.FINAL,
    "publication": RoundState.PUBLISHED,
    "plans": RoundState.IMPROVING,
    "follow_up": RoundState.FOLLOWED_UP,
}
STEPS = tuple(DONE_FROM)
ORDER = tuple(RoundState)
LEAD_DAYS = {"consultation": 42, "weights": 14, "opening": 0}
DAYS_AFTER = {"quality": 10, "draft_results": 5, "adoption": 5, "publication": 5, "plans": 30, "follow_up": 120}
"""Our own proposal, in calendar days before the opening and in working days after the step before."""


@dataclass(frozen=True)
class DateLine:
    """A step and its day, if one is set; `working_days` are those left until it, below 0 for those passed since."""

    step: str
    due_on: date | None
    is_done: bool
    is_overdue: bool
    working_days: int


@dataclass(frozen=True)
class DatesPage:
    """The steps in the order of the year; `suggested` are days for a round that has none yet."""

    head: RoundHead
    lines: tuple[DateLine, ...]
    suggested: Mapping[str, date]

    @property
    def days(self) -> dict[str, date]:
        """The days that are set, by step."""
        return {line.step: line.due_on for line in self.lines if line.due_on is not None}


def set_dates(actor: Actor, code: str, wanted: Mapping[str, date], *, now: datetime) -> None:
    """Say when each step is due; a step that is not named has no day.

    Raises Forbidden, NotFound, Conflict once the round is open; Invalid when a later step is due before an earlier one.
    """
    act = Act(actor, "round.design", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "design")
        if not set(wanted) <= set(STEPS) or out_of_order(wanted):
            raise Invalid("A step cannot be due before an earlier step of the year.")
        act.detail = {"before": _plain(dates_of(session, round_)), "after": _plain(wanted)}
        session.execute(delete(RoundDate).where(RoundDate.round_id == round_.id))
        session.add_all(RoundDate(round_id=round_.id, step=step, due_on=day) for step, day in wanted.items())


def dates_page(actor: Actor, code: str, locale: str, *, today: date) -> DatesPage:
    """The calendar of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, code)
    days, due = working_days(session), dates_of(session, round_)
    lines = tuple(_line(round_, step, due.get(step), (today, days)) for step in STEPS)
    return DatesPage(head_of(actor, round_, locale), lines, {} if due else suggest_dates(round_, days))


def dates_of(session: Session, round_: Round) -> dict[str, date]:
    """The days that are set, in the order of the year."""
    rows = session.execute(select(RoundDate.step, RoundDate.due_on).where(RoundDate.round_id == round_.id))
    found: dict[str, date] = dict(rows.all())
    return {step: found[step] for step in STEPS if step in found}


def out_of_order(due: Mapping[str, date]) -> tuple[str, ...]:
    """The steps that are due before the one before them that has a day."""
    set_ = [step for step in STEPS if step in due]
    return tuple(later for earlier, later in pairwise(set_) if due[later] < due[earlier])


def is_overdue(round_: Round, step: str, due_on: date, today: date) -> bool:
    """Whether the day has passed and the step is not done."""
    return due_on < today and not _is_done(round_, step)


def suggest_dates(round_: Round, days: WorkingDays) -> dict[str, date]:
    """Days for all steps, from the period of collecting and the working days that offices have for their reply."""
    found = {step: round_.period_start - timedelta(days=lead) for step, lead in LEAD_DAYS.items()}
    found["closing"] = round_.period_end
    last = round_.period_end
    for step in STEPS[STEPS.index("quality") :]:
        last = days.after(last, round_.reply_days if step == "reply" else DAYS_AFTER[step])
        found[step] = last
    return found


def _line(round_: Round, step: str, due_on: date | None, when: tuple[date, WorkingDays]) -> DateLine:
    today, days = when
    if due_on is None:
        return DateLine(step, None, _is_done(round_, step), is_overdue=False, working_days=0)
    late = is_overdue(round_, step, due_on, today)
    return DateLine(step, due_on, _is_done(round_, step), late, days.between(today, due_on))


def _is_done(round_: Round, step: str) -> bool:
    return ORDER.index(RoundState(round_.state)) >= ORDER.index(DONE_FROM[step])


def _plain(due: Mapping[str, date]) -> dict[str, str]:
    return {step: day.isoformat() for step, day in due.items()}
