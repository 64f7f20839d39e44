"""Every test here that touches the database runs on both kinds, unless its mark names the one that it is about."""

import pytest

KINDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("database")
        metafunc.parametrize("database_kind", mark.args if mark else KINDS, indirect=True)
