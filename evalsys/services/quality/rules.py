"""The rules of a round: what each looks for, its parameters, and who may still change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import BEFORE_OPENING, QualityRule, Round, RoundState
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.rounds.states import subject_of

SPEED, STRAIGHT, COPIES, BURSTS, NETWORK = CODES = ("speed", "straight", "copies", "bursts", "network")
CHANGEABLE = (*BEFORE_OPENING, RoundState.COLLECTING)


@dataclass(frozen=True)
class Parameter:
    """A whole number that an analyst may set between two bounds."""

    name: str
    default: int
    low: int
    high: int


PARAMETERS: Mapping[str, tuple[Parameter, ...]] = {
    # Under 1 and under 2 seconds a question: D. Wood et al. (2017), Social Psychological and Personality Science 8(4);
    # J. L. Huang et al. (2012), Journal of Business and Psychology 27(1).
    SPEED: (Parameter("slowest", 2, 1, 3),),
    # Same level throughout: Y. Kim et al. (2019), Social Science Computer Review 37(2). The lengths are our choice.
    STRAIGHT: (Parameter("least", 5, 3, 60), Parameter("long", 10, 4, 100)),
    # A count is flagged when its probability is below 1 in 10^rarity by Chernoff's bound; the numbers are our choice.
    COPIES: (Parameter("least", 5, 3, 1000), Parameter("characters", 20, 10, 500), Parameter("rarity", 6, 3, 12)),
    BURSTS: (Parameter("least", 20, 5, 10_000), Parameter("rarity", 6, 3, 12)),
    NETWORK: (Parameter("least", 10, 3, 10_000), Parameter("percent", 20, 5, 95)),
}


@dataclass(frozen=True)
class Setting:
    """A rule as it is set in a round; `excludes` means that what it flags is left out when the round is closed."""

    code: str
    parameters: Mapping[str, int]
    is_on: bool = True
    excludes: bool = False


def settings_of(session: Session, round_id: int) -> tuple[Setting, ...]:
    """All rules of a round, with the usual parameters where nothing else was set."""
    rows = {row.code: row for row in session.scalars(select(QualityRule).where(QualityRule.round_id == round_id))}
    return tuple(_setting(code, rows.get(code)) for code in CODES)


def set_rule(actor: Actor, round_code: str, wanted: Setting, *, now: datetime) -> None:
    """Set one rule of a round that is not closed; the audit log keeps what was before.

    A rule that excludes is fixed before the round opens, so that nobody picks it by the answers.
    Raises Forbidden, NotFound, Invalid (a number out of bounds), Conflict (too late).
    """
    act = Act(actor, "quality.set", subject_of(round_code), now)
    with audited(act) as session:
        round_ = session.scalar(select(Round).where(Round.code == round_code).with_for_update())
        if round_ is None:
            raise NotFound("This round does not exist.")
        if wanted.code not in CODES:
            raise NotFound("This rule does not exist.")
        row = session.get(QualityRule, (round_.id, wanted.code))
        before = _setting(wanted.code, row)
        _refuse_too_late(RoundState(round_.state), before, wanted)
        _check(wanted)
        if row is None:
            row = QualityRule(round_id=round_.id, code=wanted.code)
            session.add(row)
        row.parameters, row.is_on, row.excludes = dict(wanted.parameters), wanted.is_on, wanted.excludes
        act.detail = {"rule": wanted.code, "before": _words(before), "after": _words(wanted)}


def _setting(code: str, row: QualityRule | None) -> Setting:
    usual = {one.name: one.default for one in PARAMETERS[code]}
    if row is None:
        return Setting(code, usual)
    return Setting(code, {**usual, **row.parameters}, row.is_on, row.excludes)


def _refuse_too_late(state: RoundState, before: Setting, wanted: Setting) -> None:
    if state not in CHANGEABLE:
        raise Conflict("The round is closed, so its rules of quality stay as they are.")
    if state not in BEFORE_OPENING and (before.excludes or wanted.excludes):
        raise Conflict("The round is open. A rule that leaves answers out is fixed before the first answer comes in.")


def _check(wanted: Setting) -> None:
    for one in PARAMETERS[wanted.code]:
        if not one.low <= wanted.parameters.get(one.name, one.low - 1) <= one.high:
            raise Invalid("Enter a whole number from %(low)s to %(high)s.", {"low": one.low, "high": one.high})
    if wanted.excludes and not wanted.is_on:
        raise Invalid("A rule that is off cannot leave answers out. Switch it on, or let it only flag.")


def _words(setting: Setting) -> dict[str, object]:
    return {"parameters": dict(setting.parameters), "is_on": setting.is_on, "excludes": setting.excludes}
