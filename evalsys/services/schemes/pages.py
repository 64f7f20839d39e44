"""What the pages of a round's weights show: the weights in force with their history, and one version of them."""

from dataclasses import dataclass

from evalsys.db import db
from evalsys.models import RoundState
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.rounds.states import ACTS, find_round
from evalsys.services.schemes.debate import Debate, Standing, debates, standing
from evalsys.services.schemes.lines import Effects, Version, round_name, shown, what_counts
from evalsys.services.schemes.moves import is_far
from evalsys.services.trial import Trial, try_schemes
from evalsys.services.versions import approved_version, current_version, replaced_by, version_numbered, versions_of
from evalsys.services.weights import Change, Labels, WeightFamily, changes_between, families_of, scheme_of


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
    may_amend: bool


@dataclass(frozen=True)
class ProposalPage:
    """One version beside the one it would replace, or did replace; `against_round` is empty within one round.

    While the version waits for a decision, `trial` says what it would have done to a scored round that fits it.
    `needs_reason`: a weight moves far and everybody must still be told why. `in_force` is the number of the version in
    force, 0 for none.
    """

    round_code: str
    round_name: Text
    version: Version
    against: Version | None
    against_round: Text | None
    changes: tuple[Change, ...]
    effects: Effects
    trial: Trial | None
    debate: Debate
    standing: Standing
    needs_reason: bool
    in_force: int


def weights_page(actor: Actor, round_code: str, locale: str) -> WeightsPage:
    """The weights in force, or else the newest proposal, as what may be edited. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    round_ = find_round(db.session(), round_code)
    basis, labels = current_version(db.session(), round_), Labels(locale)
    scheme = scheme_of(basis.body)
    state = RoundState(round_.state)
    return WeightsPage(
        round_code=round_.code,
        round_name=round_name(round_.code, locale),
        state=state,
        basis=shown(basis),
        families=families_of(scheme, labels),
        equal_nodes=tuple(labels.node(node.code) for node in scheme.nodes() if node.equal),
        effects=what_counts(scheme, None, labels),
        versions=tuple(shown(version) for version in versions_of(db.session(), round_)),
        may_propose=may(actor, ACTS["propose"].right) and state in ACTS["propose"].sources,
        may_amend=may(actor, ACTS["amend"].right) and state in ACTS["amend"].sources,
    )


def proposal_page(actor: Actor, round_code: str, number: int, locale: str) -> ProposalPage:
    """One version with its differences. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session, labels = db.session(), Labels(locale)
    round_ = find_round(session, round_code)
    version = version_numbered(session, round_, number)
    against = replaced_by(session, round_, version)
    scheme, former = scheme_of(version.body), scheme_of(against.body) if against else None
    place = standing(round_, version, actor)
    present = approved_version(session, round_.id)
    before = approved_version(session, round_.previous_id) if round_.previous_id else None
    return ProposalPage(
        round_code=round_.code,
        round_name=round_name(round_.code, locale),
        version=shown(version),
        against=shown(against) if against else None,
        against_round=round_name(against.round.code, locale) if against and against.round_id != round_.id else None,
        changes=changes_between(former, scheme, labels) if former else (),
        effects=what_counts(scheme, former, labels),
        trial=try_schemes(session, [scheme], locale, labels=labels)[0] if place.is_open else None,
        debate=debates(session, round_, [version], actor)[version.id],
        standing=place,
        needs_reason=place.is_open and not version.public_reason and is_far(version, (against, before)),
        in_force=present.number if present else 0,
    )
