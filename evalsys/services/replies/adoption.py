"""The board votes on the newest run of a round and adopts it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.i18n import _l
from evalsys.models import PublishedScorecard, ResultVote, Round, Run
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.publication.gate import gate_checks, published_run, repeat_problems
from evalsys.services.publication.problems import Problem
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.run_scoring import count_answers
from evalsys.services.runs import latest_run
from evalsys.services.tally import CHOICES, count, sits_now
from evalsys.services.zone import local_day

FOR, AGAINST = "for", "against"
REFUSED = _l("The results cannot be adopted yet.")


@dataclass(frozen=True)
class Ballot:
    """How a member of the board votes, and why."""

    choice: str
    reason: str


def cast_ballot(actor: Actor, code: str, ballot: Ballot, *, now: datetime) -> None:
    """Vote on the newest run, in place of one's former vote on it. Raises Forbidden, NotFound, Conflict, Invalid."""
    act = Act(actor, "result.vote", subject_of(code), now, reason=ballot.reason)
    with audited(act) as session:
        round_ = take_round(session, code, "ballot")
        if ballot.choice not in CHOICES:
            raise Invalid("Choose how you vote.")
        if ballot.choice == AGAINST and not ballot.reason.strip():
            raise Invalid("Say why you vote against these results.")
        run = _newest(session, round_)
        if is_public(session, round_, run):
            raise Conflict("The newest run is public already: there is nothing to vote on.")
        session.merge(_vote(run, actor, ballot, now))
        act.detail = {"run": run.number, "choice": ballot.choice}


def adopt_results(actor: Actor, code: str, *, now: datetime) -> None:
    """Make the newest run final, so that it can be published; whoever adopts without having voted votes for it.

    Raises Forbidden, NotFound; Conflict, with every reason why it cannot be adopted yet.
    """
    act = Act(actor, "round.adopt", subject_of(code), now)
    with audited(act) as session:
        round_ = take_round(session, code, "adopt")
        run = _newest(session, round_)
        if session.get(ResultVote, (run.id, actor.account_id)) is None:
            session.add(_vote(run, actor, Ballot(FOR, ""), now))
        count_answers(session)
        votes = votes_on(session, run)
        found = adoption_problems(session, round_, run, local_day(now)) + repeat_problems(run)
        found += vote_problems(round_, votes)
        if found:
            raise Conflict(REFUSED, problems=found)
        round_.adopted_at = now
        act.detail = {"run": run.number, "result": run.result_digest, "votes": tally(votes)}


def adoption_problems(session: Session, round_: Round, run: Run, today: date) -> list[Problem]:
    """What keeps the results from being adopted, the votes and the repetition of the run apart.

    All that would keep them from the public is among it: adopted results that may not be published lead nowhere.
    """
    found: list[Problem] = []
    if round_.reply_until is None or today <= round_.reply_until:
        found.append((_l("The right of reply has not ended yet."), {}))
    return found + [problem for check in gate_checks(session, round_, run) for problem in check.problems]


def is_public(session: Session, round_: Round, run: Run) -> bool:
    """Whether the run's cards are the public ones; the votes on it stay as they were then."""
    public = published_run(session, round_)
    return public is not None and public.id == run.id


def vote_problems(round_: Round, votes: list[ResultVote]) -> list[Problem]:
    """Too few votes, or too few of them for the results."""
    found: list[Problem] = []
    counted = count((vote.choice for vote in votes), round_.quorum, round_.majority)
    if counted.missing:
        few = _l("Votes of the board: %(there)s of the %(needed)s that are needed.")
        found.append((few, {"there": counted.cast, "needed": counted.quorum}))
    if not counted.is_carried:
        lost = _l("No majority for these results: %(for)s for, %(against)s against.")
        found.append((lost, {"for": counted.supports, "against": counted.opposes}))
    return found


def votes_on(session: Session, run: Run) -> list[ResultVote]:
    """The votes on a run, the oldest first; until it is adopted or public, whoever has left the board has none."""
    query = select(ResultVote).where(ResultVote.run_id == run.id).order_by(ResultVote.at, ResultVote.account_id)
    adopted_at = run.round.adopted_at
    if adopted_at is None or adopted_at < run.created_at:
        is_public = exists().where(PublishedScorecard.run_id == run.id)
        query = query.join(ResultVote.account).where(or_(sits_now(), is_public))
    return list(session.scalars(query))


def tally(votes: list[ResultVote]) -> dict[str, int]:
    """How many votes each choice has."""
    return {choice: sum(vote.choice == choice for vote in votes) for choice in CHOICES}


def _newest(session: Session, round_: Round) -> Run:
    run = latest_run(session, round_)
    if run is None:
        raise Conflict("The round has no run to decide on.")
    return run


def _vote(run: Run, actor: Actor, ballot: Ballot, now: datetime) -> ResultVote:
    return ResultVote(
        run_id=run.id, account_id=actor.account_id, choice=ballot.choice, reason=ballot.reason.strip(), at=now
    )
