"""Hostile text through the fields of planned publications and of reports on commitments."""

from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.models import Role, RoundState
from evalsys.services.publication.planning import Plan, plan_release
from tests.factories import make_account
from tests.integration.acts_plan import make_commitment
from tests.integration.hostile import Field
from tests.integration.test_decisions import publish, shared
from tests.integration.test_hostile_text import broken, named

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

RELEASE, REPORTS = "/en/oversight/rounds/2025/release", "/en/head/commitments"
AHEAD = (datetime.now(UTC) + timedelta(days=9)).date()
MOMENT = {"plan-day": AHEAD.isoformat(), "plan-clock": "10:00", "plan-reason": "the council meets then"}
SAID = {"report-2025-1-state": "late", "report-2025-1-note": "no money", "report-2025-1-language": "en"}
FIELDS = (
    *(Field("board", RELEASE, name, MOMENT, "form[action$=release]") for name in MOMENT),
    Field("board", RELEASE, "off-reason", {}, "form[action$=cancellation]"),
    *(Field("head", REPORTS, name, SAID, "form[action$='/1']") for name in SAID),
)


@pytest.mark.parametrize("where", FIELDS, ids=named)
def test_no_text_about_plans_and_promises_breaks_a_page(app: Flask, session: Session, where: Field) -> None:
    world = shared(session, RoundState.FINAL)
    make_commitment(session, world)
    if where.person == "head":
        publish(world)
    else:
        now = datetime.now(UTC)
        plan_release(world.actor(world.second), "2025", Plan(AHEAD, time(9, 0)), now=now)
    people = {"head": make_account(session, Role.HEAD, unit=world.units[0]), "board": world.first}
    assert broken(app, session, where, people) == []
