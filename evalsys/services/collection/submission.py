"""How a filled form gets into the box exactly once, sealed, without person, time or order."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.db import transaction
from evalsys.errors import Conflict, Invalid
from evalsys.i18n import _l
from evalsys.models import Inbox, Round, RoundState, Submission
from evalsys.services import sealing
from evalsys.services.collection.drafts import forget_draft
from evalsys.services.collection.forms import OpenForm
from evalsys.services.collection.numbers import age_seconds, is_own_nonce
from evalsys.services.collection.receipts import digest_of, receipt_of
from evalsys.services.credentials import spend
from evalsys.services.sealing import Content
from evalsys.services.suspension import refuse_suspended
from scoring.collect import pack

OPEN_STRATUM = "open"
CHANNELS = ("web", "qr", "kiosk", "assisted", "paper")
ENTERED_BY_OTHERS = ("assisted", "paper")
BALLOT_BYTES = 16
NO_ANSWER = _l("Answer at least one question. If none of them applies to you, you do not need to send this form.")
PACE_STEPS = (1, 2, 4, 8)
"""Seconds a question below which a form falls into pace 1, 2, 3, 4; above all of them it is 5."""


def _admit_all(_session: Session) -> None:
    return None


@dataclass(frozen=True)
class Ballot:
    """A filled form as it was sent; `codes` are answer codes in the order of the questions.

    `texts` maps codes of text questions to what was written. `invitation` is a credential's token, "" in the open
    channel; there `admit` has the last word inside the transaction (it raises to refuse) and `network` marks the net.
    `draft` is the resume code of a draft that is no longer wanted once the rating is in the box.
    """

    form: OpenForm
    codes: Sequence[int]
    comment: str
    nonce: str
    channel: str = "web"
    invitation: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    network: int = 0
    admit: Callable[[Session], None] = _admit_all
    draft: str = ""


@dataclass(frozen=True)
class Parcel:
    """A ballot that was checked and is ready to be delivered within a transaction."""

    ballot: Ballot
    content: Content
    key: bytes
    receipt: str


def submit_rating(ballot: Ballot, *, secret: str, now: datetime) -> str:
    """Put a rating into the box and return its receipt; sending it again adds nothing and gives the same one.

    One transaction spends the credential, if there is one, stores the answers and deletes the draft: all or nothing.
    Raises Invalid (no answer at all, or a number that is not ours), Conflict (round closed, credential spent before),
    and whatever `admit` raises.
    """
    parcel = prepare_ballot(ballot, secret=secret, now=now)
    with transaction() as session:
        deliver(session, parcel)
    return parcel.receipt


def prepare_ballot(ballot: Ballot, *, secret: str, now: datetime) -> Parcel:
    """Check a ballot and pack it, before any transaction. Raises Invalid."""
    if not is_own_nonce(ballot.form, secret, ballot.nonce):
        raise Invalid("We could not read this form. Check your answers and send it again.")
    content = _content(ballot, now)
    key = ballot.form.seal_key or sealing.key_of(ballot.form.round_id)
    return Parcel(ballot, content, key, receipt_of(secret, ballot.nonce))


def deliver(session: Session, parcel: Parcel) -> None:
    """Lay a prepared ballot into the box within the caller's transaction, unless it lies there already."""
    ballot, form = parcel.ballot, parcel.ballot.form
    if not _is_new(session, form, ballot.nonce, parcel.receipt):
        return
    refuse_unless_collecting(session, form.round_id)
    stratum = _stratum(session, ballot)
    if stratum is not None:
        put_into_box(session, form.questionnaire_id, stratum, parcel.content, parcel.key)
    if ballot.draft:
        forget_draft(session, ballot.draft)


def put_into_box(session: Session, questionnaire_id: int, stratum: str, content: Content, key: bytes) -> None:
    """Seal a rating and lay it into the box under a random key, within the caller's transaction."""
    row = {
        "ballot": secrets.token_hex(BALLOT_BYTES),
        "questionnaire_id": questionnaire_id,
        "stratum": stratum,
        "sealed": sealing.seal(content, key),
    }
    session.execute(insert(Inbox), [row])


def refuse_unless_collecting(session: Session, round_id: int) -> None:
    """The shared lock makes the closing of the round wait until this rating is in."""
    query = select(Round.state, Round.suspended_at).where(Round.id == round_id)
    state, suspended_at = session.execute(query.with_for_update(read=True)).first() or (None, None)
    if state != RoundState.COLLECTING:
        raise Conflict("Ratings of this office are not being collected at the moment.")
    refuse_suspended(suspended_at)


def pace_of(seconds: int, questions: int) -> int:
    """How fast a form was filled in, in coarse steps from 1 (under a second a question) to 5.

    >>> [pace_of(seconds, 10) for seconds in (5, 15, 30, 79, 80)]
    [1, 2, 3, 4, 5]
    """
    each = seconds / max(1, questions)
    return 1 + sum(each >= step for step in PACE_STEPS)


def _content(ballot: Ballot, now: datetime) -> Content:
    points = [points for _, points in ballot.form.questions]
    packed = pack(ballot.codes, points)
    if not any(1 <= code <= k for code, k in zip(ballot.codes, points, strict=True)):
        raise Invalid(NO_ANSWER)
    channel = ballot.channel if ballot.channel in CHANNELS else CHANNELS[0]
    by_others = channel in ENTERED_BY_OTHERS
    return Content(
        unit_id=ballot.form.unit_id,
        channel=channel,
        day=now.date(),
        answers=packed,
        comment=ballot.comment,
        pace=0 if by_others else pace_of(age_seconds(ballot.nonce, now), len(points)),
        network=0 if ballot.invitation else ballot.network,
        texts=dict(ballot.texts),
    )


def _stratum(session: Session, ballot: Ballot) -> str | None:
    """The credential's stratum, or the open one; None when this very form has spent its credential before."""
    if ballot.invitation:
        return spend(session, ballot.form.round_id, ballot.invitation, ballot.nonce)
    ballot.admit(session)
    return OPEN_STRATUM


def _is_new(session: Session, form: OpenForm, nonce: str, receipt: str) -> bool:
    """Claim the form's number; False when it was claimed before. Two at once: the second waits for the first."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(Submission).values(digest=digest_of(nonce), round_id=form.round_id, receipt=receipt)
    claimed = row.on_conflict_do_nothing(index_elements=["digest"]).returning(Submission.digest)
    return session.execute(claimed).first() is not None
