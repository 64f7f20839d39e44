"""A rating that a person gives with an operator's help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited
from evalsys.services.collection import Ballot, OpenForm, deliver, prepare_ballot

ASSISTED, PAPER = "assisted", "paper"


@dataclass(frozen=True)
class Entry:
    """What was typed in: answer codes in the order of the questions, and the invitation's code, "" without one."""

    form: OpenForm
    codes: Sequence[int]
    comment: str
    nonce: str
    invitation: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


def enter_rating(actor: Actor, entry: Entry, *, secret: str, now: datetime) -> str:
    """Put an assisted rating into the box and return its receipt; the same form twice is one rating.

    The log does not say which office: with its time that would point at the one response of that channel and day.

    Raises Forbidden, Invalid, Conflict.
    """
    parcel = prepare_ballot(ballot_of(entry, ASSISTED), secret=secret, now=now)
    act = Act(actor, "entry.send", f"round:{entry.form.round_code}", now, detail={"channel": ASSISTED})
    with audited(act) as session:
        deliver(session, parcel)
    return parcel.receipt


def ballot_of(entry: Entry, channel: str) -> Ballot:
    """The ballot that an entry amounts to."""
    return Ballot(
        form=entry.form,
        codes=entry.codes,
        comment=entry.comment,
        nonce=entry.nonce,
        channel=channel,
        invitation=entry.invitation,
        texts=entry.texts,
    )
