"""The page on which the board votes on results and adopts them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from evalsys.db import db
from evalsys.models import Account, ResultReply, Role, Round, RoundState, RoundUnit
from evalsys.services import content
from evalsys.services.access import Actor, may, require
from evalsys.services.content import Text
from evalsys.services.publication.problems import Problem
from evalsys.services.replies.adoption import adoption_problems, is_public, tally, vote_problems, votes_on
from evalsys.services.rounds.states import ACTS, CORRECTABLE, find_round
from evalsys.services.runs import latest_run
from evalsys.services.zone import local_day


@dataclass(frozen=True)
class VoteLine:
    """A vote on the results."""

    name: str
    choice: str
    reason: str
    at: datetime
    is_own: bool


@dataclass(frozen=True)
class BoardPage:
    """What the board decides on. `problems` keep it from adopting, `vote_problems` are those that votes can end.

    A correction is a newer run than the public one.
    """

    round_code: str
    round_name: Text
    state: RoundState
    run_id: int | None
    run_number: int
    reason: str
    last_day: date | None
    adopted_at: datetime | None
    replies: int
    offices: int
    votes: tuple[VoteLine, ...]
    numbers: dict[str, int]
    quorum: int
    majority: str
    members: int
    problems: tuple[Problem, ...]
    vote_problems: tuple[Problem, ...]
    is_correction: bool
    may_vote: bool
    may_adopt: bool


def board_page(actor: Actor, code: str, locale: str, *, now: datetime) -> BoardPage:
    """Votes on the newest run, and what still keeps it from being adopted. Raises Forbidden, NotFound."""
    require(actor, "oversight.read")
    session = db.session()
    round_ = find_round(session, code)
    run = latest_run(session, round_)
    votes = votes_on(session, run) if run else []
    is_time = round_.state == RoundState.RIGHT_OF_REPLY and run is not None
    found = adoption_problems(session, round_, run, local_day(now)) if is_time and run else []
    is_correction = round_.state in CORRECTABLE and run is not None and not is_public(session, round_, run)
    return BoardPage(
        round_code=round_.code,
        round_name=content.text_of("round", round_.code, "name", locale),
        state=RoundState(round_.state),
        run_id=run.id if run else None,
        run_number=run.number if run else 0,
        reason=run.reason if run else "",
        last_day=round_.reply_until,
        adopted_at=round_.adopted_at,
        replies=_count(ResultReply.round_id == round_.id),
        offices=_count(RoundUnit.round_id == round_.id),
        votes=tuple(
            VoteLine(one.account.name, one.choice, one.reason, one.at, one.account_id == actor.account_id)
            for one in votes
        ),
        numbers=tally(votes),
        quorum=round_.quorum,
        majority=round_.majority,
        members=_count((Account.role == Role.BOARD) & Account.is_active),
        problems=tuple(found),
        vote_problems=tuple(vote_problems(round_, votes)),
        is_correction=is_correction,
        may_vote=(is_time or is_correction) and _may(actor, round_, "ballot"),
        may_adopt=is_time and _may(actor, round_, "adopt"),
    )


def _may(actor: Actor, round_: Round, act: str) -> bool:
    return round_.state in ACTS[act].sources and round_.suspended_at is None and may(actor, ACTS[act].right)


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).where(condition)) or 0
