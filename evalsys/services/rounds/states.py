"""The one table of acts, and the one way to take a round through it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.i18n import _l
from evalsys.models import BEFORE_OPENING, IN_REVIEW, PUBLIC, Round, RoundState

STATES = tuple(RoundState)
AMENDABLE = frozenset({RoundState.COLLECTING, *IN_REVIEW})
NEVER_OF_PILOTS = frozenset({"share", "publish", "republish", "plan"})
CORRECTABLE = frozenset({RoundState.PUBLISHED, RoundState.IMPROVING})


@dataclass(frozen=True)
class Transition:
    """From which states an act is allowed, where it leads (None: the round stays as it is), and the right it needs."""

    sources: frozenset[RoundState]
    target: RoundState | None
    right: str


def _within(sources: Iterable[RoundState], right: str) -> Transition:
    return Transition(frozenset(sources), None, right)


def _step(source: RoundState, target: RoundState, right: str) -> Transition:
    return Transition(frozenset({source}), target, right)


ACTS: dict[str, Transition] = {
    "design": _within(BEFORE_OPENING, "round.design"),
    "consult": _step(RoundState.DRAFT, RoundState.CONSULTED, "round.consult"),
    "conclude": _within({RoundState.CONSULTED}, "round.conclude"),
    "govern": _within({RoundState.DRAFT, RoundState.CONSULTED}, "board.rules"),
    "bound": _within(BEFORE_OPENING, "bound.set"),
    "elicit": _within(BEFORE_OPENING, "elicitation.open"),
    "weigh": _within(BEFORE_OPENING, "elicitation.answer"),
    "propose": _within(BEFORE_OPENING, "scheme.propose"),
    "amend": _within(AMENDABLE, "scheme.amend"),
    "vote": _within({*BEFORE_OPENING, *AMENDABLE}, "scheme.vote"),
    "approve": Transition(frozenset(BEFORE_OPENING), RoundState.APPROVED, "scheme.decide"),
    "approve_amendment": _within(AMENDABLE, "scheme.decide"),
    "decline": _within({*BEFORE_OPENING, *AMENDABLE}, "scheme.decide"),
    "open": _step(RoundState.APPROVED, RoundState.COLLECTING, "round.open"),
    "close": _step(RoundState.COLLECTING, RoundState.CLOSED, "round.close"),
    "check": _step(RoundState.CLOSED, RoundState.QUALITY_CONTROL, "round.check"),
    "find": _within(AMENDABLE | CORRECTABLE, "finding.propose"),
    "settle": _within(AMENDABLE | CORRECTABLE, "finding.decide"),
    "score": Transition(
        frozenset({RoundState.QUALITY_CONTROL, RoundState.DRAFT_RESULTS}), RoundState.DRAFT_RESULTS, "round.score"
    ),
    "rescore": _within({RoundState.RIGHT_OF_REPLY, *CORRECTABLE}, "round.score"),
    "share": _step(RoundState.DRAFT_RESULTS, RoundState.RIGHT_OF_REPLY, "round.share"),
    "commit": _within({RoundState.RIGHT_OF_REPLY}, "commitment.make"),
    "report": _within(PUBLIC, "commitment.report"),
    "reply": _within({RoundState.RIGHT_OF_REPLY}, "result.reply"),
    "object": _within({RoundState.RIGHT_OF_REPLY}, "objection.raise"),
    "withdraw": _within({RoundState.RIGHT_OF_REPLY}, "objection.withdraw"),
    "judge": _within({RoundState.RIGHT_OF_REPLY}, "objection.vote"),
    "rule": _within({RoundState.RIGHT_OF_REPLY}, "objection.decide"),
    "ballot": _within({RoundState.RIGHT_OF_REPLY, *CORRECTABLE}, "result.vote"),
    "adopt": _step(RoundState.RIGHT_OF_REPLY, RoundState.FINAL, "round.adopt"),
    "reopen": _step(RoundState.FINAL, RoundState.RIGHT_OF_REPLY, "round.reopen"),
    "publish": _step(RoundState.FINAL, RoundState.PUBLISHED, "round.publish"),
    "republish": _within(CORRECTABLE, "round.publish"),
    "plan": _within({RoundState.FINAL, *CORRECTABLE}, "release.plan"),
    "call_off": _within({RoundState.FINAL, *CORRECTABLE}, "release.call_off"),
    "withdraw_card": _within(PUBLIC, "withdrawal.propose"),
    "settle_withdrawal": _within(PUBLIC, "withdrawal.decide"),
    "improve": _step(RoundState.PUBLISHED, RoundState.IMPROVING, "round.improve"),
    "follow_up": _step(RoundState.IMPROVING, RoundState.FOLLOWED_UP, "round.follow_up"),
    "archive": _step(RoundState.FOLLOWED_UP, RoundState.ARCHIVED, "round.archive"),
    "suspend": _within(AMENDABLE | {RoundState.FINAL}, "round.suspend"),
    "resume": _within(AMENDABLE | {RoundState.FINAL}, "round.resume"),
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
    Raises NotFound; Conflict when the round's state, or its being a pilot, does not allow the act.
    """
    round_ = session.scalar(select(Round).where(Round.code == code).with_for_update())
    if round_ is None:
        raise NotFound("This round does not exist.")
    require_act(round_, act)
    target = ACTS[act].target
    if target is not None:
        round_.state = target
    return round_


def require_act(round_: Round, act: str) -> None:
    """Raise Conflict when the round's state, or its being a pilot, does not allow the act now."""
    state = RoundState(round_.state)
    if state not in ACTS[act].sources:
        raise _wrong_state(state)
    if round_.suspended_at is not None and act != "resume":
        raise Conflict("The round is suspended: nothing can be done in it until the board takes it up again.")
    if round_.is_pilot and act in NEVER_OF_PILOTS:
        raise Conflict(
            "This round is a pilot: its results stay with the oversight body and are never shared, published or ranked."
        )


WRONG = {
    RoundState.DRAFT: _l("This is not possible now: the round is a draft, and its weights are not approved yet."),
    RoundState.CONSULTED: _l("This is not possible now: the draft lies open for consultation."),
    RoundState.APPROVED: _l("This is not possible now: the weights are approved, and the round is not open yet."),
    RoundState.COLLECTING: _l("This is not possible now: the round is collecting answers, and its weights are locked."),
    RoundState.CLOSED: _l("This is not possible now: the round is closed, and its weights are locked."),
    RoundState.QUALITY_CONTROL: _l("This is not possible now: the answers of the round are being checked."),
    RoundState.DRAFT_RESULTS: _l("This is not possible now: the round is scored, and its weights are locked."),
    RoundState.RIGHT_OF_REPLY: _l("This is not possible now: the offices are replying to their draft results."),
    RoundState.FINAL: _l("This is not possible now: the results are adopted and wait for publication."),
    RoundState.PUBLISHED: _l("This is not possible now: the round is published and stays as it is."),
    RoundState.IMPROVING: _l("This is not possible now: the round is published, and the offices are improving."),
    RoundState.FOLLOWED_UP: _l("This is not possible now: the round is published and followed up."),
    RoundState.ARCHIVED: _l("This is not possible now: the round is archived."),
}


def _wrong_state(state: RoundState) -> Conflict:
    return Conflict(WRONG[state])
