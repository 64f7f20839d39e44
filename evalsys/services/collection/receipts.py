"""Receipts: proof that a form is in the box, which says nothing of its content."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Round, Submission

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
GROUPS, GROUP_LETTERS = 7, 3


@dataclass(frozen=True)
class Receipt:
    """Proof that a form is in the box; says nothing about its content. `closes_on` is the last day of its round."""

    code: str
    round_code: str
    closes_on: date


def find_earlier(nonce: str) -> str:
    """The receipt of a form that has arrived before, also when its round is over by now; "" when it has not."""
    return db.session.scalar(select(Submission.receipt).where(Submission.digest == digest_of(nonce))) or ""


def find_receipt(code: str) -> Receipt:
    """Look a receipt up; case, spaces, hyphens and look-alike letters do not matter. Raises NotFound."""
    wanted = grouped(plain_letters(code))
    query = select(Round.code, Round.period_end).join(Submission, Submission.round_id == Round.id)
    found = db.session.execute(query.where(Submission.receipt == wanted)).first()
    if found is None:
        raise NotFound("We do not know this receipt. Check that you copied the whole code.")
    return Receipt(wanted, *found)


def digest_of(nonce: str) -> str:
    """What is stored of a form's number."""
    return hashlib.sha256(nonce.encode("utf-8", "replace")).hexdigest()


def receipt_of(secret: str, nonce: str) -> str:
    """The receipt of a form's number: only this server can work it out."""
    number = int.from_bytes(hmac.digest(secret.encode(), f"evalsys/receipt/v1/{nonce}".encode(), "sha256"))
    return grouped("".join(LETTERS[number >> 5 * place & 31] for place in range(GROUPS * GROUP_LETTERS)))


def plain_letters(code: str) -> str:
    """A code as it was typed, without spaces and hyphens, look-alike letters as those that we print."""
    return re.sub(r"[\s-]", "", code).upper().translate(str.maketrans("OIL", "011"))


def grouped(letters: str) -> str:
    """A code in groups that people can read out and copy."""
    return "-".join(letters[start : start + GROUP_LETTERS] for start in range(0, len(letters), GROUP_LETTERS))
