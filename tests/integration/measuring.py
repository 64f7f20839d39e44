"""A round whose weights count administrative figures, for the tests of figures: two units, citizens beside files."""

import copy
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.models import Figure, RoundState, SchemeVersion
from evalsys.services import figures
from evalsys.services.figures.loading import Plan, check_upload
from evalsys.services.weights import read_scheme
from scoring.scheme import Scheme
from tests.factories import NOW, name_it
from tests.integration.governing import World, add_proposal, make_world, scheme_mapping

LONG = "unit,indicator,period,value,measure,source\n"


def figure_mapping() -> dict[str, Any]:
    """Citizens count 50; waiting 20 (days, 0 to 60, less is better), spending by resident 20, reach 10 (U01 alone)."""
    mapping = copy.deepcopy(scheme_mapping())
    mapping["groups"] = mapping["groups"][:1]
    posts: dict[str, Any] = {"method": "goalposts", "low": 0, "high": 100, "clip": True}
    mapping["tree"]["children"] = [
        mapping["tree"]["children"][0],
        {"code": "waiting", "weight": 20, "direction": "down", "normaliser": {**posts, "high": 60, "clip": False}},
        {"code": "spending", "weight": 20, "denominator": "residents", "normaliser": posts},
        {"code": "reach", "weight": 10, "units": ["U01"], "normaliser": posts},
    ]
    return mapping


def make_measured(session: Session, state: RoundState = RoundState.COLLECTING) -> World:
    """The round in `state`, its weights in force; waiting is declared to be in days, the others by whoever loads."""
    world = make_world(session, state)
    replace_weights(session, world, read_scheme(figure_mapping()))
    for code in ("waiting", "spending", "reach", "residents"):
        name_it(session, "indicator", code)
    name_it(session, "indicator", "waiting", "measure", en="days", zh="天", ar="يوم")
    return world


def replace_weights(session: Session, world: World, scheme: Scheme) -> None:
    """Another version of the weights, in force when the first one is."""
    first = session.scalars(select(SchemeVersion).where(SchemeVersion.round_id == world.round.id)).one()
    decided: dict[str, Any] = {}
    if first.state == "approved":
        first.state, decided = "superseded", {"state": "approved", "approver": world.first, "decided_at": NOW}
        session.commit()
    add_proposal(session, world, number=2, body=scheme.canonical(), digest=scheme.digest, **decided)


def plan_of(world: World, text: str | bytes, code: str = "2025", *, takes_beyond: bool = False) -> Plan:
    """What a file would change; it stays kept."""
    actor, file = world.actor(world.analyst), text if isinstance(text, bytes) else text.encode()
    return check_upload(actor, code, figures.keep_upload(actor, code, file, now=NOW), takes_beyond=takes_beyond)


def load(world: World, text: str, code: str = "2025", *, takes_beyond: bool = False, now: datetime = NOW) -> Plan:
    """Load a file as somebody does who has seen its preview."""
    actor = world.actor(world.analyst)
    file = figures.keep_upload(actor, code, text.encode(), now=now)
    seen = check_upload(actor, code, file, takes_beyond=takes_beyond)
    return figures.load_upload(actor, figures.Decision(code, file, seen.digest, takes_beyond), now=now)


def reasons(plan: Plan) -> list[tuple[int, str, str, str]]:
    """Line, column, value and reason of every cell that is not taken."""
    return [(one.line, one.column, one.value, one.reason % one.params) for one in plan.rejected]


def stored(session: Session) -> list[tuple[str, str, str, str, bool]]:
    """Unit, indicator, period, value and whether it is current, in the order of loading."""
    session.expire_all()
    rows = session.scalars(select(Figure).order_by(Figure.id))
    return [(row.unit.code, row.indicator, row.period, row.value, row.is_current) for row in rows]
