"""Scoring in two rounds: blind first, then a second look beside the anonymous spread of the first scores.

A second score is a response of its own; the first one stays as it was written, with the status "replaced", so that one
response an expert and unit counts. Units never see any of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Assignment, Comment, Indicator, Questionnaire, Response, Round, RoundState
from evalsys.models.response import COUNTED, REPLACED
from evalsys.services.access import Actor, require
from evalsys.services.audit import Act, audited
from evalsys.services.content import Text
from evalsys.services.panels.competences import asked_of, questions_of
from evalsys.services.panels.scores import Scores, store_scores
from evalsys.services.panels.setting import EXPERTS, find_group, take_group, take_round_of_panels
from evalsys.services.rounds.states import subject_of
from evalsys.services.wording import Asked, read_form_text
from scoring.collect import unpack

BLIND, SHOWN = 1, 2
FEWEST_TO_SHOW = 3
SUBMITTED = "submitted"


@dataclass(frozen=True)
class Spread:
    """The first scores of all experts about one indicator of a unit, without names; in points."""

    lowest: int
    median: Decimal
    highest: int
    number: int


@dataclass(frozen=True)
class SecondLine:
    """One indicator: her own first score (None: no basis to judge), and the spread where three or more gave one."""

    asked: Asked
    own: int | None
    spread: Spread | None


@dataclass(frozen=True)
class SecondPage:
    """What an expert sees before she may score a second time; `first` are her first answers as form fields."""

    id: int
    unit_name: Text
    round_title: Text
    is_done: bool
    questions: tuple[tuple[str, int], ...]
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
    form = task.questionnaire
    questions = asked_of(session, task)
    words = read_form_text(task.unit.code, form.round.code, questions, locale)
    spreads, own = spreads_of(session, task), _own_scores(session, task)
    return SecondPage(
        id=task.id,
        unit_name=words.unit,
        round_title=words.round,
        is_done=task.final_response_id is not None,
        questions=questions,
        lines=tuple(SecondLine(asked, own.get(asked.code), spreads.get(asked.code)) for asked in words.questions),
        first=_as_fields(session, task, own, questions),
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
    """Spread of the first scores about the task's unit, by indicator; only where at least three experts gave one."""
    query = (
        select(Response.answers)
        .join(Assignment, Assignment.response_id == Response.id)
        .where(
            Assignment.questionnaire_id == task.questionnaire_id,
            Assignment.unit_id == task.unit_id,
            Response.status.in_((COUNTED, REPLACED)),
        )
    )
    questions = questions_of(task)
    rows = [unpack(answers, [points for _, points in questions]) for answers in session.scalars(query)]
    columns = {code: _scores([row[place] for row in rows], k) for place, (code, k) in enumerate(questions)}
    return {code: _spread(found) for code, found in columns.items() if len(found) >= FEWEST_TO_SHOW}


def _scores(codes: Sequence[int], points: int) -> list[int]:
    return [code - 1 for code in codes if 1 <= code <= points]


def _spread(scores: Sequence[int]) -> Spread:
    return Spread(min(scores), Decimal(str(median(scores))), max(scores), len(scores))


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


def _own_scores(session: Session, task: Assignment) -> dict[str, int | None]:
    questions = questions_of(task)
    answers = session.scalars(select(Response.answers).where(Response.id == task.response_id)).one()
    codes = zip(unpack(answers, [points for _, points in questions]), questions, strict=True)
    return {code: given - 1 if 1 <= given <= points else None for given, (code, points) in codes}


def _as_fields(
    session: Session, task: Assignment, own: Mapping[str, int | None], questions: Sequence[tuple[str, int]]
) -> dict[str, str]:
    reasons = (
        select(Indicator.code, Comment.text)
        .join(Indicator, Indicator.id == Comment.indicator_id)
        .where(Comment.response_id == task.response_id)
    )
    fields = {f"reason_{code}": text for code, text in session.execute(reasons)}
    for code, _ in questions:
        score = own[code]
        fields |= {f"none_{code}": "yes"} if score is None else {f"q_{code}": str(score)}
    return fields
