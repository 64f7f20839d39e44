"""Reminding raters of what they have not sent: from the state of their tasks alone, never from answers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale, format_date, gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.errors import Conflict
from evalsys.models import Account, Assignment, Questionnaire, Round, RoundState
from evalsys.services import content, mail, work
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.mail import Message
from evalsys.services.pairs.groups import take_group
from evalsys.services.rounds.states import subject_of

REST_DAYS = 3
OPEN, KIND = "open", "remind_rater"


@dataclass(frozen=True)
class Reminded:
    """How many raters get a mail; `resting` had one less than three days ago; `unreachable` have no address."""

    number: int
    resting: int
    unreachable: tuple[str, ...]


def remind_raters(actor: Actor, round_code: str, group: str, *, now: datetime) -> Reminded:
    """Queue a mail to every rater with open assignments who had none in the last three days.

    A rater's user name is her address; one who has none cannot be written to and is named.
    Raises Forbidden, NotFound, and Conflict unless the round collects.
    """
    act = Act(actor, "assignment.remind", subject_of(round_code), now, detail={"group": group})
    with audited(act) as session:
        found = take_group(session, round_code, group)
        if found.round.state != RoundState.COLLECTING:
            raise Conflict("The round is not collecting answers now.")
        open_tasks: dict[Account, list[Assignment]] = defaultdict(list)
        query = select(Assignment).where(
            Assignment.questionnaire_id.in_([form.id for form in found.forms]), Assignment.state == OPEN
        )
        for task in session.scalars(query.order_by(Assignment.id)):
            if task.account.is_active and task.unit_id != task.account.unit_id:
                open_tasks[task.account].append(task)
        reachable = {rater: tasks for rater, tasks in open_tasks.items() if mail.is_address(rater.login)}
        due = {rater: tasks for rater, tasks in reachable.items() if _is_due(tasks, now)}
        for task in (task for tasks in due.values() for task in tasks):
            task.reminded_on = now.date()
        batch = f"remind-{found.round.id}-{now:%Y%m%d}"
        payload = {"round": found.round.id, "group": group}
        items = [(f"{group}/{rater.id}", {**payload, "account": rater.id}) for rater in due]
        work.enqueue(session, batch, KIND, items, now)
        unreachable = tuple(sorted(rater.name for rater in open_tasks if rater not in reachable))
        resting = len(reachable) - len(due)
        act.detail |= {"raters": len(due), "resting": resting, "unreachable": len(unreachable)}
        return Reminded(len(due), resting, unreachable)


def send_reminder(item: work.Claimed) -> None:
    """Handler: write the mail from what is open at this moment; nothing when nothing is open any more."""
    letter = _letter(int(item.payload["account"]), int(item.payload["round"]), str(item.payload["group"]))
    db.session.rollback()
    if letter is not None:
        mail.send(letter)


def _letter(account_id: int, round_id: int, group: str) -> Message | None:
    query = (
        select(Assignment)
        .join(Questionnaire)
        .join(Round)
        .where(
            Assignment.account_id == account_id,
            Assignment.state == OPEN,
            Questionnaire.round_id == round_id,
            Questionnaire.group == group,
            Round.state == RoundState.COLLECTING,
        )
        .options(joinedload(Assignment.unit), joinedload(Assignment.account))
        .order_by(Assignment.unit_id)
    )
    tasks = [task for task in db.session.scalars(query) if task.unit_id != task.account.unit_id]
    return write_reminder(tasks[0].account, tasks) if tasks else None


def write_reminder(rater: Account, tasks: Sequence[Assignment]) -> Message:
    """The mail in the rater's language: the offices that wait, until when, and where."""
    names, round_ = content.names("unit", rater.locale), tasks[0].questionnaire.round
    offices = [str(names.get(task.unit.code) or task.unit.code) for task in tasks]
    address = f"{current_app.config['EVALSYS'].public_url}/{rater.locale}/assignments"
    with force_locale(rater.locale):
        title = str(content.text_of("round", round_.code, "name", rater.locale))
        day = format_date(round_.period_end, "long")
        lines = [
            gettext("Dear %(name)s,", name=rater.name),
            "",
            ngettext(
                "you are asked to rate %(num)s more office in the round “%(round)s”:",
                "you are asked to rate %(num)s more offices in the round “%(round)s”:",
                len(offices),
                round=title,
            ),
            "",
            *(f"– {office}" for office in offices),
            "",
            gettext("Please send your answers by %(day)s:", day=day),
            address,
            "",
            gettext("Only your list of open offices led to this mail. Nobody looked at answers to write it."),
        ]
        subject = ngettext("%(num)s office waits for your rating", "%(num)s offices wait for your rating", len(offices))
    return Message(rater.login, str(subject), "\n".join(map(str, lines)) + "\n", rater.locale)


def _is_due(tasks: Sequence[Assignment], now: datetime) -> bool:
    latest = now.date() - timedelta(days=REST_DAYS)
    return all(task.reminded_on is None or task.reminded_on <= latest for task in tasks)
