"""Checking a file that somebody sends in: each check by its name, and the one reason why a file is not genuine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from evalsys.config import Config
from evalsys.db import db, transaction
from evalsys.errors import Invalid, TooLarge, TooMany
from evalsys.i18n import _l
from evalsys.models import PUBLIC, PublishedScorecard, Round
from evalsys.reports.inspection import Inspection, inspect_pdf
from evalsys.services import guard
from evalsys.services.signing import Certificate, known_certificates, stamp_roots
from evalsys.services.verification.booklets import answer_of_booklet
from evalsys.services.verification.published import Found, find_file
from evalsys.services.verification.register import Answer, answer_of

MOST_BYTES = 5 * 1024 * 1024
YES, NO, UNTOLD = "yes", "no", "untold"
TOO_LARGE = _l("The file is larger than 5 MB. Scorecards are much smaller: is it the right file?")
FULL = _l("Many files have come from your network lately. Try again later, or check the reference instead.")


@dataclass(frozen=True)
class Check:
    """One check: "copy", "signature", "complete", "data" or "reference"; UNTOLD where there is nothing to check."""

    code: str
    state: str


@dataclass(frozen=True)
class FileAnswer:
    """What was found about a file; `reason` is "" for a genuine one, else the first of REASONS that holds.

    `answer` is what the register says of the card that it is, or says it is; `certificate` is ours that signed it.
    """

    reason: str
    checks: tuple[Check, ...]
    seen: Inspection
    certificate: Certificate | None
    found: Found | None
    answer: Answer | None
    data_reference: str

    @property
    def is_genuine(self) -> bool:
        """Whether it is, byte for byte, a file that was published here."""
        return not self.reason


@dataclass(frozen=True)
class _Facts:
    """What decides: what the file tells, and what the register knows of it."""

    seen: Inspection
    certificate: Certificate | None
    found: Found | None
    card: PublishedScorecard | None
    data: PublishedScorecard | None

    @property
    def belongs(self) -> bool:
        """Whether the data inside are those of the card that the file says it is."""
        is_named = self.data is not None and self.data.reference == f"{self.seen.reference}-{self.data.locale}"
        return is_named and self.data == self.card


def check_file(data: bytes, address: str, *, secret: str, now: datetime) -> FileAnswer:
    """Check a file from everybody. Raises Invalid (empty), TooLarge, TooMany."""
    _count(address, secret, now)
    if not data:
        raise Invalid(_l("Choose a file."))
    if len(data) > MOST_BYTES:
        raise TooLarge(TOO_LARGE)
    config: Config = current_app.config["EVALSYS"]
    facts = _facts(db.session(), inspect_pdf(data, stamp_roots(config)), known_certificates(config))
    return FileAnswer(
        reason=next((reason for reason, holds in _reasons(facts) if holds), ""),
        checks=tuple(Check(code, state) for code, state in _checks(facts)),
        seen=facts.seen,
        certificate=facts.certificate,
        found=facts.found,
        answer=answer_of(facts.card) if facts.card else answer_of_booklet(db.session(), facts.seen.digest),
        data_reference=facts.data.reference if facts.data else "",
    )


def _count(address: str, secret: str, now: datetime) -> None:
    limits: guard.Limits = current_app.config["GUARD"]
    cap = guard.Cap(f"verified files {guard.network_of(address)}", limits.files_an_hour)
    with transaction() as session:
        seconds = guard.count_up(session, [cap], secret, now)
    if seconds:
        raise TooMany(FULL, seconds)


def _facts(session: Session, seen: Inspection, certificates: tuple[Certificate, ...]) -> _Facts:
    """Whose the file is: by its bytes, else by the data in it, else by the name that it gives itself."""
    found = find_file(session, seen.digest)
    data = _card(session, PublishedScorecard.digest.in_([one.digest for one in seen.attachments]))
    named = [one.reference for one in seen.attachments if one.reference.startswith(f"{seen.reference}-")]
    card = None
    if found is not None and found.card_id is not None:
        card = _card(session, PublishedScorecard.id == found.card_id)
    elif seen.reference:
        card = _of_name(session, seen.reference, [*named, *([data.reference] if data else [])])
    ours = {one.digest: one for one in certificates}
    certificate = ours.get(seen.signature.signer) if seen.signature else None
    return _Facts(seen, certificate, found, card, data)


def _of_name(session: Session, reference: str, named: list[str]) -> PublishedScorecard | None:
    """The card of this name: in the language that the data name, else in any."""
    starts = PublishedScorecard.reference.startswith(f"{reference}-", autoescape=True)
    own = [name for name in named if name.startswith(f"{reference}-")]
    return (_card(session, PublishedScorecard.reference.in_(own)) if own else None) or _card(session, starts)


def _card(session: Session, condition: ColumnElement[bool]) -> PublishedScorecard | None:
    query = select(PublishedScorecard).options(joinedload(PublishedScorecard.run)).join(Round)
    return session.scalar(query.where(Round.state.in_(PUBLIC), condition).order_by(PublishedScorecard.id).limit(1))


def _reasons(facts: _Facts) -> Iterator[tuple[str, bool]]:
    """Why a file is not genuine, the plainest first."""
    seen = facts.seen
    is_card = facts.found is None or facts.found.is_card
    yield "not_pdf", not seen.is_pdf and not seen.is_damaged and seen.signature is None
    yield "encrypted", seen.is_encrypted
    yield "damaged", seen.is_damaged
    yield "other", seen.signature is None and not seen.reference and facts.data is None
    yield "unsigned", seen.signature is None
    yield "changed", seen.signature is not None and not seen.signature.is_intact
    yield "foreign", not _is_ours(facts)
    yield "appended", seen.signature is not None and not seen.signature.covers_all
    yield "other_data", is_card and not facts.belongs
    yield "unpublished", facts.found is None


def _checks(facts: _Facts) -> Iterator[tuple[str, str]]:
    """Every check with its result, whatever the others say."""
    signature, is_file = facts.seen.signature, facts.found is not None and not facts.found.is_card
    yield "copy", YES if facts.found is not None else NO
    yield "signature", YES if signature and signature.is_intact and _is_ours(facts) else NO
    yield "complete", UNTOLD if signature is None else YES if signature.covers_all else NO
    yield "data", UNTOLD if is_file else YES if facts.belongs else NO
    yield "reference", UNTOLD if is_file else YES if facts.card is not None else NO


def _is_ours(facts: _Facts) -> bool:
    """Whether a key of ours signed, while its certificate was valid."""
    one, signature = facts.certificate, facts.seen.signature
    if one is None or signature is None or signature.signed_at is None:
        return False
    return one.first_day <= signature.signed_at.date() <= one.last_day
