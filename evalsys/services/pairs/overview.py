"""Who is asked about whom, for the oversight body alone: states of tasks, never answers."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.models import Account, Assignment, Role, RoundState, Unit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.pairs.changes import is_untouched
from evalsys.services.pairs.groups import (
    CHANGEABLE,
    AssignedGroup,
    assigned_groups,
    find_group,
    rated_units,
    raters_of,
)
from evalsys.services.rounds.states import find_round

DRAFT, OPEN, WAITING, SUBMITTED, CONFLICT = "draft", "open", "waiting", "submitted", "conflict"


@dataclass(frozen=True)
class GroupTab:
    """A group of the round whose raters are assigned."""

    code: str
    name: Text


@dataclass(frozen=True)
class PairLine:
    """One rater of a unit; `state` is open, draft, waiting, submitted or conflict, `origin` upload, draw or ""."""

    id: int
    rater: str
    rater_unit: Text | None
    state: str
    origin: str
    reminded_on: date | None
    is_untouched: bool


@dataclass(frozen=True)
class RatedLine:
    """A rated unit with its raters."""

    code: str
    name: Text
    pairs: tuple[PairLine, ...]

    @property
    def sent(self) -> int:
        """How many have sent their answers."""
        return sum(pair.state == SUBMITTED for pair in self.pairs)

    def holds(self, numbers: Collection[str]) -> bool:
        """True when one of these assignments is about this unit."""
        return any(str(pair.id) in numbers for pair in self.pairs)


@dataclass(frozen=True)
class WaitingLine:
    """A unit whose head has not released so many answers yet; `heads` is how many could."""

    name: Text
    number: int
    heads: int


@dataclass(frozen=True)
class PairsPage:
    """The assignments of one group of a round; `loads` are the fewest and the most that a rater has."""

    round_code: str
    round_name: Text
    tabs: tuple[GroupTab, ...]
    group: GroupTab | None
    needs_release: bool
    is_named: bool
    units: tuple[RatedLine, ...]
    raters: int
    loads: tuple[int, int]
    waiting: tuple[WaitingLine, ...]
    may_change: bool
    may_set_release: bool
    may_remind: bool

    @property
    def pairs(self) -> int:
        """All assignments of the group."""
        return sum(len(unit.pairs) for unit in self.units)

    def count(self, state: str) -> int:
        """How many assignments are in this state."""
        return sum(pair.state == state for unit in self.units for pair in unit.pairs)


def pairs_page(actor: Actor, round_code: str, group_code: str, locale: str) -> PairsPage:
    """The page of one group, of the first one without a code. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    groups = assigned_groups(db.session(), round_)
    group = find_group(db.session(), round_, group_code) if group_code else next(iter(groups), None)
    names = content.names("group", locale)
    tabs = {one.code: GroupTab(one.code, names.get(one.code) or Text(one.code, "")) for one in groups}
    units = content.names("unit", locale)
    tasks = _tasks(group) if group else []
    raters = raters_of(db.session(), group) if group else []
    is_collecting, is_changeable = round_.state == RoundState.COLLECTING, round_.state in CHANGEABLE
    return PairsPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        tabs=tuple(tabs.values()),
        group=tabs[group.code] if group else None,
        needs_release=bool(group and group.needs_release),
        is_named=bool(group and group.is_named),
        units=tuple(_lines(group, tasks, units)) if group else (),
        raters=len(raters),
        loads=_loads(raters, tasks),
        waiting=_waiting(tasks, units),
        may_change=bool(group) and is_changeable and may(actor, "assignment.draw"),
        may_set_release=bool(group and not group.is_named)
        and is_changeable
        and not is_collecting
        and may(actor, "group.edit"),
        may_remind=bool(group) and is_collecting and may(actor, "assignment.remind"),
    )


def _tasks(group: AssignedGroup) -> Sequence[Assignment]:
    query = (
        select(Assignment)
        .join(Account, Account.id == Assignment.account_id)
        .where(Assignment.questionnaire_id.in_([form.id for form in group.forms]))
        .options(joinedload(Assignment.account).joinedload(Account.unit), joinedload(Assignment.unit))
        .order_by(Account.name, Assignment.id)
    )
    return db.session.scalars(query).all()


def _lines(group: AssignedGroup, tasks: Sequence[Assignment], names: dict[str, Text]) -> list[RatedLine]:
    units = {unit.id: unit for unit in rated_units(db.session(), group)}
    units |= {task.unit_id: task.unit for task in tasks}
    return [
        RatedLine(
            unit.code, _named(unit, names), tuple(_pair(task, names) for task in tasks if task.unit_id == unit.id)
        )
        for unit in sorted(units.values(), key=lambda unit: unit.code)
    ]


def _pair(task: Assignment, names: dict[str, Text]) -> PairLine:
    unit = task.account.unit
    return PairLine(
        id=task.id,
        rater=task.account.name,
        rater_unit=_named(unit, names) if unit else None,
        state=DRAFT if task.state == OPEN and task.draft else task.state,
        origin=task.origin,
        reminded_on=task.reminded_on,
        is_untouched=is_untouched(task),
    )


def _loads(raters: Sequence[Account], tasks: Sequence[Assignment]) -> tuple[int, int]:
    load = Counter(task.account_id for task in tasks if task.state != CONFLICT)
    loads = [load[rater.id] for rater in raters]
    return min(loads, default=0), max(loads, default=0)


def _waiting(tasks: Sequence[Assignment], names: dict[str, Text]) -> tuple[WaitingLine, ...]:
    """What waits for a head, by the rater's unit."""
    units = [task.account.unit for task in tasks if task.state == WAITING and task.account.unit is not None]
    numbers = Counter(unit.id for unit in units)
    heads = Counter(
        db.session.scalars(
            select(Account.unit_id).where(Account.role == Role.HEAD, Account.is_active, Account.unit_id.in_(numbers))
        )
    )
    once = {unit.id: unit for unit in sorted(units, key=lambda unit: unit.code)}
    return tuple(WaitingLine(_named(unit, names), numbers[id_], heads[id_]) for id_, unit in once.items())


def _named(unit: Unit, names: dict[str, Text]) -> Text:
    return names.get(unit.code) or Text(unit.code, "")
