"""Credentials: the right to rate once in a round, given by a secret link, spent without leaving who or when.

Nothing ties a credential to a person: the tokens exist in memory only while the letters are written, and the table
keeps their digests alone.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from evalsys.db import db
from evalsys.errors import Conflict, Invalid, NotFound
from evalsys.models import Credential, Round, RoundState
from evalsys.services import sealing
from evalsys.services.access import Actor
from evalsys.services.audit import Act, audited

UNSPENT, SPENT = 0, 1
CITIZENS = "citizens"
PURPOSE = "invitation"
TOKEN_BYTES = 24
MOST_AT_ONCE = 100_000


@dataclass(frozen=True)
class Batch:
    """How many credentials are wanted, for which stratum of which group and round."""

    round_code: str
    stratum: str
    number: int
    group: str = CITIZENS


def token_digest(token: str) -> str:
    """What is stored of a token: SHA-256 over a label of its own, in hex."""
    return hashlib.sha256(f"evalsys/token/v1/{token}".encode("utf-8", "replace")).hexdigest()


def issue_credentials(actor: Actor, batch: Batch, *, now: datetime) -> list[str]:
    """Make credentials and return their tokens, this once. Raises Forbidden, Invalid, NotFound, Conflict."""
    act = Act(actor, "credential.issue", f"round:{batch.round_code}", now)
    act.detail = {"stratum": batch.stratum, "number": batch.number}
    with audited(act) as session:
        if not 1 <= batch.number <= MOST_AT_ONCE:
            raise Invalid("Ask for 1 to %(most)s invitations.", {"most": MOST_AT_ONCE})
        found = session.scalar(select(Round).where(Round.code == batch.round_code))
        if found is None:
            raise NotFound("This round does not exist.")
        if found.state not in (RoundState.APPROVED, RoundState.COLLECTING):
            raise Conflict("Invitations can be made while a round is approved or collecting.")
        return add_credentials(session, found.id, batch.stratum, batch.number, batch.group)


def add_credentials(session: Session, round_id: int, stratum: str, number: int, group: str = CITIZENS) -> list[str]:
    """Add credentials within the caller's transaction; returns their tokens."""
    tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _ in range(number)]
    store_digests(session, round_id, group, stratum, map(token_digest, tokens))
    return tokens


def store_digests(session: Session, round_id: int, group: str, stratum: str, digests: Iterable[str]) -> None:
    """Add a credential for each digest of a token, in one statement within the caller's transaction.

    Rows are stored in the order of their digests, so their places tell nothing about the order of the tokens.
    """
    same = {"round_id": round_id, "group": group, "stratum": stratum, "state": UNSPENT, "receipt_check": ""}
    session.execute(insert(Credential), [{"digest": digest, **same} for digest in sorted(digests)])


def void(session: Session, digests: Sequence[str]) -> int:
    """Take away those of these credentials that are unspent, within the caller's transaction; returns how many."""
    unspent = Credential.digest.in_(digests), Credential.state == UNSPENT
    gone = delete(Credential).where(*unspent).returning(Credential.digest)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def group_of(token: str) -> str:
    """The group whose credential this is, when it is unspent and its round is collecting, else ""; reads only."""
    query = (
        select(Credential.state, Round.state, Credential.group)
        .join(Round, Round.id == Credential.round_id)
        .where(Credential.digest == token_digest(token))
    )
    found = db.session.execute(query).first()
    state, round_state, group = found or (None, None, "")
    return str(group) if (state, round_state) == (UNSPENT, RoundState.COLLECTING) else ""


def write_pass(token: str) -> str:
    """A token locked for a hidden field of its form, so that a lost cookie does not lose the invitation."""
    return sealing.lock(PURPOSE, token).hex()


def read_pass(text: str) -> str:
    """The token in such a field, "" when the field is not ours."""
    try:
        return sealing.unlock(PURPOSE, bytes.fromhex(text))
    except ValueError:
        return ""


def spend(session: Session, round_id: int, token: str, nonce: str) -> str | None:
    """Spend the token's credential for the form `nonce` within the caller's transaction; returns its stratum.

    None when this very form has spent it before (then the answers are in already).
    Raises Conflict when it is unknown, belongs to another round, or was spent by another form.
    """
    key, check = token_digest(token), _receipt_check(token, nonce)
    spent = (
        update(Credential)
        .where(Credential.digest == key, Credential.round_id == round_id, Credential.state == UNSPENT)
        .values(state=SPENT, receipt_check=check)
        .returning(Credential.stratum)
        .execution_options(synchronize_session=False)
    )
    strata = session.scalars(spent).all()
    if len(strata) == 1:
        return strata[0]
    if session.scalar(select(Credential.receipt_check).where(Credential.digest == key)) == check:
        return None
    raise Conflict(
        "Your invitation cannot be used again. You can still send this rating without it: "
        "it will be shown with the ratings of people who were not invited."
    )


def _receipt_check(token: str, nonce: str) -> str:
    return hashlib.sha256(f"evalsys/receipt/v1/{token}/{nonce}".encode("utf-8", "replace")).hexdigest()
