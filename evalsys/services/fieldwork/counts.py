"""Counts for the board of field work: answers, tasks and paper forms of a round, never what an answer says."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.models import (
    Account,
    Assignment,
    Cell,
    Credential,
    Inbox,
    PaperEntry,
    Questionnaire,
    Response,
    RollEntry,
    Target,
    Unit,
)
from evalsys.models.response import REPLACED
from evalsys.services.cells import load_forms
from evalsys.services.content import Text
from evalsys.services.fieldwork.targets import option_parts
from evalsys.services.questionnaires.document import parse
from evalsys.services.questionnaires.shown import show
from evalsys.services.weights import Labels
from scoring.collect import Tally

DAYS_SHOWN = 30
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class DayLine:
    """Answers of groups that are rated in public on one day; `height` is 0 to 100, the fullest day 100."""

    day: date
    number: int
    height: int


@dataclass(frozen=True)
class TaskLine:
    """Assignments of a group and panel: all, open, waiting for a release, done, given back for a conflict."""

    group: Text
    panel: str
    total: int
    open: int
    waiting: int
    submitted: int
    conflict: int


@dataclass(frozen=True)
class Reminders:
    """Whom a reminder can reach: raters with open tasks by name, the invited only all together."""

    raters: tuple[tuple[str, int], ...]
    invited: int
    credentials: int


def key_of(target: Target) -> Key:
    """What a target is for: group, stratum, unit, option."""
    return target.group, target.stratum, target.unit_code, target.option


def response_counts(session: Session, round_id: int) -> dict[Key, int]:
    """Answers that were mixed, by group, stratum, unit and channel; those left out later are in it, too."""
    places = (Questionnaire.group, Response.stratum, Unit.code, Response.channel)
    query = (
        select(*places, func.count(Response.id))
        .select_from(Response)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .join(Unit, Unit.id == Response.unit_id)
        .where(Questionnaire.round_id == round_id, Response.status != REPLACED)
        .group_by(*places)
    )
    return {(group, part, unit, channel): count for group, part, unit, channel, count in session.execute(query)}


def waiting_counts(session: Session, round_id: int) -> Counter[str]:
    """Ratings that wait in the box, by group."""
    query = select(Questionnaire.group, func.count()).select_from(Inbox)
    query = query.join(Questionnaire, Questionnaire.id == Inbox.questionnaire_id)
    rows = session.execute(query.where(Questionnaire.round_id == round_id).group_by(Questionnaire.group)).all()
    return Counter(dict(rows))


def option_words(session: Session, round_id: int, locale: str) -> dict[tuple[str, str], Text]:
    """What the answers to background questions are called, by group and option; without those that have no words."""
    forms = session.scalars(select(Questionnaire).where(Questionnaire.round_id == round_id, Questionnaire.body != ""))
    return {
        (form.group, f"{item.code}:{level}"): word
        for form in forms.all()
        for section in show(parse(form.body), locale).sections
        for item in section.items
        for level, word in item.options
        if word.text
    }


def option_counts(session: Session, round_id: int, targets: list[Target]) -> dict[Key, int]:
    """How many gave the answer that each target with an option names, from the tallied cells."""
    aims = [one for one in targets if one.option]
    if not aims:
        return {}
    query = (
        select(Questionnaire.id, Questionnaire.group, Cell.stratum, Unit.code, Cell.n, Cell.counts, Cell.moments)
        .select_from(Cell)
        .join(Questionnaire, Questionnaire.id == Cell.questionnaire_id)
        .join(Unit, Unit.id == Cell.unit_id)
        .where(Questionnaire.round_id == round_id, Questionnaire.group.in_({one.group for one in aims}))
    )
    rows = session.execute(query).all()
    forms = load_forms(session, {row[0] for row in rows})
    found: Counter[Key] = Counter()
    for form_id, group, stratum, unit, n, counts, moments in rows:
        form = forms[form_id]
        tally = Tally.from_blobs(n, counts, moments, form)
        for aim in aims:
            indicator, level = option_parts(aim.option)
            is_there = aim.group == group and aim.stratum in ("", stratum) and aim.unit_code in ("", unit)
            if is_there and indicator in form.indicators:
                found[key_of(aim)] += int(tally.counts[form.indicators.index(indicator), level])
    return dict(found)


def day_lines(session: Session, round_id: int, groups: list[str]) -> tuple[DayLine, ...]:
    """The last days with answers of public groups; answers of staff do not keep theirs."""
    query = (
        select(Response.day, func.count(Response.id))
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .where(Questionnaire.round_id == round_id, Questionnaire.group.in_(groups), Response.status != REPLACED)
        .group_by(Response.day)
    )
    counts = dict(session.execute(query).all())
    if not counts:
        return ()
    last, most = max(counts), max(counts.values())
    days = [last - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    return tuple(
        DayLine(day, counts.get(day, 0), round(100 * counts.get(day, 0) / most)) for day in days if day >= min(counts)
    )


def task_lines(session: Session, round_id: int, labels: Labels) -> tuple[TaskLine, ...]:
    """Assignments by group and panel."""
    places = (Questionnaire.group, Assignment.panel, Assignment.state)
    query = select(*places, func.count(Assignment.id)).join(Questionnaire).where(Questionnaire.round_id == round_id)
    found: dict[tuple[str, str], Counter[str]] = {}
    for group, panel, state, count in session.execute(query.group_by(*places).order_by(*places)).all():
        found.setdefault((group, panel), Counter())[state] += count
    return tuple(
        TaskLine(
            labels.of("group", group),
            panel,
            sum(states.values()),
            states["open"],
            states["waiting"],
            states["submitted"],
            states["conflict"],
        )
        for (group, panel), states in found.items()
    )


def paper_counts(session: Session, round_id: int) -> dict[str, int]:
    """Paper forms by state: once, differs, done."""
    query = select(PaperEntry.state, func.count()).where(PaperEntry.round_id == round_id).group_by(PaperEntry.state)
    return dict(session.execute(query).all())


def find_reminders(session: Session, round_id: int) -> Reminders:
    """Raters with open tasks, and how many people are invited; who of them answered is not known."""
    tasks: Any = (
        select(Account.name, func.count(Assignment.id))
        .join(Assignment, Assignment.account_id == Account.id)
        .join(Questionnaire, Questionnaire.id == Assignment.questionnaire_id)
        .where(Questionnaire.round_id == round_id, Assignment.state == "open")
        .group_by(Account.id, Account.name)
        .order_by(Account.name)
    )
    invited = select(func.count()).select_from(RollEntry).where(RollEntry.round_id == round_id)
    issued = select(func.count()).select_from(Credential).where(Credential.round_id == round_id)
    raters = tuple((name, count) for name, count in session.execute(tasks))
    invited_now = session.scalar(invited.where(RollEntry.state == "invited"))
    return Reminders(raters, invited_now or 0, session.scalar(issued) or 0)
