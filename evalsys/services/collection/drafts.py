"""Half-filled forms of people without an account, kept so that only who holds the code can read them.

The code is drawn at random, or is the token of the person's invitation. The row holds its digest and the form locked
with a key that only the code yields, so whoever reads the database learns neither answers nor whose draft it is.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from evalsys.db import db, transaction
from evalsys.models import Draft, Round, RoundState
from evalsys.services import sealing
from evalsys.services.collection.receipts import LETTERS, grouped, plain_letters

PURPOSE = "draft"
KEPT_DAYS = 30
CODE_LETTERS = 27  # 135 random bits


@dataclass(frozen=True)
class KeptForm:
    """What a draft holds: the unit, the group whose form it is ("" for everybody's) and its fields as sent."""

    unit_code: str
    group: str
    fields: Mapping[str, Sequence[str]]


def new_code() -> str:
    """A resume code that nobody can guess, in groups of three letters and digits."""
    return grouped("".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS)))


def plain_code(typed: str) -> str:
    """The resume code that was meant, however it was typed; an invitation's token is no resume code."""
    return grouped(plain_letters(typed))


def save_draft(code: str, round_id: int, kept: KeptForm, *, now: datetime, admit: Callable[[Session], None]) -> None:
    """Keep a form under `code` for 30 days, in the place of an earlier one; `admit` may refuse by raising."""
    sealed = sealing.lock(PURPOSE, json.dumps(asdict(kept)), secret=code)
    until = (now + timedelta(days=KEPT_DAYS)).date()
    with transaction() as session:
        admit(session)
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        row = dialect.insert(Draft).values(digest=_digest(code), round_id=round_id, sealed=sealed, keep_until=until)
        anew = {"round_id": round_id, "sealed": sealed, "keep_until": until}
        session.execute(row.on_conflict_do_update(index_elements=["digest"], set_=anew))


def find_draft(code: str, *, now: datetime) -> KeptForm | None:
    """The form that was kept under `code`; None when there is none, it is too old, or its round is over."""
    query = (
        select(Draft.sealed)
        .join(Round, Round.id == Draft.round_id)
        .where(Draft.digest == _digest(code), Draft.keep_until >= now.date(), Round.state == RoundState.COLLECTING)
    )
    sealed = db.session.scalar(query)
    return None if sealed is None else KeptForm(**json.loads(sealing.unlock(PURPOSE, sealed, secret=code)))


def forget_draft(session: Session, code: str) -> None:
    """Delete the draft kept under `code`, if there is one, within the caller's transaction."""
    session.execute(delete(Draft).where(Draft.digest == _digest(code)))


def _digest(code: str) -> str:
    return hashlib.sha256(f"evalsys/draft/v1/{code}".encode("utf-8", "replace")).hexdigest()
