"""The place of a head's office in a round: what a head may ask about it, and until when."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.errors import Conflict, NotFound
from evalsys.models import PUBLIC, Round, RoundState, RoundUnit, Unit
from evalsys.services.access import Actor

SHARED = (RoundState.RIGHT_OF_REPLY, RoundState.FINAL, *PUBLIC)
"""States in which heads may look back at what was laid before them."""


def own_unit(session: Session, actor: Actor, round_: Round) -> Unit:
    """The office of the actor, which must be in the round. Raises NotFound."""
    query = select(Unit).join(RoundUnit, RoundUnit.unit_id == Unit.id)
    found = session.scalar(query.where(RoundUnit.round_id == round_.id, Unit.id == actor.unit_id))
    if found is None:
        raise NotFound("Your office has no part in this round.")
    return found


def refuse_after_last_day(round_: Round, today: date) -> None:
    """The last day itself still counts. Raises Conflict."""
    if round_.reply_until is None or today > round_.reply_until:
        raise Conflict("The right of reply has ended. Nothing can be added any more.")


def is_open(round_: Round, today: date) -> bool:
    """Whether offices may reply and object today."""
    in_time = round_.reply_until is not None and today <= round_.reply_until
    return in_time and round_.state == RoundState.RIGHT_OF_REPLY and round_.suspended_at is None
