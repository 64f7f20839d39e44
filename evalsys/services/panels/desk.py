"""What lies on an expert's desk beside her forms: evidence, calibration still to be done, second scores to be given."""

from dataclasses import dataclass

from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Assignment, Questionnaire, Round, RoundState
from evalsys.services.access import Actor, Role, require
from evalsys.services.evidence.reading import DocumentLine, documents_for_experts
from evalsys.services.panels.attempts import open_cases
from evalsys.services.panels.stages import is_second_open


@dataclass(frozen=True)
class Desk:
    """What waits for an expert: how many cases she has to pass, and which assignments may be scored again."""

    open_cases: int = 0
    second: tuple[int, ...] = ()


@dataclass(frozen=True)
class Beside:
    """What belongs to one assignment; `second` is "" (not yet), "open" or "done"."""

    documents: tuple[DocumentLine, ...] = ()
    open_cases: int = 0
    second: str = ""


def read_desk(actor: Actor) -> Desk:
    """What waits in the rounds that collect now; empty for anybody but an expert. Raises Forbidden."""
    require(actor, "assignment.answer")
    if actor.role != Role.EXPERT:
        return Desk()
    session = db.session()
    query = select(Assignment).join(Questionnaire).join(Round).where(Round.state == RoundState.COLLECTING)
    tasks = session.scalars(query.where(Assignment.account_id == actor.account_id, Assignment.is_named)).all()
    rounds = {task.questionnaire.round_id for task in tasks}
    second = tuple(task.id for task in tasks if is_second_open(session, task) and task.final_response_id is None)
    return Desk(sum(open_cases(session, number, actor.account_id) for number in rounds), second)


def read_beside(actor: Actor, assignment_id: int) -> Beside:
    """What belongs to an assignment of the actor; empty for a task without a name. Raises Forbidden."""
    require(actor, "assignment.answer")
    session = db.session()
    own = Assignment.id == assignment_id, Assignment.account_id == actor.account_id, Assignment.is_named
    task = session.scalar(select(Assignment).where(*own))
    if task is None:
        return Beside()
    is_open = is_second_open(session, task)
    state = "" if not is_open else "open" if task.final_response_id is None else "done"
    round_id = task.questionnaire.round_id
    documents = documents_for_experts(session, round_id, task.unit_id) if task.state != "conflict" else ()
    return Beside(documents, open_cases(session, round_id, task.account_id), state)
