"""The field work of a round: tasks of peers and experts, and all answers, written in bulk."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Insert, delete, insert, select, update
from sqlalchemy.orm import Session

from evalsys.models import (
    Account,
    Assignment,
    Comment,
    Credential,
    Dirty,
    Questionnaire,
    Response,
    Round,
)
from evalsys.services.credentials import SPENT, add_credentials
from evalsys.services.demo.citizens import Field, citizen_rows, comment_rows
from evalsys.services.demo.city import unit_ids
from evalsys.services.demo.draws import draw_ids, new_rng
from evalsys.services.demo.panels import (
    Rated,
    Task,
    expert_ratings,
    expert_tasks,
    peer_ratings,
    peer_tasks,
    reason_rows,
)
from evalsys.services.demo.people import login
from evalsys.services.demo.plan import MAIN, STRATA, plans, seed
from evalsys.services.questionnaires.document import document_for, unscored

ROWS_AT_ONCE = 10_000
FIRST_DAY, LAST_DAY = (5, 2), (9, 30)
TOKENS = {"users": 17_500, "residents": 6_000, "supervisors": 500}
NEXT_TOKENS = {"users": 1_500, "residents": 400, "supervisors": 60}


def add_tasks(session: Session, round_: Round) -> None:
    """Give liaisons and experts their tasks; only experts stand by their scores with their names."""
    forms = _forms(session, round_)
    units, people = unit_ids(session), _people(session)
    rows = [
        {"questionnaire_id": forms[group].id, "account_id": people[login(task.rater)], "unit_id": units[task.unit]}
        | {"panel": task.panel, "state": "open", "is_named": group == "experts", "draft": {}, "conflict_reason": ""}
        for group, tasks in (("peers", peer_tasks()), ("experts", expert_tasks()))
        for task in tasks
    ]
    session.execute(insert(Assignment), rows)


def add_answers(session: Session, round_: Round, today: date) -> None:
    """Write the answers of a round (no day after today), tasks done where it is over, dirty marks and credentials."""
    forms, units = _forms(session, round_), unit_ids(session)
    responses: list[dict[str, Any]] = []
    comments: list[dict[str, Any]] = []
    field = _field(round_, forms["citizens"])
    for code, plan in plans(round_.code).items():
        rows = list(citizen_rows(field, plan, units[code]))
        responses += rows
        if round_.code == MAIN:
            comments += comment_rows(round_.code, code, [row for row in rows if row["stratum"] != "open"])
    named: list[Rated] = []
    if round_.code <= MAIN:
        named = _experts(round_, forms["experts"], units)
        peers = _peers(round_, forms["peers"], units)
        responses += [rated.row for rated in (*named, *peers)]
        ids = [question.indicator_id for question in forms["experts"].questions]
        comments += [row for rated in named for row in reason_rows(rated, ids)]
    for row in responses:
        row["day"] = min(row["day"], today)
    _write(session, insert(Response), sorted(responses, key=lambda row: str(row["id"])))
    _write(session, insert(Comment), comments)
    _mark_dirty(session, responses)
    if round_.code <= MAIN:
        _finish_tasks(session, forms, named)
    _add_credentials(session, round_, responses)


def _peers(round_: Round, form: Questionnaire, units: dict[str, int]) -> list[Rated]:
    field, tasks = _field(round_, form), _by_unit(peer_tasks())
    return [
        rated
        for code, plan in plans(round_.code).items()
        for rated in peer_ratings(field, plan, tasks[code], units[code])
    ]


def _experts(round_: Round, form: Questionnaire, units: dict[str, int]) -> list[Rated]:
    field, tasks = _field(round_, form), _by_unit(expert_tasks())
    return [
        rated
        for code, plan in plans(round_.code).items()
        for rated in expert_ratings(field, plan, tasks[code], units[code])
    ]


def _finish_tasks(session: Session, forms: dict[str, Questionnaire], named: list[Rated]) -> None:
    """Peers' tasks are done without a trace to the answer; experts' tasks know theirs, unless there is a conflict."""
    people, units = _people(session), unit_ids(session)
    done = forms["peers"].round.code
    last = date(int(done), *LAST_DAY)
    for group in ("peers", "experts"):
        task = update(Assignment).where(Assignment.questionnaire_id == forms[group].id)
        session.execute(task.values(state="submitted", submitted_on=last))
    experts = update(Assignment).where(Assignment.questionnaire_id == forms["experts"].id)
    for rated in named:
        own = experts.where(Assignment.account_id == people[login(rated.task.rater)])
        own = own.where(Assignment.unit_id == units[rated.task.unit])
        session.execute(own.values(response_id=rated.row["id"], submitted_on=rated.row["day"]))
    for code, plan in plans(done).items():
        if plan.conflict:
            own = experts.where(
                Assignment.account_id == people[login(plan.conflict)], Assignment.unit_id == units[code]
            )
            reason = "My sister sits on this board."
            session.execute(own.values(state="conflict", conflict_reason=reason, submitted_on=None))


def _add_credentials(session: Session, round_: Round, responses: list[dict[str, Any]]) -> None:
    """24,000 invitations in the main round, those of the answers spent; some for the round that is open."""
    if round_.code < MAIN:
        return
    for stratum in STRATA:
        number = sum(row["stratum"] == stratum for row in responses)
        wanted = (TOKENS if round_.code == MAIN else NEXT_TOKENS)[stratum]
        add_credentials(session, round_.id, stratum, max(wanted, number))
        spent = select(Credential.digest).where(Credential.round_id == round_.id, Credential.stratum == stratum)
        some = session.scalars(spent.order_by(Credential.digest).limit(number)).all()
        for start in range(0, len(some), 500):
            chosen = update(Credential).where(Credential.digest.in_(some[start : start + 500]))
            session.execute(chosen.values(state=SPENT))


def _mark_dirty(session: Session, responses: list[dict[str, Any]]) -> None:
    places = sorted({(row["questionnaire_id"], row["unit_id"]) for row in responses})
    session.execute(delete(Dirty).where(Dirty.questionnaire_id.in_({form for form, _ in places})))
    keys = draw_ids(new_rng(seed(), "dirty", str(places)), len(places))
    rows = [
        {"id": key, "questionnaire_id": form, "unit_id": unit} for key, (form, unit) in zip(keys, places, strict=True)
    ]
    session.execute(insert(Dirty), rows)


def _write(session: Session, statement: Insert, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(statement, list(rows[start : start + ROWS_AT_ONCE]))


def _field(round_: Round, form: Questionnaire) -> Field:
    year = int(round_.code)
    apart = unscored(document_for(form))
    asked = [(question.indicator.code, question.indicator.points) for question in form.questions]
    codes = tuple(code for code, _ in asked if code not in apart)
    background = tuple(points for code, points in asked if code in apart)
    return Field(round_.code, form.group, form.id, codes, date(year, *FIRST_DAY), date(year, *LAST_DAY), background)


def _forms(session: Session, round_: Round) -> dict[str, Questionnaire]:
    found = session.scalars(select(Questionnaire).where(Questionnaire.round_id == round_.id))
    return {form.group: form for form in found}


def _people(session: Session) -> dict[str, int]:
    return dict(session.execute(select(Account.login, Account.id)).all())


def _by_unit(tasks: list[Task]) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.unit].append(task)
    return found
