"""Hostile text through every field from draft results to public ones: refused or cleaned, never passed on."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evalsys.models import Role, RoundState
from tests.factories import make_account
from tests.integration import governing
from tests.integration.acts_results import end_reply, make_objection
from tests.integration.hostile import Field
from tests.integration.test_hostile_text import broken, named

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

ROUND, DRAFT = "/en/oversight/rounds/2025", "/en/head/draft/2025"
PROMISED = {
    "commitment1-text": "words",
    "commitment1-owner": "the manager",
    "commitment1-due": (datetime.now(UTC).date() + timedelta(days=90)).isoformat(),
    "commitments-language": "ar",
}
FIELDS = (
    Field("head", DRAFT, "text", {"language": "ar"}, "form[action$=reply]"),
    Field("head", DRAFT, "language", {"text": "words"}, "form[action$=reply]"),
    Field("head", DRAFT, "objection-text", {}, "form[action$=objections]"),
    Field("head", DRAFT, "objection-topic", {"objection-text": "words"}, "form[action$=objections]"),
    Field("head", DRAFT, "document", {"objection-text": "words"}, "form[action$=objections]"),
    Field("head", DRAFT, "commitment1-text", PROMISED, "form[action$=commitments]"),
    Field("head", DRAFT, "commitment1-owner", PROMISED, "form[action$=commitments]"),
    Field("head", DRAFT, "commitment1-due", PROMISED, "form[action$=commitments]"),
    Field("head", DRAFT, "commitment1-topic", PROMISED, "form[action$=commitments]"),
    Field("head", DRAFT, "commitments-language", PROMISED, "form[action$=commitments]"),
    Field("board", f"{ROUND}/objections/1", "vote-reason", {"vote-outcome": "upheld"}, "form[action$=votes]"),
    Field("board", f"{ROUND}/adoption", "reason", {"choice": "for"}, "form[action$=votes]"),
    Field("board", ROUND, "reason", {}, "form[action$=suspension]"),
    Field("analyst", f"{ROUND}/publication", "reason", {}, "form[action$=rescoring]"),
    Field("analyst", f"{ROUND}/runs/compare?from=1&to=1", "from", is_query=True),
)


@pytest.mark.parametrize("where", FIELDS, ids=named)
def test_no_text_about_results_breaks_a_page(app: Flask, session: Session, where: Field) -> None:
    world = governing.make_world(session, RoundState.RIGHT_OF_REPLY)
    head = make_account(session, Role.HEAD, unit=world.units[0])
    if where.person == "board":
        make_objection(session, world, id=1)
    end_reply(session, world, datetime.now(UTC).date() + timedelta(days=3))
    people = {"head": head, "analyst": world.analyst, "board": world.first}
    assert broken(app, session, where, people) == []
