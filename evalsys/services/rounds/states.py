"""The one table of acts, and the one way to take a round through it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.models import Round, RoundState

DRAFT, APPROVED, COLLECTING, CLOSED, SCORED, PUBLISHED = RoundState
STATES = tuple(RoundState)


@dataclass(frozen=True)
class Transition:
    """From which states an act is allowed, where it leads (None: the round stays as it is), and the right it needs."""

    sources: frozenset[RoundState]
    target: RoundState | None
    right: str


ACTS: dict[str, Transition] = {
    "propose": Transition(frozenset({DRAFT, APPROVED}), None, "scheme.propose"),
    "approve": Transition(frozenset({DRAFT, APPROVED}), APPROVED, "scheme.decide"),
    "decline": Transition(frozenset({DRAFT, APPROVED}), None, "scheme.decide"),
    "open": Transition(frozenset({APPROVED}), COLLECTING, "round.open"),
    "close": Transition(frozenset({COLLECTING}), CLOSED, "round.close"),
    "score": Transition(frozenset({CLOSED, SCORED}), SCORED, "round.score"),
    "publish": Transition(frozenset({SCORED}), PUBLISHED, "round.publish"),
}


def subject_of(code: str) -> str:
    """How the audit log names a round; a code of any length, as an address may carry one, is cut to fit."""
    return f"round:{code}"[:100]


def find_round(session: Session, code: str) -> Round:
    """The round with this code. Raises NotFound."""
    found = session.scalar(select(Round).where(Round.code == code))
    if found is None:
        raise NotFound("This round does not exist.")
    return found


def take_round(session: Session, code: str, act: str) -> Round:
    """Lock the round for `act` and move it to the state where the act leads.

    Two people who act at the same moment come one after the other, and the second finds the new state.
    Raises NotFound; Conflict when the round's state does not allow the act.
    """
    round_ = session.scalar(select(Round).where(Round.code == code).with_for_update())
    if round_ is None:
        raise NotFound("This round does not exist.")
    state, transition = RoundState(round_.state), ACTS[act]
    if state not in transition.sources:
        raise _wrong_state(state)
    if transition.target is not None:
        round_.state = transition.target
    return round_


def _wrong_state(state: RoundState) -> Conflict:
    match state:
        case RoundState.DRAFT:
            return Conflict("This is not possible now: the round is a draft, and its weights are not approved yet.")
        case RoundState.APPROVED:
            return Conflict("This is not possible now: the weights are approved, and the round is not open yet.")
        case RoundState.COLLECTING:
            return Conflict("This is not possible now: the round is collecting answers, and its weights are locked.")
        case RoundState.CLOSED:
            return Conflict("This is not possible now: the round is closed, and its weights are locked.")
        case RoundState.SCORED:
            return Conflict("This is not possible now: the round is scored, and its weights are locked.")
        case RoundState.PUBLISHED:
            return Conflict("This is not possible now: the round is published and stays as it is.")
