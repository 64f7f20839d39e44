"""What peers and experts are asked to rate: their lists, drafts and final answers.

Peers are promised confidence: their answers go into the box like a citizen's and keep no link to them. Experts are
accountable: their response is linked, and a score near either end of the scale carries its reason. Where a group needs
it, answers wait until the head of the rater's unit releases them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from evalsys.db import db
from evalsys.errors import Conflict, EvalsysError, Invalid, NotFound
from evalsys.models import Assignment, Questionnaire, RaterGroup, Round, RoundState, Unit
from evalsys.services import content, sealing
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.collection import put_into_box
from evalsys.services.content import Text
from evalsys.services.panels.attempts import require_calibrated
from evalsys.services.panels.competences import document_asked
from evalsys.services.panels.scores import ALL, STAFF, store_scores
from evalsys.services.questionnaires.document import Document, columns
from evalsys.services.questionnaires.reasons import require_reasons
from evalsys.services.questionnaires.shown import Shown
from evalsys.services.sealing import Content
from evalsys.services.suspension import refuse_suspended
from evalsys.services.task_drafts import keep_draft, open_draft
from evalsys.services.timetable import RoundInfo, collecting_round
from evalsys.services.wording import read_form_text
from scoring.collect import pack

OPEN, WAITING, SUBMITTED, CONFLICT = "open", "waiting", "submitted", "conflict"
PACKED = "packed"


@dataclass(frozen=True)
class Task:
    """One line of a rater's list; `state` is open, draft, returned, waiting, submitted or conflict."""

    id: int
    unit_name: Text
    services: tuple[Text, ...]
    state: str
    submitted_on: date | None


@dataclass(frozen=True)
class TaskList:
    """Everything a rater is asked for in the round that collects now; `promise` is that of her group."""

    round: RoundInfo | None
    tasks: tuple[Task, ...]
    promise: str

    @property
    def done(self) -> int:
        """How many need nothing more."""
        return sum(task.state in (WAITING, SUBMITTED, CONFLICT) for task in self.tasks)


@dataclass(frozen=True)
class TaskPage:
    """One assignment with its questionnaire and the words of it; `draft` is what was kept."""

    id: int
    state: str
    conflict_reason: str
    is_named: bool
    unit_name: Text
    services: tuple[Text, ...]
    round_title: Text
    closes_on: date
    document: Document
    shown: Shown
    draft: Mapping[str, str]
    needs_release: bool = False
    returned_note: str = ""
    suspended: str = ""

    @property
    def promise(self) -> str:
        """What the rater is promised."""
        return self.document.promise or _promise(self.is_named, self.needs_release)


@dataclass(frozen=True)
class Filled:
    """Final answers: codes in the order of the questions, a remark, reasons by indicator code, texts by item code.

    `draft` is the form as it was sent, by field.
    """

    codes: Sequence[int]
    comment: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    draft: Mapping[str, str] = field(default_factory=dict)


def list_tasks(actor: Actor, locale: str) -> TaskList:
    """The actor's assignments in rounds that collect now. Raises Forbidden."""
    require(actor, "assignment.answer")
    found = db.session.scalars(
        select(Assignment)
        .join(Questionnaire)
        .join(Round)
        .options(joinedload(Assignment.unit).selectinload(Unit.services))
        .where(_own(actor), Round.state == RoundState.COLLECTING)
        .order_by(Assignment.unit_id, Assignment.id)
    ).all()
    names, services = content.names("unit", locale), content.names("service", locale)
    tasks = tuple(
        Task(
            id=one.id,
            unit_name=names.get(one.unit.code, Text(one.unit.code, "")),
            services=_service_names(one, services),
            state=_shown_state(one),
            submitted_on=one.submitted_on,
        )
        for one in found
    )
    promise = _promise(any(one.is_named for one in found), _is_released(Assignment.id.in_([one.id for one in found])))
    return TaskList(collecting_round(locale), tasks, promise)


def read_task(actor: Actor, assignment_id: int, locale: str) -> TaskPage:
    """One assignment of the actor. Raises Forbidden; NotFound also for somebody else's; Conflict outside collecting."""
    return _read(actor, assignment_id, locale)


def read_task_to_answer(actor: Actor, assignment_id: int, locale: str, *, now: datetime) -> TaskPage:
    """The same for somebody who sends answers: a refusal is put on record."""
    try:
        return _read(actor, assignment_id, locale)
    except EvalsysError:
        with audited(_act(actor, "assignment.submit", assignment_id, now)):
            raise


def save_draft(actor: Actor, assignment_id: int, draft: Mapping[str, str], *, now: datetime) -> None:
    """Keep what has been filled in so far. Raises Forbidden, NotFound, Conflict."""
    with audited(_act(actor, "assignment.save", assignment_id, now)) as session:
        keep_draft(_take(session, actor, assignment_id), draft)


def submit_assignment(actor: Actor, assignment_id: int, filled: Filled, *, now: datetime) -> None:
    """Hand the answers in for good and forget the draft; where a head releases, they wait for her with it.

    Raises Forbidden, NotFound, Conflict, Invalid.
    """
    key = box_key(assignment_id)
    with audited(_act(actor, "assignment.submit", assignment_id, now)) as session:
        task = _take(session, actor, assignment_id)
        refuse_suspended(task.questionnaire.round.suspended_at)
        document = document_asked(session, task)
        require_reasons(document, filled)
        task.submitted_on, task.returned_note = now.date(), ""
        if task.is_named:
            require_calibrated(session, task)
            task.response_id = store_scores(session, task, filled, now.date()).id
        else:
            packed = pack(filled.codes, [points for _, points in columns(document)])
            said = {"answers": packed, "comment": filled.comment, "texts": {**filled.texts, **filled.reasons}}
            if _is_released(Assignment.id == task.id):
                keep_draft(task, {**filled.draft, PACKED: said})
                task.state = WAITING
                return
            lay_into_box(session, task, said, key)
        task.state, task.draft = SUBMITTED, {}


def declare_conflict(actor: Actor, assignment_id: int, reason: str, *, now: datetime) -> None:
    """Give an assignment back because of a link to the unit. Raises Forbidden, NotFound, Conflict, Invalid."""
    with audited(_act(actor, "assignment.conflict", assignment_id, now)) as session:
        task = _take(session, actor, assignment_id)
        if not reason.strip():
            raise Invalid("Say what links you to this office.")
        task.state, task.draft, task.conflict_reason = CONFLICT, {}, reason


def _read(actor: Actor, assignment_id: int, locale: str) -> TaskPage:
    require(actor, "assignment.answer")
    found = db.session.scalar(select(Assignment).where(Assignment.id == assignment_id, _own(actor)))
    if found is None:
        raise NotFound("This assignment does not exist.")
    form = found.questionnaire
    if form.round.state != RoundState.COLLECTING:
        raise _not_collecting()
    document = document_asked(db.session(), found)
    words = read_form_text(found.unit.code, form.round.code, document, locale)
    return TaskPage(
        id=found.id,
        state=_shown_state(found),
        conflict_reason=found.conflict_reason,
        is_named=found.is_named,
        unit_name=words.unit,
        services=_service_names(found, content.names("service", locale)),
        round_title=words.round,
        closes_on=form.round.period_end,
        document=document,
        shown=words.shown,
        draft={name: value for name, value in open_draft(found).items() if name != PACKED},
        needs_release=_is_released(Assignment.id == found.id),
        returned_note=found.returned_note,
        suspended=form.round.suspended_reason,
    )


def _act(actor: Actor, name: str, assignment_id: int, now: datetime) -> Act:
    return Act(actor, name, f"assignment:{assignment_id}", now)


def _own(actor: Actor) -> ColumnElement[bool]:
    """Her own assignments, and never one to rate the unit she belongs to."""
    elsewhere = Assignment.unit_id != (actor.unit_id if actor.unit_id is not None else 0)
    return and_(Assignment.account_id == actor.account_id, or_(Assignment.is_named, elsewhere))


def _take(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """Lock an open assignment; the shared lock on its round makes the closing wait until this is in."""
    task = session.scalar(select(Assignment).where(Assignment.id == assignment_id, _own(actor)).with_for_update())
    if task is None:
        raise NotFound("This assignment does not exist.")
    round_id = task.questionnaire.round_id
    state = session.scalar(select(Round.state).where(Round.id == round_id).with_for_update(read=True))
    if state != RoundState.COLLECTING:
        raise _not_collecting()
    if task.state in (SUBMITTED, WAITING):
        raise Conflict("You have sent this already. It can no longer be changed.")
    if task.state == CONFLICT:
        raise Conflict("You declared a conflict of interest for this office, so you do not rate it.")
    return task


def _not_collecting() -> Conflict:
    return Conflict("The round is not collecting answers now.")


def box_key(assignment_id: int) -> bytes:
    """The key of the round's box, made before the transaction that needs it; empty for an unknown assignment."""
    query = select(Questionnaire.round_id, Round.seal_key).join(Round)
    found = db.session.execute(query.join(Assignment).where(Assignment.id == assignment_id)).first()
    return (found.seal_key or sealing.key_of(found.round_id)) if found else b""


def lay_into_box(session: Session, task: Assignment, said: Mapping[str, Any], key: bytes) -> None:
    """Put a peer's answers (`answers`, `comment`, `texts`) into the box.

    The first day of the round stands for every day: the true one would tell whose answers these are.
    """
    content = Content(unit_id=task.unit_id, channel=STAFF, day=task.questionnaire.round.period_start, **said)
    put_into_box(session, task.questionnaire_id, ALL, content, key)


def _service_names(task: Assignment, names: Mapping[str, Text]) -> tuple[Text, ...]:
    codes = sorted(service.code for service in task.unit.services)
    return tuple(names.get(code, Text(code, "")) for code in codes)


def _shown_state(task: Assignment) -> str:
    if task.state == OPEN and task.returned_note:
        return "returned"
    return "draft" if task.state == OPEN and task.draft else task.state


def _is_released(tasks: ColumnElement[bool]) -> bool:
    """True when answers of one of these tasks go through a head's release."""
    group = and_(RaterGroup.round_id == Questionnaire.round_id, RaterGroup.code == Questionnaire.group)
    query = select(Assignment.id).join(Questionnaire).join(RaterGroup, group).where(tasks, RaterGroup.needs_release)
    return db.session.scalar(query.where(~Assignment.is_named).limit(1)) is not None


def _promise(is_named: bool, needs_release: bool) -> str:
    return "accountable" if is_named else "released" if needs_release else "confidential"
