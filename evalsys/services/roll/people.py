"""A person of the list: what is kept of her identifier, and where she is written to."""

import json
import unicodedata
from dataclasses import dataclass

from evalsys.services import sealing


@dataclass(frozen=True)
class Contact:
    """Where somebody is written to; either the address or the mail may be missing."""

    name: str
    address: tuple[str, ...] = ()
    email: str = ""


def normalised(identifier: str) -> str:
    """An identifier as it is compared: case, spaces, width and the script of its digits do not matter.

    >>> normalised(" ａb-٣४ ") == normalised("AB-34")
    True
    """
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", identifier).casefold())
    kept = (mark for mark in composed if not mark.isspace() and unicodedata.category(mark) not in ("Cf", "Cc"))
    return "".join(str(unicodedata.decimal(mark, mark)) for mark in kept)


def person_of(round_id: int, identifier: str) -> str:
    """All that is stored of an identifier: its digest under a key of the round."""
    return sealing.mark(_purpose(round_id), normalised(identifier))


def sealed(round_id: int, contact: Contact) -> bytes:
    """A contact as it is stored."""
    plain = {"name": contact.name, "address": contact.address, "email": contact.email}
    return sealing.lock(_purpose(round_id), json.dumps(plain, ensure_ascii=False))


def opened(round_id: int, stored: bytes) -> Contact:
    """The contact that was stored. Raises Locked when it was erased or belongs to another round."""
    facts = json.loads(sealing.unlock(_purpose(round_id), stored))
    return Contact(facts["name"], tuple(facts["address"]), facts["email"])


def _purpose(round_id: int) -> str:
    return f"roll/{round_id}"
