"""Versions of a round's weights: propose, decide, read. Two people are needed, and nothing that was written changes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid
from evalsys.models import Round, RoundState, SchemeVersion
from evalsys.services.access import Actor, may, require
from evalsys.services.audit import Act, audited
from evalsys.services.consultations.standing import refuse_while_consulting
from evalsys.services.content import Text, text_of
from evalsys.services.rounds.states import ACTS, find_round, subject_of, take_round
from evalsys.services.trial import Trial, try_scheme
from evalsys.services.versions import (
    add_version,
    approved_version,
    current_version,
    replaced_by,
    version_numbered,
    versions_of,
)
from evalsys.services.weights import (
    Change,
    Effect,
    Labels,
    WeightFamily,
    Weights,
    changes_between,
    effects_of,
    families_of,
    group_weights,
    scheme_of,
    with_weights,
)
from scoring.scheme import Scheme


@dataclass(frozen=True)
class Version:
    """One version in the history: who, when, why."""

    number: int
    state: str
    digest: str
    reason: str
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decision_reason: str


@dataclass(frozen=True)
class Effects:
    """What weights mean for the whole score: of every indicator, and of every group in percent."""

    indicators: tuple[Effect, ...]
    groups: tuple[tuple[Text, str], ...]


@dataclass(frozen=True)
class Preview(Effects):
    """What other weights mean, and what they would have done to a scored round, if there is one that fits them."""

    trial: Trial | None


@dataclass(frozen=True)
class WeightsPage:
    """The weights of a round, their history, and whether this actor may propose others now."""

    round_code: str
    round_name: Text
    state: RoundState
    basis: Version
    families: tuple[WeightFamily, ...]
    equal_nodes: tuple[Text, ...]
    effects: Effects
    versions: tuple[Version, ...]
    may_propose: bool


@dataclass(frozen=True)
class ProposalPage:
    """One version beside the one it would replace, or did replace; `against_round` is empty within one round.

    While the version waits for a decision, `trial` says what it would have done to a scored round that fits it.
    """

    round_code: str
    round_name: Text
    version: Version
    against: Version | None
    against_round: Text | None
    changes: tuple[Change, ...]
    effects: Effects
    trial: Trial | None
    is_open: bool
    may_decide: bool
    is_own: bool


@dataclass(frozen=True)
class Decision:
    """A second person's word on a proposal."""

    round_code: str
    number: int
    is_approved: bool
    reason: str


def propose_weights(actor: Actor, round_code: str, weights: Weights, reason: str, *, now: datetime) -> int:
    """Write the next version of the round's weights, to be decided by another board member; returns its number.

    Raises Forbidden, NotFound; Conflict once the round is open; Invalid when sums are not exactly 100, when nothing
    changes or the reason is missing.
    """
    act = Act(actor, "scheme.propose", subject_of(round_code), now, reason=reason)
    with audited(act) as session:
        round_ = take_round(session, round_code, "propose")
        basis = current_version(session, round_)
        scheme = with_weights(scheme_of(basis.body), weights)
        if scheme.digest == basis.digest and basis.state == "approved":
            raise Invalid("These are the weights that are in force already.")
        version = add_version(session, round_, scheme, act)
        act.detail = {"version": version.number, "scheme": version.digest}
        return version.number


def decide_proposal(actor: Actor, decision: Decision, *, now: datetime) -> None:
    """Approve a proposal, which puts it in force and makes the former one history, or decline it.

    Raises Forbidden, NotFound; Conflict for one's own proposal, for one decided before, for an approval while the draft
    lies open for consultation, and once the round is open; Invalid when a refusal has no reason.
    """
    act = Act(actor, "scheme.decide", subject_of(decision.round_code), now, reason=decision.reason)
    verb = "approve" if decision.is_approved else "decline"
    act.detail = {"version": decision.number, "decision": verb}
    with audited(act) as session:
        round_ = take_round(session, decision.round_code, verb)
        version = version_numbered(session, round_, decision.number)
        if version.proposer_id == actor.account_id:
            raise Conflict("You proposed these weights. Another member of the board decides on them.")
        if version.state != "proposed":
            raise Conflict("This proposal is decided already.")
        if not decision.is_approved and not decision.reason.strip():
            raise Invalid("Say why you decline.")
        if decision.is_approved:
            refuse_while_consulting(session, round_)
            _retire(session, round_)
        version.state = "approved" if decision.is_approved else "rejected"
        version.approver_id, version.decided_at, version.decision_reason = actor.account_id, now, decision.reason
        act.detail = {**act.detail, "scheme": version.digest}


def newest_proposal(actor: Actor, round_code: str) -> int:
    """The number of the newest version that waits for a decision. Raises Forbidden, NotFound, Conflict."""
    require(actor, "oversight.read")
    waiting = (
        v.number for v in versions_of(db.session(), find_round(db.session(), round_code)) if v.state == "proposed"
    )
    number = next(waiting, None)
    if number is None:
        raise Conflict("No proposal waits for a decision.")
    return number


def weights_page(actor: Actor, round_code: str, locale: str) -> WeightsPage:
    """The weights in force, or else the newest proposal, as what may be edited. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    basis, labels = current_version(db.session(), round_), Labels(locale)
    scheme = scheme_of(basis.body)
    state = RoundState(round_.state)
    return WeightsPage(
        round_code=round_.code,
        round_name=_round_name(round_.code, locale),
        state=state,
        basis=_shown(basis),
        families=families_of(scheme, labels),
        equal_nodes=tuple(labels.node(node.code) for node in scheme.nodes() if node.equal),
        effects=_effects(scheme, None, labels),
        versions=tuple(_shown(version) for version in versions_of(db.session(), round_)),
        may_propose=may(actor, ACTS["propose"].right) and state in ACTS["propose"].sources,
    )


def preview_weights(actor: Actor, round_code: str, weights: Weights, locale: str) -> Preview:
    """What these weights would mean, beside the present ones; stores nothing. Raises Forbidden, NotFound, Invalid."""
    require(actor, "oversight.read")
    session = db.session()
    basis = scheme_of(current_version(session, find_round(session, round_code)).body)
    scheme = with_weights(basis, weights)
    effects = _effects(scheme, basis, Labels(locale))
    return Preview(effects.indicators, effects.groups, try_scheme(session, scheme, locale))


def proposal_page(actor: Actor, round_code: str, number: int, locale: str) -> ProposalPage:
    """One version with its differences. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session, labels = db.session(), Labels(locale)
    round_ = find_round(session, round_code)
    version = version_numbered(session, round_, number)
    against = replaced_by(session, round_, version)
    scheme, former = scheme_of(version.body), scheme_of(against.body) if against else None
    is_open = version.state == "proposed" and round_.state in ACTS["approve"].sources
    return ProposalPage(
        round_code=round_.code,
        round_name=_round_name(round_.code, locale),
        version=_shown(version),
        against=_shown(against) if against else None,
        against_round=_round_name(against.round.code, locale) if against and against.round_id != round_.id else None,
        changes=changes_between(former, scheme, labels) if former else (),
        effects=_effects(scheme, former, labels),
        trial=try_scheme(session, scheme, locale) if is_open else None,
        is_open=is_open,
        may_decide=is_open and may(actor, "scheme.decide") and version.proposer_id != actor.account_id,
        is_own=is_open and may(actor, "scheme.decide") and version.proposer_id == actor.account_id,
    )


def _round_name(code: str, locale: str) -> Text:
    return text_of("round", code, "name", locale)


def _effects(scheme: Scheme, former: Scheme | None, labels: Labels) -> Effects:
    groups = tuple((labels.of("group", code), f"{weight:f}") for code, weight in group_weights(scheme).items())
    return Effects(effects_of(scheme, former, labels), groups)


def _retire(session: Session, round_: Round) -> None:
    former = approved_version(session, round_.id)
    if former is not None:
        former.state = "superseded"
        session.flush()


def _shown(version: SchemeVersion) -> Version:
    return Version(
        number=version.number,
        state=version.state,
        digest=version.digest,
        reason=version.reason,
        proposer=version.proposer.name,
        proposed_at=version.proposed_at,
        decider=version.approver.name if version.approver else "",
        decided_at=version.decided_at,
        decision_reason=version.decision_reason,
    )
