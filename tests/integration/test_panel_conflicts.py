"""A conflict of interest outlives its round."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, Questionnaire, Round
from evalsys.services import rounds
from evalsys.services.weights import read_scheme
from tests.factories import NOW, make_scheme_version
from tests.integration.governing import scheme_mapping
from tests.integration.panelling import assign, make_world


def test_a_conflict_goes_on_in_the_next_round(session: Session) -> None:
    world = make_world(session)
    assign(session, world, 0, 0, state="conflict", conflict_reason="a cousin", origin="draw")
    assign(session, world, 1, 0)
    scheme = read_scheme(scheme_mapping())
    proposer = session.get_one(Account, world.analyst.account_id)
    make_scheme_version(session, world.round, proposer, scheme.canonical())
    period = world.round.period_start, world.round.period_end
    rounds.create_round(world.analyst, rounds.NewRound("2026", "round:2025", *period, {"en": "Next"}), now=NOW)
    copied = select(Assignment).join(Questionnaire).join(Round).where(Round.code == "2026").order_by(Assignment.id)
    found = [(task.state, task.conflict_reason, task.origin) for task in session.scalars(copied)]
    assert found == [("conflict", "a cousin", "roster"), ("open", "", "")]
