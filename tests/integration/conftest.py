"""On which databases the tests here run: what depends on the database on both, the others in turn (ADR 23).

EVALSYS_TESTS_DATABASES=both runs each of them on both. A mark names the one kind that a test is about.
"""

import itertools
import os
from collections.abc import Iterator
from zlib import crc32

import pytest

from tests import engine, factories

KINDS = ("sqlite", "postgresql")
# Two at once, kills, what the database itself forbids, statements written for each kind, many rows in and out.
ON_BOTH = {
    "test_adoption_at_once", "test_append_only", "test_cells", "test_collection", "test_collection_closing",
    "test_collection_credentials", "test_exports", "test_import_crashes", "test_imports", "test_killed_workers",
    "test_migration_sign", "test_migrations", "test_mixing", "test_twice_at_once", "test_work",
}  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("database")
        metafunc.parametrize("database_kind", mark.args if mark else _kinds(metafunc.definition), indirect=True)


def _kinds(test: pytest.Item) -> tuple[str, ...]:
    if test.path.stem in ON_BOTH or os.environ.get("EVALSYS_TESTS_DATABASES") == "both":
        return KINDS
    return (KINDS[crc32(test.nodeid.encode()) % len(KINDS)],)


@pytest.fixture(autouse=True)
def _known_engine() -> Iterator[None]:
    """The engine hurries, and rows are numbered alike in every test, so that equal rounds have equal input."""
    with pytest.MonkeyPatch.context() as patch:
        engine.hurry(patch)
        patch.setattr(factories, "_numbers", itertools.count(100))
        yield
