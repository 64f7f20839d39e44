"""What was said on a version of the weights, how the votes stand, and what a reader may still do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalsys.models import Round, SchemeVersion
from evalsys.services.access import Actor, may
from evalsys.services.rounds.states import ACTS
from evalsys.services.schemes.votes import RemarkLine, VoteLine, remarks_on, vote_lines, votes_on
from evalsys.services.tally import Tally, count


@dataclass(frozen=True)
class Debate:
    """Votes, their tally and remarks; `own` is the reader's own vote."""

    votes: tuple[VoteLine, ...]
    remarks: tuple[RemarkLine, ...]
    tally: Tally
    own: VoteLine | None


@dataclass(frozen=True)
class Standing:
    """Where a version stands for a reader: what she may do, and what may become of it.

    `is_open` until it is decided; `is_late` when it can only be declined, since the round opened in the meantime.
    """

    is_open: bool
    is_late: bool
    is_own: bool
    may_vote: bool
    may_remark: bool
    may_decide: bool


def debates(session: Session, round_: Round, versions: list[SchemeVersion], reader: Actor) -> Mapping[int, Debate]:
    """The debate on each of these versions, by its id; two statements."""
    votes, remarks = votes_on(session, versions), remarks_on(session, versions)
    found = {}
    for version in versions:
        lines = vote_lines(votes[version.id], reader)
        tally = count((line.choice for line in lines), round_.quorum, round_.majority)
        own = next((line for line in lines if line.is_own), None)
        found[version.id] = Debate(lines, remarks[version.id], tally, own)
    return found


def standing(round_: Round, version: SchemeVersion, reader: Actor) -> Standing:
    """What this reader may do about the version now."""
    is_open = version.state == "proposed" and round_.state in ACTS["decline"].sources
    approval = ACTS["approve_amendment" if version.is_amendment else "approve"]
    is_own = version.proposer_id == reader.account_id
    return Standing(
        is_open=is_open,
        is_late=is_open and round_.state not in approval.sources,
        is_own=is_own,
        may_vote=is_open and may(reader, ACTS["vote"].right),
        may_remark=is_open and may(reader, "scheme.remark"),
        may_decide=is_open and may(reader, approval.right) and not is_own,
    )
