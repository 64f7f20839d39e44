"""A member of the board sets the least and the most that each weight may be, before anybody votes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.i18n import _l, current_locale
from evalsys.models import Round, RoundState, SchemeVersion, SchemeVote, WeightBound
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.bounds import FREE, WHOLE, Bounds, BoundsSetter, bounds_of, setter_of
from evalsys.services.content import Text
from evalsys.services.rounds.states import ACTS, find_round, subject_of, take_round
from evalsys.services.versions import current_version
from evalsys.services.weights import Labels, WeightFamily, families_of, scheme_of

Problem = tuple[str, dict[str, object]]

UPSIDE_DOWN = _l("%(part)s, in “%(family)s”: the least (%(low)s) is above the most (%(high)s).")
TOO_MUCH = _l("%(family)s: the least that all parts must have adds up to %(sum)s, which is above 100.")
TOO_LITTLE = _l("%(family)s: the most that all parts may have adds up to %(sum)s, which is below 100.")


@dataclass(frozen=True)
class BoundsPage:
    """The families of weights with their bounds, who set them, and whether this actor may set them now.

    `is_voting` while a proposal has votes: bounds stay as they are until it is decided.
    """

    round_code: str
    round_name: Text
    state: RoundState
    families: tuple[WeightFamily, ...]
    bounds: Bounds
    setter: BoundsSetter | None
    is_voting: bool
    may_set: bool


def bounds_page(actor: Actor, round_code: str, locale: str) -> BoundsPage:
    """The bounds of a round's weights. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, round_code)
    act, state = ACTS["bound"], RoundState(round_.state)
    scheme, is_voting = scheme_of(current_version(session, round_).body), _is_voting(session, round_)
    may_now = may(actor, act.right) and state in act.sources and round_.suspended_at is None
    return BoundsPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        state=state,
        families=families_of(scheme, Labels(locale)),
        bounds=bounds_of(session, round_.id),
        setter=setter_of(session, subject_of(round_.code)),
        is_voting=is_voting,
        may_set=may_now and not is_voting,
    )


def set_bounds(actor: Actor, round_code: str, bounds: Bounds, reason: str, *, now: datetime) -> None:
    """Set the bounds of all weights of the round; a weight that is not named is free.

    They bind what is proposed from now on. Raises Forbidden, NotFound; Conflict once the round is open, and while a
    proposal has votes; Invalid with every bound that cannot be kept, or without a reason.
    """
    act = Act(actor, "bound.set", subject_of(round_code), now, reason=reason)
    with audited(act) as session:
        round_ = take_round(session, round_code, "bound")
        if _is_voting(session, round_):
            raise Conflict("The board votes on a proposal already. The bounds stay as they are until it is decided.")
        if not reason.strip():
            raise Invalid("Say why you set these bounds.")
        families = families_of(scheme_of(current_version(session, round_).body), Labels(current_locale()))
        problems = [problem for family in families for problem in _problems(family, bounds)]
        if problems:
            raise Invalid("These bounds cannot be used.", problems=problems)
        rows = [_row(round_.id, family.code, member.code, bounds) for family in families for member in family.members]
        rows = [row for row in rows if (row.low, row.high) != ("0", "100")]
        session.execute(delete(WeightBound).where(WeightBound.round_id == round_.id))
        session.add_all(rows)
        act.detail = {"bounds": {f"{row.family} {row.member}": f"{row.low}-{row.high}" for row in rows}}


def _is_voting(session: Session, round_: Round) -> bool:
    """True while a proposal of the round has votes."""
    waits = SchemeVersion.round_id == round_.id, SchemeVersion.state == "proposed"
    return bool(session.scalar(select(exists().where(*waits, SchemeVote.version_id == SchemeVersion.id))))


def _problems(family: WeightFamily, bounds: Bounds) -> list[Problem]:
    own = {member.code: bounds.get(family.code, {}).get(member.code, FREE) for member in family.members}
    problems: list[Problem] = []
    for member in family.members:
        low, high = own[member.code].low, own[member.code].high
        if low > high:
            said = {"part": str(member.name), "family": str(family.name), "low": f"{low:f}", "high": f"{high:f}"}
            problems.append((UPSIDE_DOWN, dict(said)))
    least = sum((bound.low for bound in own.values()), Decimal(0))
    most = sum((bound.high for bound in own.values()), Decimal(0))
    if least > WHOLE:
        problems.append((TOO_MUCH, {"family": str(family.name), "sum": f"{least:f}"}))
    if most < WHOLE:
        problems.append((TOO_LITTLE, {"family": str(family.name), "sum": f"{most:f}"}))
    return problems


def _row(round_id: int, family: str, member: str, bounds: Bounds) -> WeightBound:
    bound = bounds.get(family, {}).get(member, FREE)
    return WeightBound(round_id=round_id, family=family, member=member, low=_text(bound.low), high=_text(bound.high))


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
