"""Receipts: proof that a form is in the box, which says nothing of its content."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from sqlalchemy import select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.models import Round, Submission

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
GROUPS, GROUP_LETTERS = 7, 3


@dataclass(frozen=True)
class Receipt:
    """Proof that a form is in the box; says nothing about its content."""

    code: str
    round_code: str


def find_earlier(nonce: str) -> str:
    """The receipt of a form that has arrived before, also when its round is over by now; "" when it has not."""
    return db.session.scalar(select(Submission.receipt).where(Submission.digest == digest_of(nonce))) or ""


def find_receipt(code: str) -> Receipt:
    """Look a receipt up; case, spaces, hyphens and look-alike letters do not matter. Raises NotFound."""
    letters = re.sub(r"[\s-]", "", code).upper().translate(str.maketrans("OIL", "011"))
    wanted = _grouped(letters)
    query = select(Round.code).join(Submission, Submission.round_id == Round.id).where(Submission.receipt == wanted)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("We do not know this receipt. Check that you copied the whole code.")
    return Receipt(wanted, found)


def digest_of(nonce: str) -> str:
    """What is stored of a form's number."""
    return hashlib.sha256(nonce.encode("utf-8", "replace")).hexdigest()


def receipt_of(secret: str, nonce: str) -> str:
    """The receipt of a form's number: only this server can work it out."""
    number = int.from_bytes(hmac.digest(secret.encode(), f"evalsys/receipt/v1/{nonce}".encode(), "sha256"))
    return _grouped("".join(LETTERS[number >> 5 * place & 31] for place in range(GROUPS * GROUP_LETTERS)))


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP_LETTERS] for start in range(0, len(letters), GROUP_LETTERS))
