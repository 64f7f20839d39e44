"""While an import runs, its round is neither closed nor scored, and takes no other one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict
from evalsys.models import Transfer

ANSWERS, IN = "answers", "in"
UNFINISHED = ("waiting", "running", "cancelling")


def refuse_while_importing(session: Session, round_id: int) -> None:
    """Raise Conflict while answers are being imported into the round; the caller holds the round's lock."""
    query = select(Transfer).where(Transfer.direction == IN, Transfer.kind == ANSWERS, Transfer.state.in_(UNFINISHED))
    for one in session.scalars(query):
        if round_id in one.options["rounds"]:
            raise Conflict(
                "The import of %(name)s into this round is not finished. Wait for its end, or cancel it.",
                {"name": one.name},
            )
