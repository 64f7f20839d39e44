"""What the oversight body reads about withdrawn cards of a round."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.models import PublishedScorecard, Unit, Withdrawal
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.publication.gate import published_run
from evalsys.services.rounds.states import ACTS, find_round
from evalsys.services.withdrawals.deciding import DECLINED, PROPOSED, find_withdrawal


@dataclass(frozen=True)
class WithdrawalLine:
    """A withdrawal with who proposed and decided it."""

    id: int
    unit: Text
    reason: str
    state: str
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decision_reason: str
    is_own: bool


@dataclass(frozen=True)
class WithdrawalsPage:
    """The withdrawals of a round, and the offices whose cards can be withdrawn."""

    round_code: str
    round_name: Text
    lines: tuple[WithdrawalLine, ...]
    units: tuple[tuple[str, Text], ...]
    may_propose: bool


@dataclass(frozen=True)
class WithdrawalPage:
    """One withdrawal, and whether this actor may decide it."""

    round_code: str
    round_name: Text
    line: WithdrawalLine
    may_decide: bool


def withdrawals_page(actor: Actor, round_code: str, locale: str) -> WithdrawalsPage:
    """All withdrawals of a round, the newest first. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_, names = find_round(session, round_code), content.names("unit", locale)
    who = joinedload(Withdrawal.unit), joinedload(Withdrawal.proposer), joinedload(Withdrawal.decider)
    query = select(Withdrawal).options(*who).where(Withdrawal.round_id == round_.id).order_by(Withdrawal.id.desc())
    found, run = session.scalars(query).all(), published_run(session, round_)
    taken = {one.unit_id for one in found if run and one.run_id == run.id and one.state != DECLINED}
    cards = select(Unit.id, Unit.code).join(PublishedScorecard, PublishedScorecard.unit_id == Unit.id).distinct()
    rows = session.execute(cards.where(PublishedScorecard.run_id == run.id).order_by(Unit.code)).all() if run else []
    return WithdrawalsPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        lines=tuple(_line(one, names, actor) for one in found),
        units=tuple((code, names.get(code) or Text(code, "")) for unit, code in rows if unit not in taken),
        may_propose=may(actor, "withdrawal.propose") and round_.state in ACTS["withdraw_card"].sources,
    )


def withdrawal_page(actor: Actor, round_code: str, withdrawal_id: int, locale: str) -> WithdrawalPage:
    """One withdrawal. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    found = find_withdrawal(db.session(), round_, withdrawal_id)
    line = _line(found, content.names("unit", locale), actor)
    may_settle = may(actor, "withdrawal.decide") and round_.state in ACTS["settle_withdrawal"].sources
    return WithdrawalPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        line=line,
        may_decide=may_settle and line.state == PROPOSED and not line.is_own,
    )


def _line(one: Withdrawal, names: dict[str, Text], actor: Actor) -> WithdrawalLine:
    return WithdrawalLine(
        id=one.id,
        unit=names.get(one.unit.code) or Text(one.unit.code, ""),
        reason=one.reason,
        state=one.state,
        proposer=one.proposer.name,
        proposed_at=one.proposed_at,
        decider=one.decider.name if one.decider else "",
        decided_at=one.decided_at,
        decision_reason=one.decision_reason,
        is_own=one.proposer_id == actor.account_id,
    )
