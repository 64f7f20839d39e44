"""The demo city in a database of its own, loaded once for all tests that only read it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from evalsys.db import db
from evalsys.models import Round, Run
from scoring.result import Result
from tests.cities import copy_city

LOADED = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application whose database holds the whole city."""
    return copy_city(tmp_path_factory, "golden", LOADED)


@pytest.fixture
def in_city(city: Flask) -> Iterator[Flask]:
    """The city with an application context open, so that the database can be asked."""
    with city.app_context():
        yield city
        db.session.remove()


@pytest.fixture(scope="session")
def results(city: Flask) -> dict[str, Result]:
    """The stored result of each scored round, by the round's code: that of its newest run."""
    with city.app_context():
        rows = db.session.execute(
            select(Round.code, Run.result).join(Run, Run.round_id == Round.id).order_by(Run.number)
        ).all()
        db.session.remove()
    return {code: Result.from_json(result) for code, result in rows}
