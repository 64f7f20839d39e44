"""Scoring in two rounds: blind first, then a second look beside the anonymous spread of the first scores.

A second score is a response of its own; the first one stays as it was written, with the status "replaced", so that one
response an expert and unit counts. Units never see any of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from statistics import median

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Assignment, Comment, Indicator, Questionnaire, Response, Round, RoundState
from evalsys.models.response import COUNTED, REPLACED
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.panels.competences import document_asked, questions_of, whole_document
from evalsys.services.panels.levels import values_of
from evalsys.services.panels.scores import Scores, store_scores
from evalsys.services.panels.setting import EXPERTS, find_group, take_group, take_round_of_panels
from evalsys.services.questionnaires.document import BACKGROUND, NUMBER, TICKS, Document, Item, columns
from evalsys.services.questionnaires.given import TICKED, Given, describe
from evalsys.services.questionnaires.shown import Shown
from evalsys.services.rounds.states import subject_of
from evalsys.services.wording import read_form_text
from scoring.collect import unpack

BLIND, SHOWN = 1, 2
FEWEST_TO_SHOW = 3
SUBMITTED = "submitted"


@dataclass(frozen=True)
class Spread:
    """The first scores of all experts about one indicator of a unit, without names, in the numbers of the form.

    `number` of experts gave one; `ticked` of them ticked it, where it is a check box.
    """

    lowest: int
    median: Decimal
    highest: int
    number: int
    ticked: int | None = None


@dataclass(frozen=True)
class SecondLine:
    """One indicator under the code of its question: her first answer, in words and as a number (None: no score).

    The spread is there where three or more gave a score.
    """

    item: str
    name: Text
    given: Given
    own: int | None
    spread: Spread | None


@dataclass(frozen=True)
class SecondPage:
    """What an expert sees before she may score a second time; `first` are her first answers as form fields."""

    id: int
    unit_name: Text
    round_title: Text
    is_done: bool
    document: Document
    shown: Shown
    lines: tuple[SecondLine, ...]
    first: Mapping[str, str] = field(default_factory=dict)


def show_spread(actor: Actor, round_code: str, reason: str, *, now: datetime) -> None:
    """Move the panels to their second round; there is no way back.

    Every assignment must be sent or given back because of a conflict, unless a reason says why not to wait.
    Raises Forbidden, NotFound, Conflict.
    """
    act = Act(actor, "panel.manage", subject_of(round_code), now, reason=reason)
    with audited(act) as session:
        round_ = take_round_of_panels(session, round_code, (RoundState.COLLECTING,))
        group = take_group(session, round_.id)
        if not group.has_two_rounds:
            raise Conflict("The experts of this round score once only.")
        if group.panel_stage != BLIND:
            raise Conflict("The spread is shown already.")
        waiting = count_waiting(session, round_.id)
        if waiting and not reason.strip():
            raise Conflict("Some experts have not sent their first scores. Wait for them, or say why not to wait.")
        group.panel_stage = SHOWN
        act.detail = {"stage": SHOWN, "waiting": waiting}


def count_waiting(session: Session, round_id: int) -> int:
    """How many assignments of the round's experts are neither sent nor given back."""
    query = select(Assignment.id).join(Questionnaire).where(Questionnaire.round_id == round_id)
    ended = (SUBMITTED, "conflict")
    return len(session.scalars(query.where(Questionnaire.group == EXPERTS, Assignment.state.not_in(ended))).all())


def is_second_open(session: Session, task: Assignment) -> bool:
    """True when the task's expert may hand in a second score, or has done so."""
    group = find_group(session, task.questionnaire.round_id)
    is_shown = group.has_two_rounds and group.panel_stage == SHOWN
    return is_shown and task.is_named and task.state == SUBMITTED and task.response_id is not None


def read_second(actor: Actor, assignment_id: int, locale: str) -> SecondPage:
    """The spread beside the actor's own first scores. Raises Forbidden, NotFound, Conflict outside collecting."""
    require(actor, "assignment.answer")
    session = db.session()
    task = _find(session, actor, assignment_id)
    document, answers = document_asked(session, task), _first_answers(session, task)
    words = read_form_text(task.unit.code, task.questionnaire.round.code, document, locale)
    return SecondPage(
        id=task.id,
        unit_name=words.unit,
        round_title=words.round,
        is_done=task.final_response_id is not None,
        document=document,
        shown=words.shown,
        lines=_lines(document, words.shown, answers, spreads_of(session, task)),
        first=_as_fields(document, answers) | _texts_as_fields(session, task),
    )


def submit_second(actor: Actor, assignment_id: int, given: Scores, *, now: datetime) -> None:
    """Hand in a second score for good; the first one is kept and no longer counts.

    Raises Forbidden, NotFound, Conflict (not open, or done before), Invalid (a reason is missing, nothing changed).
    """
    with audited(
        Act(actor, "assignment.submit", f"assignment:{assignment_id}", now, detail={"stage": SHOWN})
    ) as session:
        task = _take(session, actor, assignment_id)
        first = session.scalars(select(Response).where(Response.id == task.response_id).with_for_update()).one()
        if first.status != COUNTED:
            raise Conflict("Your first scores do not count, so they cannot be replaced.")
        second = store_scores(session, task, given, now.date())
        if second.answers == first.answers:
            raise Invalid("You changed no score. If you keep your first scores, you need not send this page.")
        first.status, task.final_response_id = REPLACED, second.id


def spreads_of(session: Session, task: Assignment) -> dict[str, Spread]:
    """Spread of the first scores about the task's unit, by indicator; only where at least three experts gave one.

    What experts say of themselves has none.
    """
    query = (
        select(Response.answers)
        .join(Assignment, Assignment.response_id == Response.id)
        .where(
            Assignment.questionnaire_id == task.questionnaire_id,
            Assignment.unit_id == task.unit_id,
            Response.status.in_((COUNTED, REPLACED)),
        )
    )
    document = whole_document(task)
    rows = [values_of(document, unpack(packed, [k for _, k in columns(document)])) for packed in session.scalars(query)]
    asked = [(item, code) for item in document.items if item.role != BACKGROUND for code, _ in item.columns()]
    found = ((item, code, [row[code] for row in rows if code in row]) for item, code in asked)
    return {code: _spread(item, scores) for item, code, scores in found if len(scores) >= FEWEST_TO_SHOW}


def _spread(item: Item, scores: Sequence[int]) -> Spread:
    ticked = scores.count(TICKED) if item.kind == TICKS else None
    return Spread(min(scores), Decimal(str(median(scores))), max(scores), len(scores), ticked)


def _find(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    own = Assignment.id == assignment_id, Assignment.account_id == actor.account_id
    task = session.scalar(select(Assignment).where(*own))
    if task is None or not is_second_open(session, task):
        raise NotFound("There is no second score to be given here.")
    if task.questionnaire.round.state != RoundState.COLLECTING:
        raise Conflict("The round is not collecting answers now.")
    return task


def _take(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """Lock the assignment; the shared lock on its round makes the closing wait until this is in."""
    own = Assignment.id == assignment_id, Assignment.account_id == actor.account_id
    task = session.scalar(select(Assignment).where(*own).with_for_update())
    if task is None or not is_second_open(session, task):
        raise NotFound("There is no second score to be given here.")
    round_id = task.questionnaire.round_id
    state = session.scalar(select(Round.state).where(Round.id == round_id).with_for_update(read=True))
    if state != RoundState.COLLECTING:
        raise Conflict("The round is not collecting answers now.")
    if task.final_response_id is not None:
        raise Conflict("You have sent your second scores already. They can no longer be changed.")
    return task


def _first_answers(session: Session, task: Assignment) -> dict[str, int]:
    """The levels of her first answers, by indicator code."""
    questions = questions_of(task)
    packed = session.scalars(select(Response.answers).where(Response.id == task.response_id)).one()
    levels = unpack(packed, [points for _, points in questions])
    return {code: level for (code, _), level in zip(questions, levels, strict=True)}


def _lines(
    document: Document, shown: Shown, answers: Mapping[str, int], spreads: Mapping[str, Spread]
) -> tuple[SecondLine, ...]:
    """One a column, but none for what experts say of themselves."""
    levels = [answers[code] for code, _ in columns(document)]
    own = values_of(document, levels)
    places = [(item, code) for item in document.items for code, _ in item.columns()]
    return tuple(
        SecondLine(item.code, name, given, own.get(code), spreads.get(code))
        for (item, code), name, given in zip(places, shown.names, describe(document, shown, levels), strict=True)
        if item.role != BACKGROUND
    )


def _as_fields(document: Document, answers: Mapping[str, int]) -> dict[str, str]:
    """Her first answers as the form would send them."""
    places = ((item, code, points) for item in document.items for code, points in item.columns())
    return dict(field for place in places for field in _field(*place, answers[place[1]]))


def _field(item: Item, code: str, points: int, level: int) -> list[tuple[str, str]]:
    if item.kind == TICKS:
        return [(f"q_{code}", "yes")] if level == TICKED else []
    if 1 <= level <= points:
        return [(f"q_{code}", str(item.value_of(level)))]
    box, option = {points + 1: ("none", "dk"), points + 2: ("na", "na")}.get(level, ("", ""))
    if not box:
        return []
    return [(f"{box}_{code}", "yes") if item.look == NUMBER else (f"q_{code}", option)]


def _texts_as_fields(session: Session, task: Assignment) -> dict[str, str]:
    """Reasons, and what she wrote to open questions."""
    query = (
        select(Indicator.code, Comment.item, Comment.text)
        .outerjoin(Indicator, Indicator.id == Comment.indicator_id)
        .where(Comment.response_id == task.response_id, or_(Comment.indicator_id.is_not(None), Comment.item != ""))
    )
    return {f"reason_{code}" if code else f"t_{item}": text for code, item, text in session.execute(query)}
