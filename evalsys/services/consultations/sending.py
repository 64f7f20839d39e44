"""What everybody may send while a draft lies open: comments, and how they would weigh; only the day is kept."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.db import transaction
from evalsys.errors import Conflict, Invalid
from evalsys.models import Consultation, ConsultationComment, PollAnswer
from evalsys.services.collection.numbers import is_own_number, new_number
from evalsys.services.consultations.poll import MOST, asked_in
from evalsys.services.consultations.standing import takes_comments
from evalsys.services.weights import Labels, scheme_of
from scoring.scheme import Scheme

COMMENT_CHARACTERS = 2000
ID_LETTERS = 32
Admit = Callable[[Session], None]


@dataclass(frozen=True)
class Comment:
    """What somebody says about a part of the draft; an empty topic means all of it."""

    topic: str
    text: str


@dataclass(frozen=True)
class Posted:
    """A form as it came in: its consultation, its number, and the guard that has the last word."""

    consultation_id: int
    nonce: str
    admit: Admit


def new_form_number(consultation_id: int, secret: str, now: datetime) -> str:
    """The number of one showing of a form of this consultation."""
    return new_number(f"consultation/{consultation_id}", secret, now)


def is_form_number(consultation_id: int, secret: str, nonce: str) -> bool:
    """True when this server gave out `nonce` for this consultation."""
    return is_own_number(f"consultation/{consultation_id}", secret, nonce)


def topics_of(scheme: Scheme) -> tuple[str, ...]:
    """What a comment may be about: every part of the score, then every group."""
    nodes = (node.code for node in scheme.nodes() if node is not scheme.tree)
    return tuple(dict.fromkeys((*nodes, *(group.code for group in scheme.groups))))


def send_comment(posted: Posted, comment: Comment, *, secret: str, now: datetime) -> None:
    """Keep a comment; it waits for the oversight body to publish it. Sending the same form again adds nothing.

    Raises Invalid (no text, too long, unknown topic, foreign form), Conflict (over) and what `admit` raises.
    """
    _require_own(posted, secret)
    if not comment.text.strip() or len(comment.text) > COMMENT_CHARACTERS:
        raise Invalid("Write a comment of at most 2000 characters.")
    with transaction() as session:
        consultation = _take(session, posted.consultation_id, now)
        if comment.topic and comment.topic not in topics_of(scheme_of(consultation.version.body)):
            raise Invalid("Choose what your comment is about.")
        row = {"topic": comment.topic, "text": comment.text, "state": "received", "hidden_reason": "", "answer": ""}
        _keep(session, ConsultationComment, posted, {**row, "day": now.date()})


def send_poll(posted: Posted, importance: Mapping[str, int], *, secret: str, now: datetime) -> None:
    """Keep how somebody would weigh. Sending the same form again adds nothing.

    Raises Invalid (something missing or out of range, foreign form), Conflict (over, no poll) and what `admit` raises.
    """
    _require_own(posted, secret)
    with transaction() as session:
        consultation = _take(session, posted.consultation_id, now)
        asked = asked_in(scheme_of(consultation.version.body), Labels("en"))
        keys = {one.key for family in asked.values() for one in family}
        if not (consultation.has_poll and keys):
            raise Conflict("This consultation has no poll.")
        if set(importance) != keys or not all(0 <= value <= MOST for value in importance.values()):
            raise Invalid("Give every part a number from 0 to 10.")
        _keep(session, PollAnswer, posted, {"body": dict(importance), "day": now.date()})


def _require_own(posted: Posted, secret: str) -> None:
    if not is_form_number(posted.consultation_id, secret, posted.nonce):
        raise Invalid("We could not read this form. Check what you wrote and send it again.")


def _take(session: Session, consultation_id: int, now: datetime) -> Consultation:
    """The shared lock makes concluding wait until this is in."""
    query = select(Consultation).where(Consultation.id == consultation_id).with_for_update(read=True)
    found = session.scalar(query)
    if found is None or not takes_comments(found, now.date()):
        raise Conflict("This consultation is over. Nothing was saved.")
    return found


def _keep(session: Session, table: type[ConsultationComment | PollAnswer], posted: Posted, row: dict[str, Any]) -> None:
    """The key comes from the form's random number, which is kept nowhere: no form counts twice."""
    seed = f"evalsys/consultation/v1/{table.__tablename__}/{posted.nonce}"
    key = hashlib.sha256(seed.encode()).hexdigest()[:ID_LETTERS]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).values(id=key, consultation_id=posted.consultation_id, **row)
    if session.execute(new.on_conflict_do_nothing(index_elements=["id"]).returning(table.id)).first() is not None:
        posted.admit(session)
