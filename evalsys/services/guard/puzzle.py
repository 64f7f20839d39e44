"""The puzzle of the open form: a proof of work after ALTCHA, made without a row in the database.

The browser looks for the number whose derived key begins as the puzzle says. It takes a cheap phone one to two seconds
while its owner reads; to check it takes a third of a millisecond. The puzzle is signed and bound to the form's number.
"""

import hashlib
import hmac
import json
import secrets
from base64 import b64decode
from datetime import datetime, timedelta
from typing import Any

from altcha import create_challenge, verify_solution

ALGORITHM = "PBKDF2/SHA-256"
ITERATIONS, NUMBERS = 1_000, 1_600
VALID_HOURS = 48
PAYLOAD_CHARACTERS = 2_000


def make_puzzle(nonce: str, secret: str, now: datetime) -> str:
    """A puzzle for the form with this number, as JSON for the browser; it can be solved for two days."""
    until = int((now + timedelta(hours=VALID_HOURS)).timestamp())
    made = create_challenge(
        ALGORITHM,
        ITERATIONS,
        counter=secrets.randbelow(NUMBERS),
        data={"form": _digest(nonce), "until": until},
        hmac_secret=_key(secret),
    )
    return json.dumps(made.to_dict(), separators=(",", ":"))


def is_solved(payload: str, nonce: str, secret: str, now: datetime) -> bool:
    """True when `payload` solves a puzzle that we made for this form and that has not run out."""
    if not payload or len(payload) > PAYLOAD_CHARACTERS:
        return False
    facts = _facts(payload)
    if facts.get("form") != _digest(nonce) or not isinstance(facts.get("until"), int):
        return False
    return bool(facts["until"] >= now.timestamp()) and bool(verify_solution(payload, _key(secret)).verified)


def spent_digest(payload: str) -> str:
    """What is stored of a solved puzzle: the digest of its signature, the same however the payload is written."""
    signature = str(json.loads(b64decode(payload))["challenge"]["signature"])
    return hashlib.sha256(f"evalsys/puzzle/v1/{signature}".encode()).hexdigest()


def runs_out(payload: str) -> int:
    """When a solved puzzle runs out, in epoch seconds."""
    return int(_facts(payload)["until"])


def _facts(payload: str) -> dict[str, Any]:
    """What the puzzle in `payload` was bound to; nothing when it cannot be read."""
    try:
        data = json.loads(b64decode(payload, validate=True))["challenge"]["parameters"]["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _digest(nonce: str) -> str:
    return hashlib.sha256(f"evalsys/puzzle/form/{nonce}".encode("utf-8", "replace")).hexdigest()[:32]


def _key(secret: str) -> str:
    return hmac.new(secret.encode(), b"evalsys/puzzle/v1", "sha256").hexdigest()
