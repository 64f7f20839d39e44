"""An office says what it will do, with its reply and as long as the right of reply lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, Invalid
from evalsys.i18n import LOCALES
from evalsys.models import Commitment, Round, Unit
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.objections.raising import topics_of
from evalsys.services.replies.laid import laid_runs
from evalsys.services.replies.places import own_unit, refuse_after_last_day
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.zone import local_day

MOST = 5
MOST_CHARACTERS = 300
MOST_OF_OWNER = 120
YEARS = 2


@dataclass(frozen=True)
class NewCommitment:
    """What will be done, about which part of the score ("" for all of it), which role answers for it, by when."""

    text: str
    topic: str
    owner: str
    due: date


def last_day(today: date) -> date:
    """The last day for which something can be promised; 29 February becomes the 28th."""
    return date(today.year + YEARS, today.month, min(today.day, 28) if today.month == 2 else today.day)


def write_commitments(
    actor: Actor, code: str, promised: Sequence[NewCommitment], locale: str, *, now: datetime
) -> None:
    """Keep what the office commits itself to, in place of all that it wrote before; none takes everything back.

    Raises Forbidden; NotFound for an office that is not in the round; Conflict after the last day; Invalid.
    """
    act = Act(actor, "commitment.make", subject_of(code), now, detail={"locale": locale})
    with audited(act) as session:
        round_ = take_round(session, code, "commit")
        unit = own_unit(session, actor, round_)
        refuse_after_last_day(round_, local_day(now))
        _check(promised, locale, local_day(now))
        _check_topics(session, round_, unit, promised)
        own = Commitment.round_id == round_.id, Commitment.unit_id == unit.id
        if not promised and session.scalar(select(Commitment.id).where(*own).limit(1)) is None:
            raise Invalid("Write what your office will do.")
        session.execute(delete(Commitment).where(*own))
        session.add_all(
            Commitment(
                round_id=round_.id,
                unit_id=unit.id,
                number=number,
                text=one.text,
                locale=locale,
                topic=one.topic,
                owner=one.owner,
                due=one.due,
                account_id=actor.account_id,
                at=now,
            )
            for number, one in enumerate(promised, 1)
        )
        act.detail |= {"unit": unit.code, "commitments": len(promised)}


def _check(promised: Sequence[NewCommitment], locale: str, today: date) -> None:
    if len(promised) > MOST:
        raise Invalid("Write at most %(most)s commitments: few and weighty ones.", {"most": MOST})
    if locale not in LOCALES:
        raise Invalid("Choose the language of your commitments.")
    for one in promised:
        if not one.text.strip():
            raise Invalid("Write what your office will do.")
        if not one.owner.strip():
            raise Invalid("Say which role answers for it, not a name.")
        if len(one.text) > MOST_CHARACTERS or len(one.owner) > MOST_OF_OWNER:
            raise Invalid("Write at most %(most)s characters.", {"most": MOST_CHARACTERS})
        if not today < one.due <= last_day(today):
            raise Invalid("Choose a day after today and within two years.")


def _check_topics(session: Session, round_: Round, unit: Unit, promised: Sequence[NewCommitment]) -> None:
    """They are about parts of the draft result that the office reads."""
    if not any(one.topic for one in promised):
        return
    laid = laid_runs(session, round_, unit)
    if not laid:
        raise Conflict("There is no draft result that they could be about.")
    known = topics_of(laid[-1])
    if not all(one.topic == "" or one.topic in known for one in promised):
        raise Invalid("Choose the part of the result that it is about.")
