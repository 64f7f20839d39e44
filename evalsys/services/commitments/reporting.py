"""An office says how far a commitment is, once its result is public; everybody reads it at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Invalid, NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Commitment, CommitmentReport, Round
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.commitments.standing import NEEDS_NOTE, STATES
from evalsys.services.rounds.states import subject_of, take_round

MOST_CHARACTERS = 500
UNKNOWN = "This commitment does not exist."


@dataclass(frozen=True)
class NewReport:
    """One of STATES, with a note in the language in which it is written."""

    state: str
    note: str
    locale: str


def report_commitment(actor: Actor, code: str, number: int, new: NewReport, *, now: datetime) -> None:
    """Keep how far the own office's commitment of this number in this round is; what was said before stays on record.

    Raises Forbidden; NotFound for an office or a number that is not there; Conflict; Invalid.
    """
    detail = {"number": number, "state": new.state, "locale": new.locale}
    act = Act(actor, "commitment.report", subject_of(code), now, detail=detail)
    with audited(act) as session:
        round_ = take_round(session, code, "report")
        commitment = _own(session, actor, round_, number)
        if new.state not in STATES:
            raise Invalid("Choose how far it is.")
        if new.locale not in LOCALES:
            raise Invalid("Choose the language of your note.")
        if new.state in NEEDS_NOTE and not new.note.strip():
            raise Invalid("Say why it is late or dropped. Everybody reads it.")
        if len(new.note) > MOST_CHARACTERS:
            raise Invalid("Write at most %(most)s characters.", {"most": MOST_CHARACTERS})
        said = {"state": new.state, "note": new.note.strip(), "locale": new.locale}
        commitment.reports.append(CommitmentReport(**said, account_id=actor.account_id, at=now))
        act.detail["unit"] = commitment.unit.code


def _own(session: Session, actor: Actor, round_: Round, number: int) -> Commitment:
    own = Commitment.round_id == round_.id, Commitment.unit_id == actor.unit_id
    found = session.scalar(select(Commitment).where(*own, Commitment.number == number))
    if found is None:
        raise NotFound(UNKNOWN)
    return found
