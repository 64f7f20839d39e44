"""A new round: from a former one with its units, forms and weights, from a preset, or from an empty start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import (
    Account,
    Assignment,
    Question,
    Questionnaire,
    RaterGroup,
    Role,
    Round,
    RoundUnit,
    RuleDocument,
    Unit,
)
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.content import add_texts, in_languages
from evalsys.services.presets import EMPTY, add_questionnaires, install, read_preset
from evalsys.services.questionnaires.storing import copy_document
from evalsys.services.register.reorganising import read_descent
from evalsys.services.rounds.completeness import rules_in_force
from evalsys.services.rounds.states import find_round, subject_of
from evalsys.services.versions import add_version, current_version
from evalsys.services.weights import read_scheme, scheme_of

ROUND, PRESET = "round:", "preset:"


@dataclass(frozen=True)
class NewRound:
    """What is asked of a new round; `source` is "round:<code>", "preset:<code>" or "empty".

    `titles` maps locale to name. A pilot tries things out: it is never ranked, published or part of a trend.
    """

    code: str
    source: str
    period_start: date
    period_end: date
    titles: Mapping[str, str]
    is_pilot: bool = False


def create_round(actor: Actor, new: NewRound, *, now: datetime) -> None:
    """Make a draft round with its units, forms and a first proposal of weights, which a board member has to approve.

    Raises Forbidden; NotFound when there is no such source; Conflict when the code is taken; Invalid.
    """
    act = Act(actor, "round.create", subject_of(new.code), now, detail={"source": new.source, "is_pilot": new.is_pilot})
    with audited(act) as session:
        if new.period_end < new.period_start:
            raise Invalid("The last day is before the first day. Choose a later last day.")
        period = {"period_start": new.period_start, "period_end": new.period_end}
        round_ = Round(code=new.code, is_pilot=new.is_pilot, created_at=now, **period)
        session.add(round_)
        try:
            session.flush()
        except IntegrityError as taken:
            raise Conflict("There is a round with this code already. Choose another code.") from taken
        add_texts(session, in_languages("round", new.code, "name", new.titles))
        _fill(session, round_, new.source, act)


def _fill(session: Session, round_: Round, source: str, act: Act) -> None:
    if source.startswith(ROUND):
        _fill_from_round(session, round_, find_round(session, source.removeprefix(ROUND)), act)
    elif source.startswith(PRESET):
        _fill_from_preset(session, round_, source.removeprefix(PRESET), act)
    elif source == EMPTY:
        _fill_from_preset(session, round_, EMPTY, act)
    else:
        raise NotFound("There is nothing of this name to start from.")


def _fill_from_round(session: Session, round_: Round, former: Round, act: Act) -> None:
    round_.previous_id, round_.method = former.previous_id if former.is_pilot else former.id, former.method
    for unit in _units_after(session, former):
        session.add(RoundUnit(round=round_, unit=unit, category_id=unit.category_id))
    forms = select(Questionnaire).where(Questionnaire.round_id == former.id).order_by(Questionnaire.id)
    for form in session.scalars(forms).all():
        _copy_form(session, round_, form, act)
    for group in session.scalars(select(RaterGroup).where(RaterGroup.round_id == former.id)).all():
        session.add(RaterGroup(round_id=round_.id, **_options(group)))
    _copy_rules(session, round_, former, act)
    act.reason = f"{ROUND}{former.code}"
    add_version(session, round_, scheme_of(current_version(session, former).body), act)


def _copy_rules(session: Session, round_: Round, former: Round, act: Act) -> None:
    """The rule document of the former round stays in force until another one is attached."""
    document = rules_in_force(session, former.id)
    if document is not None:
        facts = {name: getattr(document, name) for name in ("title", "name", "kind", "size", "digest")}
        session.add(RuleDocument(round_id=round_.id, uploaded_by=act.actor.account_id, uploaded_at=act.now, **facts))


def _units_after(session: Session, former: Round) -> list[Unit]:
    """The units of a former round that are in use, and those that took the place of reorganised ones."""
    descent, ids = read_descent(session), [place.unit_id for place in former.units]
    heirs = {heir for unit in ids for heir in descent.heirs(unit)}
    in_use = select(Unit).where(Unit.id.in_({*ids, *heirs}), Unit.is_active).order_by(Unit.code)
    return list(session.scalars(in_use))


def _options(group: RaterGroup) -> dict[str, object]:
    """How a group is collected; a second look at the spread starts anew."""
    columns = (column.key for column in RaterGroup.__table__.columns if column.key not in ("round_id", "panel_stage"))
    return {name: getattr(group, name) for name in columns}


def _copy_form(session: Session, round_: Round, form: Questionnaire, act: Act) -> None:
    questions = [Question(position=asked.position, indicator_id=asked.indicator_id) for asked in form.questions]
    copied = Questionnaire(round=round_, code=form.code, group=form.group, unit_id=form.unit_id, questions=questions)
    session.add(copied)
    copy_document(session, form, copied, act, f"{ROUND}{form.round.code}")
    tasks = select(Assignment).join(Account).join(Unit, Assignment.unit_id == Unit.id)
    still = tasks.where(Assignment.questionnaire_id == form.id, Account.is_active, Unit.is_active)
    still = still.where(Account.role != Role.SUPERVISOR)  # what she has are declared conflicts, no tasks
    for task in session.scalars(still.order_by(Assignment.id)).all():
        session.add(
            Assignment(
                questionnaire=copied,
                account_id=task.account_id,
                unit_id=task.unit_id,
                panel=task.panel,
                is_named=task.is_named,
                **_kept_conflict(task),
            )
        )


def _kept_conflict(task: Assignment) -> dict[str, str]:
    """A conflict of interest does not end with a round."""
    if task.state != "conflict":
        return {}
    return {"state": task.state, "conflict_reason": task.conflict_reason, "origin": "roster"}


def _fill_from_preset(session: Session, round_: Round, code: str, act: Act) -> None:
    preset = read_preset(code)
    round_.method = preset.method
    scheme = read_scheme(preset.scheme)
    install(session, preset)
    add_questionnaires(session, round_, preset)
    for unit in session.scalars(select(Unit).where(Unit.is_active).order_by(Unit.code)):
        session.add(RoundUnit(round=round_, unit=unit, category_id=unit.category_id))
    act.reason = f"{PRESET}{code}"
    add_version(session, round_, scheme, act)
