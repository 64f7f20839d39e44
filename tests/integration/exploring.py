"""Scored rounds for the tests of the explorer of results."""

from datetime import timedelta

from sqlalchemy.orm import Session

from evalsys.models import Role, RoundState, Run
from evalsys.services import runs
from evalsys.services.access import Actor, actor_of
from tests.factories import NOW, make_account
from tests.integration.governing import World, add_answers, make_world
from tests.published import make_once, make_scored_round

LATER = NOW + timedelta(hours=1)


def auditor(session: Session) -> Actor:
    return actor_of(make_account(session, Role.AUDITOR))


def city(session: Session) -> tuple[int, int]:
    """The small city scored twice, 2024 and 2025: the ids of the runs."""
    make_once(session, "scored-twice", lambda: [make_scored_round(session, year) for year in ("2024", "2025")])
    found = {run.round.code: run.id for run in session.query(Run)}
    return found["2024"], found["2025"]


def one_run(session: Session) -> int:
    """The small city of 2025 alone: the id of its run."""
    make_scored_round(session)
    return session.query(Run).one().id


def small(session: Session, answered: list[list[int]], **more: list[list[int]]) -> tuple[World, int]:
    """A closed round of two units, U01 rated by all groups: its run."""
    world = make_world(session, RoundState.QUALITY_CONTROL)
    given = {"citizens": answered, "peers": [[4], [3], [4], [3]], "experts": [[69], [61], [72]], **more}
    for group, rows in given.items():
        add_answers(session, world.forms[group], world.units[0], rows)
    add_answers(session, world.forms["citizens"], world.units[1], [[2, 3], [3, 3], [2, 4], [1, 2]])
    return world, runs.score_round(world.actor(world.analyst), "2025", now=LATER)
