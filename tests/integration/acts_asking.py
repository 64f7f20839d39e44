"""How acts of asking are done, and what must be there first: questions to the board, and the public consultation."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Consultation, Elicitation, SchemeVersion
from evalsys.services import elicitations
from evalsys.services.access import Actor
from evalsys.services.consultations import acts as consultations
from evalsys.services.consultations.acts import Plan
from evalsys.services.elicitations import Asked
from tests.factories import NOW
from tests.integration.governing import World

FAMILY = "n-score"
POINTS = {"points": {"experience": "50", "cooperation": "20", "leadership": "30"}}


def add_question(session: Session, world: World, method: str = "budget") -> int:
    """A question about the first level of the tree, open since yesterday."""
    made = Elicitation(round_id=world.round.id, family=FAMILY, method=method, opened_by=world.analyst.id)
    made.opened_at = NOW - timedelta(days=1)
    session.add(made)
    session.commit()
    return made.id


def add_consultation(session: Session, world: World, ends_on: date | None = None, *, has_poll: bool = True) -> int:
    """A consultation of the round's first version; over since yesterday unless told otherwise."""
    version = session.scalars(select(SchemeVersion).where(SchemeVersion.round_id == world.round.id)).first()
    assert version is not None
    made = Consultation(round_id=world.round.id, version_id=version.id, has_poll=has_poll)
    made.opened_at, made.ends_on = NOW - timedelta(days=20), ends_on or (NOW - timedelta(days=1)).date()
    session.add(made)
    session.commit()
    return made.id


DO: dict[str, Callable[[Actor, World], object]] = {
    "elicit": lambda actor, _world: elicitations.open_elicitation(actor, "2025", Asked(FAMILY, "ahp"), now=NOW),
    "weigh": lambda actor, _world: elicitations.answer_elicitation(actor, "2025", 1, POINTS, now=NOW),
    "consult": lambda actor, _world: consultations.open_consultation(
        actor, "2025", Plan((NOW + timedelta(days=20)).date()), now=NOW
    ),
    "conclude": lambda actor, _world: consultations.conclude_consultation(actor, "2025", now=NOW),
}


def _question_one(session: Session, world: World) -> None:
    session.add(
        Elicitation(
            id=1, round_id=world.round.id, family=FAMILY, method="budget", opened_by=world.analyst.id, opened_at=NOW
        )
    )
    session.commit()


PREPARE: dict[str, Callable[[Session, World], object]] = {
    "weigh": _question_one,
    "conclude": add_consultation,
}
