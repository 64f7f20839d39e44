"""A round with answers of which some are flagged, for the tests of the quality desk."""

import secrets
from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from evalsys.db import transaction
from evalsys.models import Account, Questionnaire, Response, Unit
from evalsys.services.cells import recount
from evalsys.services.mixing import mark_dirty
from evalsys.services.quality import exclusions
from evalsys.services.quality.check import find_flags, replace_flags
from evalsys.services.quality.exclusions import Decision, Selection
from evalsys.services.rounds.states import find_round
from scoring.collect import pack
from tests.factories import NOW, make_assignment
from tests.integration.governing import World

START = date(2025, 6, 1)
LATER = NOW + timedelta(hours=1)
SPEED = Selection(rule="speed", grade=3)


def add_responses(
    session: Session, form: Questionnaire, unit: Unit, answers: list[list[int]], **over: Any
) -> list[str]:
    """Responses of invited people on the web, one a day for sixty days, unhurried, unless told otherwise; their ids."""
    points = [question.indicator.points for question in form.questions]
    rows = [
        {
            "id": secrets.token_hex(16),
            "questionnaire_id": form.id,
            "unit_id": unit.id,
            "stratum": "users",
            "channel": "web",
            "day": START + timedelta(days=place % 60),
            "status": 0,
            "pace": 4,
            "network": 0,
            "answers": pack(codes, points),
        }
        | over
        for place, codes in enumerate(answers)
    ]
    session.execute(insert(Response), rows)
    mark_dirty(session, form.id, {unit.id})
    session.commit()
    recount()
    return [str(row["id"]) for row in rows]


def check() -> int:
    """Look at all answers now; returns how many flags there are."""
    with transaction() as session:
        round_ = find_round(session, "2025")
        found = find_flags(session, round_)
        replace_flags(session, round_.id, found)
        return len(found)


def plant_speeders(session: Session, world: World) -> list[str]:
    """Forty unhurried good answers about each unit, and twelve bad ones about the first in no time."""
    form = world.forms["citizens"]
    for unit in world.units:
        add_responses(session, form, unit, [[4, 4], [5, 3]] * 20)
    fast = add_responses(session, form, world.units[0], [[1, 1], [1, 2]] * 6, pace=1)
    check()
    return fast


def rate(session: Session, form: Questionnaire, rater: Account, unit: Unit, codes: list[int]) -> None:
    """A named rating: an assignment with its response."""
    (id_,) = add_responses(session, form, unit, [codes], stratum="all", channel="staff", pace=0)
    task = make_assignment(session, form, rater, unit)
    task.is_named, task.state, task.response_id = True, "submitted", id_
    session.commit()


def statuses(session: Session) -> Counter[int]:
    """How many responses have which status."""
    session.rollback()
    return Counter(session.scalars(select(Response.status)))


def propose(world: World, reason: str = "nobody reads that fast") -> int:
    """The analyst proposes to leave the speeders out."""
    return exclusions.propose_exclusion(world.actor(world.analyst), "2025", SPEED, reason, now=NOW)


def decide(world: World, number: int, *, is_confirmed: bool = True) -> None:
    """The first board member decides."""
    decision = Decision(number, is_confirmed, "looked at it")
    exclusions.decide_exclusion(world.actor(world.first), "2025", decision, now=LATER)
