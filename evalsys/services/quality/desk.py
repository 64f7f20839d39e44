"""What the quality desk shows: flags by rule, unit, channel and day, and exclusions. Never an answer, never a comment.

How flagged people answered belongs to the effect of an exclusion, which is shown once it is decided (quality.effect).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from evalsys.db import db
from evalsys.models import BEFORE_OPENING, IN_REVIEW, OVER, Exclusion, Flag, Response, Round, RoundState, Unit
from evalsys.models.response import COUNTED
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.quality.exclusions import IN_FORCE, OPEN_TO_CHANGE, PROPOSED, find_exclusion
from evalsys.services.quality.flags import flagged, of_round
from evalsys.services.quality.rules import CHANGEABLE, Setting, settings_of
from evalsys.services.rounds.states import find_round
from evalsys.services.run_influence import rounded

GRADES = (1, 2, 3)
DAYS_SHOWN = 20


@dataclass(frozen=True)
class RuleLine:
    """A rule, how it is set, and how many answers it flags, by grade."""

    setting: Setting
    grades: tuple[int, int, int]


@dataclass(frozen=True)
class PlaceLine:
    """A unit, channel, day or pace: answers in all and flagged ones; `name` is a Text, a code, a day or a number."""

    name: Any
    total: int
    flagged: int

    @property
    def share(self) -> Decimal | None:
        """Flagged ones in percent of all; None where there are no answers."""
        return rounded(100 * self.flagged / self.total, 1) if self.total else None


@dataclass(frozen=True)
class ExclusionLine:
    """An exclusion in the list and on its own page."""

    id: int
    rule: str
    selection: dict[str, Any]
    number: int
    state: str
    reason: str
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decision_reason: str
    lifted_at: datetime | None
    lifted_reason: str
    is_own: bool

    @property
    def after_results(self) -> bool:
        """Scores of the round were known when it was proposed."""
        return bool(self.selection.get("after_results"))


@dataclass(frozen=True)
class DeskPage:
    """The desk of one round; `may_set`, `may_propose` and `may_apply` are what this actor can do now."""

    round_code: str
    round_name: Text
    state: RoundState
    rules: tuple[RuleLine, ...]
    total: int
    flagged: int
    excluded: int
    units: tuple[PlaceLine, ...]
    channels: tuple[PlaceLine, ...]
    paces: tuple[PlaceLine, ...]
    days: tuple[PlaceLine, ...]
    exclusions: tuple[ExclusionLine, ...]
    may_set: bool
    may_propose: bool
    may_apply: bool


@dataclass(frozen=True)
class RulesPage:
    """The rules for setting them; what excludes is fixed once the round is open."""

    round_code: str
    round_name: Text
    rules: tuple[Setting, ...]
    may_set: bool
    may_exclude: bool


@dataclass(frozen=True)
class ExclusionPage:
    """One exclusion and what this actor may do with it."""

    round_code: str
    round_name: Text
    line: ExclusionLine
    unit: Text | None
    may_decide: bool
    may_lift: bool
    is_unlocked: bool


def desk_page(actor: Actor, round_code: str, locale: str) -> DeskPage:
    """The desk. Raises Forbidden, NotFound."""
    require(actor, "quality.read")
    round_ = find_round(db.session(), round_code)
    state, settings = RoundState(round_.state), settings_of(db.session(), round_.id)
    grades = _grades(round_)
    names, codes = content.names("unit", locale), dict(db.session.execute(select(Unit.id, Unit.code)).all())
    units = [
        PlaceLine(names.get(codes[place]) or Text(codes[place], ""), total, flagged)
        for place, total, flagged in _places(round_, Response.unit_id)
    ]
    channels, days = _places(round_, Response.channel), _places(round_, Response.day)
    found = [PlaceLine(*row) for row in channels]
    return DeskPage(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        state=state,
        rules=tuple(RuleLine(one, grades.get(one.code, (0, 0, 0))) for one in settings),
        total=sum(line.total for line in found),
        flagged=sum(line.flagged for line in found),
        excluded=_excluded(round_),
        units=tuple(sorted(units, key=lambda line: -line.flagged)),
        channels=tuple(found),
        paces=tuple(PlaceLine(*row) for row in _places(round_, Response.pace)),
        days=tuple(sorted((PlaceLine(*row) for row in days if row[2]), key=lambda line: -line.flagged)[:DAYS_SHOWN]),
        exclusions=_exclusions(actor, round_),
        may_set=may(actor, "quality.set") and state in CHANGEABLE,
        may_propose=may(actor, "exclusion.propose") and state in OPEN_TO_CHANGE,
        may_apply=may(actor, "exclusion.propose") and state in IN_REVIEW and any(one.excludes for one in settings),
    )


def rules_page(actor: Actor, round_code: str, locale: str) -> RulesPage:
    """The rules of a round. Raises Forbidden, NotFound."""
    require(actor, "quality.read")
    round_ = find_round(db.session(), round_code)
    state, name = RoundState(round_.state), content.text_of("round", round_code, "name", locale)
    may_set = may(actor, "quality.set") and state in CHANGEABLE
    return RulesPage(round_code, name, settings_of(db.session(), round_.id), may_set, state in BEFORE_OPENING)


def exclusion_page(actor: Actor, round_code: str, exclusion_id: int, locale: str) -> ExclusionPage:
    """One exclusion. Raises Forbidden, NotFound."""
    require(actor, "quality.read")
    round_ = find_round(db.session(), round_code)
    found = find_exclusion(db.session(), round_, exclusion_id)
    line, unit = _line(actor, found), found.selection.get("unit")
    is_changeable = round_.state in OPEN_TO_CHANGE and not line.is_own
    return ExclusionPage(
        round_code=round_code,
        round_name=content.text_of("round", round_code, "name", locale),
        line=line,
        unit=content.text_of("unit", unit, "name", locale) if unit else None,
        may_decide=is_changeable and line.state == PROPOSED and may(actor, "exclusion.decide"),
        may_lift=is_changeable and line.state == IN_FORCE and may(actor, "exclusion.lift"),
        is_unlocked=line.state != PROPOSED and round_.state in OVER,
    )


def choices(actor: Actor, round_code: str, locale: str) -> tuple[list[tuple[str, Text]], list[str]]:
    """Units and channels of a round that an exclusion may be limited to. Raises Forbidden, NotFound."""
    require(actor, "quality.read")
    round_ = find_round(db.session(), round_code)
    names = content.names("unit", locale)
    codes = db.session.scalars(select(Unit.code).where(Unit.id.in_([one.unit_id for one in round_.units])))
    channels = [row[0] for row in _places(round_, Response.channel)]
    return [(code, names.get(code) or Text(code, "")) for code in sorted(codes)], channels


def _grades(round_: Round) -> dict[str, tuple[int, int, int]]:
    counts = [func.sum(case((Flag.grade == grade, 1), else_=0)) for grade in GRADES]
    rows = db.session.execute(flagged(select(Flag.rule, *counts), round_).group_by(Flag.rule))
    return {rule: (int(one), int(two), int(three)) for rule, one, two, three in rows}


def _places(round_: Round, column: Any) -> Sequence[tuple[Any, int, int]]:
    """(value of the column, answers, those of them with any flag), in the order of the values."""
    marked = select(Flag.response_id).distinct().subquery()
    query = (
        select(column, func.count(Response.id), func.count(marked.c.response_id))
        .outerjoin(marked, marked.c.response_id == Response.id)
        .where(of_round(round_))
        .group_by(column)
        .order_by(column)
    )
    return [(value, total, flagged) for value, total, flagged in db.session.execute(query)]


def _excluded(round_: Round) -> int:
    query = select(func.count(Response.id)).where(of_round(round_), Response.status != COUNTED)
    return db.session.scalar(query) or 0


def _exclusions(actor: Actor, round_: Round) -> tuple[ExclusionLine, ...]:
    query = select(Exclusion).where(Exclusion.round_id == round_.id).order_by(Exclusion.id.desc())
    found: Iterable[Exclusion] = db.session.scalars(query)
    return tuple(_line(actor, one) for one in found)


def _line(actor: Actor, one: Exclusion) -> ExclusionLine:
    return ExclusionLine(
        id=one.id,
        rule=one.rule,
        selection=one.selection,
        number=one.number,
        state=one.state,
        reason="" if one.rule else one.reason,
        proposer=one.proposer.name,
        proposed_at=one.proposed_at,
        decider=one.decider.name if one.decider else "",
        decided_at=one.decided_at,
        decision_reason=one.decision_reason,
        lifted_at=one.lifted_at,
        lifted_reason=one.lifted_reason,
        is_own=one.proposer_id == actor.account_id,
    )
