"""The head reads what her unit's raters say about others, and releases it or gives it back with a note."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session, joinedload

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.i18n import _l
from evalsys.models import Account, Assignment, Questionnaire, Round, RoundState
from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.assignments import PACKED, box_key, lay_into_box
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.questionnaires.document import columns, document_for
from evalsys.services.questionnaires.given import Given, describe
from evalsys.services.suspension import refuse_suspended
from evalsys.services.task_drafts import keep_draft, open_draft
from evalsys.services.wording import read_form_text
from scoring.collect import unpack

OPEN, WAITING, SUBMITTED = "open", "waiting", "submitted"
NOT_THERE = _l("There are no answers of this number that wait for you.")


@dataclass(frozen=True)
class WaitingAnswers:
    """Answers of one rater about one unit that wait for her head."""

    id: int
    rater: str
    unit_name: Text
    sent_on: date | None
    closes_on: date


@dataclass(frozen=True)
class WaitingPage:
    """The answers themselves, with what was written."""

    facts: WaitingAnswers
    round_title: Text
    answers: tuple[Given, ...]
    comments: tuple[str, ...]


def list_waiting(actor: Actor, locale: str) -> list[WaitingAnswers]:
    """What waits for this head in rounds that collect, the oldest first. Raises Forbidden."""
    require(actor, "assignment.release")
    names = content.names("unit", locale)
    found = db.session.scalars(
        _mine(actor).where(Round.state == RoundState.COLLECTING).order_by(Assignment.submitted_on, Assignment.id)
    )
    return [_facts(task, names) for task in found]


def read_waiting(actor: Actor, assignment_id: int, locale: str) -> WaitingPage:
    """One rater's answers. Raises Forbidden, NotFound (another unit's too), Conflict when the round is over."""
    require(actor, "assignment.release")
    task = db.session.scalar(_mine(actor).where(Assignment.id == assignment_id))
    if task is None:
        raise NotFound(NOT_THERE)
    _refuse_unless_collecting(task)
    form = task.questionnaire
    document, said = document_for(form), open_draft(task)[PACKED]
    words = read_form_text(task.unit.code, form.round.code, document, locale)
    codes = unpack(said["answers"], [points for _, points in columns(document)])
    return WaitingPage(
        facts=_facts(task, {task.unit.code: words.unit}),
        round_title=words.round,
        answers=describe(document, words.shown, codes),
        comments=tuple(str(text) for text in (*said["texts"].values(), said["comment"]) if text),
    )


def release_answers(actor: Actor, assignment_id: int, *, now: datetime) -> None:
    """Put the answers into the box, as if they had been sent without release. Raises Forbidden, NotFound, Conflict."""
    key = box_key(assignment_id)
    with audited(_act(actor, assignment_id, now)) as session:
        task = _take(session, actor, assignment_id)
        refuse_suspended(task.questionnaire.round.suspended_at)
        lay_into_box(session, task, open_draft(task)[PACKED], key)
        task.state, task.draft, task.returned_note = SUBMITTED, {}, ""


def return_answers(actor: Actor, assignment_id: int, note: str, *, now: datetime) -> None:
    """Give the answers back to the rater, who reads the note. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = _act(actor, assignment_id, now)
    act.detail = {"returned": True}
    with audited(act) as session:
        task = _take(session, actor, assignment_id)
        if not note.strip():
            raise Invalid("Say what the rater should think about again.")
        task.state, task.submitted_on, task.returned_note = OPEN, None, note
        keep_draft(task, {name: value for name, value in open_draft(task).items() if name != PACKED})


def _mine(actor: Actor) -> Select[Assignment]:
    return (
        select(Assignment)
        .join(Account, Account.id == Assignment.account_id)
        .join(Questionnaire, Questionnaire.id == Assignment.questionnaire_id)
        .join(Round, Round.id == Questionnaire.round_id)
        .where(_of_her_unit(actor), Assignment.state == WAITING)
        .options(joinedload(Assignment.account), joinedload(Assignment.unit))
    )


def _of_her_unit(actor: Actor) -> ColumnElement[bool]:
    """Answers of her unit's raters about others; what is said about her own unit is never among them."""
    return and_(Account.unit_id == actor.unit_id, Assignment.unit_id != actor.unit_id)


def _take(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """Lock the task, then its round, so that the closing waits until this is in."""
    query = select(Assignment).join(Account, Account.id == Assignment.account_id)
    found = query.where(Assignment.id == assignment_id, _of_her_unit(actor)).with_for_update(of=Assignment)
    task = session.scalar(found)
    if task is None:
        raise NotFound(NOT_THERE)
    session.execute(select(Round.id).where(Round.id == task.questionnaire.round_id).with_for_update(read=True))
    _refuse_unless_collecting(task)
    if task.state != WAITING:
        raise Conflict("These answers do not wait any more: they are released or given back.")
    return task


def _refuse_unless_collecting(task: Assignment) -> None:
    if task.questionnaire.round.state != RoundState.COLLECTING:
        raise Conflict("The round is not collecting answers now.")


def _facts(task: Assignment, names: Mapping[str, Text]) -> WaitingAnswers:
    unit = names.get(task.unit.code) or Text(task.unit.code, "")
    return WaitingAnswers(task.id, task.account.name, unit, task.submitted_on, task.questionnaire.round.period_end)


def _act(actor: Actor, assignment_id: int, now: datetime) -> Act:
    return Act(actor, "assignment.release", f"assignment:{assignment_id}", now)
