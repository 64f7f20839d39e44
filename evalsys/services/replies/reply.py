"""An office's own words, which stand beside its result."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Invalid
from evalsys.i18n import LOCALES
from evalsys.models import ResultReply
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.replies.places import own_unit, refuse_after_last_day
from evalsys.services.rounds.states import subject_of, take_round
from evalsys.services.zone import local_day

MOST_CHARACTERS = 2000


@dataclass(frozen=True)
class Words:
    """A text and the language it is written in."""

    text: str
    locale: str


def write_reply(actor: Actor, code: str, words: Words, *, now: datetime) -> None:
    """Keep the office's reply, in place of what it said before; an empty text takes the reply back.

    Raises Forbidden; NotFound for an office that is not in the round; Conflict after the last day; Invalid.
    """
    act = Act(actor, "result.reply", subject_of(code), now, detail={"locale": words.locale})
    with audited(act) as session:
        round_ = take_round(session, code, "reply")
        unit = own_unit(session, actor, round_)
        refuse_after_last_day(round_, local_day(now))
        if words.locale not in LOCALES:
            raise Invalid("Choose the language of your reply.")
        if len(words.text) > MOST_CHARACTERS:
            raise Invalid("Write at most %(most)s characters.", {"most": MOST_CHARACTERS})
        found = reply_of(session, round_.id, unit.id)
        if not words.text.strip():
            if found is None:
                raise Invalid("Write your reply.")
            session.delete(found)
            return
        reply = found or ResultReply(round_id=round_.id, unit_id=unit.id)
        reply.text, reply.locale, reply.account_id, reply.at = words.text, words.locale, actor.account_id, now
        session.add(reply)
        act.detail |= {"unit": unit.code, "characters": len(words.text)}


def reply_of(session: Session, round_id: int, unit_id: int) -> ResultReply | None:
    """What the office said about its result, if anything."""
    query = select(ResultReply).where(ResultReply.round_id == round_id, ResultReply.unit_id == unit_id)
    return session.scalar(query)
