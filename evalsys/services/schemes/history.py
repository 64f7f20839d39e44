"""How the weights of a round came about: every version with its differences, votes, remarks and decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.models import Round, SchemeVersion
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.rounds.states import find_round
from evalsys.services.schemes.debate import Debate, debates
from evalsys.services.schemes.lines import Version, round_name, shown
from evalsys.services.schemes.votes import votes_on
from evalsys.services.tally import Tally, count
from evalsys.services.versions import approved_version, versions_of
from evalsys.services.weights import Change, Labels, changes_between, scheme_of

IN_FORCE = ("approved", "superseded")


@dataclass(frozen=True)
class Chapter:
    """One version: `against` is the number of the one it is compared with, 0 for that of the former round."""

    version: Version
    against: int | None
    changes: tuple[Change, ...]
    debate: Debate


@dataclass(frozen=True)
class HistoryPage:
    """All versions of a round's weights, the newest first; `former_round` is what the first one is compared with."""

    round_code: str
    round_name: Text
    former_round: Text | None
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True)
class PublicChapter:
    """What everybody reads of a decided version; `dissent` are the reasons of those who voted against it.

    Without `is_in_force` and without `was_in_force` it was declined.
    """

    number: int
    is_in_force: bool
    was_in_force: bool
    is_amendment: bool
    proposer: str
    proposed_on: date
    decider: str
    decided_on: date
    public_reason: Text
    tally: Tally
    dissent: tuple[str, ...]
    against: int | None
    changes: tuple[Change, ...]


def history_page(actor: Actor, round_code: str, locale: str) -> HistoryPage:
    """Everything that was proposed, said and decided about the weights of a round. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session, labels = db.session(), Labels(locale)
    round_ = find_round(session, round_code)
    versions, former = versions_of(session, round_), _former(session, round_)
    said = debates(session, round_, versions, actor)
    chapters = []
    for version in versions:
        against = _replaced(version, versions, former)
        chapters.append(
            Chapter(shown(version), _number(against, round_), _changes(against, version, labels), said[version.id])
        )
    return HistoryPage(
        round_code=round_.code,
        round_name=round_name(round_.code, locale),
        former_round=round_name(former.round.code, locale) if former else None,
        chapters=tuple(chapters),
    )


def public_history(session: Session, round_: Round, locale: str) -> tuple[PublicChapter, ...]:
    """The decided versions of a round's weights, the newest first, without the names of those who voted."""
    labels, versions, former = Labels(locale), versions_of(session, round_), _former(session, round_)
    votes = votes_on(session, versions)
    chapters = []
    for version in versions:
        if version.decided_at is None or version.approver is None:
            continue
        against, given = _replaced(version, versions, former), votes[version.id]
        chapters.append(
            PublicChapter(
                number=version.number,
                is_in_force=version.state == "approved",
                was_in_force=version.state == "superseded",
                is_amendment=version.is_amendment,
                proposer=version.proposer.name,
                proposed_on=version.proposed_at.date(),
                decider=version.approver.name,
                decided_on=version.decided_at.date(),
                public_reason=Text(version.public_reason, version.public_reason_locale),
                tally=count((vote.choice for vote in given), round_.quorum, round_.majority),
                dissent=tuple(sorted(vote.reason for vote in given if vote.choice == "against" and vote.reason)),
                against=_number(against, round_),
                changes=_changes(against, version, labels),
            )
        )
    return tuple(chapters)


def _former(session: Session, round_: Round) -> SchemeVersion | None:
    return approved_version(session, round_.previous_id) if round_.previous_id else None


def _replaced(
    version: SchemeVersion, versions: Sequence[SchemeVersion], former: SchemeVersion | None
) -> SchemeVersion | None:
    """What `services.versions.replaced_by` finds, among versions that are loaded already (the newest first)."""
    others = [other for other in versions if other.id != version.id]
    decided = [other for other in others if other.state in IN_FORCE and other.decided_at is not None]
    if version.decided_at is not None:
        decided = [other for other in decided if other.decided_at and other.decided_at < version.decided_at]
    if decided:
        return max(decided, key=lambda other: (other.decided_at or version.proposed_at, other.number))
    return former or next((other for other in others if other.number < version.number), None)


def _number(against: SchemeVersion | None, round_: Round) -> int | None:
    if against is None:
        return None
    return against.number if against.round_id == round_.id else 0


def _changes(against: SchemeVersion | None, version: SchemeVersion, labels: Labels) -> tuple[Change, ...]:
    return changes_between(scheme_of(against.body), scheme_of(version.body), labels) if against else ()
