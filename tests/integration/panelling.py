"""A round with experts for the tests of panels: five units, six experts, one form of two indicators, an analyst."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalsys.models import Account, Assignment, Questionnaire, RaterGroup, Role, Round, RoundState, Unit
from evalsys.services.access import Actor, actor_of
from tests.factories import (
    NOW,
    make_account,
    make_assignment,
    make_indicator,
    make_questionnaire,
    make_round,
    make_unit,
    name_it,
)


@dataclass(frozen=True)
class World:
    """Who is there, and what they work on."""

    round: Round
    form: Questionnaire
    units: tuple[Unit, ...]
    experts: tuple[Account, ...]
    analyst: Actor

    def actor(self, number: int) -> Actor:
        return actor_of(self.experts[number])


def make_world(session: Session, state: RoundState = RoundState.COLLECTING) -> World:
    """Units U01-U05, experts e1-e6, indicators leadership and results with a rubric of two steps."""
    units = tuple(make_unit(session, code=f"U0{number}") for number in range(1, 6))
    new = make_round(session, units, code="2025", state=state, opened_at=NOW)
    asked = [make_indicator(session, code=code, points=101) for code in ("leadership", "results")]
    for indicator in asked:
        name_it(session, "indicator", indicator.code, "anchor_0", en="Weak")
        name_it(session, "indicator", indicator.code, "anchor_51", en="Strong")
    form = make_questionnaire(session, new, "experts", asked)
    experts = tuple(
        make_account(session, Role.EXPERT, login=f"e{number}", name=f"Expert {number}") for number in range(1, 7)
    )
    return World(new, form, units, experts, actor_of(make_account(session, Role.ANALYST)))


def set_group(session: Session, world: World, **rules: bool) -> None:
    session.add(RaterGroup(round_id=world.round.id, code="experts", mode="assigned", **rules))
    session.commit()


def assign(session: Session, world: World, expert: int, unit: int, **facts: str) -> Assignment:
    """Give an expert a unit, both by number from 0."""
    made = make_assignment(session, world.form, world.experts[expert], world.units[unit])
    for name, value in facts.items():
        setattr(made, name, value)
    session.commit()
    return made
