"""Assignments of experts: drawn by a recorded seed, or taken from a file; conflicts declared before are respected."""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.i18n import _l
from evalsys.models import Account, Assignment, Questionnaire, Round, Unit
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.panels.competences import MOST_ROWS, NO_EXPERT, declared, judged
from evalsys.services.panels.design import Design, Judge, Place, Task, Wish, draw_design
from evalsys.services.panels.setting import find_experts, find_forms, form_of, take_round_of_panels, units_of
from evalsys.services.rounds.states import subject_of
from evalsys.services.rowlist import STANDS_ABOVE, Row, RowProblem, read_rows, refuse_rows

SEED_BITS = 31
PANEL_CHARACTERS = 30
CONFLICT, OPEN = "conflict", "open"
DRAW, UPLOAD, ROSTER, REPLACED = "draw", "upload", "roster", "replaced"

WISHES = {
    "panels": _l("Choose at least one panel, and no more panels than there are experts."),
    "common": _l(
        "Choose common units: at least one where there are several panels, and no more than the round has units."
    ),
}


@dataclass(frozen=True)
class _Field:
    """What is drawn for: the round with its forms, units by code and experts by login."""

    round: Round
    forms: Sequence[Questionnaire]
    units: Mapping[str, Unit]
    experts: Mapping[str, Account]


def draw_assignments(actor: Actor, round_code: str, wish: Wish, *, seed: int | None = None, now: datetime) -> Design:
    """Draw panels and assignments anew; without a seed one is made up. Seed and result are on record.

    Untouched assignments of before go away; conflicts stay and are respected.
    Raises Forbidden, NotFound, Conflict (round closed, no form, an expert has begun), Invalid (wish cannot be met).
    """
    used = secrets.randbits(SEED_BITS) if seed is None else seed
    act = Act(actor, "assignment.draw", subject_of(round_code), now)
    act.detail = {"seed": used, "panels": wish.panels, "common": wish.common, "at_least": wish.at_least}
    with audited(act) as session:
        place = _take_field(session, round_code)
        conflicts = _clear(session, place.forms)
        try:
            design = draw_design(_judges(session, place, conflicts), _places(place), wish, used)
        except ValueError as error:
            raise Invalid(WISHES[str(error)]) from error
        _add(session, place, design.tasks, DRAW)
        act.detail |= {"common_units": list(design.common), "tasks": len(design.tasks), "short": len(design.short)}
        return design


def import_assignments(actor: Actor, round_code: str, content: bytes, *, now: datetime) -> int:
    """Take assignments from a CSV file with the columns login, unit, panel; all rows or none. Returns how many.

    They replace those that nobody has begun. Raises Forbidden, NotFound, Conflict, Invalid with every problem.
    """
    act = Act(actor, "assignment.draw", subject_of(round_code), now)
    with audited(act) as session:
        place = _take_field(session, round_code)
        conflicts = _clear(session, place.forms)
        rows, problems = read_rows(content, ("login", "unit", "panel"), MOST_ROWS)
        judges = {judge.login: judge for judge in _judges(session, place, conflicts)}
        lines: dict[tuple[str, str], int] = {}
        for row in rows:
            problems += _problems(row, place, judges)
            first = lines.setdefault((row.cells["login"], row.cells["unit"]), row.line)
            if first != row.line:
                problems.append(
                    row.problem("", STANDS_ABOVE, f"{row.cells['login']}, {row.cells['unit']}", first=first)
                )
        refuse_rows(problems)
        _add(session, place, [Task(*(row.cells[name] for name in ("login", "unit", "panel"))) for row in rows], UPLOAD)
        act.detail = {"imported": len(rows)}
        return len(rows)


def _take_field(session: Session, round_code: str) -> _Field:
    round_ = take_round_of_panels(session, round_code)
    forms = find_forms(session, round_.id)
    if not forms:
        raise Conflict("This round has no form for experts.")
    return _Field(round_, forms, units_of(round_), {expert.login: expert for expert in find_experts(session)})


def _clear(session: Session, forms: Sequence[Questionnaire]) -> dict[int, set[str]]:
    """Take away what nobody has begun; what stays are conflicts, given back as unit codes by expert."""
    ids = [form.id for form in forms]
    query = select(Assignment).where(Assignment.questionnaire_id.in_(ids)).with_for_update(of=Assignment)
    conflicts: dict[int, set[str]] = {}
    for task in session.scalars(query).all():
        if task.state == CONFLICT:
            task.origin = ROSTER
            conflicts.setdefault(task.account_id, set()).add(task.unit.code)
        elif task.state != OPEN or task.draft:
            raise Conflict("An expert has begun already, so the assignments are not made anew. Replace single ones.")
        else:
            session.delete(task)
    session.flush()
    return conflicts


def _judges(session: Session, place: _Field, conflicts: Mapping[int, Collection[str]]) -> list[Judge]:
    competent = declared(session, [expert.id for expert in place.experts.values()])
    return [
        Judge(login, competent.get(expert.id, frozenset()), frozenset(conflicts.get(expert.id, ())))
        for login, expert in place.experts.items()
    ]


def _places(place: _Field) -> list[Place]:
    categories = {one.unit.code: one.category.code for one in place.round.units}
    return [
        Place(code, categories[code], tuple(question.indicator.code for question in form.questions))
        for code, unit in place.units.items()
        if (form := form_of(place.forms, unit.id)) is not None
    ]


def _add(session: Session, place: _Field, tasks: Sequence[Task], origin: str) -> None:
    for task in tasks:
        unit = place.units[task.unit]
        form = form_of(place.forms, unit.id)
        if form is not None:
            made = Assignment(questionnaire=form, account=place.experts[task.login], unit=unit, is_named=True)
            made.panel, made.origin = task.panel, origin
            session.add(made)


def _problems(row: Row, place: _Field, judges: Mapping[str, Judge]) -> Iterator[RowProblem]:
    unit, judge = place.units.get(row.cells["unit"]), judges.get(row.cells["login"])
    form = form_of(place.forms, unit.id) if unit is not None else None
    if judge is None:
        yield row.problem("login", NO_EXPERT)
    if unit is None or form is None:
        yield row.problem("unit", _l("The experts of this round do not score this office."))
    if len(row.cells["panel"]) > PANEL_CHARACTERS:
        yield row.problem("panel", _l("This text is longer than %(limit)s characters."), limit=PANEL_CHARACTERS)
    if judge is not None and row.cells["unit"] in judge.conflicts:
        yield row.problem("unit", _l("The expert declared a conflict of interest about this office."))
    if judge and form and not judged([one.indicator.code for one in form.questions], judge.competences):
        yield row.problem("unit", _l("Nothing about this office lies within the competence of the expert."))
