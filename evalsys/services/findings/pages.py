"""What the oversight body reads about the findings of a round."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from evalsys.db import db
from evalsys.models import Finding, RoundState, RoundUnit, Unit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.findings.deciding import IN_FORCE, PROPOSED, find_finding
from evalsys.services.findings.rules import FindingRule, rules_of
from evalsys.services.rounds.states import ACTS, CORRECTABLE, find_round
from evalsys.services.versions import current_version
from evalsys.services.weights import scheme_of


@dataclass(frozen=True)
class FindingLine:
    """A finding with who proposed, decided and lifted it; `rule` is what the scheme makes of it."""

    id: int
    unit: Text
    rule: FindingRule
    source: str
    points: str
    reason: str
    state: str
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decision_reason: str
    lifted_at: datetime | None
    lifted_reason: str
    is_own: bool


@dataclass(frozen=True)
class FindingsPage:
    """The findings of a round, and what a new one may be."""

    round_code: str
    round_name: Text
    lines: tuple[FindingLine, ...]
    rules: tuple[FindingRule, ...]
    units: tuple[tuple[str, Text], ...]
    may_propose: bool
    needs_new_run: bool


@dataclass(frozen=True)
class FindingPage:
    """One finding, and what this actor may do with it."""

    round_code: str
    round_name: Text
    line: FindingLine
    may_decide: bool
    may_lift: bool


def findings_page(actor: Actor, round_code: str, locale: str) -> FindingsPage:
    """All findings of a round, the newest first. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    names = content.names("unit", locale)
    query = select(Finding).options(joinedload(Finding.unit), joinedload(Finding.proposer), joinedload(Finding.decider))
    lines = db.session.scalars(query.where(Finding.round_id == round_.id).order_by(Finding.id.desc()))
    codes = db.session.scalars(
        select(Unit.code).join(RoundUnit).where(RoundUnit.round_id == round_.id).order_by(Unit.code)
    )
    scheme, state = scheme_of(current_version(db.session(), round_).body), RoundState(round_.state)
    return FindingsPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        lines=tuple(_line(one, names, actor) for one in lines),
        rules=rules_of(scheme),
        units=tuple((code, names.get(code) or Text(code, "")) for code in codes),
        may_propose=may(actor, "finding.propose") and state in ACTS["find"].sources,
        needs_new_run=state in (RoundState.DRAFT_RESULTS, RoundState.RIGHT_OF_REPLY, *CORRECTABLE),
    )


def finding_page(actor: Actor, round_code: str, finding_id: int, locale: str) -> FindingPage:
    """One finding. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    line = _line(find_finding(db.session(), round_, finding_id), content.names("unit", locale), actor)
    may_settle = may(actor, "finding.decide") and round_.state in ACTS["settle"].sources
    return FindingPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        line=line,
        may_decide=may_settle and line.state == PROPOSED and not line.is_own,
        may_lift=may_settle and line.state == IN_FORCE,
    )


def _line(one: Finding, names: dict[str, Text], actor: Actor) -> FindingLine:
    kind, _colon, code = one.kind.partition(":")
    return FindingLine(
        id=one.id,
        unit=names.get(one.unit.code) or Text(one.unit.code, ""),
        rule=FindingRule(kind, code),
        source=one.source,
        points=one.points,
        reason=one.reason,
        state=one.state,
        proposer=one.proposer.name,
        proposed_at=one.proposed_at,
        decider=one.decider.name if one.decider else "",
        decided_at=one.decided_at,
        decision_reason=one.decision_reason,
        lifted_at=one.lifted_at,
        lifted_reason=one.lifted_reason,
        is_own=one.proposer_id == actor.account_id,
    )
