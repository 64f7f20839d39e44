"""Hostile text in what readers choose on the pages of results: it chooses nothing, and is never passed on."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.integration.hostile import Field
from tests.integration.test_hostile_text import broken, named
from tests.published import make_published_round

pytestmark = pytest.mark.database("postgresql")  # it refuses signs that the other one stores

FIELDS = (
    Field("guest", "/en/rounds/2025", "order", is_query=True),
    Field("guest", "/en/rounds/2025/units/U01", "group", is_query=True),
    Field("guest", "/en/rounds/2025/compare", "a", is_query=True),
    Field("guest", "/en/rounds/2025/compare", "b", is_query=True),
)


def test_no_choice_breaks_a_page(app: Flask, session: Session) -> None:
    make_published_round(session)
    found = [f"{named(where)}: {problem}" for where in FIELDS for problem in broken(app, session, where, {})]
    assert found == []
