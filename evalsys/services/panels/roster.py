"""The experts as the analyst sees them: who they are, what they judge, where they sit, how well units are covered."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from evalsys.db import db
from evalsys.models import Account, Assignment, Questionnaire, Unit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.panels.attempts import open_cases
from evalsys.services.panels.competences import declared, judged
from evalsys.services.panels.design import components
from evalsys.services.panels.drawing import CONFLICT, OPEN, REPLACED, ROSTER
from evalsys.services.panels.setting import (
    BEFORE_CLOSE,
    expert_numbered,
    find_experts,
    find_forms,
    find_group,
    form_of,
    indicators_of,
    units_of,
)
from evalsys.services.panels.stages import SHOWN, SUBMITTED, count_waiting
from evalsys.services.rounds.states import find_round

FEWEST = 3


@dataclass(frozen=True)
class ExpertLine:
    """An expert: names of what she judges (empty: everything), panels, tasks, sent ones, conflicts, open cases."""

    id: int
    login: str
    name: str
    competences: tuple[Text, ...]
    panel: str
    tasks: int
    sent: int
    conflicts: int
    open_cases: int


@dataclass(frozen=True)
class UnitLine:
    """A unit: how many experts judge each indicator, in the order of the page; None where it is not asked."""

    code: str
    name: Text
    panels: str
    cover: tuple[int | None, ...]

    @property
    def is_short(self) -> bool:
        """True when an indicator has fewer than three experts."""
        return any(number is not None and number < FEWEST for number in self.cover)


@dataclass(frozen=True)
class ConflictLine:
    """A declared conflict; `is_open` when another expert may be drawn for it."""

    id: int
    expert: str
    unit: Text
    reason: str
    is_open: bool


@dataclass(frozen=True)
class PanelPage:
    """Everything about a round's experts; `waiting` assignments are neither sent nor given back."""

    round_code: str
    round_name: Text
    state: str
    may_change: bool
    has_begun: bool
    is_connected: bool
    has_two_rounds: bool
    is_spread_shown: bool
    needs_calibration: bool
    waiting: int
    indicators: tuple[Text, ...]
    experts: tuple[ExpertLine, ...]
    units: tuple[UnitLine, ...]
    conflicts: tuple[ConflictLine, ...]

    @property
    def short(self) -> int:
        """How many units have an indicator that fewer than three experts judge."""
        return sum(unit.is_short for unit in self.units)


@dataclass(frozen=True)
class ExpertPage:
    """One expert: all indicators as (code, name), those she declared, the round's units as (code, name)."""

    id: int
    name: str
    login: str
    round_code: str
    round_name: Text
    may_change: bool
    indicators: tuple[tuple[str, Text], ...]
    competences: frozenset[str]
    units: tuple[tuple[str, Text], ...]
    conflicts: tuple[ConflictLine, ...]


def read_panels(actor: Actor, round_code: str, locale: str) -> PanelPage:
    """The experts of a round and how they cover its units. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    forms, experts, group = find_forms(session, round_.id), find_experts(session), find_group(session, round_.id)
    tasks = _tasks(session, round_.id)
    names = content.names("indicator", locale)
    indicators = indicators_of(forms)
    competent = declared(session, {expert.id for expert in experts} | {task.account_id for task in tasks})
    active = [task for task in tasks if task.state != CONFLICT]
    return PanelPage(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        state=round_.state,
        may_change=may(actor, "panel.manage") and round_.state in BEFORE_CLOSE,
        has_begun=any(task.state != OPEN or task.draft for task in active),
        is_connected=len(components({(task.account.login, task.unit.code) for task in active})) <= 1,
        has_two_rounds=group.has_two_rounds,
        is_spread_shown=group.panel_stage == SHOWN,
        needs_calibration=group.needs_calibration,
        waiting=count_waiting(session, round_.id),
        indicators=tuple(names.get(code, Text(code, "")) for code in indicators),
        experts=tuple(
            _expert_line(
                expert, tasks, _named(competent.get(expert.id), names), open_cases(session, round_.id, expert.id)
            )
            for expert in experts
        ),
        units=_unit_lines(units_of(round_), forms, active, competent, content.names("unit", locale)),
        conflicts=_conflict_lines(tasks, content.names("unit", locale)),
    )


def read_expert(actor: Actor, round_code: str, account_id: int, locale: str) -> ExpertPage:
    """One expert's competences and conflicts in a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    expert = expert_numbered(session, account_id)
    names, units = content.names("indicator", locale), content.names("unit", locale)
    tasks = [task for task in _tasks(session, round_.id) if task.account_id == expert.id]
    return ExpertPage(
        id=expert.id,
        name=expert.name,
        login=expert.login,
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        may_change=may(actor, "panel.manage") and round_.state in BEFORE_CLOSE,
        indicators=tuple(
            (code, names.get(code, Text(code, ""))) for code in indicators_of(find_forms(session, round_.id))
        ),
        competences=declared(session, [expert.id]).get(expert.id, frozenset()),
        units=tuple((code, units.get(code, Text(code, ""))) for code in sorted(units_of(round_))),
        conflicts=_conflict_lines(tasks, units),
    )


def _tasks(session: Session, round_id: int) -> list[Assignment]:
    ids = [form.id for form in find_forms(session, round_id)]
    query = select(Assignment).where(Assignment.questionnaire_id.in_(ids)).order_by(Assignment.id)
    return list(session.scalars(query.options(joinedload(Assignment.account), joinedload(Assignment.unit))))


def _named(codes: frozenset[str] | None, names: Mapping[str, Text]) -> tuple[Text, ...]:
    return tuple(names.get(code, Text(code, "")) for code in sorted(codes or ()))


def _expert_line(expert: Account, tasks: Sequence[Assignment], competences: tuple[Text, ...], cases: int) -> ExpertLine:
    mine = [task for task in tasks if task.account_id == expert.id]
    states = Counter(task.state for task in mine)
    return ExpertLine(
        id=expert.id,
        login=expert.login,
        name=expert.name,
        competences=competences,
        panel=_panels([task for task in mine if task.state != CONFLICT]),
        tasks=len(mine) - states[CONFLICT],
        sent=states[SUBMITTED],
        conflicts=states[CONFLICT],
        open_cases=cases,
    )


def _unit_lines(
    units: Mapping[str, Unit],
    forms: Sequence[Questionnaire],
    tasks: Sequence[Assignment],
    competent: Mapping[int, frozenset[str]],
    names: Mapping[str, Text],
) -> tuple[UnitLine, ...]:
    by_unit: dict[int, list[Assignment]] = defaultdict(list)
    for task in tasks:
        by_unit[task.unit_id].append(task)
    asked_at_all = indicators_of(forms)
    lines = []
    for code, unit in sorted(units.items()):
        form = form_of(forms, unit.id)
        asked = [question.indicator.code for question in form.questions] if form is not None else []
        found = Counter(
            indicator for task in by_unit[unit.id] for indicator in judged(asked, competent.get(task.account_id, ()))
        )
        cover = tuple(found[indicator] if indicator in asked else None for indicator in asked_at_all)
        lines.append(UnitLine(code, names.get(code, Text(code, "")), _panels(by_unit[unit.id]), cover))
    return tuple(lines)


def _panels(tasks: Sequence[Assignment]) -> str:
    return ", ".join(sorted({task.panel for task in tasks if task.panel}))


def _conflict_lines(tasks: Sequence[Assignment], names: Mapping[str, Text]) -> tuple[ConflictLine, ...]:
    return tuple(
        ConflictLine(
            id=task.id,
            expert=task.account.name,
            unit=names.get(task.unit.code, Text(task.unit.code, "")),
            reason=task.conflict_reason,
            is_open=task.origin not in (ROSTER, REPLACED),
        )
        for task in tasks
        if task.state == CONFLICT
    )
