"""What only a key opens: ratings that wait in the box, and texts that few may read.

A rating is sealed to its round's public key (HPKE, RFC 9180: X25519, HKDF-SHA256, AES-128-GCM). The private key is a
file below the instance folder, so whoever reads the database, its hidden columns or a copy of it learns nothing
of a rating that waits; when the round is over and its box empty, the file is deleted for good.
Other texts (addresses of the list, first entries of paper forms, drafts) are locked with keys derived from a secret.
"""

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from sqlalchemy import select

from evalsys.db import transaction
from evalsys.errors import Unavailable
from evalsys.models import Round

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
LABEL = b"evalsys/inbox/v1"
PADDED_BYTES = (1_800, 12_000, 64_000)
"""A sealed rating has one of three lengths, so that a long comment does not point at the credential it came with.

The first holds all but long comments and still fits into a row of PostgreSQL without a place of its own.
"""
NONCE_BYTES, KEY_BYTES = 12, 32


@dataclass(frozen=True)
class Content:
    """A rating as it lies sealed in the box; `texts` maps the code of a text question to what was written."""

    unit_id: int
    channel: str
    day: date
    answers: str
    comment: str = ""
    pace: int = 0
    network: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)


class Locked(ValueError):
    """Raised when a text was locked with another key, or changed since."""


def key_of(round_id: int) -> bytes:
    """The round's public key, made now if it has none; in a transaction of its own."""
    with transaction() as session:
        found = session.scalar(select(Round).where(Round.id == round_id).with_for_update())
        if found is None:
            raise LookupError(f"there is no round {round_id}")
        if found.seal_key is None:
            found.seal_key = new_key()
        return found.seal_key


def seal(content: Content, public_key: bytes) -> bytes:
    """Seal a rating to a round's public key, padded so that its length tells little."""
    plain = json.dumps({**asdict(content), "day": content.day.isoformat()}, ensure_ascii=False).encode()
    length = next((length for length in PADDED_BYTES if len(plain) <= length), len(plain))
    return SUITE.encrypt(plain.ljust(length), X25519PublicKey.from_public_bytes(public_key), LABEL)


def unseal(sealed: bytes, public_key: bytes) -> Content:
    """Open a rating with the private key that belongs to `public_key`. Raises Unavailable when its file is not here."""
    facts: dict[str, Any] = json.loads(SUITE.decrypt(sealed, _private_key(_path(public_key)), LABEL))
    return Content(**{**facts, "day": date.fromisoformat(facts["day"])})


def forget_key(public_key: bytes) -> None:
    """Delete the private key: what was sealed to it can never be opened again."""
    path = _path(public_key)
    if path.exists():
        path.unlink()
        _private_key.cache_clear()


def lock(purpose: str, plain: str, secret: str = "") -> bytes:
    """Encrypt a text with a key for this purpose, derived from `secret` or else from the application's own."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_derived(purpose, secret)).encrypt(nonce, plain.encode(), purpose.encode())


def unlock(purpose: str, sealed: bytes, secret: str = "") -> str:
    """The text that `lock` was given. Raises Locked."""
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(_derived(purpose, secret)).decrypt(nonce, body, purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Locked(purpose) from error


def mark(purpose: str, text: str) -> str:
    """A text's keyed digest (HMAC-SHA256, hex): equal for equal texts, and nobody without the key can try texts."""
    return hmac.digest(_derived(purpose, ""), text.encode(), "sha256").hex()


def _derived(purpose: str, secret: str) -> bytes:
    source = secret or str(current_app.config["SECRET_KEY"])
    return HKDF(SHA256(), KEY_BYTES, None, f"evalsys/lock/v1/{purpose}".encode()).derive(source.encode())


def new_key() -> bytes:
    """Make a key pair and store the private half whole or not at all."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    path = _path(public)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private.private_bytes_raw())
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return public


@lru_cache(maxsize=16)
def _private_key(path: Path) -> X25519PrivateKey:
    try:
        return X25519PrivateKey.from_private_bytes(path.read_bytes())
    except FileNotFoundError as error:
        raise Unavailable("The key that opens waiting ratings is not on this machine.") from error


def _path(public_key: bytes) -> Path:
    return Path(current_app.instance_path) / "keys" / f"{public_key.hex()}.key"
