"""What the board and the analysts say about a proposal: votes, which may change until it is decided, and remarks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from evalsys.errors import Conflict, Invalid
from evalsys.models import SchemeRemark, SchemeVersion, SchemeVote
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.rounds.states import ACTS, subject_of, take_round
from evalsys.services.tally import CHOICES, sits_now
from evalsys.services.versions import version_numbered

PROPOSED = "proposed"


@dataclass(frozen=True)
class Vote:
    """A board member's vote on a version: "for", "against" or "abstain"."""

    round_code: str
    number: int
    choice: str
    reason: str


@dataclass(frozen=True)
class VoteLine:
    """A vote as the oversight body reads it."""

    name: str
    choice: str
    reason: str
    at: datetime
    is_own: bool


@dataclass(frozen=True)
class RemarkLine:
    """A contribution to the discussion."""

    name: str
    text: str
    at: datetime


def cast_vote(actor: Actor, vote: Vote, *, now: datetime) -> None:
    """Vote on a proposal, or vote otherwise than before.

    Raises Forbidden, NotFound; Conflict once it is decided; Invalid for a vote against it without a reason.
    """
    act = Act(actor, ACTS["vote"].right, subject_of(vote.round_code), now, reason=vote.reason)
    act.detail = {"version": vote.number, "vote": vote.choice}
    with audited(act) as session:
        round_ = take_round(session, vote.round_code, "vote")
        version = require_open(version_numbered(session, round_, vote.number))
        if vote.choice not in CHOICES:
            raise Invalid("Choose “For”, “Against” or “Abstain”.")
        if vote.choice == "against" and not vote.reason.strip():
            raise Invalid("Say why you vote against it.")
        put_vote(session, version, act, vote.choice)


def add_remark(actor: Actor, round_code: str, number: int, text: str, *, now: datetime) -> None:
    """Say something about a proposal, with one's name; it stays. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = Act(actor, "scheme.remark", subject_of(round_code), now, reason=text)
    act.detail = {"version": number}
    with audited(act) as session:
        round_ = take_round(session, round_code, "vote")
        version = require_open(version_numbered(session, round_, number))
        if not text.strip():
            raise Invalid("Write your remark.")
        session.add(SchemeRemark(version_id=version.id, account_id=actor.account_id, text=text, at=now))


def require_open(version: SchemeVersion) -> SchemeVersion:
    """The version, while it waits for a decision. Raises Conflict."""
    if version.state != PROPOSED:
        raise Conflict("This proposal is decided already.")
    return version


def put_vote(session: Session, version: SchemeVersion, act: Act, choice: str) -> None:
    """Store the vote of the act's actor in place of her former one."""
    given = {"choice": choice, "reason": act.reason, "at": act.now}
    session.merge(SchemeVote(version_id=version.id, account_id=act.actor.account_id, **given))
    session.flush()


def votes_on(session: Session, versions: list[SchemeVersion]) -> dict[int, list[SchemeVote]]:
    """The votes on each of these versions, by its id, in the order in which they were given.

    Until a version is decided, whoever has left the board has no vote on it.
    """
    found: dict[int, list[SchemeVote]] = {version.id: [] for version in versions}
    query = select(SchemeVote).where(SchemeVote.version_id.in_(found)).options(contains_eager(SchemeVote.account))
    query = query.join(SchemeVote.account).join(SchemeVersion, SchemeVersion.id == SchemeVote.version_id)
    query = query.where(or_(SchemeVersion.state != PROPOSED, sits_now()))
    for vote in session.scalars(query.order_by(SchemeVote.at, SchemeVote.account_id)):
        found[vote.version_id].append(vote)
    return found


def remarks_on(session: Session, versions: list[SchemeVersion]) -> dict[int, tuple[RemarkLine, ...]]:
    """The remarks on each of these versions, by its id, the oldest first."""
    found: dict[int, list[RemarkLine]] = {version.id: [] for version in versions}
    query = select(SchemeRemark).where(SchemeRemark.version_id.in_(found)).options(joinedload(SchemeRemark.account))
    for remark in session.scalars(query.order_by(SchemeRemark.id)):
        found[remark.version_id].append(RemarkLine(remark.account.name, remark.text, remark.at))
    return {version: tuple(lines) for version, lines in found.items()}


def vote_lines(votes: list[SchemeVote], reader: Actor) -> tuple[VoteLine, ...]:
    """Votes as the oversight body reads them."""
    return tuple(
        VoteLine(vote.account.name, vote.choice, vote.reason, vote.at, vote.account_id == reader.account_id)
        for vote in votes
    )
