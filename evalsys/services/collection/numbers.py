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
    head = secrets.token_bytes(RANDOM_BYTES) + int(now.timestamp()).to_bytes(TIME_BYTES)
    return base64.urlsafe_b64encode(head + _signature(form, secret, head)).decode().rstrip("=")


def is_own_nonce(form: OpenForm, secret: str, nonce: str) -> bool:
    """True when this server gave out `nonce` for this unit and questionnaire."""
    plain = _plain(nonce)
    head, signature = plain[:HEAD_BYTES], plain[HEAD_BYTES:]
    return hmac.compare_digest(signature, _signature(form, secret, head)) and _is_canonical(nonce, plain)


def age_seconds(nonce: str, now: datetime) -> int:
    """How long ago the form of this number was shown; ask only about a number of our own."""
    return max(0, int(now.timestamp()) - int.from_bytes(_plain(nonce)[RANDOM_BYTES:HEAD_BYTES]))


def _plain(nonce: str) -> bytes:
    try:
        return base64.b64decode(nonce + "=" * (-len(nonce) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _signature(form: OpenForm, secret: str, head: bytes) -> bytes:
    message = f"evalsys/form/v2/{form.questionnaire_id}/{form.unit_id}/".encode() + head
    return hmac.digest(secret.encode(), message, "sha256")[:SIGNATURE_BYTES]


def _is_canonical(nonce: str, plain: bytes) -> bool:
    """Unused bits at the end could otherwise make several numbers out of one."""
    return base64.urlsafe_b64encode(plain).decode().rstrip("=") == nonce
