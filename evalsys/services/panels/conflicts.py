"""Conflicts of interest as the analyst sees them: declared before a draw, and replaced after one."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Account, Assignment, Questionnaire, Unit
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.panels.competences import declared, judged
from evalsys.services.panels.drawing import CONFLICT, DRAW, OPEN, REPLACED, ROSTER
from evalsys.services.panels.setting import (
    EXPERTS,
    expert_numbered,
    find_experts,
    find_forms,
    form_of,
    take_round_of_panels,
    units_of,
)
from evalsys.services.rounds.states import subject_of


@dataclass(frozen=True)
class Link:
    """What ties an expert to a unit, so that she must not score it."""

    account_id: int
    unit_code: str
    reason: str


def record_conflict(actor: Actor, round_code: str, link: Link, *, now: datetime) -> None:
    """Record that an expert must not score a unit: an open assignment is ended, and no draw makes one.

    Raises Forbidden, NotFound, Conflict (round closed, scores sent, recorded before), Invalid without a reason.
    """
    act = Act(actor, "panel.manage", subject_of(round_code), now, reason=link.reason)
    with audited(act) as session:
        round_ = take_round_of_panels(session, round_code)
        expert = expert_numbered(session, link.account_id)
        act.detail = {"conflict": link.unit_code, "expert": expert.login}
        unit = units_of(round_).get(link.unit_code)
        form = form_of(find_forms(session, round_.id), unit.id) if unit else None
        if unit is None or form is None:
            raise NotFound("This office is not in the round.")
        if not link.reason.strip():
            raise Invalid("Say what links the expert to this office.")
        task = _task(session, form, expert, unit)
        if task.state != OPEN:
            raise Conflict("The expert has sent scores about this office, or the conflict is recorded already.")
        task.state, task.draft, task.conflict_reason = CONFLICT, {}, link.reason


def replace_expert(actor: Actor, round_code: str, assignment_id: int, *, now: datetime) -> str:
    """Give the place of a conflict to the next suited expert: of the same panel if there is one. Returns her name.

    Suited is who has no task and no conflict there and judges most of what is missing; then who has the fewest tasks.
    Raises Forbidden, NotFound, Conflict (round closed, replaced before, nobody left).
    """
    act = Act(actor, "assignment.draw", subject_of(round_code), now)
    with audited(act) as session:
        round_ = take_round_of_panels(session, round_code)
        query = select(Assignment).join(Questionnaire).where(Questionnaire.round_id == round_.id)
        task = session.scalar(query.where(Assignment.id == assignment_id, Questionnaire.group == EXPERTS))
        if task is None or task.state != CONFLICT:
            raise NotFound("There is no conflict of this number.")
        if task.origin in (ROSTER, REPLACED):
            raise Conflict("Nobody has to be replaced here.")
        chosen = _next_expert(session, task)
        made = Assignment(questionnaire=task.questionnaire, account=chosen, unit=task.unit, is_named=True)
        made.panel, made.origin = task.panel, DRAW
        session.add(made)
        task.origin = REPLACED
        act.detail = {"unit": task.unit.code, "for": task.account.login, "expert": chosen.login}
        return chosen.name


def _task(session: Session, form: Questionnaire, expert: Account, unit: Unit) -> Assignment:
    """The assignment there is, or a new one of the roster."""
    place = Assignment.questionnaire_id == form.id, Assignment.account_id == expert.id, Assignment.unit_id == unit.id
    found = session.scalar(select(Assignment).where(*place).with_for_update())
    if found is None:
        found = Assignment(questionnaire=form, account=expert, unit=unit, is_named=True, origin=ROSTER, state=OPEN)
        session.add(found)
    return found


def _next_expert(session: Session, task: Assignment) -> Account:
    here = Assignment.questionnaire_id == task.questionnaire_id, Assignment.unit_id == task.unit_id
    busy_here = set(session.scalars(select(Assignment.account_id).where(*here)))
    experts = [expert for expert in find_experts(session) if expert.id not in busy_here]
    competent = declared(session, [task.account_id, *(expert.id for expert in experts)])
    asked = [question.indicator.code for question in task.questionnaire.questions]
    missing = judged(asked, competent.get(task.account_id, ()))
    helps = {expert.id: len(judged(missing, competent.get(expert.id, ()))) for expert in experts}
    suited = [expert for expert in experts if helps[expert.id]]
    if not suited:
        raise Conflict("No other expert may score this office. Add an expert, or a competence.")
    panel = _members(session, task)
    load = _load(session, task.questionnaire.round_id)
    return min(suited, key=lambda one: (one.id not in panel, -helps[one.id], load[one.id], one.id))


def _members(session: Session, task: Assignment) -> set[int]:
    query = select(Assignment.account_id).where(Assignment.questionnaire_id == task.questionnaire_id)
    return set(session.scalars(query.where(Assignment.panel == task.panel, Assignment.panel != "")))


def _load(session: Session, round_id: int) -> Counter[int]:
    query = (
        select(Assignment.account_id, func.count())
        .join(Questionnaire)
        .where(Questionnaire.round_id == round_id, Questionnaire.group == EXPERTS, Assignment.state != CONFLICT)
        .group_by(Assignment.account_id)
    )
    return Counter(dict(session.execute(query).all()))
