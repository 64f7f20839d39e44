"""Every test here that touches the database runs on both kinds, unless its mark names the one that it is about."""

import itertools
from collections.abc import Iterator

import pytest

from tests import engine, factories

KINDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("database")
        metafunc.parametrize("database_kind", mark.args if mark else KINDS, indirect=True)


@pytest.fixture(autouse=True)
def _known_engine() -> Iterator[None]:
    """The engine hurries, and rows are numbered alike in every test, so that equal rounds have equal input."""
    with pytest.MonkeyPatch.context() as patch:
        engine.hurry(patch)
        patch.setattr(factories, "_numbers", itertools.count(100))
        yield
