"""Hostile text through the fields of the register and of withdrawals."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.models import RoundState
from evalsys.services.withdrawals import deciding
from tests.integration.hostile import Field
from tests.integration.test_decisions import AFTER, publish, shared
from tests.integration.test_hostile_text import broken, named

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

VERIFY, WITHDRAWALS = "/en/verify", "/en/oversight/rounds/2025/withdrawals"
ASKED = {"reference": "RCC-2025-U01", "digits": "0123456789abcdef"}
PROPOSED = {"unit": "U01", "reason": "figures of another office"}
DECIDED = {"decision": "decline", "reason": "it is right"}
FIELDS = (
    *(Field("guest", VERIFY, name, ASKED, is_query=True) for name in ASKED),
    *(Field("analyst", f"{WITHDRAWALS}/new", name, PROPOSED) for name in PROPOSED),
    *(Field("board", WITHDRAWALS, name, DECIDED, "form[action$=decision]") for name in DECIDED),
)


@pytest.mark.parametrize("where", FIELDS, ids=named)
def test_no_text_about_references_and_withdrawals_breaks_a_page(app: Flask, session: Session, where: Field) -> None:
    world = shared(session, RoundState.FINAL)
    publish(world)
    if where.person == "board":
        reason = PROPOSED["reason"]
        made = deciding.propose_withdrawal(world.actor(world.analyst), "2025", "U01", reason, now=AFTER)
        where = replace(where, path=f"{WITHDRAWALS}/{made}")
    people = {"analyst": world.analyst, "board": world.first}
    assert broken(app, session, where, people) == []
