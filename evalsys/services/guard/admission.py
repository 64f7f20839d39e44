"""Whether a rating without a credential is taken: the last word inside its transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid, TooMany
from evalsys.i18n import _l
from evalsys.models import UsedPuzzle
from evalsys.services.collection.numbers import age_seconds
from evalsys.services.guard import puzzle
from evalsys.services.guard.limits import Limits
from evalsys.services.guard.networks import network_of
from evalsys.services.guard.throttle import DAY, Cap, count_up

Admit = Callable[[Session], None]

FULL = _l(
    "Many ratings have come from your network lately. Yours is not sent yet. "
    "Your answers are still here: send them again later, or choose another way."
)
UNSOLVED = _l(
    "Your browser did not answer our check against programs, and too many such ratings have come in. "
    "Yours is not sent yet. Your answers are still here: choose another way."
)

CONSULTATION_FULL = _l(
    "Many comments have come from your network lately. Yours is not sent yet. "
    "What you wrote is still here: send it again later."
)
CONSULTATION_UNSOLVED = _l(
    "Your browser did not answer our check against programs, and too many such comments have come in. "
    "Yours is not sent yet. What you wrote is still here: send it again later."
)
DRAFTS_FULL = _l(
    "Many forms have been saved from your network lately. Yours is not saved. Send it now, or save it later."
)


@dataclass(frozen=True)
class Sent:
    """What came with an open form beside its answers; `trap` is a field that people do not see."""

    round_id: int
    nonce: str
    address: str
    trap: str = ""
    puzzle: str = ""


@dataclass(frozen=True)
class Door:
    """What people send without a credential: it is counted apart, and refused in words of its own."""

    name: str
    full: str
    unsolved: str


RATINGS = Door("", FULL, UNSOLVED)
CONSULTATION = Door("consultation ", CONSULTATION_FULL, CONSULTATION_UNSOLVED)


def admission(sent: Sent, *, secret: str, now: datetime, door: Door = RATINGS) -> Admit:
    """The check of an open rating, for `Ballot.admit`, or of what comes in through another door.

    It raises Invalid (a trap was filled in, or the form was shown for less than three seconds), Conflict (a puzzle was
    used before) and TooMany (a network's share is used up).
    """
    limits = _limits()
    is_solved = puzzle.is_solved(sent.puzzle, sent.nonce, secret, now)
    network = network_of(sent.address)

    def admit(session: Session) -> None:
        _refuse_programs(sent, limits, now)
        if is_solved:
            _spend(session, sent.puzzle)
            _count(session, [Cap(f"{door.name}solved {network}", limits.solved_an_hour)], door.full, secret, now)
            return
        alone = Cap(f"{door.name}unsolved {network}", limits.unsolved_an_hour)
        together = Cap(f"{door.name}unsolved round {sent.round_id}", limits.unsolved_a_day, DAY)
        _count(session, [alone, together], door.unsolved, secret, now)

    return admit


def kiosk_admission(place_id: int, device: str, *, secret: str, now: datetime) -> Admit:
    """The check of a rating at a kiosk: a cap for the device, and one for all devices of the place."""
    limits = _limits()
    caps = [
        Cap(f"kiosk {place_id} {device}", limits.kiosk_an_hour),
        Cap(f"kiosks {place_id}", limits.place_an_hour),
    ]
    return lambda session: _count(session, caps, FULL, secret, now)


def draft_admission(address: str, *, secret: str, now: datetime) -> Admit:
    """The check before a draft is kept: a cap for the network."""
    cap = Cap(f"drafts {network_of(address)}", _limits().drafts_an_hour)
    return lambda session: _count(session, [cap], DRAFTS_FULL, secret, now)


def _limits() -> Limits:
    found: Limits = current_app.config["GUARD"]
    return found


def _refuse_programs(sent: Sent, limits: Limits, now: datetime) -> None:
    if sent.trap:
        raise Invalid(
            "Something filled in a field that is not shown on this page, as programs do. Nothing was saved. "
            "Your answers are still here: send them again."
        )
    if age_seconds(sent.nonce, now) < limits.least_seconds:
        raise Invalid("That was very quick. Please look at your answers once more, and send them again.")


def _spend(session: Session, payload: str) -> None:
    """A puzzle opens the door once; the same one again is refused by the table itself."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(UsedPuzzle).values(digest=puzzle.spent_digest(payload), expires=puzzle.runs_out(payload))
    spent = row.on_conflict_do_nothing(index_elements=["digest"]).returning(UsedPuzzle.digest)
    if session.execute(spent).first() is None:
        raise Conflict("This form was checked once before. Send it again.")


def _count(session: Session, caps: list[Cap], message: str, secret: str, now: datetime) -> None:
    seconds = count_up(session, caps, secret, now)
    if seconds:
        raise TooMany(message, seconds)
