"""A form's number (nonce): signed for one unit and one questionnaire, and telling when the form was shown.

It makes a second sending harmless, and its age tells a form that was filled in faster than anybody can read.
"""

import base64
import hmac
import secrets
from datetime import datetime

from evalsys.services.collection.forms import OpenForm

RANDOM_BYTES, TIME_BYTES, SIGNATURE_BYTES = 12, 4, 16
HEAD_BYTES = RANDOM_BYTES + TIME_BYTES


def new_nonce(form: OpenForm, secret: str, now: datetime) -> str:
    """A number for one showing of the form: 12 random bytes, the time, a signature; 43 letters fit for a URL."""
    return new_number(_purpose(form), secret, now)


def is_own_nonce(form: OpenForm, secret: str, nonce: str) -> bool:
    """True when this server gave out `nonce` for this unit and questionnaire."""
    return is_own_number(_purpose(form), secret, nonce)


def new_number(purpose: str, secret: str, now: datetime) -> str:
    """The same for any other form that everybody may send; `purpose` says which one it is."""
    head = secrets.token_bytes(RANDOM_BYTES) + int(now.timestamp()).to_bytes(TIME_BYTES)
    return base64.urlsafe_b64encode(head + _signature(purpose, secret, head)).decode().rstrip("=")


def is_own_number(purpose: str, secret: str, number: str) -> bool:
    """True when this server gave out `number` for this purpose."""
    plain = _plain(number)
    head, signature = plain[:HEAD_BYTES], plain[HEAD_BYTES:]
    return hmac.compare_digest(signature, _signature(purpose, secret, head)) and _is_canonical(number, plain)


def age_seconds(nonce: str, now: datetime) -> int:
    """How long ago the form of this number was shown; ask only about a number of our own."""
    return max(0, int(now.timestamp()) - int.from_bytes(_plain(nonce)[RANDOM_BYTES:HEAD_BYTES]))


def _plain(nonce: str) -> bytes:
    try:
        return base64.b64decode(nonce + "=" * (-len(nonce) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _purpose(form: OpenForm) -> str:
    return f"{form.questionnaire_id}/{form.unit_id}"


def _signature(purpose: str, secret: str, head: bytes) -> bytes:
    return hmac.digest(secret.encode(), f"evalsys/form/v2/{purpose}/".encode() + head, "sha256")[:SIGNATURE_BYTES]


def _is_canonical(nonce: str, plain: bytes) -> bool:
    """Unused bits at the end could otherwise make several numbers out of one."""
    return base64.urlsafe_b64encode(plain).decode().rstrip("=") == nonce
