"""Receipts: proof that a form is in the box, which says nothing of its content."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Select, and_, bindparam, select

from evalsys.db import db
from evalsys.errors import NotFound
from evalsys.i18n import DEFAULT_LOCALE
from evalsys.models import Round, Submission, Translation
from evalsys.services.content import Text

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
GROUPS, GROUP_LETTERS = 7, 3


@dataclass(frozen=True)
class Receipt:
    """Proof that a form is in the box; says nothing about its content. `closes_on` is the last day of its round."""

    code: str
    round_title: Text
    closes_on: date


def find_earlier(nonce: str) -> str:
    """The receipt of a form that has arrived before, also when its round is over by now; "" when it has not."""
    return db.session.scalar(select(Submission.receipt).where(Submission.digest == digest_of(nonce))) or ""


def find_receipt(code: str, locale: str) -> Receipt:
    """Look a receipt up, in one statement; case, spaces, hyphens and look-alike letters do not matter.

    The round's title is in `locale`, else in English, else its code. Raises NotFound.
    """
    wanted = grouped(plain_letters(code))
    rows = db.session.execute(_query(), {"receipt": wanted, "locales": (locale, DEFAULT_LOCALE)}).all()
    if not rows:
        raise NotFound("We do not know this receipt. Check that you copied the whole code.")
    titles = {row.locale: row.text for row in rows if row.locale}
    language = locale if locale in titles else DEFAULT_LOCALE if titles else ""
    return Receipt(wanted, Text(titles.get(language, rows[0].code), language), rows[0].period_end)


@cache
def _query() -> Select[str, date, str, str]:
    """One row a language of the title; made once, since making the statement costs more than running it."""
    is_title = and_(
        Translation.entity == "round",
        Translation.entity_key == Round.code,
        Translation.field == "name",
        Translation.locale.in_(bindparam("locales", expanding=True)),
    )
    return (
        select(Round.code, Round.period_end, Translation.locale, Translation.text)
        .join(Submission, Submission.round_id == Round.id)
        .outerjoin(Translation, is_title)
        .where(Submission.receipt == bindparam("receipt"))
    )


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
