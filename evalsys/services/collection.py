"""Citizens' ratings: which form is open for a unit, and how a filled form gets into the box exactly once.

The box tells nothing: a row has a random key, a day and no person. A form's number (nonce) is signed for one unit and
one questionnaire; its digest makes a second sending harmless, and only this server can work out its receipt from it.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import (
    Inbox,
    Indicator,
    Question,
    Questionnaire,
    Round,
    RoundState,
    RoundUnit,
    Submission,
    Unit,
    UnitService,
)
from evalsys.services.credentials import spend
from scoring.collect import pack

CITIZENS = "citizens"
OPEN_STRATUM = "open"
CHANNELS = ("web", "qr")
RANDOM_BYTES = 16
RECEIPT_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
RECEIPT_GROUPS, GROUP_LETTERS = 7, 3


@dataclass(frozen=True)
class OpenForm:
    """The form that citizens may fill in about a unit now; `questions` are (indicator code, points) in their order."""

    round_id: int
    round_code: str
    closes_on: date
    questionnaire_id: int
    unit_id: int
    unit_code: str
    questions: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Ballot:
    """A filled form as it was sent; `codes` are answer codes in the order of the questions."""

    form: OpenForm
    codes: Sequence[int]
    comment: str
    nonce: str
    channel: str = "web"
    invitation: str = ""


@dataclass(frozen=True)
class Receipt:
    """Proof that a form is in the box; says nothing about its content."""

    code: str
    round_code: str


def find_form(unit_code: str) -> OpenForm:
    """The open form of a unit, in one statement. Raises NotFound, or Conflict when nothing is being collected."""
    rows = db.session.execute(_form_query(), {"unit": unit_code}).all()
    if not rows:
        if db.session.scalar(select(Unit.id).where(Unit.code == unit_code, Unit.is_active)) is None:
            raise NotFound("This office does not exist.")
        raise Conflict("Ratings of this office are not being collected at the moment.")
    round_id, round_code, closes_on, form_id, unit_id, code, _, _ = rows[0]
    questions = tuple((row[6], row[7]) for row in rows if row[3] == form_id)
    return OpenForm(round_id, round_code, closes_on, form_id, unit_id, code, questions)


def open_units() -> set[str]:
    """The codes of the units that citizens may rate now."""
    return set(db.session.scalars(_open_forms(select(Unit.code), Unit.is_active.is_(True))))


def new_nonce(form: OpenForm, secret: str) -> str:
    """A number for one showing of the form: 16 random bytes and a signature, in 43 letters fit for a URL."""
    random = secrets.token_bytes(RANDOM_BYTES)
    return base64.urlsafe_b64encode(random + _signature(form, secret, random)).decode().rstrip("=")


def is_own_nonce(form: OpenForm, secret: str, nonce: str) -> bool:
    """True when this server gave out `nonce` for this unit and questionnaire."""
    try:
        plain = base64.b64decode(nonce + "=" * (-len(nonce) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return False
    random, signature = plain[:RANDOM_BYTES], plain[RANDOM_BYTES:]
    return hmac.compare_digest(signature, _signature(form, secret, random)) and _is_canonical(nonce, plain)


def submit_rating(ballot: Ballot, *, secret: str, now: datetime) -> str:
    """Put a rating into the box and return its receipt; sending it again adds nothing and gives the same one.

    One transaction spends the credential, if there is one, and stores the answers: both or neither.
    Raises Invalid (no answer at all, or a number that is not ours), Conflict (round closed, credential spent before).
    """
    form = ballot.form
    if not is_own_nonce(form, secret, ballot.nonce):
        raise Invalid("We could not read this form. Check your answers and send it again.")
    receipt = _receipt(secret, ballot.nonce)
    points = [points for _, points in form.questions]
    packed = pack(ballot.codes, points)
    if not any(1 <= code <= k for code, k in zip(ballot.codes, points, strict=True)):
        raise Invalid(
            "Answer at least one question. If none of them applies to you, you do not need to send this form."
        )
    with transaction() as session:
        if not _is_new(session, form, ballot.nonce, receipt):
            return receipt
        _refuse_unless_collecting(session, form.round_id)
        stratum: str | None = OPEN_STRATUM
        if ballot.invitation:
            stratum = spend(session, form.round_id, ballot.invitation, ballot.nonce)
        if stratum is not None:
            session.execute(_inbox_row(ballot, packed, stratum, now))
    return receipt


def find_earlier(nonce: str) -> str:
    """The receipt of a form that has arrived before, also when its round is over by now; "" when it has not."""
    return db.session.scalar(select(Submission.receipt).where(Submission.digest == _digest(nonce))) or ""


def find_receipt(code: str) -> Receipt:
    """Look a receipt up; case, spaces, hyphens and look-alike letters do not matter. Raises NotFound."""
    letters = re.sub(r"[\s-]", "", code).upper().translate(str.maketrans("OIL", "011"))
    wanted = _grouped(letters)
    query = select(Round.code).join(Submission, Submission.round_id == Round.id).where(Submission.receipt == wanted)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("We do not know this receipt. Check that you copied the whole code.")
    return Receipt(wanted, found)


@cache
def _form_query() -> Select[*tuple[Any, ...]]:
    """One row a question; made once, since making the statement costs more than running it."""
    columns = select(
        Round.id, Round.code, Round.period_end, Questionnaire.id, Unit.id, Unit.code, Indicator.code, Indicator.points
    )
    return (
        _open_forms(columns, and_(Unit.code == bindparam("unit"), Unit.is_active))
        .join(Question, Question.questionnaire_id == Questionnaire.id)
        .join(Indicator, Indicator.id == Question.indicator_id)
        .order_by(Question.position)
    )


def _open_forms(columns: Select[*tuple[Any, ...]], condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Citizens' questionnaires of collecting rounds, a unit's own before the general one, the newest round first.

    A unit without a service has nothing to do with citizens: one stray rating would open a group that it must not have.
    """
    return (
        columns.select_from(Unit)
        .join(RoundUnit, RoundUnit.unit_id == Unit.id)
        .join(Round, Round.id == RoundUnit.round_id)
        .join(Questionnaire, Questionnaire.round_id == Round.id)
        .where(
            condition,
            exists().where(UnitService.unit_id == Unit.id),
            Round.state == RoundState.COLLECTING,
            Questionnaire.group == CITIZENS,
            or_(Questionnaire.unit_id == Unit.id, Questionnaire.unit_id.is_(None)),
        )
        .order_by(Questionnaire.unit_id.is_(None), Round.id.desc(), Questionnaire.id)
    )


def _is_new(session: Session, form: OpenForm, nonce: str, receipt: str) -> bool:
    """Claim the form's number; False when it was claimed before. Two at once: the second waits for the first."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(Submission).values(digest=_digest(nonce), round_id=form.round_id, receipt=receipt)
    claimed = row.on_conflict_do_nothing(index_elements=["digest"]).returning(Submission.digest)
    return session.execute(claimed).first() is not None


def _refuse_unless_collecting(session: Session, round_id: int) -> None:
    """The shared lock makes the closing of the round wait until this rating is in."""
    state = session.scalar(select(Round.state).where(Round.id == round_id).with_for_update(read=True))
    if state != RoundState.COLLECTING:
        raise Conflict("Ratings of this office are not being collected at the moment.")


def _inbox_row(ballot: Ballot, packed: str, stratum: str, now: datetime) -> sqlite.Insert:
    return sqlite.insert(Inbox).values(
        ballot=secrets.token_hex(RANDOM_BYTES),
        questionnaire_id=ballot.form.questionnaire_id,
        unit_id=ballot.form.unit_id,
        stratum=stratum,
        channel=ballot.channel if ballot.channel in CHANNELS else CHANNELS[0],
        day=now.date(),
        answers=packed,
        comment=ballot.comment,
    )


def _digest(nonce: str) -> str:
    return hashlib.sha256(nonce.encode("utf-8", "replace")).hexdigest()


def _signature(form: OpenForm, secret: str, random: bytes) -> bytes:
    message = f"evalsys/form/v1/{form.questionnaire_id}/{form.unit_id}/".encode() + random
    return hmac.digest(secret.encode(), message, "sha256")[:RANDOM_BYTES]


def _is_canonical(nonce: str, plain: bytes) -> bool:
    """Unused bits at the end could otherwise make several numbers out of one."""
    return base64.urlsafe_b64encode(plain).decode().rstrip("=") == nonce


def _receipt(secret: str, nonce: str) -> str:
    number = int.from_bytes(hmac.digest(secret.encode(), f"evalsys/receipt/v1/{nonce}".encode(), "sha256"))
    size = RECEIPT_GROUPS * GROUP_LETTERS
    return _grouped("".join(RECEIPT_LETTERS[number >> 5 * place & 31] for place in range(size)))


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP_LETTERS] for start in range(0, len(letters), GROUP_LETTERS))
